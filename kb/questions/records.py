"""How records of amplification are found: the ways to start, and what each argument asks of a claim or an edge."""

from collections.abc import Callable
from typing import Any, Final, LiteralString, NamedTuple

from kb.questions.arguments import as_text, as_texts, check_count, check_entity_id
from kb.questions.dated import Days
from kb.select import Clause

IS_AMPLIFICATION: Final = Clause("{+n}.verb = 'AMPLIFIED'")
IS_OBSERVED: Final = Clause("{+e}.basis = 'observed'")

# From a claim to the ends of its records: whoever did it; the creator, else the thing itself.
_AMPLIFIERS: LiteralString = " OPTIONAL MATCH ({+c})-[:WHO]->({+a}:Entity)"
_TARGETS: LiteralString = (
    " OPTIONAL MATCH ({+c})-[:WHOSE]->({+r}:Entity) OPTIONAL MATCH ({+c})-[:WHAT]->({+b}:Entity)"
)
BOTH_ENDS: LiteralString = (
    "WITH DISTINCT {+n} AS {+c}"
    + _AMPLIFIERS
    + _TARGETS
    + " WITH DISTINCT {+c}, {+a}, coalesce({+r}, {+b}) AS {+b}"
)
_ITS_TARGETS: LiteralString = (
    "WITH DISTINCT {+n} AS {+c}, {n} AS {+a}"
    + _TARGETS
    + " WITH DISTINCT {+c}, {+a}, coalesce({+r}, {+b}) AS {+b}"
)
_ITS_AMPLIFIERS: LiteralString = (
    "WITH DISTINCT {+n} AS {+c}, {n} AS {+b}" + _AMPLIFIERS + " WITH DISTINCT {+c}, {+a}, {+b}"
)


class Start(NamedTuple):
    """A way to start: how it finds the claims and then the ends of their records, and how the observed edges.

    `same_of_edges` is what all its edges have in common, when an index sorts them by that first.
    """

    reported: LiteralString
    observed: LiteralString
    ends: LiteralString = BOTH_ENDS
    of_claim: tuple[Clause, ...] = ()
    of_edge: tuple[Clause, ...] = ()
    same_of_edges: LiteralString | None = None


# An observed record names the accounts behind an end where they are not that end itself.
_AT_START: LiteralString = "({+a}.id = {id} OR {id} IN coalesce({+e}.from_accounts, []))"
_AT_END: LiteralString = "({+b}.id = {id} OR {id} IN coalesce({+e}.to_accounts, []))"


# An account has, beside its own, the records of its holder that its interactions feed.
FROM_ACCOUNT_OR_HOLDER: LiteralString = "-[:HELD_BY*0..1]->({+a}:Entity)-[{+e}:AMPLIFIED]->({+b}:Entity)"
TO_ACCOUNT_OR_HOLDER: LiteralString = "-[:HELD_BY*0..1]->({+b}:Entity)<-[{+e}:AMPLIFIED]-({+a}:Entity)"
EVERY_OBSERVED: LiteralString = "MATCH ({+a}:Entity)-[{+e}:AMPLIFIED]->({+b}:Entity)"

STARTS: Final[dict[str, Start]] = {
    "amplifier": Start(
        "MATCH (:Entity {id: {value}})<-[:WHO]-({+n}:Claim)",
        "MATCH (:Entity {id: {value}})" + FROM_ACCOUNT_OR_HOLDER,
    ),
    "amplified": Start(
        "MATCH (:Entity {id: {value}})<-[:WHOSE|WHAT]-({+n}:Claim)",
        "MATCH (:Entity {id: {value}})" + TO_ACCOUNT_OR_HOLDER,
    ),
    "content": Start("MATCH (:Entity {id: {value}})<-[:WHAT]-({+n}:Claim)", EVERY_OBSERVED),
    # The two conditions are true of every observed edge; they let the index over (channel, count_min, id) find them.
    "channel": Start(
        "MATCH (:Entity {id: {value}})<-[:VIA]-({+n}:Claim)",
        EVERY_OBSERVED,
        of_edge=(Clause("{+e}.count_min > 0"), Clause("{+e}.id IS NOT NULL")),
        same_of_edges="{+e}.channel",
    ),
}
# The condition on the id is true of every claim; it lets the index over (verb, id) find them.
EVERY: Final = Start("MATCH ({+n}:Claim)", EVERY_OBSERVED, of_claim=(Clause("{+n}.id > ''"),))
BY_IT: Final = Start(
    "MATCH ({n})<-[:WHO]-({+n}:Claim)",
    "MATCH ({n})" + FROM_ACCOUNT_OR_HOLDER,
    _ITS_TARGETS,
    of_edge=(Clause(_AT_START.replace("{id}", "{n}.id")),),
)
OF_IT: Final = Start(
    "MATCH ({n})<-[{+r}:WHOSE|WHAT]-({+n}:Claim)",
    "MATCH ({n})" + TO_ACCOUNT_OR_HOLDER,
    _ITS_AMPLIFIERS,
    of_claim=(Clause("(type({+r}) = 'WHOSE' OR NOT EXISTS { ({+n})-[:WHOSE]->(:Entity) })"),),
    of_edge=(Clause(_AT_END.replace("{id}", "{n}.id")),),
)

# What each argument asks of a claim, of the ends of its record, and of an observed edge.
OF_CLAIM: Final[dict[str, LiteralString]] = {
    "content": "EXISTS { ({+n})-[:WHAT]->(:Entity {id: {value}}) }",
    "channel": "EXISTS { ({+n})-[:VIA]->(:Entity {id: {value}}) }",
    "channelStated": "EXISTS { ({+n})-[:VIA]->(:Entity) } = {value}",
    "channelKind": "EXISTS { ({+n})-[:VIA]->(:Channel {kind: {value}}) }",
    # As the field `narratives` finds them.
    "narrative": "EXISTS { MATCH ({+n})-[:WHAT|WHOSE*0..1]->(t)<-[:WHO*0..1]-(k:Claim)-[h:WHAT|ABOUT]->"
    "(:Entity {id: {value}}) WHERE k.known_to IS NULL AND k.status = 'accepted'"
    " AND ((k = {+n} AND type(h) = 'ABOUT') OR (t <> {+n} AND k.verb = 'SUPPORTS_NARRATIVE')) }",
    "modality": "{+n}.modality IN {value}",
    "minCount": "{+n}.count_min >= {value}",
}
OF_ENDS: Final[dict[str, LiteralString]] = {
    "amplifier": "{+a}.id = {value}",
    "amplified": "{+b}.id = {value}",
}
OF_EDGE: Final[dict[str, LiteralString]] = {
    "amplifier": _AT_START.replace("{id}", "{value}"),
    "amplified": _AT_END.replace("{id}", "{value}"),
    "channel": "{+e}.channel = {value}",
    "channelStated": "({+e}.channel IS NOT NULL) = {value}",
    "channelKind": "EXISTS { MATCH (k:Entity {id: {+e}.channel}) WHERE k.kind = {value} }",
    "minCount": "{+e}.count_min >= {value}",
}
# Rows of a dataset say nothing about these.
REPORTED_ONLY: Final = ("content", "narrative")
EDGE_DAYS: Final = Days("{+e}.first", "{+e}.last")

CHECKS: Final[dict[str, Callable[[str, Any], Any]]] = {
    **dict.fromkeys(("amplifier", "amplified", "content", "channel", "narrative"), check_entity_id),
    "channelKind": as_text,
    "modality": as_texts,
    "minCount": check_count,
}

# The ids of what is behind both ends of an observed record: accounts, and a post whose author no dataset shows.
BEHIND: LiteralString = (
    "(coalesce({e}.from_accounts, [startNode({e}).id]) + coalesce({e}.to_accounts, [endNode({e}).id]))"
)

# A row is an INTERACTED or SHARES relationship. Only those of a case have an id of their own: half a million would
# each take a record of text.
ROW_ID: LiteralString = "coalesce({r}.id, {r}.dataset + ':' + {r}.row + '>' + endNode({r}).id)"
ROW_AT: LiteralString = "coalesce({r}.at, startNode({r}).at)"


def rows_of_edge(edge: LiteralString, start: LiteralString, end: LiteralString) -> LiteralString:
    """Four ways, with the columns act, source, target: between the ends themselves, and from the accounts behind."""
    of_edge: LiteralString = (
        "act.dataset = " + edge + ".dataset AND act.kind IN ['quote', 'reshare'] AND act.feeds IS NULL"
    )
    fed: LiteralString = "act.feeds = " + edge + ".id"
    accounts: LiteralString = (
        "UNWIND coalesce(" + edge + ".from_accounts, [" + start + ".id]) AS id MATCH (source:Entity {id: id})"
    )
    by_start, by_source = _is_author(start, "post"), _is_author("source", "post")
    author: LiteralString = (
        " OPTIONAL MATCH (target:Account)-[:POSTED]->(shared) WHERE " + _is_author("target", "shared")
        + " RETURN DISTINCT act, source, target"
    )  # fmt: skip
    return (
        "MATCH (" + start + ")-[act:INTERACTED]->(" + end + ") WHERE " + of_edge
        + " RETURN act, " + start + " AS source, " + end + " AS target UNION ALL "
        + accounts + "-[act:INTERACTED]->(target:Account) WHERE " + fed + " RETURN act, source, target UNION ALL "
        + "MATCH (" + start + ")-[:POSTED]->(post:Post)-[act:SHARES]->(shared:Post) WHERE " + of_edge
        + " AND " + by_start + " AND (shared = " + end + " OR (EXISTS { (" + end + ")-[:POSTED]->(shared) } AND "
        + _is_author(end, "shared") + ")) WITH DISTINCT act, shared, " + start + " AS source" + author + " UNION ALL "
        + accounts + "-[:POSTED]->(post:Post)-[act:SHARES]->(shared:Post) WHERE " + fed + " AND " + by_source
        + " WITH DISTINCT act, shared, source" + author
    )  # fmt: skip


def _is_author(account: LiteralString, post: LiteralString) -> LiteralString:
    """Of all that datasets show to have posted it, the first: as `kb/observed.py` has it."""
    return (
        "NOT EXISTS { MATCH (" + post + ")<-[:POSTED]-(other:Account) WHERE other.id < " + account + ".id }"
    )
