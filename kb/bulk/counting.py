"""Counts, for the ends of the observed edges that a work file will make, what those edges amount to."""

import sqlite3
from collections.abc import Mapping
from functools import cache
from typing import Final

from kb.observed import AMPLIFYING
from schema.catalog import counters_of

# Of entities, by their ids and the names of the counters.
Counters = Mapping[str, dict[str, int]]

# In a file of their own, which SQLite takes away by itself: while they are filled another process may read the first.
_COUNT_TABLES: Final = """
ATTACH DATABASE '' AS counting;
PRAGMA counting.journal_mode = OFF;
PRAGMA counting.synchronous = OFF;
CREATE TABLE counting.kind (channel TEXT PRIMARY KEY, kind TEXT) WITHOUT ROWID;
CREATE TABLE counting.pair (start TEXT, "end" TEXT, number INTEGER, kind TEXT);
CREATE TABLE counting.counted (
  id TEXT, side TEXT, kind TEXT, number INTEGER, edges INTEGER, PRIMARY KEY (id, side, kind)
) WITHOUT ROWID;
"""
# What accounts did to others: reshares and quotes, without those of accounts that were touched in the way `?`.
ACTING: Final = f"""type = 'INTERACTED' AND kind IN {AMPLIFYING}
  AND start NOT IN (SELECT id FROM touched WHERE what = ?)"""  # noqa: S608 - our own words
# As `kb/bulk/own_edges.py` has it: a row counts once, and an account stands on the first of its channels.
_COUNT_PAIRS: Final = f"""
INSERT INTO pair
SELECT start, "end", number, coalesce((SELECT kind FROM kind WHERE channel = (
  SELECT min("end") FROM link AS stood WHERE stood.type = 'ON' AND stood.start = acts.start)), '')
FROM (SELECT start, "end", count(DISTINCT row) AS number FROM link WHERE {ACTING} GROUP BY start, "end") AS acts"""  # noqa: S608 - ours
_COUNT_SIDES: Final = """
INSERT INTO counted SELECT start, 'out', kind, sum(number), count(*) FROM pair GROUP BY start, kind;
INSERT INTO counted SELECT "end", 'in', kind, sum(number), sum("end" <> start) FROM pair GROUP BY "end", kind;
"""


class Counting:
    """What is counted of the rows in `file`, a connection to a work file, beside it in a file of its own."""

    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file
        file.executescript(_COUNT_TABLES)

    def count(self, but: str, kinds: Mapping[str, str]) -> None:
        """Counts for both ends what `own_edges` makes of the rows: interactions, also by sort of channel, and edges.

        `kinds`: the sort of each channel; `but`: the way in which the accounts are touched whose edges it leaves out.
        """
        self._file.executemany("INSERT INTO kind VALUES (?, ?)", kinds.items())
        self._file.execute(_COUNT_PAIRS, (but,))
        self._file.executescript(_COUNT_SIDES)

    def count_pairs(self) -> int:
        """How many edges were counted."""
        return int(self._file.execute("SELECT count(*) FROM pair").fetchone()[0])

    def counters(self, lo: str, hi: str) -> dict[str, dict[str, int]]:
        """The counters of entities from `lo` to `hi`, of those that are not at zero in all of them."""
        found: dict[str, dict[str, int]] = {}
        query = "SELECT id, side, kind, number, edges FROM counted WHERE id BETWEEN ? AND ?"
        for key, side, kind, number, edges in self._file.execute(query, (lo, hi)):
            counters = found.setdefault(key, {})
            counters["degree"] = counters.get("degree", 0) + edges
            for name in _counted_as(side, kind):
                counters[name] = counters.get(name, 0) + number
        return found

    def counter_names(self) -> list[str]:
        """The counters that some entity has."""
        kinds: list[str | None] = [row[0] for row in self._file.execute("SELECT DISTINCT kind FROM pair")]
        return sorted(
            {"degree", *(name for kind in (*kinds, None) for name in counters_of(kind))} if kinds else ()
        )


@cache
def _counted_as(side: str, kind: str) -> frozenset[str]:
    return frozenset(counters_of(each)[side == "in"] for each in (None, kind))
