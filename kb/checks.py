"""Standing checks: promises that the database does not enforce; each answers with 0 rows when it is kept."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final, LiteralString, NamedTuple

from kb.derive import find_stale
from kb.documents import HeldDocuments, span_sha256, words
from kb.store import Store
from schema.catalog import LABELS, RELATIONSHIP_TYPES
from schema.verbs import VERB_NAMES

# A check shows this many rows at most and counts them all; more would not be read.
ROWS_SHOWN: Final = 20


@dataclass(frozen=True)
class CheckResult:
    """What a check found: its name, what it promises, how many rows break it, and the first of them."""

    name: str
    says: str
    count: int
    rows: list[dict[str, Any]] = field(default_factory=list)


class Check(NamedTuple):
    """A promise: its name, what it says, and how to find what breaks it."""

    name: str
    says: str
    find: Callable[[Store, HeldDocuments | None], Awaitable[list[dict[str, Any]]]]


_PARAMETERS: Final = {
    "labels": sorted(LABELS),
    "types": sorted(RELATIONSHIP_TYPES),
    "verbs": sorted(VERB_NAMES),
}


def _query(
    statement: LiteralString,
) -> Callable[[Store, HeldDocuments | None], Awaitable[list[dict[str, Any]]]]:
    async def find(store: Store, _held: HeldDocuments | None) -> list[dict[str, Any]]:
        keys, rows = await store.read_table(statement, _PARAMETERS)
        return [dict(zip(keys, row, strict=True)) for row in rows]

    return find


_NO_VOICE: LiteralString = """
MATCH (c:Claim) WHERE NOT EXISTS { (c)-[:SAID_BY]->(:Entity) } RETURN c.id AS claim ORDER BY claim"""
_NO_PASSAGE: LiteralString = """
MATCH (c:Claim) WHERE NOT EXISTS { (c)-[:SHOWN_IN]->(:Passage) } RETURN c.id AS claim ORDER BY claim"""
_BARE_NUMBER: LiteralString = """
MATCH (c:Claim) WHERE c.count IS NULL AND (c.count_min IS NOT NULL OR c.count_max IS NOT NULL)
RETURN c.id AS claim ORDER BY claim"""
_BARE_NUMBER_ON_EDGE: LiteralString = """
MATCH (s:Entity)-[r:AMPLIFIED]->(:Entity)
WHERE r.count IS NULL AND (r.count_min IS NOT NULL OR r.count_max IS NOT NULL)
RETURN r.id AS edge ORDER BY edge"""
_UNKNOWN_LABEL: LiteralString = """
MATCH (n) UNWIND labels(n) AS label WITH n, label WHERE NOT label IN $labels
RETURN label, count(n) AS nodes ORDER BY label"""
_UNKNOWN_TYPE: LiteralString = """
MATCH ()-[r]->() WITH type(r) AS kind, count(r) AS relationships WHERE NOT kind IN $types
RETURN kind, relationships ORDER BY kind"""
_NULL_KEY: LiteralString = """
MATCH (n) WHERE n.id IS NULL RETURN labels(n) AS labels, count(n) AS nodes ORDER BY labels"""
_TYPE_WITHOUT_LABEL: LiteralString = """
MATCH (e:Entity) WHERE e.type IS NULL OR NOT e.type IN labels(e)
RETURN e.id AS entity, e.type AS type ORDER BY entity"""
_GROUP_WITH_MEMBERS: LiteralString = """
MATCH (g:Group) WHERE g.named = true RETURN g.id AS group ORDER BY group"""
_VERB_OUTSIDE: LiteralString = """
MATCH (c:Claim) WHERE NOT c.verb IN $verbs RETURN c.id AS claim, c.verb AS verb ORDER BY claim"""
_HELD_PASSAGES: LiteralString = """
MATCH (p:Passage)-[:PART_OF]->(d:Document)
WHERE d.held = true OR p.exact IS NOT NULL
RETURN p.id AS passage, d.id AS document, d.sha256 AS sha256, p.start AS start, p.end AS end,
  p.span_sha256 AS span_sha256, p.exact AS exact ORDER BY passage"""


async def _find_stale(store: Store, _held: HeldDocuments | None) -> list[dict[str, Any]]:
    return await find_stale(store)


async def _find_changed_passages(store: Store, held: HeldDocuments | None) -> list[dict[str, Any]]:
    """Passages whose words differ from the held file, or whose document claims to be held and is not."""
    found: list[dict[str, Any]] = []
    texts: dict[str, str | None] = {}
    for passage, document, sha256, start, end, span, exact in await store.read(_HELD_PASSAGES):
        why = None
        if exact is None or span_sha256(exact) != span:
            why = "its words do not have its hash"
        elif held is not None:
            if sha256 not in texts:
                texts[sha256] = held.text(sha256) if sha256 else None
            text = texts[sha256]
            if text is None:
                why = "its document is not among the held files; add it again"
            elif words(text, start, end) != exact:
                why = "its words differ from the held file"
        if why:
            found.append({"passage": passage, "document": document, "why": why})
    return found


CHECKS: Final = (
    Check("claim-has-voice", "every claim has a voice", _query(_NO_VOICE)),
    Check("claim-has-passage", "every claim has a passage", _query(_NO_PASSAGE)),
    Check("derived-is-current", "every derived edge and count equals what it is derived from", _find_stale),
    Check("passage-is-exact", "the words of every passage equal its held document", _find_changed_passages),
    Check("label-is-known", "every label is in the catalog", _query(_UNKNOWN_LABEL)),
    Check("type-is-known", "every relationship type is in the catalog", _query(_UNKNOWN_TYPE)),
    Check("key-is-present", "every node has an id", _query(_NULL_KEY)),
    Check("type-is-labelled", "every entity carries the label of its type", _query(_TYPE_WITHOUT_LABEL)),
    Check("number-has-text", "no claim has a number without its text", _query(_BARE_NUMBER)),
    Check(
        "edge-number-has-text", "no derived edge has a number without its text", _query(_BARE_NUMBER_ON_EDGE)
    ),
    Check("verb-is-known", "every verb is in the vocabulary", _query(_VERB_OUTSIDE)),
    Check("group-is-unnamed", "no group has named members", _query(_GROUP_WITH_MEMBERS)),
)


async def run_checks(store: Store, held: HeldDocuments | None = None) -> list[CheckResult]:
    """Runs every check; without `held` the words of passages are compared with their hash alone."""
    results = []
    for check in CHECKS:
        rows = await check.find(store, held)
        results.append(CheckResult(check.name, check.says, len(rows), rows[:ROWS_SHOWN]))
    return results
