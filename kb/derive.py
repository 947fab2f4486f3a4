"""Derived edges and counts: what claims and observed interactions amount to, rebuilt whenever they change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString, NamedTuple

from kb.amplified import derive_actors, derive_every_actor, find_stale_observed
from kb.observed import Edge, Run, find_acting_into, find_actors, make_edge
from kb.sentences import Voice, make_caption, make_sentence
from kb.store import Store, Transaction, batched, literal
from schema.claims import HIDDEN_STATUSES
from schema.verbs import VERB_NAMES

# Scope of a rebuild: everything, or a case with the claims that its contests of sources reach.
_ALL_CLAIMS: LiteralString = "MATCH (c:Claim) RETURN c.id AS id ORDER BY id"
_CASE_CLAIMS: LiteralString = "MATCH (c:Claim {case: $case}) RETURN c.id AS id ORDER BY id"
_REACHED_CLAIMS: LiteralString = """
MATCH (d:Claim {case: $case})-[:DISPUTES]->(v:Entity)<-[:SAID_BY]-(c:Claim)
RETURN DISTINCT c.id AS id ORDER BY id"""

_CLAIMS: LiteralString = """
UNWIND $ids AS id MATCH (c:Claim {id: id})
RETURN c.id AS id, c.verb AS verb, c.text AS text, c.kind AS kind, c.modality AS modality, c.status AS status,
  c.known_to AS known_to, c.count AS count, c.count_min AS count_min, c.count_max AS count_max, c.unit AS unit,
  COLLECT { MATCH (c)-[:SAID_BY]->(v:Entity)
            RETURN [v.id, v.name, v.type, v.standing,
                    COLLECT { MATCH (v)-[:PUBLISHED_UNDER]->(p:Entity) RETURN [p.id, p.name] ORDER BY p.id }]
            ORDER BY v.id } AS voices,
  COLLECT { MATCH (c)-[s:SHOWN_IN]->(:Passage)-[:PART_OF]->(d:Document) RETURN [s.attribution, d.id] ORDER BY d.id
          } AS shown,
  COLLECT { MATCH (c)-[:WHO]->(e:Entity) RETURN e.canonical ORDER BY e.id } AS who,
  COLLECT { MATCH (c)-[:WHAT]->(e:Entity) RETURN e.canonical ORDER BY e.id } AS what,
  COLLECT { MATCH (c)-[:WHOSE]->(e:Entity) RETURN e.canonical ORDER BY e.id } AS whose,
  COLLECT { MATCH (c)-[:VIA]->(e:Entity) RETURN e.canonical ORDER BY e.id } AS via,
  COLLECT { MATCH (c)<-[x:DISPUTES]-(d:Claim) WHERE d.known_to IS NULL AND d.status = 'accepted'
            RETURN x.level ORDER BY x.level } AS disputed,
  COLLECT { MATCH (c)-[:SAID_BY]->(:Entity)<-[x:DISPUTES {level: 'source'}]-(d:Claim)
            WHERE d.known_to IS NULL AND d.status = 'accepted' AND d.id <> c.id
            RETURN x.level ORDER BY x.level } AS inherited,
  [c.sentence, c.label, c.documents, c.origins, c.contested, c.contested_direct] AS kept"""
_COPIES: LiteralString = (
    "MATCH (a:Document)-[:COPIES]->(b:Document) RETURN a.id AS copy, b.id AS original ORDER BY copy"
)
_PUBLISHERS: LiteralString = """
MATCH (d:Document|Report)-[:PUBLISHED_UNDER]->(p:Entity)
RETURN d.id AS work, p.id AS publisher ORDER BY work, publisher"""

_SET_CLAIMS: LiteralString = """
UNWIND $rows AS row MATCH (c:Claim {id: row[0]})
SET c.sentence = row[1], c.label = row[2], c.documents = row[3], c.origins = row[4], c.contested = row[5],
    c.contested_direct = row[6]"""
_SET_DEGREES: LiteralString = """
UNWIND $ids AS id MATCH (e:Entity {id: id})
SET e.degree = COUNT { (e)-[r]-(:Entity) WHERE type(r) IN $types }"""
# Reported edges of the claims in scope. The edge may still be that of the version before, from another sharer.
_REPORTED: LiteralString = """
UNWIND $ids AS id MATCH (c:Claim {id: id})-[:REPLACES*0..1]->(v:Claim)-[:WHO]->(e:Entity)
MATCH (s:Entity {id: e.canonical})-[r]->(t:Entity)
WHERE type(r) IN $types AND r.claim = id
RETURN DISTINCT type(r) AS kind, s.id AS start, t.id AS end, properties(r) AS properties"""
_ALL_REPORTED: LiteralString = """
MATCH (s:Entity)-[r]->(t:Entity) WHERE type(r) IN $types AND r.basis = 'reported'
RETURN type(r) AS kind, s.id AS start, t.id AS end, properties(r) AS properties"""
_CASE_ACCOUNTS: LiteralString = "MATCH (a:Account) WHERE $case IN a.sources RETURN a.id AS id ORDER BY id"


class ClaimCounts(NamedTuple):
    """What is kept on a claim so that reads need not count."""

    sentence: str
    label: str
    documents: int
    origins: int
    contested: bool
    contested_direct: bool


@dataclass(frozen=True)
class Derived:
    """All that the claims in scope amount to, beside what is stored."""

    counts: dict[str, ClaimCounts]
    stored_counts: dict[str, tuple[Any, ...]]
    edges: set[Edge]
    stored_edges: set[Edge]


async def derive_all(store: Store) -> int:
    """Rebuilds everything that is derived; returns the rows it changed. Observed edges take many transactions."""
    claims = await store.write(lambda transaction: _derive_claims(transaction, None))
    return claims + (await derive_every_actor(store)).total


async def derive(transaction: Transaction, case: str, also: Sequence[str] = ()) -> int:
    """Rebuilds what depends on a case inside the transaction; returns the rows it changed.

    `also` names accounts and holders that the case no longer has and that may still have edges.
    """
    accounts = {row[0] for row in await transaction.run(_CASE_ACCOUNTS, {"case": case})} | set(also)
    accounts |= await find_acting_into(transaction.run, accounts)
    observed = await derive_actors(transaction, await find_actors(transaction.run, accounts))
    return observed.total + await _derive_claims(transaction, case)


async def _derive_claims(transaction: Transaction, case: str | None) -> int:
    derived = await _find_derived(transaction.run, case)
    changed = [
        [key, *counts]
        for key, counts in derived.counts.items()
        if tuple(counts) != derived.stored_counts[key]
    ]
    for rows in batched(changed):
        await transaction.run(_SET_CLAIMS, {"rows": rows})
    gone, fresh = derived.stored_edges - derived.edges, derived.edges - derived.stored_edges
    for kind in sorted({edge.type for edge in gone | fresh}):
        for rows in batched([[e.start, e.end, e.id] for e in gone if e.type == kind]):
            await transaction.run(literal(_delete_edges(kind)), {"rows": rows})
        for rows in batched([[e.start, e.end, _stored_form(e)] for e in fresh if e.type == kind]):
            await transaction.run(literal(_create_edges(kind)), {"rows": rows})
    touched = sorted({end for edge in gone | fresh for end in (edge.start, edge.end)})
    for ids in batched(touched):
        await transaction.run(_SET_DEGREES, {"ids": ids, "types": sorted(VERB_NAMES)})
    return len(changed) + len(gone) + len(fresh)


async def find_stale(store: Store) -> list[dict[str, Any]]:
    """Every derived edge and count that differs from what it is derived from; empty when all is well."""
    derived = await _find_derived(store.read, None)
    rows: list[dict[str, Any]] = [
        {"claim": key, "derived": list(counts), "stored": list(derived.stored_counts[key])}
        for key, counts in derived.counts.items()
        if tuple(counts) != derived.stored_counts[key]
    ]
    rows += [_edge_row("should not be there", edge) for edge in derived.stored_edges - derived.edges]
    rows += [_edge_row("is missing", edge) for edge in derived.edges - derived.stored_edges]
    return rows + await find_stale_observed(store)


def _edge_row(what: str, edge: Edge) -> dict[str, Any]:
    return {"edge": edge.type, "from": edge.start, "to": edge.end, "id": edge.id, "what": what}


async def _find_derived(run: Run, case: str | None) -> Derived:
    ids = await _find_claims_in_scope(run, case)
    originals: dict[str, list[str]] = {}
    for copy, original in await run(_COPIES, {}):
        originals.setdefault(copy, []).append(original)
    publishers = {row[0]: row[1] for row in await run(_PUBLISHERS, {})}
    claims = [_ClaimRow(*row) for batch in batched(ids) for row in await run(_CLAIMS, {"ids": batch})]
    counts = {claim.id: _count(claim, originals, publishers) for claim in claims}
    edges = {edge for claim in claims for edge in _make_reported_edges(claim, counts[claim.id])}
    types = {"types": sorted(VERB_NAMES)}
    if case is None:
        found = await run(_ALL_REPORTED, types)
    else:
        found = [row for batch in batched(ids) for row in await run(_REPORTED, {"ids": batch, **types})]
    return Derived(
        counts=counts,
        stored_counts={claim.id: tuple(claim.kept) for claim in claims},
        edges=edges,
        stored_edges={make_edge(*row) for row in found},
    )


async def _find_claims_in_scope(run: Run, case: str | None) -> list[str]:
    if case is None:
        return [row[0] for row in await run(_ALL_CLAIMS, {})]
    own = [row[0] for row in await run(_CASE_CLAIMS, {"case": case})]
    reached = [row[0] for row in await run(_REACHED_CLAIMS, {"case": case})]
    return list(dict.fromkeys([*own, *reached]))


class _ClaimRow(NamedTuple):
    id: str
    verb: str
    text: str
    kind: str
    modality: str
    status: str
    known_to: str | None
    count_text: str | None
    count_min: int | None
    count_max: int | None
    unit: str | None
    voices: list[list[Any]]
    shown: list[list[str]]
    who: list[str]
    what: list[str]
    whose: list[str]
    via: list[str]
    disputed: list[str]
    inherited: list[str]
    kept: list[Any]


def find_origins(
    voices: Iterable[str], originals: Mapping[str, Sequence[str]], publishers: Mapping[str, str]
) -> set[str]:
    """The distinct voices behind all copies: each followed to its roots; a work and its publisher are one origin."""
    roots: set[str] = set()
    seen: set[str] = set()
    waiting = list(voices)
    while waiting:
        voice = waiting.pop()
        if voice in seen:
            continue
        seen.add(voice)
        further = originals.get(voice, ())
        waiting.extend(further)
        if not further:
            roots.add(publishers.get(voice, voice))
    return roots


def _count(
    claim: _ClaimRow, originals: Mapping[str, Sequence[str]], publishers: Mapping[str, str]
) -> ClaimCounts:
    voices = [Voice(v[0], v[1], v[2], v[3], v[4][0][1] if v[4] else None) for v in claim.voices]
    said = (claim.text, claim.kind, claim.modality, voices, [row[0] for row in claim.shown])
    return ClaimCounts(
        sentence=make_sentence(*said),
        label=make_caption(*said, claim.status),
        documents=len({row[1] for row in claim.shown}),
        origins=len(find_origins([voice.id for voice in voices], originals, publishers)),
        contested=bool(claim.disputed or claim.inherited),
        contested_direct="direct" in claim.disputed,
    )


def _make_reported_edges(claim: _ClaimRow, counts: ClaimCounts) -> list[Edge]:
    """One edge for each pair of ends; none for a claim that default answers do not show."""
    if claim.known_to is not None or claim.status in HIDDEN_STATUSES:
        return []
    targets = (claim.whose or claim.what) if claim.verb == "AMPLIFIED" else claim.what
    properties = {
        "basis": "reported", "claim": claim.id, "count": claim.count_text, "count_min": claim.count_min,
        "count_max": claim.count_max, "unit": claim.unit, "modality": claim.modality, "status": claim.status,
        "said_by": [voice[0] for voice in claim.voices], "origins": counts.origins, "contested": counts.contested,
        "sentence": counts.sentence, "channel": claim.via[0] if claim.via else None,
    }  # fmt: skip
    return [
        make_edge(claim.verb, who, target, {**properties, "id": f"{claim.id}|{who}|{target}"})
        for who in dict.fromkeys(claim.who)
        for target in dict.fromkeys(targets)
    ]


def _stored_form(edge: Edge) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in edge.properties}


def _verb(kind: str) -> str:
    """The type, which must be a verb: deriving can only ever touch its own."""
    if kind not in VERB_NAMES:
        raise ValueError(f"{kind!r} is not a verb of the vocabulary")
    return kind


def _create_edges(kind: str) -> str:
    return (
        "UNWIND $rows AS row MATCH (s:Entity {id: row[0]}) MATCH (t:Entity {id: row[1]}) "
        f"CREATE (s)-[r:{_verb(kind)}]->(t) SET r = row[2]"
    )


def _delete_edges(kind: str) -> str:
    return (
        f"UNWIND $rows AS row MATCH (s:Entity {{id: row[0]}})-[r:{_verb(kind)}]->(t:Entity {{id: row[1]}}) "
        "WHERE r.id = row[2] DELETE r"
    )
