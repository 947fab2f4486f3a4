"""What the rows of a dataset say, as rows of the tables of the work file."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from kb.bulk.facts import LinkFact, Row
from kb.errors import BadInput, Problem
from schema.catalog import RELATIONSHIPS

# What is made by us and never brought.
_OURS: Final = frozenset({"dataset", "id", "feeds"})
OBSERVED: Final[Mapping[str, tuple[str, ...]]] = {
    kind.name: tuple(name for name in kind.properties if name not in _OURS)
    for kind in RELATIONSHIPS
    if kind.layer == "observed"
}
TableRow = tuple[str | None, ...]
TableRows = str | list[TableRow]


def pack(rows: list[TableRow]) -> TableRows:
    """The rows as one JSON text where SQLite can read that."""
    packed = orjson.dumps(rows).decode()
    return rows if "\\u0000" in packed else packed


def make_table_rows(
    chunk: Iterable[Row], shown: dict[str, dict[str, type]]
) -> tuple[list[TableRow], list[TableRow]]:
    """The rows of the tables of nodes and of relationships; notes in `shown` what properties nodes have."""
    nodes: dict[tuple[str, str, tuple[str, ...]], Mapping[str, Any]] = {}
    links: list[TableRow] = []
    for row in chunk:
        for fact in row.facts:
            if isinstance(fact, LinkFact):
                links.append(_link_row(fact, row))
            else:
                kind, key, properties, names = fact
                known = nodes.setdefault((key, kind, names), properties)
                if known is not properties and known != properties:
                    nodes[key, kind, names] = {**properties, **known}
    made: list[TableRow] = []
    for (key, kind, names), found in nodes.items():
        made.append((key, kind, to_json(found).decode(), to_json(names).decode()))
        types = shown.setdefault(kind, {})
        if not found.keys() <= types.keys():
            types |= {
                name: list if isinstance(value, tuple) else type(value)
                for name, value in found.items()
                if name not in types and value not in (None, (), [])
            }
    return made, links


def _link_row(fact: LinkFact, row: Row) -> TableRow:
    kind, start, end, properties = fact
    key = (kind, *properties)
    if key not in _IS_IN_ORDER:
        _check_link(fact, row)
        _IS_IN_ORDER[key] = key[1:] == OBSERVED[kind]
    given = properties.get
    values = [*properties.values()] if _IS_IN_ORDER[key] else [given(name) for name in OBSERVED[kind]]
    return kind, start, end, str(given("row") or row.number), orjson.dumps(values).decode(), given("kind")


# The types with the names of properties that fit the catalog, which are looked at once, not with every row, and whether
# they come in its order.
_IS_IN_ORDER: Final[dict[tuple[str, ...], bool]] = {}


def _check_link(fact: LinkFact, row: Row) -> None:
    names = OBSERVED.get(fact.type)
    if names is None:
        _refuse(
            row, "brings a relationship that no dataset shows", fact.type, f"one of {', '.join(OBSERVED)}"
        )
    unknown = fact.properties.keys() - set(names or ())
    if unknown:
        _refuse(row, f"brings a property that {fact.type} has not", min(unknown), f"{', '.join(names or ())}")


def _refuse(row: Row, what: str, value: object, remedy: str) -> None:
    raise BadInput([Problem(f"{row.file}:{row.number}", what, value, f"it has {remedy}")])


def to_json(value: Any) -> bytes:
    """JSON that is the same for the same value: its keys are sorted."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
