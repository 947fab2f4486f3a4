"""Who amplified whom, through which channel, how often, and who says so: reported records, then observed ones.

A reported record is read from its claim, so that a sharer who is not stated still has one; an observed record is an
edge that `kb/derive.py` made of interactions. They stand in one list and are never added.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, LiteralString, NamedTuple

from kb.questions.arguments import as_text, as_texts, check_count, check_entity_id, clauses
from kb.questions.claims import CURRENT
from kb.questions.dated import CLAIM_DAYS, Days, asks_for_time, undated, visible, within
from kb.select import Clause, Field, Key, Many, One, Page, Part, Scalar, Step, Wanted
from schema.claims import Modality

# The variables of a record: the claim `c` or the observed edge `e`, and the ends `a` and `b`. The claim is also `n`
# while it is looked for: the conditions on claims are the same here.
_RECORD_ID: LiteralString = (
    "coalesce({e}.id, {c}.id + '|' + coalesce({a}.canonical, '?') + '|' + coalesce({b}.canonical, '?'))"
)

_INTERACTIONS: Final = Part(
    (Step("MATCH ({+a}:Account)-[{+r}:INTERACTED]->({+b}:Account)", (Clause("{+r}.feeds = {e}.id"),)),),
    binds=("{+r}", "{+a}", "{+b}"),
    keys=(Key("coalesce({+r}.at, '~')"), Key("{+r}.id")),
)


def _find_interactions(_arguments: Mapping[str, Any]) -> Wanted:
    return Wanted((_INTERACTIONS,))


AMPLIFICATION: Final[dict[str, Field]] = {
    "id": Scalar(_RECORD_ID),
    "basis": Scalar("CASE WHEN {e} IS NULL THEN 'reported' ELSE 'observed' END"),
    "sentence": Scalar("coalesce({c}.sentence, {c}.text)"),
    "amplifier": One("Entity", node="{a}", when="{a} IS NOT NULL"),
    "amplified": One("Entity", node="{b}", when="{b} IS NOT NULL"),
    "content": Many("Entity", "MATCH ({c})-[:WHAT]->({+n}:Entity)"),
    "channel": Many(
        "Entity",
        "MATCH ({+n}:Entity {id: coalesce({e}.channel,"
        " head(COLLECT { MATCH ({c})-[:VIA]->({+b}:Entity) RETURN {+b}.id }))})",
        only_one=True,
    ),
    "narratives": Many(
        "NarrativeLink",
        "MATCH ({c})-[:WHAT|WHOSE*0..1]->({+a})<-[:WHO*0..1]-({+c}:Claim)-[{+r}:WHAT|ABOUT]->({+n}:Narrative)"
        " WHERE " + CURRENT.replace("{+n}", "{+c}")
        + " AND (({+c} = {c} AND type({+r}) = 'ABOUT') OR ({+a} <> {c} AND {+c}.verb = 'SUPPORTS_NARRATIVE'))",
        binds="{+n}, {+c}",
        order="{+n}.id, {+c}.id",
    ),
    "count": One("RecordCount", when="coalesce({e}.count, {c}.count) IS NOT NULL"),
    "claim": One("Claim", node="{c}", when="{c} IS NOT NULL"),
    "saidBy": Many("SaidBy", "MATCH ({c})-[:SAID_BY]->({+n}:Entity)"),
    "modality": Scalar("{c}.modality"),
    "when": One("When", node="{c}", when="{c} IS NOT NULL"),
    "documents": Scalar("{c}.documents"),
    "independentOrigins": Scalar("{c}.origins"),
    "contested": Scalar("coalesce({c}.contested, false)"),
    "replies": Many("Claim", "MATCH ({c})<-[:REPLIES_TO]-({+n}:Claim) WHERE " + CURRENT),
    "dataset": Many("Dataset", "MATCH ({+n}:Dataset {id: {e}.dataset})", only_one=True),
    "first": Scalar("{e}.first"),
    "last": Scalar("{e}.last"),
    "undated": Scalar("{e}.undated"),
    "boundsUnknown": Scalar("{e}.bounds_unknown"),
    "accounts": Many("Account", "UNWIND {e}.accounts AS {+a} MATCH ({+n}:Entity {id: {+a}})"),
    "interactions": Page(
        "Interaction",
        _find_interactions,
        parent=_RECORD_ID,
        node="{+r}",
    ),
}  # fmt: skip

AMPLIFICATION_PARTS: Final[dict[str, dict[str, Field]]] = {
    "RecordCount": {
        "text": Scalar("coalesce({e}.count, {c}.count)"),
        "min": Scalar("coalesce({e}.count_min, {c}.count_min)"),
        "max": Scalar("{c}.count_max"),
        "unit": Scalar("coalesce({e}.unit, {c}.unit)"),
    },
    "NarrativeLink": {"narrative": One("Narrative"), "claim": One("Claim", node="{c}")},
    "Dataset": {
        "id": Scalar("{n}.id"),
        "title": Scalar("{n}.title"),
        "publisher": Scalar("{n}.publisher"),
        "licence": Scalar("{n}.licence"),
    },
    "Interaction": {
        "id": Scalar("{r}.id"),
        "kind": Scalar("{r}.kind"),
        "at": Scalar("{r}.at"),
        "dataset": Scalar("{r}.dataset"),
        "row": Scalar("{r}.row"),
        "source": One("Account", node="{a}"),
        "target": One("Account", node="{b}"),
    },
}


_IS_AMPLIFICATION: Final = Clause("{+n}.verb = 'AMPLIFIED'")
_IS_OBSERVED: Final = Clause("{+e}.basis = 'observed'")

# From a claim to the ends of its records: whoever did it; the creator, else the thing itself.
_AMPLIFIERS: LiteralString = " OPTIONAL MATCH ({+c})-[:WHO]->({+a}:Entity)"
_TARGETS: LiteralString = (
    " OPTIONAL MATCH ({+c})-[:WHOSE]->({+r}:Entity) OPTIONAL MATCH ({+c})-[:WHAT]->({+b}:Entity)"
)
_BOTH_ENDS: LiteralString = (
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


class _Start(NamedTuple):
    """A way to start: how it finds the claims and then the ends of their records, and how the observed edges."""

    reported: LiteralString
    observed: LiteralString
    ends: LiteralString = _BOTH_ENDS
    of_claim: tuple[Clause, ...] = ()
    of_edge: tuple[Clause, ...] = ()


_REPORTED_KEYS: Final = (
    Key("coalesce({+c}.count_min, -1)", descending=True),
    Key("{+c}.id + '|' + coalesce({+a}.canonical, '?') + '|' + coalesce({+b}.canonical, '?')"),
)
_OBSERVED_KEYS: Final = (Key("{+e}.count_min", descending=True), Key("{+e}.id"))

# An account has, beside its own, the records of its holder that its interactions feed.
_FROM_ACCOUNT_OR_HOLDER: LiteralString = "-[:HELD_BY*0..1]->({+a}:Entity)-[{+e}:AMPLIFIED]->({+b}:Entity)"
_TO_ACCOUNT_OR_HOLDER: LiteralString = "-[:HELD_BY*0..1]->({+b}:Entity)<-[{+e}:AMPLIFIED]-({+a}:Entity)"
_EVERY_OBSERVED: LiteralString = "MATCH ({+a}:Entity)-[{+e}:AMPLIFIED]->({+b}:Entity)"

_STARTS: Final[dict[str, _Start]] = {
    "amplifier": _Start(
        "MATCH (:Entity {id: {value}})<-[:WHO]-({+n}:Claim)",
        "MATCH (:Entity {id: {value}})" + _FROM_ACCOUNT_OR_HOLDER,
    ),
    "amplified": _Start(
        "MATCH (:Entity {id: {value}})<-[:WHOSE|WHAT]-({+n}:Claim)",
        "MATCH (:Entity {id: {value}})" + _TO_ACCOUNT_OR_HOLDER,
    ),
    "content": _Start("MATCH (:Entity {id: {value}})<-[:WHAT]-({+n}:Claim)", _EVERY_OBSERVED),
    "channel": _Start("MATCH (:Entity {id: {value}})<-[:VIA]-({+n}:Claim)", _EVERY_OBSERVED),
}
# The condition on the id is true of every claim; it lets the index over (verb, id) find them.
_EVERY: Final = _Start("MATCH ({+n}:Claim)", _EVERY_OBSERVED, of_claim=(Clause("{+n}.id > ''"),))
_BY_IT: Final = _Start(
    "MATCH ({n})<-[:WHO]-({+n}:Claim)",
    "MATCH ({n})" + _FROM_ACCOUNT_OR_HOLDER,
    _ITS_TARGETS,
    of_edge=(Clause("({+a} = {n} OR {n}.id IN {+e}.accounts)"),),
)
_OF_IT: Final = _Start(
    "MATCH ({n})<-[{+r}:WHOSE|WHAT]-({+n}:Claim)",
    "MATCH ({n})" + _TO_ACCOUNT_OR_HOLDER,
    _ITS_AMPLIFIERS,
    of_claim=(Clause("(type({+r}) = 'WHOSE' OR NOT EXISTS { ({+n})-[:WHOSE]->(:Entity) })"),),
    of_edge=(Clause("({+b} = {n} OR {n}.id IN {+e}.accounts)"),),
)

# What each argument asks of a claim, of the ends of its record, and of an observed edge.
_OF_CLAIM: Final[dict[str, LiteralString]] = {
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
_OF_ENDS: Final[dict[str, LiteralString]] = {
    "amplifier": "{+a}.id = {value}",
    "amplified": "{+b}.id = {value}",
}
_OF_EDGE: Final[dict[str, LiteralString]] = {
    "amplifier": "({+a}.id = {value} OR {value} IN {+e}.accounts)",
    "amplified": "({+b}.id = {value} OR {value} IN {+e}.accounts)",
    "channel": "{+e}.channel = {value}",
    "channelStated": "({+e}.channel IS NOT NULL) = {value}",
    "channelKind": "EXISTS { MATCH (k:Entity {id: {+e}.channel}) WHERE k.kind = {value} }",
    "minCount": "{+e}.count_min >= {value}",
}
# Rows of a dataset say nothing about these.
_REPORTED_ONLY: Final = ("content", "narrative")
_EDGE_DAYS: Final = Days("{+e}.first", "{+e}.last")

_CHECKS: Final[dict[str, Callable[[str, Any], Any]]] = {
    **dict.fromkeys(("amplifier", "amplified", "content", "channel", "narrative"), check_entity_id),
    "channelKind": as_text,
    "modality": as_texts,
    "minCount": check_count,
}


def _wanted(start: _Start, value: object, arguments: Mapping[str, Any]) -> Wanted:
    asked = {**arguments, "modality": arguments.get("modality") or [Modality.ASSERTED]}
    modalities = tuple(str(modality) for modality in asked["modality"])
    basis = asked.get("basis")
    in_time = asks_for_time(asked)
    parts: list[Part] = []
    without_date: list[Part] = []
    if basis in (None, "reported"):
        parts.append(_reported(start, value, asked, within(CLAIM_DAYS, asked)))
        without_date += [_reported(start, value, asked, (undated(CLAIM_DAYS),))] if in_time else []
    # An observed row asserts; it has no other modality.
    is_reported_only = any(asked.get(name) is not None for name in _REPORTED_ONLY)
    if basis in (None, "observed") and Modality.ASSERTED in modalities and not is_reported_only:
        parts.append(_observed(start, value, asked, within(_EDGE_DAYS, asked)))
        without_date += [_observed(start, value, asked, (undated(_EDGE_DAYS),))] if in_time else []
    return Wanted(tuple(parts), tuple(without_date), modalities)


def _reported(start: _Start, value: object, asked: Mapping[str, Any], dated: tuple[Clause, ...]) -> Part:
    of_claim = (
        _IS_AMPLIFICATION,
        *start.of_claim,
        *visible(asked),
        *clauses(asked, _OF_CLAIM, _CHECKS),
        *dated,
    )
    of_ends = clauses(asked, _OF_ENDS, _CHECKS)
    steps = (Step(start.reported, of_claim, value), Step(start.ends, of_ends))
    return Part(steps, binds=("{+c}", "{+a}", "{+b}"), nulls=("{+e}",), keys=_REPORTED_KEYS)


def _observed(start: _Start, value: object, asked: Mapping[str, Any], dated: tuple[Clause, ...]) -> Part:
    conditions = (_IS_OBSERVED, *start.of_edge, *clauses(asked, _OF_EDGE, _CHECKS), *dated)
    steps = (Step(start.observed, conditions, value),)
    return Part(steps, binds=("{+e}", "{+a}", "{+b}"), nulls=("{+c}",), keys=_OBSERVED_KEYS, distinct=True)


def _find_amplifications(arguments: Mapping[str, Any]) -> Wanted:
    for name, start in _STARTS.items():
        if arguments.get(name) is not None:
            return _wanted(start, check_entity_id(name, arguments[name]), arguments)
    return _wanted(_EVERY, None, arguments)


def _find_of_entity(start: _Start, arguments: Mapping[str, Any]) -> Wanted:
    return _wanted(start, None, arguments.get("filter") or {})


AMPLIFICATIONS: Final = Page("Amplification", _find_amplifications)
AMPLIFIED: Final = Page("Amplification", partial(_find_of_entity, _BY_IT), parent="{n}.id")
AMPLIFIED_BY: Final = Page("Amplification", partial(_find_of_entity, _OF_IT), parent="{n}.id")
