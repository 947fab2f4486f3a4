"""Reads the rows of a table by its mapping: what each says of accounts and posts, or why it says nothing."""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from kb.bulk.facts import LinkFact, NodeFact, Row
from loaders.accounts import (
    as_key,
    is_handle,
    is_platform_id,
    make_account,
    make_platform,
    make_post,
    make_pseudonymous_account,
    on_platform,
)
from loaders.instants import instant_of_unix
from loaders.table.files import CellValue, Skipped, Written, read_rows
from loaders.table.mapping import AccountCells, Act, Cell, KindCell, Mapping, Platform, Time

# Of platforms whose ids and handles this knows nothing of.
_ANY_KEY: Final = re.compile(r"[^\s/|#@]{1,100}")
# An id may have so many characters, once those that it cannot hold are written in another way.
MAX_KEY_CHARS: Final = 160
# A spreadsheet has rounded such a number: whose it was is lost.
_ROUNDED: Final = re.compile(r"[0-9][.,][0-9]+[eE]\+?[0-9]+")
_SECONDS: Final = re.compile(r"([0-9]{1,15})(?:\.[0-9]*)?")
_KNOWN: Final = ("twitter", "facebook", "youtube")
_LISTED: Final = re.compile(r"""\s*(?:'([^']*)'|"([^"]*)"|([^,'"]*))\s*(?:,|$)""")

Cells = dict[str, CellValue]


def parse_table(path: Path, written: Written, mapping: Mapping) -> Iterator[Row]:
    """Every row of the file, numbered from 1; raises BadInput as `read_rows` does."""
    reading = _Reading(mapping)
    for number, cells in enumerate(read_rows(path, written), start=1):
        if isinstance(cells, Skipped):
            yield Row(path.name, number, skipped=cells.reason, detail=cells.detail)
            continue
        try:
            yield Row(path.name, number, tuple(reading.read(number, cells)))
        except _SkipError as error:
            yield Row(path.name, number, skipped=error.reason, detail=error.detail[:200])


class _SkipError(Exception):
    """Nothing can be taken from this row."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


class _Reading:
    """Reads rows by one mapping."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._empty = frozenset({"", *mapping.empty})

    def read(self, number: int, cells: Cells) -> list[NodeFact | LinkFact]:
        """What a row says; raises _SkipError when that is nothing."""
        mapping, row = self._mapping, str(number)
        platform = self._platform(cells)
        account = self._account(mapping.account, cells, platform)
        if account is None:
            raise _SkipError("no account")
        at = self._time(mapping.time, cells)
        facts: list[NodeFact | LinkFact] = [make_platform(platform), account, on_platform(account, row)]
        post = self._post(self._text(mapping.post, cells), platform, at) if mapping.post else None
        if post is not None:
            facts += [post, LinkFact("POSTED", account.id, post.id, {"row": row})]
        did: list[LinkFact] = []
        for act in mapping.acts:
            for link, others in self._act(act, cells, platform, account, post):
                facts += others
                facts += [on_platform(other, row) for other in others if other.type == "Account"]
                if link.type == "SHARES":
                    facts += [
                        LinkFact("POSTED", other.id, link.end, {"row": row})
                        for other in others
                        if other.type == "Account"
                    ]
                when = {"at": at} if at and link.type == "INTERACTED" else {}
                # A row that does several things has a label for each: 12, 12/2, 12/3.
                label = row if not did else f"{row}/{len(did) + 1}"
                did.append(link._replace(properties={**link.properties, **when, "row": label}))
        if post is None and not did:
            raise _SkipError("no post" if mapping.post else "no act")
        return facts + did

    def _act(
        self, act: Act, cells: Cells, platform: str, account: NodeFact, post: NodeFact | None
    ) -> Iterator[tuple[LinkFact, list[NodeFact]]]:
        """What the row did to others by one of the acts, and the others."""
        if act.when and self._text(Cell(column=act.when.column), cells) not in act.when.equals:
            return
        posts = self._several(act.post, cells) if act.post else []
        accounts = self._accounts(act.account, cells, platform) if act.account else []
        if not posts and not accounts:
            return
        kind = self._kind(act, cells)
        if kind is None:
            return
        if posts and post is not None:
            for key in posts:
                other = self._post(key, platform, None)
                if other is None:
                    continue
                if other.id == post.id:
                    raise _SkipError("shares itself", key)
                yield LinkFact("SHARES", post.id, other.id, {"kind": kind}), [other, *accounts]
        elif accounts:
            for found in accounts:
                yield LinkFact("INTERACTED", account.id, found.id, {"kind": kind}), [found]
        else:
            raise _SkipError("no post", f"the row acts on {posts[0]} and has no post of its own")

    def _kind(self, act: Act, cells: Cells) -> str | None:
        if not isinstance(act.kind, KindCell):
            return act.kind.value
        written = self._text(Cell(column=act.kind.column), cells)
        found = act.kind.values.get(written)
        if found is None:
            raise _SkipError("unknown kind", f"{act.kind.column}: {written}")
        return None if found == "none" else str(found)

    def _platform(self, cells: Cells) -> str:
        platform = self._mapping.platform
        if not isinstance(platform, Platform):
            return platform
        written = self._text(Cell(column=platform.column), cells)
        if written not in platform.values:
            raise _SkipError("unknown platform", f"{platform.column}: {written}")
        return platform.values[written]

    def _accounts(self, where: AccountCells, cells: Cells, platform: str) -> list[NodeFact]:
        for cell, is_id in ((where.id, True), (where.handle, False)):
            if cell is not None and cell.split:
                found = [
                    self._make_account(platform, key if is_id else "", "" if is_id else key, "")
                    for key in self._several(cell, cells)
                ]
                return list({account.id: account for account in found}.values())
        one = self._account(where, cells, platform)
        return [one] if one else []

    def _account(self, where: AccountCells, cells: Cells, platform: str) -> NodeFact | None:
        key, handle, name = (
            self._text(cell, cells) if cell else "" for cell in (where.id, where.handle, where.name)
        )
        return self._make_account(platform, key, handle, name) if key or handle else None

    def _make_account(self, platform: str, key: str, handle: str, name: str) -> NodeFact:
        handle = handle.removeprefix("@")
        if self._is_pseudonym(key or handle):
            return make_pseudonymous_account(self._mapping.dataset, platform, _checked(key or handle))
        if key and not (is_platform_id(platform, key) if platform in _KNOWN else _ANY_KEY.fullmatch(key)):
            raise _SkipError("cannot be an id", key)
        if handle and not (is_handle(platform, handle) if platform in _KNOWN else _ANY_KEY.fullmatch(handle)):
            raise _SkipError("cannot be a handle", handle)
        return make_account(platform, platform_id=key or None, handle=handle or None, name=name[:300] or None)

    def _post(self, key: str, platform: str, at: str | None) -> NodeFact | None:
        if not key:
            return None
        dataset = self._mapping.dataset if self._is_pseudonym(key) else None
        if platform == "twitter" and dataset is None and not key.isdigit():
            raise _SkipError("cannot be an id", key)
        return make_post(platform, _checked(key), at=at, dataset=dataset)

    def _is_pseudonym(self, key: str) -> bool:
        said = self._mapping.pseudonymous
        return said == "true" or (said == "hashes" and not key.isdigit())

    def _text(self, cell: Cell, cells: Cells) -> str:
        """The one text of a cell; empty when the mapping says that it stands for nothing."""
        found = cells.get(cell.column, "")
        if isinstance(found, list):
            raise _SkipError("a list where one is expected", cell.column)
        return self._read(found, cell)

    def _read(self, text: str, cell: Cell) -> str:
        text = text.strip()
        if text in self._empty:
            return ""
        if cell.values is None:
            return text
        if text not in cell.values:
            raise _SkipError("unknown value", f"{cell.column}: {text}")
        return cell.values[text]

    def _several(self, cell: Cell, cells: Cells) -> list[str]:
        found = cells.get(cell.column, "")
        if not isinstance(found, list):
            found = found.strip()
            if found in self._empty:
                return []
            found = _split(found, cell.split)
        return [text for item in found if (text := self._read(item, cell))]

    def _time(self, time: Time | None, cells: Cells) -> str | None:
        written = self._text(Cell(column=time.column), cells) if time else ""
        if time is None or not written:
            return None
        try:
            return _read_time(written, time.format, time.zone)
        except ValueError as error:
            raise _SkipError("time cannot be read", f"{time.column}: {written}: {error}") from error


def _checked(key: str) -> str:
    if _ROUNDED.fullmatch(key) or len(as_key(key)) > MAX_KEY_CHARS:
        raise _SkipError("cannot be an id", key)
    return key


def _split(text: str, by: str | None) -> list[str]:
    if by == "list":
        return _read_list(text)
    return text.split(by) if by else [text]


def _read_list(text: str) -> list[str]:
    """The items of [1, 2], ['a', 'b'] or of the same without brackets."""
    inner = text.removeprefix("[").removesuffix("]").strip()
    if not inner:
        return []
    found, place = [], 0
    while place < len(inner):
        item = _LISTED.match(inner, place)
        if item is None:
            raise _SkipError("is no list", text)
        found.append(next((part for part in item.groups() if part is not None), "").strip())
        place = item.end()
    return found


@lru_cache(maxsize=50_000)
def _read_time(written: str, form: str, zone: str | None) -> str:
    """The instant as the model has it, to the second; raises ValueError."""
    if form.startswith("unix"):
        seconds = _SECONDS.fullmatch(written)
        if seconds is None:
            raise ValueError("is no number of seconds")
        return instant_of_unix(int(seconds[1]) // (1000 if form == "unix_ms" else 1))
    # Zones are laid on below, where a time does not say its own.
    found = datetime.fromisoformat(written) if form == "iso" else datetime.strptime(written, form)  # noqa: DTZ007
    if found.tzinfo is None:
        if zone is None:
            raise ValueError("does not say its zone; add zone to the mapping")
        found = found.replace(tzinfo=ZoneInfo(zone))
    return instant_of_unix(int(found.timestamp() // 1))
