"""The work file of a load: what the rows say, each thing once and sorted, in bounded memory whatever their number."""

import gc
import sqlite3
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple, Self

import orjson

from kb.bulk.counting import ACTING, Counting
from kb.bulk.facts import Row
from kb.bulk.staged import StagedLink, StagedNode, check_node, most_specific
from kb.bulk.table_rows import OBSERVED, TableRows, make_table_rows, pack, to_json
from kb.errors import BadInput, Problem
from schema.catalog import PERSON_TYPES

# Rows between two commits of the work file. Of 100,000 Higgs rows `python -m bench.contestants ceiling` has a peak
# of 198 MB above the interpreter with 20,000, of 73 MB with 5,000, in the same processor time.
CHUNK_ROWS: Final = 5_000
# KiB that SQLite may keep in memory; the sort of more goes to temporary files. With twice as much reading the whole of
# Higgs has a peak of 112 MB instead of 64 MB, in the same time.
CACHE_KIB: Final = 16_384
# Objects that Python makes before it looks for rings of garbage among the youngest; 700 without this. Of the whole of
# Higgs reading takes 1.3 s less than with 10,000.
COLLECT_AFTER: Final = 200_000
# How many wrong rows are told one by one; the rest are counted.
MAX_PROBLEMS: Final = 20

# Who holds an account and where it stands come before what it did: derivation reads them.
LINK_ORDER: Final = (
    "HELD_BY", "ON", "SENT_BY", "LOCATED_IN", "POSTED_AT", "POSTED", "SHARES", "INTERACTED",
)  # fmt: skip
# What every row of an account or a post says again: one relationship between the two, with one of these rows.
SAID_AGAIN: Final = frozenset({"ON", "POSTED"})

# With pages of 8 KiB, twice the default, filling and sorting take a tenth less processor time.
_TABLES: Final = """
PRAGMA page_size = 8192;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA temp_store = FILE;
CREATE TABLE node (id TEXT PRIMARY KEY, type TEXT, properties BLOB, names BLOB, clash TEXT) WITHOUT ROWID;
CREATE TABLE link (type TEXT, start TEXT, "end" TEXT, row TEXT, packed BLOB, kind TEXT);
CREATE TABLE touched (what TEXT, id TEXT, PRIMARY KEY (what, id)) WITHOUT ROWID;
"""
# Each part is read in this order several times: sorting once is faster, and takes less memory. With a thread beside its
# own SQLite sorts Higgs in 1.3 s instead of 1.75.
_SORT: Final = """
PRAGMA threads = 1;
CREATE TABLE sorted (
  type TEXT, start TEXT, "end" TEXT, row TEXT, packed BLOB, kind TEXT,
  PRIMARY KEY (type, start, "end", row, packed)
) WITHOUT ROWID;
BEGIN;
INSERT OR IGNORE INTO sorted SELECT * FROM link ORDER BY 1, 2, 3, 4, 5;
COMMIT;
DROP TABLE link;
ALTER TABLE sorted RENAME TO link;
"""
# In a narrow table of its own an entity is found in half the time.
_NUMBER: Final = """
CREATE TABLE numbered (id TEXT PRIMARY KEY, number INTEGER) WITHOUT ROWID;
BEGIN;
INSERT INTO numbered SELECT id, row_number() OVER (ORDER BY id) - 1 FROM node;
COMMIT;
"""
# The numbers of the entities at both ends, for an export.
_NUMBERED: Final = (
    ", a.number, b.number",
    'LEFT JOIN numbered AS a ON a.id = start LEFT JOIN numbered AS b ON b.id = "end"',
)
# Which of the values of an interaction is its time.
_AT: Final = OBSERVED["INTERACTED"].index("at")
# The first row that gives a property decides it: the stored patch is laid over the new one. A person stays the most
# specific type that a row gives; any other change of type is told.
_MERGED: Final = """
ON CONFLICT (id) DO UPDATE SET properties = json_patch(excluded.properties, properties),
  names = CASE WHEN names = excluded.names THEN names ELSE merge_names(names, excluded.names) END,
  clash = CASE WHEN type = excluded.type THEN clash ELSE coalesce(clash, excluded.type) END
WHERE properties <> excluded.properties OR names <> excluded.names OR type <> excluded.type
"""
# A chunk as one JSON text is taken in one step, in which Python reads the next rows: the whole of Higgs is read in
# 5.2 s, in 7 with five steps, each of which waits up to 5 ms for Python to let go, and in 10 value by value. JSON
# functions end a text at U+0000: a chunk that has one does go value by value.
_ADD_NODES: Final = f"""
INSERT INTO node SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'),
  CAST(json_extract(value, '$[2]') AS BLOB), CAST(json_extract(value, '$[3]') AS BLOB), NULL
FROM json_each(?) WHERE true {_MERGED}"""  # noqa: S608 - our own words
_ADD_LINKS: Final = """
INSERT INTO link SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
  json_extract(value, '$[3]'), CAST(json_extract(value, '$[4]') AS BLOB), json_extract(value, '$[5]')
FROM json_each(?)"""
_ADD_NODE: Final = f"INSERT INTO node VALUES (?, ?, CAST(? AS BLOB), CAST(? AS BLOB), NULL) {_MERGED}"  # noqa: S608
_ADD_LINK: Final = "INSERT INTO link VALUES (?, ?, ?, ?, CAST(? AS BLOB), ?)"


class Counted(NamedTuple):
    """How the rows of the files were used: `read` is `used` and all of `skipped` together."""

    read: int
    used: int
    skipped: dict[str, int]


class Staging:
    """The work file. It is filled once, from one thread, and then read part by part."""

    def __init__(self, path: Path, *, is_filled: bool = False) -> None:
        """A new file; or, to be read only and left there, one that another process has filled and changes no more."""
        self._path, self._is_ours = path, not is_filled
        if is_filled:
            self._file = sqlite3.connect(
                f"{path.absolute().as_uri()}?immutable=1", uri=True, isolation_level=None
            )
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            # Filled in one thread and read in another, never at once.
            self._file = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._file.executescript(_TABLES)
            self._file.create_function("merge_names", 2, _merge_names, deterministic=True)
        self._file.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self.counting = Counting(self._file)
        self.counted = Counted(0, 0, {})
        self.shown: dict[str, dict[str, type]] = {}
        """The properties that rows show of entities of each type, with the type of the first value."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
        if self._is_ours:
            self._path.unlink(missing_ok=True)

    def fill(
        self, rows: Iterable[Row], reject: Callable[[Row], None], progress: Callable[[int], None]
    ) -> Counted:
        """Takes every row; raises BadInput when facts do not fit the catalog or one another. See also `check_ends`.

        `reject` is called with each row that was skipped, `progress` with the rows read so far, now and then.
        """
        read = used = 0
        skipped: Counter[str] = Counter()

        def count(some: Iterable[Row]) -> Iterator[Row]:
            nonlocal read, used
            for row in some:
                read += 1
                if row.skipped is None:
                    used += 1
                    yield row
                else:
                    skipped[row.skipped] += 1
                    reject(row)

        source = iter(rows)
        with ThreadPoolExecutor(1) as writer:
            written: Future[None] | None = None
            self._file.execute("BEGIN")
            is_more = True
            while is_more:
                before = read
                # One row after the other, not a list of them: what a row is made of is still in the processor's cache.
                made = make_table_rows(count(islice(source, CHUNK_ROWS)), self.shown)
                is_more = read - before == CHUNK_ROWS
                packed = [pack(rows) for rows in made]
                if written is not None:
                    written.result()
                written = writer.submit(self._add, *packed)
                progress(read)
            if written is not None:
                written.result()
            self._file.execute("COMMIT")
        self.counted = Counted(read, used, dict(skipped))
        self._file.executescript(_SORT + _NUMBER)
        self._settle_types()
        return self.counted

    def _add(self, nodes: TableRows, links: TableRows) -> None:
        for rows, at_once, one_by_one in ((nodes, _ADD_NODES, _ADD_NODE), (links, _ADD_LINKS, _ADD_LINK)):
            if isinstance(rows, str):
                self._file.execute(at_once, (rows,))
            else:
                self._file.executemany(one_by_one, rows)

    def _settle_types(self) -> None:
        """Raises BadInput for entities that are something else in another row."""
        problems: list[Problem] = []
        for key, kind, clash in self._file.execute(
            "SELECT id, type, clash FROM node WHERE clash IS NOT NULL ORDER BY id"
        ):
            if {kind, clash} <= PERSON_TYPES:
                # A person with a role in one row is one in all.
                self._file.execute("UPDATE node SET type = ? WHERE id = ?", (most_specific(kind, clash), key))
            else:
                problems.append(
                    Problem(
                        key, f"is {kind} in one row and another type in a later one", clash, "mend the parser"
                    )
                )
        _raise_first(problems)

    def check_ends(self) -> None:
        """Raises BadInput for ends of relationships that no row describes."""
        # DISTINCT in the whole took a sixth longer.
        missing = """
        SELECT start, row FROM link WHERE start NOT IN (SELECT id FROM numbered)
        UNION ALL SELECT "end", row FROM link WHERE "end" NOT IN (SELECT id FROM numbered) LIMIT ?"""
        found = self._file.execute(missing, (MAX_PROBLEMS,)).fetchall()
        _raise_first(
            [
                Problem(f"row {row}", "names an entity that no row describes", other, "mend the parser")
                for other, row in dict.fromkeys(found)
            ]
        )

    def parts(self) -> dict[str, int]:
        """How many rows there are of each relationship type, in the order in which the types are to be written."""
        found: dict[str, int] = dict(self._file.execute("SELECT type, count(*) FROM link GROUP BY type"))
        return {kind: found[kind] for kind in LINK_ORDER if kind in found}

    def count_entities(self) -> int:
        """How many entities there are."""
        return int(self._file.execute("SELECT count(*) FROM node").fetchone()[0])

    def nodes(self) -> Generator[StagedNode]:
        """Every entity, sorted by id; raises BadInput for one that does not fit its model."""
        with closing(self._file.execute("SELECT id, type, properties, names FROM node ORDER BY id")) as rows:
            for key, kind, properties, names in rows:
                node = StagedNode(key, kind, orjson.loads(properties), orjson.loads(names))
                check_node(node)
                yield node

    def channel_kinds(self) -> dict[str, str]:
        """The sort of each channel that has one."""
        query = """SELECT id, json_extract(CAST(properties AS TEXT), '$.kind') AS kind FROM node
        WHERE type = 'Channel' AND kind IS NOT NULL"""
        return dict(self._file.execute(query))

    def ids(self, size: int) -> Iterator[list[str]]:
        """The ids of all entities, sorted, in pages of `size`."""
        return self._pages("SELECT id FROM node WHERE id > ? ORDER BY id LIMIT ?", (), size)

    def known(self, ids: Iterable[str]) -> list[str]:
        """Those of the ids that are of entities here."""
        query = "SELECT 1 FROM node WHERE id = ?"
        return [key for key in ids if self._file.execute(query, (key,)).fetchone()]

    def touch(self, what: str, ids: Iterable[str]) -> None:
        """Notes what derived edges depend on that has changed: `what` tells in which way, see `kb/bulk/follow.py`."""
        self._file.execute("BEGIN")
        self._file.executemany("INSERT OR IGNORE INTO touched VALUES (?, ?)", ((what, key) for key in ids))
        self._file.execute("COMMIT")

    def count_touched(self) -> int:
        """How much was noted, in all ways."""
        return int(self._file.execute("SELECT count(*) FROM touched").fetchone()[0])

    def has_touched(self, what: str, lo: str, hi: str) -> bool:
        """Whether something from `lo` to `hi` was noted in this way."""
        query = "SELECT 1 FROM touched WHERE what = ? AND id BETWEEN ? AND ? LIMIT 1"
        return self._file.execute(query, (what, lo, hi)).fetchone() is not None

    def touched(self, what: str, size: int) -> Iterator[list[str]]:
        """What was noted in one way, sorted, in pages of `size`; more may be noted while they are read."""
        query = "SELECT id FROM touched WHERE what = ? AND id > ? ORDER BY id LIMIT ?"
        return self._pages(query, (what,), size)

    def _pages(self, query: str, given: tuple[str, ...], size: int) -> Iterator[list[str]]:
        after = ""
        while page := [row[0] for row in self._file.execute(query, (*given, after, size))]:
            yield page
            after = page[-1]

    def touch_ends(self, part: str, what: str) -> None:
        """Notes the start of every relationship of a type."""
        self._file.execute(
            "INSERT OR IGNORE INTO touched SELECT ?, start FROM link WHERE type = ?", (what, part)
        )

    def touch_acting_into(self, known: str, what: str) -> None:
        """Notes those that were noted in the way `known`, and the accounts that did something to one of them."""
        self._file.execute(
            """INSERT OR IGNORE INTO touched SELECT ?2, id FROM touched WHERE what = ?1
            UNION ALL SELECT ?2, start FROM link
            WHERE type = 'INTERACTED' AND "end" IN (SELECT id FROM touched WHERE what = ?1)""",
            (known, what),
        )

    def links(self, part: str, *, are_numbered: bool = False) -> Generator[StagedLink]:
        """Every relationship of a type, sorted by start, end and row; one that was brought twice comes once.

        Of those that are SAID_AGAIN by other rows, that of the row which is first as a text comes. `are_numbered`:
        they have the numbers of their ends; raises BadInput as `check_ends` does.
        """
        last_start = last_end = last_row = None
        is_said_again = part in SAID_AGAIN
        with closing(self._read_links("type = ?", part, are_numbered=are_numbered)) as rows:
            for start, end, row, packed, _, *ends in rows:
                if start != last_start or end != last_end or (row != last_row and not is_said_again):
                    if None in ends:
                        self.check_ends()
                    yield StagedLink(start, end, row, packed, tuple(ends))
                last_start, last_end, last_row = start, end, row

    def acts(
        self, but: str, *, are_numbered: bool = False
    ) -> Generator[tuple[str, str, str, str, str | None, tuple[int, ...]]]:
        """Start, end, row, kind and time of what accounts did and amplified others by, sorted by the first three.

        Then the numbers of both ends, when they `are_numbered`. Without the accounts that were noted as touched in the
        way `but`.
        """
        with closing(self._read_links(ACTING, but, are_numbered=are_numbered)) as rows:
            for start, end, row, packed, kind, *ends in rows:
                if None in ends:
                    self.check_ends()
                yield start, end, row, kind, orjson.loads(packed)[_AT], tuple(ends)

    def _read_links(self, where: str, given: str, *, are_numbered: bool) -> sqlite3.Cursor:
        """Start, end, row, values and kind of links, sorted by the first four, and the numbers of both ends."""
        numbers, joined = _NUMBERED if are_numbered else ("", "")
        query = f"""SELECT start, "end", row, packed, kind {numbers} FROM link {joined} WHERE {where}
        ORDER BY start, "end", row, packed"""  # noqa: S608 - our own words
        return self._file.execute(query, (given,))

    def channels(self) -> Generator[tuple[str, str]]:
        """Each account that stands on a channel, sorted, with the first of its channels."""
        query = """SELECT start, min("end") FROM link WHERE type = 'ON' GROUP BY start ORDER BY start"""
        with closing(self._file.execute(query)) as rows:
            yield from rows


def _raise_first(problems: list[Problem]) -> None:
    if problems:
        raise BadInput(problems[:MAX_PROBLEMS])


def _merge_names(known: bytes, more: bytes) -> bytes:
    return to_json(list(dict.fromkeys([*orjson.loads(known), *orjson.loads(more)])))


@contextmanager
def rare_collections() -> Generator[None]:
    """Lets Python look for rings of garbage less often: rows make none, and looking took a third of reading them.

    Of sending them it took a sixth; what was sent is let go without, see `Transaction.run`.
    """
    before = gc.get_threshold()
    gc.set_threshold(COLLECT_AFTER, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
