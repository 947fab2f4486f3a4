"""Entities: one by its id, many by name, type and country; what every entity has, and what each type adds."""

from collections.abc import Callable, Mapping
from typing import Any, Final, LiteralString

from kb.questions.amplifications import AMPLIFIED, AMPLIFIED_BY
from kb.questions.arguments import check_country, check_entity_id, clauses
from kb.questions.claims import CURRENT, LABEL, claims_of
from kb.questions.documents import DOCUMENT, REPORT
from kb.questions.postings import OFFICIALS_THERE, POSTINGS
from kb.questions.search import find_by_search
from kb.select import Clause, Field, Many, One, Page, Part, Scalar, Step, Wanted
from schema.catalog import ENTITY_TYPES, PERSON_TYPES

_MENTIONS: Final = Wanted(
    (Part((Step("MATCH ({n})<-[{+r}:MENTIONS]-({+n}:Passage)"),), binds=("{+n}", "{+r}")),)
)

_IN_ANY_ROLE: LiteralString = "MATCH ({n})<-[:WHO|WHAT|WHOSE|VIA|AT|DURING|ABOUT]-({+n}:Claim)"
# Replies that it makes, and replies to claims in which it has a role: authored as replies, never found by software.
_REPLIES: LiteralString = (
    "MATCH ({n})<-[{+r}:SAID_BY|WHO|WHAT|WHOSE|VIA|AT|DURING|ABOUT]-({+a}:Claim)"
    "<-[:REPLIES_TO*0..1]-({+n}:Claim)"
)
_IS_REPLY: Final[tuple[LiteralString, ...]] = (
    "EXISTS { ({+n})-[:REPLIES_TO]->(:Claim) }",
    "({+n} = {+a}) = (type({+r}) = 'SAID_BY')",
    CURRENT,
)


def _always(wanted: Wanted) -> Callable[[Mapping[str, Any]], Wanted]:
    return lambda _arguments: wanted


_REPLY_ROWS: Final = Wanted(
    (Part((Step(_REPLIES, tuple(Clause(text) for text in _IS_REPLY)),), distinct=True),)
)
# The same, with names of its own: a scalar opens no row.
_REPLY_COUNT: LiteralString = (
    ("COUNT { " + _REPLIES + " WHERE " + " AND ".join(_IS_REPLY) + " RETURN DISTINCT {+n} }")
    .replace("{+n}", "claim")
    .replace("{+a}", "other")
    .replace("{+r}", "how")
)

ENTITY: Final[dict[str, Field]] = {
    "id": Scalar("{n}.id"),
    "label": LABEL,
    "name": Scalar("{n}.name"),
    "note": Scalar("{n}.note"),
    "wikidata": Scalar("{n}.wikidata"),
    "names": Many("Name", "MATCH ({n})-[:NAMED]->({+n}:Name)"),
    "mentions": Page("Mention", _always(_MENTIONS), parent="{n}.id"),
    "claims": claims_of(_IN_ANY_ROLE),
    "saidClaims": claims_of("MATCH ({n})<-[:SAID_BY]-({+n}:Claim)"),
    "replies": Page("Claim", _always(_REPLY_ROWS), parent="{n}.id"),
    "repliesRecorded": Scalar(_REPLY_COUNT),
    "amplified": AMPLIFIED,
    "amplifiedBy": AMPLIFIED_BY,
    "accounts": Many("Account", "MATCH ({n})<-[:HELD_BY]-({+n}:Account)"),
}

_COUNTRY: Final[dict[str, Field]] = {"country": Scalar("{n}.country")}
_KIND: Final[dict[str, Field]] = {"kind": Scalar("{n}.kind")}
_DATE: Final[dict[str, Field]] = {"date": Scalar("{n}.date")}
_STANDING: Final[dict[str, Field]] = {"standing": Scalar("{n}.standing")}

_OWN: Final[dict[str, dict[str, Field]]] = {
    "Person": {},
    "Influencer": {},
    "Official": {
        **_COUNTRY,
        "postings": POSTINGS,
    },
    "Embassy": {
        **_KIND,
        "sender": Scalar("{n}.sender"),
        "host": Scalar("{n}.host"),
        "officials": OFFICIALS_THERE,
    },
    "Organization": {**_KIND, **_COUNTRY, **_STANDING},
    "MediaOutlet": {"ownership": Scalar("{n}.ownership"), **_COUNTRY},
    "Tribunal": {**_STANDING, **_COUNTRY},
    "Group": {"named": Scalar("coalesce({n}.named, false)"), "size": Scalar("{n}.size")},
    "Account": {
        "platform": Scalar("{n}.platform"),
        "platformId": Scalar("{n}.platform_id"),
        "handle": Scalar("{n}.handle"),
        "pseudonym": Scalar("{n}.pseudonym"),
        "platformLabels": Scalar("coalesce({n}.platform_labels, [])"),
        "heldBy": Many("Holding", "MATCH ({n})-[{+r}:HELD_BY]->({+n}:Entity)", binds="{+n}, {+r}",
                       order="coalesce({+r}.from, ''), {+n}.id"),
    },
    "Channel": _KIND,
    "Post": {"url": Scalar("{n}.url"), "platform": Scalar("{n}.platform"), "at": Scalar("{n}.at")},
    "Content": {"description": Scalar("{n}.description")},
    "Tour": _DATE,
    "Event": {**_DATE, **_KIND},
    "Report": REPORT,
    "Document": DOCUMENT,
    "Place": _COUNTRY,
    "Topic": {},
    "Narrative": {},
    "Campaign": {},
}  # fmt: skip
ENTITIES: Final[dict[str, dict[str, Field]]] = {
    "Entity": ENTITY,
    **{name: {**ENTITY, **_OWN[name]} for name in ENTITY_TYPES},
}

ENTITY_PARTS: Final[dict[str, dict[str, Field]]] = {
    "Name": {
        "written": Scalar("{n}.written"),
        "script": Scalar("{n}.script"),
        "source": Scalar("{n}.source"),
    },
    "Mention": {"written": Scalar("{r}.written"), "passage": One("Passage")},
    "Holding": {
        "entity": One("Entity"),
        "from": Scalar("{r}.from"),
        "to": Scalar("{r}.to"),
        "basis": Scalar("{r}.basis"),
    },
}

_EVERY: LiteralString = "MATCH ({+n}:Entity)"
_CONDITIONS: Final[dict[str, LiteralString]] = {
    "types": "{+n}.type IN {value}",
    "country": "coalesce({+n}.country, {+n}.sender) = {value}",
}


def _with_subtypes(_name: str, types: list[Any]) -> list[str]:
    """The types, and for Person those that are persons as well."""
    asked = {str(name) for name in types}
    return sorted(asked | PERSON_TYPES if "Person" in asked else asked)


_CHECKS: Final[dict[str, Callable[[str, Any], Any]]] = {"types": _with_subtypes, "country": check_country}


def _find_entities(arguments: Mapping[str, Any]) -> Wanted:
    conditions = clauses(arguments, _CONDITIONS, _CHECKS)
    search = arguments.get("search")
    if search is None:
        # True of every entity; it lets the indexes over (type, id) and (id) find them in their order.
        return Wanted((Part((Step(_EVERY, (Clause("{+n}.id > ''"), *conditions)),)),))
    return Wanted((find_by_search(search, conditions),))


def _check_entity(arguments: Mapping[str, Any]) -> None:
    check_entity_id("id", arguments["id"])


MANY_ENTITIES: Final = Page("Entity", _find_entities)
ONE_ENTITY: Final = Many(
    "Entity", "MATCH ({+n}:Entity {id: {value}})", only_one=True, argument="id", check=_check_entity
)
