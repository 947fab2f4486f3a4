"""Writes a piece of a dataset's relationships: all of it where nothing is stored, else what differs."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, LiteralString, NamedTuple

from kb.bulk.cut import Piece
from kb.bulk.staging import OBSERVED, StagedLink
from kb.store import Transaction, literal


class Changes(NamedTuple):
    """How many were created, updated and removed; `left` are the ends of relationships that are there no longer."""

    created: int = 0
    updated: int = 0
    removed: int = 0
    left: Sequence[tuple[str, str]] = ()


_STORED: LiteralString = """
MATCH (a:Entity) WHERE a.id >= $lo AND a.id <= $hi
MATCH (a)-[r]->(b:Entity) WHERE type(r) = $type AND r.dataset = $dataset
RETURN a.id AS start, b.id AS end, r.row AS row, properties(r) AS properties"""


async def save_links(transaction: Transaction, dataset: str, part: str, piece: Piece) -> Changes:
    """Makes the store hold the relationships of a piece; both ends of each are there."""
    wanted: Sequence[StagedLink] = piece.rows
    if piece.is_new:
        await _create(transaction, dataset, part, wanted)
        return Changes(created=len(wanted))
    stored = await _find_stored(transaction, dataset, part, piece)
    rows = {link.key: link for link in wanted}
    names = OBSERVED[part]
    changed = {
        key for key, found in stored.items()
        if key in rows and any(found.get(name) != rows[key].properties.get(name) for name in names)
    }  # fmt: skip
    gone = [key for key in stored if key not in rows]
    await _delete(transaction, dataset, part, [*gone, *changed])
    fresh = [link for link in wanted if link.key not in stored or link.key in changed]
    await _create(transaction, dataset, part, fresh)
    left = [(key[0], key[1]) for key in gone]
    return Changes(len(fresh) - len(changed), len(changed), len(gone), left)


async def _find_stored(
    transaction: Transaction, dataset: str, part: str, piece: Piece
) -> dict[tuple[str, ...], dict[str, Any]]:
    lo = piece.lo or ("",)
    asked = {"lo": lo[0], "hi": piece.hi[0], "type": part, "dataset": dataset}
    rows = await transaction.run(_STORED, asked)
    return {(a, b, row): properties for a, b, row, properties in rows if lo < (a, b, row) <= piece.hi}


async def _create(transaction: Transaction, dataset: str, part: str, links: Iterable[StagedLink]) -> None:
    names = OBSERVED[part]
    rows = [
        [start, [[link.end, *(link.properties.get(name) for name in names)] for link in group]]
        for start, group in groupby(links, key=attrgetter("start"))
    ]
    if not rows:
        return
    before = transaction.counters.relationships_created
    await transaction.run(literal(_create_statement(part)), {"rows": rows, "dataset": dataset})
    made, asked = transaction.counters.relationships_created - before, sum(len(row[1]) for row in rows)
    if made != asked:
        raise AssertionError(f"{dataset}: {asked} {part} were to be written, {made} were")


def _create_statement(part: str) -> str:
    """Grouped by start, each value at its place: the fastest form on Neo4j (design/performance.md)."""
    values = [f"`{name}`: r[{place}]" for place, name in enumerate(OBSERVED[part], 1)]
    return (
        "UNWIND $rows AS g MATCH (a:Entity {id: g[0]}) UNWIND g[1] AS r MATCH (b:Entity {id: r[0]}) "
        f"CREATE (a)-[:{part} {{{', '.join(values)}, dataset: $dataset}}]->(b)"
    )


async def _delete(transaction: Transaction, dataset: str, part: str, keys: Sequence[tuple[str, ...]]) -> None:
    if keys:
        statement = (
            f"UNWIND $rows AS row MATCH (a:Entity {{id: row[0]}})-[r:{part}]->(b:Entity {{id: row[1]}}) "
            "WHERE r.dataset = $dataset AND r.row = row[2] DELETE r"
        )
        await transaction.run(literal(statement), {"rows": [list(key) for key in keys], "dataset": dataset})
