"""The relationships that a type has beside those of its own question: each is a field, at either end."""

from collections.abc import Mapping
from typing import Any, Final, LiteralString

from kb.questions.claims import CURRENT, claims_of
from kb.questions.listings import BY_NAME
from kb.questions.records import ROW_ID
from kb.select import Clause, Field, Key, Many, One, Page, Part, Scalar, Step, Wanted


def _page(
    kind: str,
    match: LiteralString,
    *,
    binds: tuple[LiteralString, ...] = ("{+n}",),
    keys: tuple[Key, ...] = BY_NAME,
    where: tuple[Clause, ...] = (),
    node: LiteralString = "{+n}",
) -> Page:
    wanted = Wanted((Part((Step(match, where),), binds=binds, keys=keys, distinct=True),))

    def find(_arguments: Mapping[str, Any]) -> Wanted:
        return wanted

    return Page(kind, find, parent="{n}.id", node=node)


_IN_TIME: Final = (Key("coalesce({+n}.at, '~')"), Key("{+n}.id"))
_SHARE_KEYS: Final = (Key("{+n}.id"), Key("coalesce({+r}.kind, '')"), Key("coalesce({+r}.row, '')"))

RELATIONS: Final[dict[str, dict[str, Field]]] = {
    "Entity": {
        "disputedBy": _page(
            "Contest",
            "MATCH ({n})<-[{+r}:DISPUTES]-({+n}:Claim) WITH {+n}, {+r}, {n} AS {+b}",
            binds=("{+n}", "{+r}", "{+b}"),
            keys=(Key("{+n}.id"), Key("{+r}.level")),
            where=(Clause(CURRENT),),
        ),
        "publications": _page("Entity", "MATCH ({n})<-[:PUBLISHED_UNDER]-({+n}:Entity)"),
    },
    "Embassy": {
        "sentBy": Many("Place", "MATCH ({n})-[:SENT_BY]->({+n}:Place)", only_one=True),
        "locatedIn": Many("Place", "MATCH ({n})-[:LOCATED_IN]->({+n}:Place)", only_one=True),
    },
    "Place": {
        "embassiesSent": _page("Embassy", "MATCH ({n})<-[:SENT_BY]-({+n}:Embassy)"),
        "embassiesHere": _page("Embassy", "MATCH ({n})<-[:LOCATED_IN]-({+n}:Embassy)"),
    },
    "Account": {
        "channel": Many("Channel", "MATCH ({n})-[:ON]->({+n}:Channel)", only_one=True),
        "posts": _page("Post", "MATCH ({n})-[:POSTED]->({+n}:Post)", keys=_IN_TIME),
        "interactions": _page(
            "Interaction",
            "MATCH ({n})-[{+r}:INTERACTED]-(:Account)"
            " WITH DISTINCT {+r}, startNode({+r}) AS {+a}, endNode({+r}) AS {+b}",
            binds=("{+r}", "{+a}", "{+b}"),
            keys=(Key("coalesce({+r}.at, '~')"), Key(ROW_ID.replace("{r}", "{+r}"))),
            node="{+r}",
        ),
    },
    "Channel": {"accountsOn": _page("Account", "MATCH ({n})<-[:ON]-({+n}:Account)")},
    "Post": {
        "postedBy": Many("Account", "MATCH ({n})<-[:POSTED]-({+n}:Account)", only_one=True),
        "shares": _page(
            "Share",
            "MATCH ({n})-[{+r}:SHARES]->({+n}:Post)",
            binds=("{+n}", "{+r}"),
            keys=_SHARE_KEYS,
        ),
        "sharedBy": _page(
            "Share",
            "MATCH ({n})<-[{+r}:SHARES]-({+n}:Post)",
            binds=("{+n}", "{+r}"),
            keys=_SHARE_KEYS,
        ),
    },
    "Claim": {
        "contents": Many("Claim", "MATCH ({n})<-[:INSIDE]-({+n}:Claim) WHERE " + CURRENT),
        "claimsAboutIt": claims_of("MATCH ({n})<-[:WHO|WHAT]-({+n}:Claim)"),
    },
    "Passage": {
        "claims": claims_of("MATCH ({n})<-[:SHOWN_IN]-({+n}:Claim)"),
        "names": Many("Naming", "MATCH ({n})-[{+r}:MENTIONS]->({+n}:Entity)", binds="{+n}, {+r}"),
    },
    "Reading": {
        "document": Many("Document", "MATCH ({n})<-[:HAS_READING]-({+n}:Document)", only_one=True),
        "passages": Many("Passage", "MATCH ({n})<-[:READ_AS]-({+n}:Passage)"),
    },
    "Name": {"entity": Many("Entity", "MATCH ({n})<-[:NAMED]-({+n}:Entity)", only_one=True)},
}

RELATION_PARTS: Final[dict[str, dict[str, Field]]] = {
    "Share": {
        "post": One("Post"),
        "kind": Scalar("{r}.kind"),
        "dataset": Scalar("{r}.dataset"),
        "row": Scalar("{r}.row"),
    },
    "Naming": {"written": Scalar("{r}.written"), "entity": One("Entity")},
}


def with_relations(fields: Mapping[str, Mapping[str, Field]]) -> dict[str, dict[str, Field]]:
    """The fields of each type with the relationships of that type; those of Entity go to every entity."""
    shared = RELATIONS["Entity"]
    return {
        name: {**own, **(shared if own.keys() >= fields["Entity"].keys() else {}), **RELATIONS.get(name, {})}
        for name, own in fields.items()
    }
