"""What is drawn on the server, so that it shows without a script: the flow of amplification, and who relays whom."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

NOT_STATED: Final = "not stated"

# In units of the drawing: three columns of boxes in 960 fit a desktop and, scaled, a sheet of paper.
WIDTH: Final = 960
_BOX: Final = (212, 44)
_GAP: Final = 14
_TOP: Final = 34
_LABEL: Final = 17
_STRAIGHT: Final = 100
_COUNT_CHARS: Final = 24
_SILENT: Final = {"id": "", "name": NOT_STATED}
# What fits a box on two lines; the table below the drawing has every name whole.
_LINE_CHARS: Final = 29


@dataclass(frozen=True, slots=True)
class Box:
    """A name in a column."""

    x: int
    y: int
    height: int
    lines: tuple[str, ...]
    is_stated: bool


@dataclass(frozen=True, slots=True)
class Arrow:
    """A record between two columns; observed ones are dashed."""

    path: str
    basis: str
    label: str
    label_x: int
    label_y: int


@dataclass(frozen=True, slots=True)
class Flow:
    """The drawing: boxes and arrows in `height` units."""

    height: int
    boxes: list[Box]
    arrows: list[Arrow]


def make_flow(records: list[dict[str, Any]]) -> Flow:
    """Amplifier, channel and amplified of each record, left to right; what is not stated is a box as well.

    Each record leaves its amplifier at a height of its own, where its count stands.
    """
    ends = [[record[part] or _SILENT for part in ("amplifier", "channel", "amplified")] for record in records]
    columns: list[dict[str, _Row]] = [{}, {}, {}]
    for things in ends:
        for column, thing in zip(columns, things, strict=True):
            column.setdefault(thing["id"], _Row(thing["name"])).leaving += 1
    # In the other columns lines may meet: their counts stand at the first.
    heights = [_place(column.values(), crowded=index == 0) for index, column in enumerate(columns)]
    boxes = [
        Box(_x(index), row.y, row.height, _break(row.name), bool(key))
        for index, column in enumerate(columns)
        for key, row in column.items()
    ]
    arrows = [
        arrow
        for record, things in zip(records, ends, strict=True)
        for arrow in _arrows(
            record, [column[thing["id"]] for column, thing in zip(columns, things, strict=True)]
        )
    ]
    return Flow(max(heights), boxes, arrows)


@dataclass(slots=True)
class _Row:
    name: str
    leaving: int = 0
    y: int = 0
    height: int = _BOX[1]
    drawn: int = 0


def _place(rows: Iterable[_Row], *, crowded: bool) -> int:
    """Sets the rows of a column below one another; returns where the column ends."""
    y = _TOP
    for row in rows:
        row.y = y
        row.height = max(_BOX[1], row.leaving * _LABEL + 8) if crowded else _BOX[1]
        y += row.height + _GAP
    return y


def _x(column: int) -> int:
    return column * (WIDTH - _BOX[0]) // 2


def _arrows(record: dict[str, Any], rows: list[_Row]) -> list[Arrow]:
    first, channel, last = rows
    step = first.height / (first.leaving + 1)
    first.drawn += 1
    heights = [round(first.y + step * first.drawn), *(row.y + row.height // 2 for row in (channel, last))]
    count = record["count"]["text"] if record["count"] else "no count"
    label = count if len(count) <= _COUNT_CHARS else f"{count[: _COUNT_CHARS - 1]}…"
    found: list[Arrow] = []
    for column in (0, 1):
        x1, x2 = _x(column) + _BOX[0], _x(column + 1)
        y1, y2 = heights[column : column + 2]
        # A count stands on a straight beginning of its line.
        bend = x1 + (_STRAIGHT if column == 0 else 0)
        middle = (bend + x2) // 2
        path = f"M{x1} {y1}H{bend}C{middle} {y1} {middle} {y2} {x2} {y2}"
        found.append(Arrow(path, record["basis"].lower(), "" if column else label, x1 + 5, y1 - 3))
    return found


def _break(name: str) -> tuple[str, ...]:
    lines: list[str] = [""]
    for word in name.split():
        fits = len(lines[-1]) + len(word) < _LINE_CHARS
        if fits or not lines[-1]:
            lines[-1] = f"{lines[-1]} {word}".strip()
        else:
            lines.append(word)
    cut = [line if len(line) <= _LINE_CHARS else f"{line[: _LINE_CHARS - 1]}…" for line in lines[:2]]
    if len(lines) > 2:
        cut[1] = f"{cut[1][: _LINE_CHARS - 1]}…"
    return tuple(cut)


@dataclass(slots=True)
class Relay:
    """A document, how it came by what it says, and what was made from it. `is_shown`: it shows the claim."""

    document: dict[str, Any]
    copy: dict[str, Any] | None = None
    is_shown: bool = False
    made: list["Relay"] = field(default_factory=list["Relay"])


def make_relays(chain: list[dict[str, Any]], shown: list[dict[str, Any]]) -> list[Relay]:
    """The documents that show a claim under the originals they copy, each once; the chain knows no circle."""
    nodes: dict[str, Relay] = {}
    for thing in [*(copy[end] for copy in chain for end in ("original", "document")), *shown]:
        nodes.setdefault(thing["id"], Relay(thing))
    for thing in shown:
        nodes[thing["id"]].is_shown = True
    below: set[str] = set()
    for copy in chain:
        child = nodes[copy["document"]["id"]]
        if child.document["id"] in below or copy["original"]["id"] == child.document["id"]:
            continue
        below.add(child.document["id"])
        child.copy = copy
        nodes[copy["original"]["id"]].made.append(child)
    return [node for key, node in nodes.items() if key not in below]
