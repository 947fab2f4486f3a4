"""Writes a piece of a dataset's entities with their names, and drops what the dataset shows no longer."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString

from kb.bulk.counting import Counters
from kb.bulk.cut import Piece
from kb.bulk.links import Changes
from kb.bulk.staged import StagedNode, most_specific
from kb.errors import BadInput, Problem
from kb.names import make_keys, make_name
from kb.store import Transaction, literal
from schema.catalog import ENTITY_BOOKKEEPING, PERSON_TYPES, labels_of

Properties = dict[str, Any]

# What the statement that creates entities says by itself.
_SAID: Final = frozenset({"id", "type", "sources", "canonical"})

_FIND: LiteralString = (
    "UNWIND $ids AS id MATCH (e:Entity {id: id}) RETURN e.id AS id, properties(e) AS properties"
)
_IN_RANGE: LiteralString = """
MATCH (e:Entity) WHERE e.id > $lo AND e.id <= $hi AND $dataset IN e.sources RETURN e.id AS id"""
_NAMES: LiteralString = """
UNWIND $ids AS id MATCH (e:Entity {id: id})-[:NAMED]->(n:Name {source: $dataset}) RETURN n.id AS id"""
_CREATE_NAMES: LiteralString = """
UNWIND $rows AS row MATCH (e:Entity {id: row[0]}) CREATE (e)-[:NAMED]->(n:Name) SET n = row[1]"""
_MERGE_KEYS: LiteralString = """
UNWIND $keys AS key MERGE (k:NameKey {id: $dataset + '#' + key})
ON CREATE SET k.key = key, k.head = substring(key, 0, 4), k.source = $dataset"""
_JOIN_KEYS: LiteralString = """
UNWIND $rows AS row MATCH (n:Name {id: row[0]}) UNWIND row[1] AS key
MATCH (k:NameKey {id: $dataset + '#' + key}) CREATE (n)-[:FOUND_AS]->(k)"""
_DELETE_NAMES: LiteralString = "UNWIND $ids AS id MATCH (n:Name {id: id}) DETACH DELETE n"

_DROP_NAMES: LiteralString = """
UNWIND $ids AS id MATCH (e:Entity {id: id})-[:NAMED]->(n:Name {source: $dataset}) DETACH DELETE n"""
_DROP_SOURCE: LiteralString = """
UNWIND $ids AS id MATCH (e:Entity {id: id}) SET e.sources = [source IN e.sources WHERE source <> $dataset]"""
# An entity that the history of claims still needs stays, without a source.
_DROP_ENTITIES: LiteralString = """
UNWIND $ids AS id
MATCH (e:Entity {id: id}) WHERE size(e.sources) = 0 AND NOT EXISTS { (e)--(other) WHERE NOT other:Name }
DETACH DELETE e"""
DROP_KEYS: LiteralString = """
MATCH (k:NameKey {source: $dataset}) WHERE NOT EXISTS { (k)<-[:FOUND_AS]-(:Name) }
WITH k LIMIT $limit DETACH DELETE k RETURN count(*) AS dropped"""


async def save_nodes(
    transaction: Transaction,
    dataset: str,
    piece: Piece,
    counters: Counters,
    *,
    are_new: bool = False,
) -> tuple[Changes, list[str]]:
    """Makes the store hold the entities of a piece, and tells which of the range the dataset shows no longer.

    Those that are created have `counters`, by their ids, of edges that come later. `are_new`: none is stored yet.
    An entity that another source declared first keeps what that source says; this one fills what is open. Raises
    BadInput when another source says that an entity is something else.
    """
    wanted: Sequence[StagedNode] = piece.rows
    ids: dict[str, Any] = {"ids": [node.id for node in wanted], "dataset": dataset}
    found = [] if are_new else await transaction.run(_FIND, ids)
    stored: dict[str, Properties] = {row[0]: row[1] for row in found}
    created = [node for node in wanted if node.id not in stored]
    updated = 0
    for (before, after), rows in _find_changed(dataset, wanted, stored).items():
        await transaction.run(literal(_update_statement(before, after)), {"rows": rows})
        updated += len(rows)
    for kind in sorted({node.type for node in created}):
        given = [
            make_properties(dataset, node) | counters.get(node.id, {})
            for node in created
            if node.type == kind
        ]
        await _create(transaction, dataset, kind, given)
    await _save_names(transaction, dataset, wanted, ids, is_new=piece.is_new)
    gone: list[str] = []
    if not piece.is_new:
        asked = {"lo": piece.lo[0] if piece.lo else "", "hi": piece.hi[0], "dataset": dataset}
        there = {node.id for node in wanted}
        gone = [row[0] for row in await transaction.run(_IN_RANGE, asked) if row[0] not in there]
    return Changes(len(created), updated), gone


async def drop_nodes(transaction: Transaction, dataset: str, ids: Sequence[str]) -> int:
    """Takes the dataset from the sources of entities; those that no source is left for go. Returns how many."""
    asked: dict[str, Any] = {"ids": list(ids), "dataset": dataset}
    await transaction.run(_DROP_NAMES, asked)
    await transaction.run(_DROP_SOURCE, asked)
    await transaction.run(_DROP_ENTITIES, asked)
    return len(ids)


def merge_properties(found: Mapping[str, Any], wanted: Mapping[str, Any], source: str) -> Properties:
    """An entity as its sources together have it: the only source says everything, the first of several decides, and a
    later one fills what is still open. What we keep on it ourselves stays.
    """
    sources = [*found["sources"]] if source in found["sources"] else [*found["sources"], source]
    kept = {
        name: found[name] for name in ENTITY_BOOKKEEPING if name in found and name not in ("type", "sources")
    }
    if sources == [source]:
        merged = {**wanted, **kept}
    else:
        merged = {**found, **wanted, **kept} if sources[0] == source else {**wanted, **found}
    return {**merged, "sources": sources}


def _find_changed(
    dataset: str, wanted: Sequence[StagedNode], stored: Mapping[str, Properties]
) -> dict[tuple[str, str], list[list[Any]]]:
    """The entities that have to be written again, by their type before and after."""
    changed: dict[tuple[str, str], list[list[Any]]] = {}
    for node in wanted:
        found = stored.get(node.id)
        if found is None:
            continue
        kind = _agree(dataset, node, found)
        merged = {**merge_properties(found, make_properties(dataset, node), dataset), "type": kind}
        if merged != found:
            changed.setdefault((found["type"], kind), []).append([node.id, merged])
    return changed


def _agree(dataset: str, node: StagedNode, found: Mapping[str, Any]) -> str:
    others = [source for source in found["sources"] if source != dataset]
    if node.type == found["type"] or not others:
        return node.type
    if {node.type, found["type"]} <= PERSON_TYPES:
        return most_specific(node.type, found["type"])
    what = f"is {found['type']} in {', '.join(others)} and something else in {dataset}"
    raise BadInput([Problem(node.id, what, node.type, "use another id for one of them")])


def make_properties(dataset: str, node: StagedNode) -> Properties:
    """Every property of an entity that one dataset alone shows, ours among them."""
    # An empty list says no more than an absent one, and the import tool cannot write it.
    given = {name: value for name, value in node.properties.items() if value not in (None, [])}
    return {
        **given,
        "id": node.id,
        "type": node.type,
        "sources": [dataset],
        "canonical": node.id,
        "degree": 0,
    }


async def _create(transaction: Transaction, dataset: str, kind: str, given: Sequence[Properties]) -> None:
    """One statement for a type: a value at its place for each property that one of the nodes has."""
    names = sorted(set[str]().union(*given) - _SAID)
    values = "".join(f"`{name}`: row[{place}], " for place, name in enumerate(names, 1))
    statement = (
        f"UNWIND $rows AS row CREATE (:{':'.join(labels_of(kind))} {{id: row[0], {values}type: '{kind}', "
        "sources: [$dataset], canonical: row[0]})"
    )
    rows = [[properties["id"], *map(properties.get, names)] for properties in given]
    await transaction.run(literal(statement), {"rows": rows, "dataset": dataset})


def _update_statement(before: str, after: str) -> str:
    old, new = set(labels_of(before)), set(labels_of(after))
    added = "".join(f" SET e:{label}" for label in sorted(new - old))
    removed = "".join(f" REMOVE e:{label}" for label in sorted(old - new))
    return f"UNWIND $rows AS row MATCH (e:Entity {{id: row[0]}}) SET e = row[1]{added}{removed}"


async def _save_names(
    transaction: Transaction,
    dataset: str,
    nodes: Sequence[StagedNode],
    ids: Mapping[str, Any],
    *,
    is_new: bool,
) -> None:
    wanted = {
        name["id"]: (node.id, name)
        for node in nodes
        for name in (make_name(node.id, written, dataset) for written in node.names)
    }
    stored: set[str] = set() if is_new else {row[0] for row in await transaction.run(_NAMES, ids)}
    if gone := sorted(stored - wanted.keys()):
        await transaction.run(_DELETE_NAMES, {"ids": gone})
    fresh: list[list[Any]] = [[entity, name] for key, (entity, name) in wanted.items() if key not in stored]
    if not fresh:
        return
    await transaction.run(_CREATE_NAMES, {"rows": fresh})
    keys = {key: make_keys(name["written"]) for key, (_, name) in wanted.items() if key not in stored}
    merged = sorted({key for found in keys.values() for key in found})
    await transaction.run(_MERGE_KEYS, {"keys": merged, "dataset": dataset})
    rows = [[name, found] for name, found in keys.items()]
    await transaction.run(_JOIN_KEYS, {"rows": rows, "dataset": dataset})
