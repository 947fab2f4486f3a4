"""Writes a piece of a dataset's relationships: all of it where nothing is stored, else what differs."""

from collections.abc import Sequence
from typing import Any, Final, LiteralString, NamedTuple

from kb.bulk.cut import Piece
from kb.bulk.staged import StagedLink
from kb.bulk.table_rows import OBSERVED
from kb.store import Transaction, literal


class Changes(NamedTuple):
    """How many were created, updated and removed; `left` are the ends of relationships that are there no longer."""

    created: int = 0
    updated: int = 0
    removed: int = 0
    left: Sequence[tuple[str, str]] = ()


# Rows come sorted by their starts; so many times fewer ends outweigh that.
FEW: Final = 10

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
        if key in rows and [*map(found.get, names)] != rows[key].values
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


async def _create(transaction: Transaction, dataset: str, part: str, links: Sequence[StagedLink]) -> None:
    is_by_end = len({link.end for link in links}) * FEW < len({link.start for link in links})
    rows: dict[str, list[list[Any]]] = {}
    for link in links:
        outer, inner = (link.end, link.start) if is_by_end else (link.start, link.end)
        rows.setdefault(outer, []).append([inner, *link.values])
    if not rows:
        return
    before = transaction.counters.relationships_created
    asked = {"rows": [[key, group] for key, group in rows.items()], "dataset": dataset}
    await transaction.run(literal(_create_statement(part, is_by_end=is_by_end)), asked)
    made = transaction.counters.relationships_created - before
    if made != len(links):
        raise AssertionError(f"{dataset}: {len(links)} {part} were to be written, {made} were")


def _create_statement(part: str, *, is_by_end: bool) -> str:
    """Grouped by start, each value at its place: the fastest form on Neo4j (design/performance.md).

    By end where many lead to few: the accounts of a platform look that up once for each batch.
    """
    values = [f"`{name}`: r[{place}]" for place, name in enumerate(OBSERVED[part], 1)]
    outer, inner = ("b", "a") if is_by_end else ("a", "b")
    return (
        f"UNWIND $rows AS g MATCH ({outer}:Entity {{id: g[0]}}) "
        f"UNWIND g[1] AS r MATCH ({inner}:Entity {{id: r[0]}}) "
        f"CREATE (a)-[:{part} {{{', '.join(values)}, dataset: $dataset}}]->(b)"
    )


async def _delete(transaction: Transaction, dataset: str, part: str, keys: Sequence[tuple[str, ...]]) -> None:
    if keys:
        statement = (
            f"UNWIND $rows AS row MATCH (a:Entity {{id: row[0]}})-[r:{part}]->(b:Entity {{id: row[1]}}) "
            "WHERE r.dataset = $dataset AND r.row = row[2] DELETE r"
        )
        await transaction.run(literal(statement), {"rows": [list(key) for key in keys], "dataset": dataset})
