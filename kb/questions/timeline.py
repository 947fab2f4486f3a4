"""What one entity did, and what was said and done about it, in the order of time: each item with its source."""

from collections.abc import Mapping
from typing import Any, Final, LiteralString

from kb.questions.arguments import check_entity_id
from kb.questions.dated import CLAIM_DAYS, Days, undated, visible, within
from kb.questions.records import ROW_ID
from kb.select import Clause, Field, Key, Many, One, Page, Part, Scalar, Step, Wanted

_ROW_DAYS: Final = Days("{+r}.at", "{+r}.at")
_POSTING_DAYS: Final = Days("{+e}.from", "{+e}.to")
_POST_DAYS: Final = Days("{+b}.at", "{+b}.at")
_ALL_DAYS: Final = (CLAIM_DAYS, _ROW_DAYS, _POSTING_DAYS, _POST_DAYS)

_CLAIMS: LiteralString = (
    "MATCH (:Entity {id: {value}})<-[:WHO|WHAT|WHOSE|VIA|AT|DURING|ABOUT|SAID_BY]-({+n}:Claim)"
)
_POSTINGS: LiteralString = "MATCH (:Entity {id: {value}})-[{+e}:POSTED_AT]-(:Entity)"
_OWN_ROWS: LiteralString = "MATCH (:Entity {id: {value}})-[{+r}:INTERACTED]-(:Account)"
_OWN_POSTS: LiteralString = "MATCH ({+a}:Entity {id: {value}})-[{+r}:POSTED]->({+b}:Post)"
_ROWS_OF_HELD: LiteralString = (
    "MATCH (:Entity {id: {value}})<-[held:HELD_BY]-(:Account)-[{+r}:INTERACTED]-(:Account)"
)
_POSTS_OF_HELD: LiteralString = (
    "MATCH (:Entity {id: {value}})<-[held:HELD_BY]-({+a}:Account)-[{+r}:POSTED]->({+b}:Post)"
)

# The holder at that instant, as kb/observed.py finds it: an unknown bound covers; what has no time is the holder's
# when nothing bounds the holding.
_HELD_AT_ROW: Final = Clause(
    "(held.from IS NULL OR held.from <= coalesce({+r}.at, ''))"
    " AND (held.to IS NULL OR held.to + 'T~' >= coalesce({+r}.at, '~'))"
)
_HELD_AT_POST: Final = Clause(_HELD_AT_ROW.text.replace("{+r}", "{+b}"))

# Every branch gives the same columns in the same order: the engines match them by place.
_AS_CLAIM: LiteralString = (
    "WITH DISTINCT {+n} AS {+c} RETURN null AS {+a}, null AS {+b}, {+c}, null AS {+e}, null AS {+r},"
    " coalesce({+c}.earliest, {+c}.latest) AS {+n}"
)
_AS_POSTING: LiteralString = (
    "WITH DISTINCT {+e} RETURN startNode({+e}) AS {+a}, endNode({+e}) AS {+b}, null AS {+c}, {+e}, null AS {+r},"
    " coalesce({+e}.from, {+e}.to) AS {+n}"
)
_AS_ROW: LiteralString = (
    "WITH DISTINCT {+r} RETURN startNode({+r}) AS {+a}, endNode({+r}) AS {+b}, null AS {+c}, null AS {+e}, {+r},"
    " {+r}.at AS {+n}"
)
_AS_POST: LiteralString = (
    "WITH DISTINCT {+a}, {+b}, {+r} RETURN {+a}, {+b}, null AS {+c}, null AS {+e}, {+r}, {+b}.at AS {+n}"
)

_POSTING_ID: LiteralString = "{e}.dataset + ':' + {e}.row + '>' + {a}.id + '>' + {b}.id"
_INTERACTION_ID: LiteralString = "CASE WHEN type({r}) = 'INTERACTED' THEN " + ROW_ID + " END"
_ID: LiteralString = "coalesce({c}.id, " + _INTERACTION_ID + ", " + _POSTING_ID + ", {a}.id + '>' + {b}.id)"


def _find_timeline(arguments: Mapping[str, Any]) -> Wanted:
    value = check_entity_id("id", arguments["id"])
    dated = {days: within(days, arguments) or (_has_date(days),) for days in _ALL_DAYS}
    without_date = {days: (undated(days),) for days in _ALL_DAYS}
    seen = visible(arguments)
    return Wanted((_items(value, seen, dated),), (_items(value, seen, without_date),))


def _has_date(days: Days) -> Clause:
    return Clause("(" + days.first + " IS NOT NULL OR " + days.last + " IS NOT NULL)")


def _items(value: str, seen: tuple[Clause, ...], on: Mapping[Days, tuple[Clause, ...]]) -> Part:
    """The claims that are `seen` and whatever was observed, each on the days that `on` asks for."""
    rows, posts = on[_ROW_DAYS], on[_POST_DAYS]
    return Part(
        (
            Step("CALL () { " + _CLAIMS, (*seen, *on[CLAIM_DAYS]), value),
            Step(_AS_CLAIM + " UNION ALL " + _POSTINGS, on[_POSTING_DAYS], value),
            Step(_AS_POSTING + " UNION ALL " + _OWN_ROWS, rows, value),
            Step(_AS_ROW + " UNION ALL " + _ROWS_OF_HELD, (*rows, _HELD_AT_ROW), value),
            Step(_AS_ROW + " UNION ALL " + _OWN_POSTS, posts, value),
            Step(_AS_POST + " UNION ALL " + _POSTS_OF_HELD, (*posts, _HELD_AT_POST), value),
            Step(_AS_POST + " } WITH {+a}, {+b}, {+c}, {+e}, {+r}, {+n}"),
        ),
        binds=("{+a}", "{+b}", "{+c}", "{+e}", "{+r}", "{+n}"),
        keys=(Key("coalesce({+n}, '')"), Key(_ID.replace("{", "{+"))),
    )


TIMELINE: Final = Page("TimelineItem", _find_timeline)
TIMELINE_PARTS: Final[dict[str, dict[str, Field]]] = {
    "TimelineItem": {
        "id": Scalar(_ID),
        "basis": Scalar("CASE WHEN {c} IS NULL THEN 'observed' ELSE 'reported' END"),
        "from": Scalar("{n}"),
        "to": Scalar("coalesce({c}.latest, {e}.to, {r}.at, {b}.at)"),
        "sentence": Scalar("coalesce({c}.sentence, {c}.text)"),
        "claim": One("Claim", node="{c}", when="{c} IS NOT NULL"),
        "posting": One("Posting", when="{e} IS NOT NULL"),
        "interaction": One("Interaction", when="{r}.kind IS NOT NULL"),
        "post": One("Post", node="{b}", when="{b}.type = 'Post'"),
        "dataset": Many(
            "Dataset", "MATCH ({+n}:Dataset {id: coalesce({r}.dataset, {e}.dataset)})", only_one=True
        ),
        "row": Scalar("coalesce({r}.row, {e}.row)"),
    }
}
