"""The ledger: one claim, and claims by verb, role, voice, kind, time and document."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, LiteralString

from kb.questions.arguments import (
    as_lower_case,
    as_text,
    as_texts,
    check_case_id,
    check_claim_id,
    check_entity_id,
    clauses,
)
from kb.questions.dated import CLAIM_DAYS, asks_for_time, undated, visible, within
from kb.select import CLAIM_ROW, Clause, Field, Key, Many, One, Page, Part, Scalar, Step, Wanted
from schema.claims import Modality

# A claim that answers show unless they are asked for others.
CURRENT: Final = "{+n}.known_to IS NULL AND {+n}.status = 'accepted'"

# An accepted claim may name a suggested one; nobody has accepted that yet, so it is not shown.
_NOT_SUGGESTED: Final = " WHERE coalesce({+n}.status, '') <> 'suggested'"

# One expression for claims and entities: a thing may be either.
LABEL: Final = Scalar("coalesce({n}.name, {n}.sentence, {n}.text)", without=(CLAIM_ROW, "{n}.name"))

# Passages of one document stand together, in the order of its text: the id is <document>:<start>-<end>.
READING_ORDER: Final = (
    "substring({+n}.id, 0, size({+n}.id) - size(toString({+n}.start)) - size(toString({+n}.end)) - 2), "
    "{+n}.start"
)

CLAIM: Final[dict[str, Field]] = {
    "id": Scalar("{n}.id"),
    "label": LABEL,
    "case": Scalar("{n}.case"),
    "version": Scalar("{n}.version"),
    "verb": Scalar("{n}.verb"),
    "text": Scalar("{n}.text"),
    "sentence": Scalar("coalesce({n}.sentence, {n}.text)"),
    "objectText": Scalar("{n}.object_text"),
    "frequency": Scalar("{n}.frequency"),
    "kind": Scalar("{n}.kind"),
    "modality": Scalar("{n}.modality"),
    "status": Scalar("{n}.status"),
    "count": One("Count", when="{n}.count IS NOT NULL"),
    "when": One("When"),
    "who": Many("Thing", "MATCH ({n})-[:WHO]->({+n})" + _NOT_SUGGESTED),
    "what": Many("Thing", "MATCH ({n})-[:WHAT]->({+n})" + _NOT_SUGGESTED),
    "whose": Many("Entity", "MATCH ({n})-[:WHOSE]->({+n}:Entity)"),
    "via": Many("Entity", "MATCH ({n})-[:VIA]->({+n}:Entity)"),
    "at": Many("Entity", "MATCH ({n})-[:AT]->({+n}:Entity)"),
    "during": Many("Entity", "MATCH ({n})-[:DURING]->({+n}:Entity)"),
    "about": Many("Entity", "MATCH ({n})-[:ABOUT]->({+n}:Entity)"),
    "saidBy": Many("SaidBy", "MATCH ({n})-[:SAID_BY]->({+n}:Entity)"),
    "shownIn": Many(
        "ShownIn", "MATCH ({n})-[{+r}:SHOWN_IN]->({+n}:Passage)", order=READING_ORDER, binds="{+n}, {+r}"
    ),
    "documents": Scalar("{n}.documents"),
    "origins": One("Origins"),
    "inside": Many(
        "Claim",
        "MATCH {+e} = ({n})-[:INSIDE*1..20]->({+n}:Claim)",
        binds="{+n}, length({+e}) AS {+a}",
        order="{+a}, {+n}.id",
    ),
    "contested": Scalar("coalesce({n}.contested, false)"),
    "contestedDirectly": Scalar("coalesce({n}.contested_direct, false)"),
    # On the claim itself at any level, and on the exact voice that says it at level source; but no claim is contested
    # by what it says itself about its own voice.
    "disputedBy": Many(
        "Contest",
        "MATCH ({n})-[:SAID_BY*0..1]->({+b})<-[{+r}:DISPUTES]-({+n}:Claim) WHERE " + CURRENT
        + " AND ({+b} = {n} OR ({+r}.level = 'source' AND {+n}.id <> {n}.id))",
        binds="{+n}, {+r}, {+b}",
        order="{+n}.id, {+b}.id",
    ),
    "disputes": Many("Dispute", "MATCH ({n})-[{+r}:DISPUTES]->({+n})", binds="{+n}, {+r}"),
    "supports": Many("Claim", "MATCH ({n})-[:SUPPORTS]->({+n}:Claim) WHERE " + CURRENT),
    "supportedBy": Many("Claim", "MATCH ({n})<-[:SUPPORTS]-({+n}:Claim) WHERE " + CURRENT),
    "repliesTo": Many("Claim", "MATCH ({n})-[:REPLIES_TO]->({+n}:Claim) WHERE " + CURRENT),
    "replies": Many("Claim", "MATCH ({n})<-[:REPLIES_TO]-({+n}:Claim) WHERE " + CURRENT),
    "replacedBy": Many("Claim", "MATCH ({n})<-[:REPLACES]-({+n}:Claim)", only_one=True),
    "history": Many(
        "Version",
        "MATCH {+e} = ({n})-[:REPLACES*1..1000]->({+n}:Claim)",
        binds="{+n}, last(relationships({+e})) AS {+r}, length({+e}) AS {+a}",
        order="{+a}",
    ),
    "grade": One("Grade"),
    "note": Scalar("{n}.note"),
    "enteredBy": Scalar("{n}.entered_by"),
    "enteredAt": Scalar("{n}.entered_at"),
    "knownFrom": Scalar("{n}.known_from"),
    "knownTo": Scalar("{n}.known_to"),
}  # fmt: skip

# Types whose fields stand on the row of a claim, or hang on it by one relationship.
CLAIM_PARTS: Final[dict[str, dict[str, Field]]] = {
    "Count": {
        "text": Scalar("{n}.count"),
        "min": Scalar("{n}.count_min"),
        "max": Scalar("{n}.count_max"),
        "unit": Scalar("{n}.unit"),
    },
    "When": {
        "edtf": Scalar("{n}.date"),
        "literal": Scalar("{n}.date_text"),
        "basis": Scalar("coalesce({n}.date_basis, 'not_stated')"),
        "reason": Scalar("{n}.date_reason"),
        "earliest": Scalar("{n}.earliest"),
        "latest": Scalar("{n}.latest"),
    },
    "SaidBy": {"entity": One("Entity"), "standing": Scalar("{n}.standing")},
    "ShownIn": {"passage": One("Passage"), "attribution": Scalar("{r}.attribution")},
    "Origins": {
        "count": Scalar("{n}.origins"),
        # As kb/derive.py counts them: each voice followed to its roots; a work and its publisher are one origin.
        "roots": Many(
            "Entity",
            "MATCH ({n})-[:SAID_BY]->(:Entity)-[:COPIES*0..20]->({+a}:Entity)"
            " WHERE NOT EXISTS { ({+a})-[:COPIES]->(:Document) }"
            " OPTIONAL MATCH ({+a})-[:PUBLISHED_UNDER]->({+b}:Entity)",
            binds="coalesce({+b}, {+a}) AS {+n}",
        ),
        "chain": Many(
            "Copy",
            "MATCH ({n})-[:SHOWN_IN]->(:Passage)-[:PART_OF]->(:Document)-[:COPIES*0..20]->({+a}:Document)"
            "-[{+r}:COPIES]->({+n}:Document)",
            binds="{+a}, {+r}, {+n}",
            order="{+a}.id, {+n}.id",
        ),
    },
    "Contest": {
        "claim": One("Claim"),
        "level": Scalar("{r}.level"),
        "scope": Scalar("{r}.scope"),
        "source": One("Entity", node="{b}", when="{r}.level = 'source'"),
    },
    "Dispute": {"target": One("Thing"), "level": Scalar("{r}.level"), "scope": Scalar("{r}.scope")},
    "Version": {"claim": One("Claim"), "reason": Scalar("{r}.reason")},
    "Grade": {
        "source": Scalar("coalesce({n}.grade_source, 'F')"),
        "information": Scalar("coalesce({n}.grade_information, 6)"),
        "reason": Scalar("{n}.grade_reason"),
    },
}

_ROLES: Final[dict[str, LiteralString]] = {
    "who": "WHO",
    "what": "WHAT",
    "whose": "WHOSE",
    "via": "VIA",
    "at": "AT",
    "during": "DURING",
    "about": "ABOUT",
    "entity": "WHO|WHAT|WHOSE|VIA|AT|DURING|ABOUT",
    "saidBy": "SAID_BY",
}
# What each argument asks of a claim.
_CONDITIONS: Final[dict[str, LiteralString]] = {
    **{name: "EXISTS { ({+n})-[:" + kinds + "]->(:Entity {id: {value}}) }" for name, kinds in _ROLES.items()},
    "document": "EXISTS { ({+n})-[:SHOWN_IN]->(:Passage)-[:PART_OF]->(:Entity {id: {value}}) }",
    "verb": "{+n}.verb = {value}",
    "case": "{+n}.case = {value}",
    "kind": "{+n}.kind IN {value}",
    "modality": "{+n}.modality IN {value}",
    "contested": "coalesce({+n}.contested, false) = {value}",
    "text": "toLower({+n}.sentence) CONTAINS {value}",
}
# The ways to start, the most telling first. Each finds what its condition above lets through.
_STARTS: Final[dict[str, LiteralString]] = {
    **{
        name: "MATCH (:Entity {id: {value}})<-[:" + kinds + "]-({+n}:Claim)" for name, kinds in _ROLES.items()
    },
    "document": "MATCH (:Entity {id: {value}})<-[:PART_OF]-(:Passage)<-[:SHOWN_IN]-({+n}:Claim)",
    "verb": "MATCH ({+n}:Claim {verb: {value}})",
    "case": "MATCH ({+n}:Claim {case: {value}})",
}
_EVERY: LiteralString = "MATCH ({+n}:Claim)"
# True of every claim; it lets the indexes over (verb, id) and (id) find them in their order.
_IN_ORDER: Final = Clause("{+n}.id > ''")


_CHECKS: Final[dict[str, Callable[[str, Any], Any]]] = {
    **dict.fromkeys((*_ROLES, "document"), check_entity_id),
    "case": check_case_id,
    "kind": as_texts,
    "modality": as_texts,
    "verb": as_text,
    "text": as_lower_case,
}

# Undated claims come last, and a page can go on behind them.
_BY: Final[dict[str, tuple[Key, ...]]] = {
    "ID": (Key("{+n}.id"),),
    "EARLIEST": (Key("coalesce({+n}.earliest, '~')"), Key("{+n}.id")),
    "LATEST": (Key("coalesce({+n}.latest, '')", descending=True), Key("{+n}.id")),
}


def _wanted(start: LiteralString, value: object, own: str | None, arguments: Mapping[str, Any]) -> Wanted:
    """Claims that `start` finds and the filter lets through; `own` is the argument that `start` stands for."""
    asked: Mapping[str, Any] = arguments.get("filter") or {}
    common = (
        *((_IN_ORDER,) if start in (_EVERY, _STARTS["verb"]) else ()),
        *visible(asked),
        *clauses(asked, _CONDITIONS, _CHECKS, apart_from=() if own is None else (own,)),
    )
    keys = _BY[str(arguments.get("orderBy") or "ID")]

    def part(*dated: Clause) -> Part:
        return Part((Step(start, (*common, *dated), value),), keys=keys, distinct=True)

    without_date = (part(undated(CLAIM_DAYS)),) if asks_for_time(asked) else ()
    modalities = tuple(as_texts("modality", asked.get("modality") or list(Modality)))
    return Wanted((part(*within(CLAIM_DAYS, asked)),), without_date, modalities)


def _find_claims(arguments: Mapping[str, Any]) -> Wanted:
    asked: Mapping[str, Any] = arguments.get("filter") or {}
    for name, start in _STARTS.items():
        if asked.get(name) is not None:
            check = _CHECKS.get(name)
            return _wanted(start, check(name, asked[name]) if check else asked[name], name, arguments)
    return _wanted(_EVERY, None, None, arguments)


def claims_of(match: LiteralString) -> Page:
    """A page of the claims that `match` finds from the row `{n}`, with the same filter and orders as `claims`."""
    return Page("Claim", partial(_wanted, match, None, None), parent="{n}.id")


def _check_claim(arguments: Mapping[str, Any]) -> None:
    check_claim_id("id", arguments["id"])


CLAIMS: Final = Page("Claim", _find_claims)
ONE_CLAIM: Final = Many(
    "Claim", "MATCH ({+n}:Claim {id: {value}})", only_one=True, argument="id", check=_check_claim
)
