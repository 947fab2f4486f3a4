"""What is loaded of each dataset, as its last run recorded it."""

from typing import LiteralString, NamedTuple

from kb.store import Store

_LAST_RUNS: LiteralString = """
MATCH (d:Dataset)-[:LOADED_BY]->(r:Run)
RETURN d.id AS dataset, r.at AS at, r.rows_read AS read, r.rows_used AS used, d.content_sha256 AS sha256
ORDER BY dataset, at DESC"""


class Loaded(NamedTuple):
    """The last finished load of a dataset."""

    at: str
    rows_read: int
    rows_used: int
    content_sha256: str | None
    """None when a later load of other files has not come to its end."""


async def find_loaded(store: Store) -> dict[str, Loaded]:
    """The last finished load of each dataset that has one, by its id."""
    found: dict[str, Loaded] = {}
    for dataset, at, read, used, sha256 in await store.read(_LAST_RUNS):
        found.setdefault(dataset, Loaded(at, read or 0, used or 0, sha256))
    return found
