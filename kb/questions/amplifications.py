"""Who amplified whom, through which channel, how often, and who says so: reported records, then observed ones.

A reported record is read from its claim, so that a sharer who is not stated still has one; an observed record is an
edge that `kb/derive.py` made of interactions. They stand in one list and are never added.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final, LiteralString

from kb.questions.arguments import check_entity_id, clauses
from kb.questions.claims import CURRENT
from kb.questions.dated import CLAIM_DAYS, asks_for_time, undated, visible, within
from kb.questions.records import (
    BEHIND,
    BY_IT,
    CHECKS,
    EDGE_DAYS,
    EVERY,
    EVERY_OBSERVED,
    IS_AMPLIFICATION,
    IS_OBSERVED,
    OF_CLAIM,
    OF_EDGE,
    OF_ENDS,
    OF_IT,
    REPORTED_ONLY,
    ROW_AT,
    ROW_ID,
    STARTS,
    Start,
    rows_of_edge,
)
from kb.select import ALWAYS, Clause, Field, Key, Many, One, Page, Part, Scalar, Step, Wanted
from schema.claims import Modality

# The variables of a record: the claim `c` or the observed edge `e`, and the ends `a` and `b`. The claim is also `n`
# while it is looked for: the conditions on claims are the same here.
_NO_CLAIM: LiteralString = "{c}"
_RECORD_ID: LiteralString = (
    "coalesce({e}.id, {c}.id + '|' + coalesce({a}.canonical, '?') + '|' + coalesce({b}.canonical, '?'))"
)

_BY_ID: LiteralString = " MATCH ({+n}:Entity {id: {+a}})"

# The rows of an edge: those between its own ends, and those that say they feed it (`kb/observed.py`).
_INTERACTIONS: Final = Part(
    (
        Step(
            "CALL ({e}, {a}, {b}) { "
            + rows_of_edge("{e}", "{a}", "{b}")
            + " } WITH act AS {+r}, source AS {+a}, target AS {+b}"
        ),
    ),
    binds=("{+r}", "{+a}", "{+b}"),
    keys=(Key("coalesce(" + ROW_AT.replace("{r}", "{+r}") + ", '~')"), Key(ROW_ID.replace("{r}", "{+r}"))),
)


def _find_interactions(_arguments: Mapping[str, Any]) -> Wanted:
    return Wanted((_INTERACTIONS,))


AMPLIFICATION: Final[dict[str, Field]] = {
    "id": Scalar(_RECORD_ID, without=(_NO_CLAIM, "{e}.id")),
    "basis": Scalar("CASE WHEN {e} IS NULL THEN 'reported' ELSE 'observed' END"),
    "sentence": Scalar("coalesce({c}.sentence, {c}.text)"),
    "amplifier": One("Entity", node="{a}", when="{a} IS NOT NULL", without=(_NO_CLAIM, ALWAYS)),
    "amplified": One("Entity", node="{b}", when="{b} IS NOT NULL", without=(_NO_CLAIM, ALWAYS)),
    "content": Many("Entity", "MATCH ({c})-[:WHAT]->({+n}:Entity)"),
    "channel": Many(
        "Entity",
        # For an expression, and for null, the embedded engine reads every entity instead of its index: 16 claims among
        # 55,000 entities took 12 s, and take 0.03 s as it is here (`make demo` with three datasets).
        "UNWIND [coalesce({e}.channel,"
        " head(COLLECT { MATCH ({c})-[:VIA]->({+b}:Entity) RETURN {+b}.id ORDER BY {+b}.id }))] AS {+a}"
        " WITH {+a} WHERE {+a} IS NOT NULL" + _BY_ID,
        only_one=True,
        without=(_NO_CLAIM, "UNWIND [{e}.channel] AS {+a} WITH {+a} WHERE {+a} IS NOT NULL" + _BY_ID),
        same=("{e}.channel", "MATCH ({+n}:Entity {id: {value}})"),
    ),
    "narratives": Many(
        "NarrativeLink",
        "MATCH ({c})-[:WHAT|WHOSE*0..1]->({+a})<-[:WHO*0..1]-({+c}:Claim)-[{+r}:WHAT|ABOUT]->({+n}:Narrative)"
        " WHERE " + CURRENT.replace("{+n}", "{+c}")
        + " AND (({+c} = {c} AND type({+r}) = 'ABOUT') OR ({+a} <> {c} AND {+c}.verb = 'SUPPORTS_NARRATIVE'))",
        binds="{+n}, {+c}",
        order="{+n}.id, {+c}.id",
    ),
    "count": One(
        "RecordCount",
        when="coalesce({e}.count, {c}.count) IS NOT NULL",
        without=(_NO_CLAIM, "{e}.count IS NOT NULL"),
    ),
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
    "accounts": Many(
        "Account", "UNWIND " + BEHIND + " AS {+a} MATCH ({+n}:Entity {id: {+a}}) WHERE {+n}:Account"
    ),
    "interactions": Page(
        "Interaction",
        _find_interactions,
        parent=_RECORD_ID,
        node="{+r}",
    ),
}  # fmt: skip

AMPLIFICATION_PARTS: Final[dict[str, dict[str, Field]]] = {
    "RecordCount": {
        "text": Scalar("coalesce({e}.count, {c}.count)", without=(_NO_CLAIM, "{e}.count")),
        "min": Scalar("coalesce({e}.count_min, {c}.count_min)", without=(_NO_CLAIM, "{e}.count_min")),
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
        "id": Scalar(ROW_ID),
        "kind": Scalar("{r}.kind"),
        "at": Scalar(ROW_AT),
        "dataset": Scalar("{r}.dataset"),
        "row": Scalar("{r}.row"),
        "source": One("Account", node="{a}"),
        "target": One("Account", node="{b}", when="{b} IS NOT NULL"),
        "post": Many("Post", "MATCH ({+n}:Entity {id: startNode({r}).id}) WHERE {+n}:Post", only_one=True),
        "shared": Many("Post", "MATCH ({+n}:Entity {id: endNode({r}).id}) WHERE {+n}:Post", only_one=True),
    },
}


_REPORTED_KEYS: Final = (
    Key("coalesce({+c}.count_min, -1)", descending=True),
    Key("{+c}.id + '|' + coalesce({+a}.canonical, '?') + '|' + coalesce({+b}.canonical, '?')"),
)
# Both descending, so that a page of a channel is the end of an index.
_OBSERVED_KEYS: Final = (Key("{+e}.count_min", descending=True), Key("{+e}.id", descending=True))


def _wanted(start: Start, value: object, arguments: Mapping[str, Any]) -> Wanted:
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
    is_reported_only = any(asked.get(name) is not None for name in REPORTED_ONLY)
    if basis in (None, "observed") and Modality.ASSERTED in modalities and not is_reported_only:
        parts.append(_observed(start, value, asked, within(EDGE_DAYS, asked)))
        without_date += [_observed(start, value, asked, (undated(EDGE_DAYS),))] if in_time else []
    return Wanted(tuple(parts), tuple(without_date), modalities)


def _reported(start: Start, value: object, asked: Mapping[str, Any], dated: tuple[Clause, ...]) -> Part:
    of_claim = (
        IS_AMPLIFICATION,
        *start.of_claim,
        *visible(asked),
        *clauses(asked, OF_CLAIM, CHECKS),
        *dated,
    )
    of_ends = clauses(asked, OF_ENDS, CHECKS)
    steps = (Step(start.reported, of_claim, value), Step(start.ends, of_ends))
    return Part(steps, binds=("{+c}", "{+a}", "{+b}"), nulls=("{+e}",), keys=_REPORTED_KEYS)


def _observed(start: Start, value: object, asked: Mapping[str, Any], dated: tuple[Clause, ...]) -> Part:
    conditions = (IS_OBSERVED, *start.of_edge, *clauses(asked, OF_EDGE, CHECKS), *dated)
    steps = (Step(start.observed, conditions, value),)
    return Part(
        steps,
        binds=("{+e}", "{+a}", "{+b}"),
        nulls=("{+c}",),
        keys=_OBSERVED_KEYS,
        # Only what is reached through holders can be met twice; telling that costs the order of an index.
        distinct=start.observed != EVERY_OBSERVED,
        shared=start.same_of_edges,
        value=value,
    )


def _find_amplifications(arguments: Mapping[str, Any]) -> Wanted:
    for name, start in STARTS.items():
        if arguments.get(name) is not None:
            return _wanted(start, check_entity_id(name, arguments[name]), arguments)
    return _wanted(EVERY, None, arguments)


def _find_of_entity(start: Start, arguments: Mapping[str, Any]) -> Wanted:
    return _wanted(start, None, arguments.get("filter") or {})


AMPLIFICATIONS: Final = Page("Amplification", _find_amplifications)
AMPLIFIED: Final = Page("Amplification", partial(_find_of_entity, BY_IT), parent="{n}.id")
AMPLIFIED_BY: Final = Page("Amplification", partial(_find_of_entity, OF_IT), parent="{n}.id")
