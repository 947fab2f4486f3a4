"""Who holds which post: postings that a dataset shows and role claims, each with its source."""

from collections.abc import Mapping
from typing import Any, Final, LiteralString

from kb.questions.arguments import check_entity_id
from kb.questions.dated import Days, undated, within
from kb.select import Field, Key, Many, One, Page, Part, Scalar, Step, Wanted

# Rows of a dataset (`e`) and claims (`c`), of an official (`a`) at a body (`b`).
_OF_OFFICIAL: LiteralString = (
    "CALL ({n}) { MATCH ({n})-[{+e}:POSTED_AT]->({+b}:Entity)"
    " RETURN {n} AS {+a}, {+b}, {+e}, null AS {+c}"
    " UNION ALL MATCH ({n})<-[:WHO]-({+c}:Claim) WHERE {+c}.verb = 'HOLDS_ROLE'"
    " AND {+c}.known_to IS NULL AND {+c}.status = 'accepted' OPTIONAL MATCH ({+c})-[:WHAT|AT]->({+b}:Entity)"
    " RETURN {n} AS {+a}, {+b}, null AS {+e}, {+c} }"
)
_AT_BODY: LiteralString = (
    "CALL ({n}) { MATCH ({n})<-[{+e}:POSTED_AT]-({+a}:Entity)"
    " RETURN {+a}, {n} AS {+b}, {+e}, null AS {+c}"
    " UNION ALL MATCH ({n})<-[:WHAT|AT]-({+c}:Claim) WHERE {+c}.verb = 'HOLDS_ROLE'"
    " AND {+c}.known_to IS NULL AND {+c}.status = 'accepted' MATCH ({+c})-[:WHO]->({+a}:Entity)"
    " RETURN {+a}, {n} AS {+b}, null AS {+e}, {+c} }"
)
_VARIABLES: Final = ("{+a}", "{+b}", "{+c}", "{+e}")
_DAYS: Final = Days("coalesce({+e}.from, {+c}.earliest)", "coalesce({+e}.to, {+c}.latest)")
_SOURCE: LiteralString = "coalesce({+c}.id, {+e}.dataset + '/' + {+e}.row) + '>' + coalesce({+b}.id, '')"


def _postings(match: LiteralString) -> Many:
    return Many(
        "Posting",
        match,
        binds=", ".join(_VARIABLES),
        order="coalesce({+e}.from, {+c}.earliest, '~'), {+a}.id, " + _SOURCE,
    )


POSTINGS: Final = _postings(_OF_OFFICIAL)
OFFICIALS_THERE: Final = _postings(_AT_BODY)


def _find_officials(arguments: Mapping[str, Any]) -> Wanted:
    embassy = arguments.get("embassy")
    if embassy is None:
        found = Step("MATCH ({+n}:Official) " + _OF_OFFICIAL.replace("{n}", "{+n}"))
    else:
        check_entity_id("embassy", embassy)
        found = Step("MATCH ({+n}:Entity {id: {value}}) " + _AT_BODY.replace("{n}", "{+n}"), value=embassy)
    asked = {"validAt": arguments.get("at")}

    def part(*conditions: Any) -> Part:
        return Part(
            (found, Step("WITH " + ", ".join(_VARIABLES), conditions)),
            binds=_VARIABLES,
            keys=(Key("{+a}.name"), Key("{+a}.id"), Key("coalesce(" + _DAYS.first + ", '~')"), Key(_SOURCE)),
            distinct=True,
        )

    return Wanted((part(*within(_DAYS, asked)),), (part(undated(_DAYS)),) if asked["validAt"] else ())


OFFICIALS: Final = Page("Posting", _find_officials)
POSTING_PARTS: Final[dict[str, dict[str, Field]]] = {
    "Posting": {
        "role": Scalar("CASE WHEN {e} IS NULL THEN coalesce({c}.object_text, {b}.name) ELSE {e}.role END"),
        "official": One("Entity", node="{a}"),
        "body": One("Entity", node="{b}", when="{b} IS NOT NULL"),
        "from": Scalar("coalesce({e}.from, {c}.earliest)"),
        "to": Scalar("coalesce({e}.to, {c}.latest)"),
        "claim": One("Claim", node="{c}", when="{c} IS NOT NULL"),
        "dataset": Scalar("{e}.dataset"),
        "row": Scalar("{e}.row"),
    }
}
