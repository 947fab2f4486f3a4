"""The listings people expect: one type each, by name, narrowed by what that type is looked for by."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, LiteralString

from kb.questions.arguments import check_country, check_passage_id, clauses
from kb.select import Clause, Field, Key, Many, Page, Part, Scalar, Step, Wanted

BY_NAME: Final = (Key("{+n}.name"), Key("{+n}.id"))

_EMBASSIES: Final[dict[str, LiteralString]] = {
    "country": "({+n}.host = {value} OR EXISTS { ({+n})-[:LOCATED_IN]->(:Place {country: {value}}) })",
    "sender": "({+n}.sender = {value} OR EXISTS { ({+n})-[:SENT_BY]->(:Place {country: {value}}) })",
}
_CHECKS: Final[dict[str, Callable[[str, Any], Any]]] = dict.fromkeys(_EMBASSIES, check_country)


def _find(
    match: LiteralString,
    conditions: Mapping[str, LiteralString],
    keys: tuple[Key, ...],
    arguments: Mapping[str, Any],
) -> Wanted:
    where: tuple[Clause, ...] = clauses(arguments, conditions, _CHECKS)
    return Wanted((Part((Step(match, where),), keys=keys),))


def _listing(
    kind: LiteralString,
    conditions: Mapping[str, LiteralString] | None = None,
    keys: tuple[Key, ...] = BY_NAME,
) -> Page:
    return Page(kind, partial(_find, "MATCH ({+n}:" + kind + ")", conditions or {}, keys))


def _check_passage(arguments: Mapping[str, Any]) -> None:
    check_passage_id("id", arguments["id"])


_NEWEST: Final = (Key("{+n}.at", descending=True), Key("{+n}.id"))

LISTINGS: Final[dict[str, Field]] = {
    "embassies": _listing("Embassy", _EMBASSIES),
    "tours": _listing("Tour"),
    "reports": _listing("Report"),
    "tribunals": _listing("Tribunal"),
    "influencers": _listing("Influencer"),
    "narratives": _listing("Narrative"),
    "datasets": _listing("Dataset", keys=(Key("{+n}.title"), Key("{+n}.id"))),
    "runs": _listing("Run", keys=_NEWEST),
    "passage": Many(
        "Passage", "MATCH ({+n}:Passage {id: {value}})", only_one=True, argument="id", check=_check_passage
    ),
}

LISTING_PARTS: Final[dict[str, dict[str, Field]]] = {
    "Run": {
        "id": Scalar("{n}.id"),
        "source": Scalar("{n}.source"),
        "at": Scalar("{n}.at"),
        "contentSha256": Scalar("{n}.content_sha256"),
        "rowsChanged": Scalar("{n}.rows_changed"),
        "rowsRead": Scalar("{n}.rows_read"),
        "rowsUsed": Scalar("{n}.rows_used"),
        "skipped": Scalar("coalesce({n}.skipped, [])"),
        "created": Scalar("{n}.created"),
        "updated": Scalar("{n}.updated"),
        "removed": Scalar("{n}.removed"),
        "seconds": Scalar("{n}.seconds"),
        "dataset": Many("Dataset", "MATCH ({n})<-[:LOADED_BY]-({+n}:Dataset)", only_one=True),
        "case": Many("Case", "MATCH ({n})<-[:LOADED_BY]-({+n}:Case)", only_one=True),
    },
    "Case": {
        "id": Scalar("{n}.id"),
        "title": Scalar("{n}.title"),
        "description": Scalar("{n}.description"),
        "runs": Page(
            "Run", partial(_find, "MATCH ({n})-[:LOADED_BY]->({+n}:Run)", {}, _NEWEST), parent="{n}.id"
        ),
    },
}
