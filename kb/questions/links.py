"""Derived edges as answers show them: between whom, which verb, and the claim or the dataset behind each."""

from typing import Final, LiteralString

from kb.select import Field, Many, One, Scalar
from kb.store import literal
from schema.verbs import VERB_NAMES

# Every type of derived edge, for a pattern: a few texts for the database to plan, whatever is asked for.
KINDS: Final[LiteralString] = literal("|".join(sorted(VERB_NAMES)))

# What a link `{e}` must be: of a verb asked for, asserted (observed rows assert), and not contested if so asked.
IS_WANTED: Final[LiteralString] = (
    "type({e}) IN {root.verbs} AND coalesce({e}.modality, 'asserted') = 'asserted'"
    " AND (NOT {root.uncontested} OR NOT EXISTS"
    " { MATCH (contested:Claim {id: {e}.claim}) WHERE contested.contested_direct = true })"
)

LINK_PARTS: Final[dict[str, dict[str, Field]]] = {
    "Link": {
        "id": Scalar("{e}.id"),
        "basis": Scalar("{e}.basis"),
        "verb": Scalar("type({e})"),
        "from": One("Entity", node="{a}"),
        "to": One("Entity", node="{b}"),
        "sentence": Scalar("{c}.sentence"),
        "count": One("RecordCount", when="{e}.count IS NOT NULL"),
        "claim": One("Claim", node="{c}", when="{c} IS NOT NULL"),
        "claimId": Scalar("{e}.claim"),
        "saidBy": Many("SaidBy", "MATCH ({c})-[:SAID_BY]->({+n}:Entity)"),
        "contested": Scalar("coalesce({c}.contested, false)"),
        "contestedDirectly": Scalar("coalesce({c}.contested_direct, false)"),
        "channel": Many("Entity", "MATCH ({+n}:Entity {id: {e}.channel})", only_one=True),
        "dataset": Many("Dataset", "MATCH ({+n}:Dataset {id: {e}.dataset})", only_one=True),
        "first": Scalar("{e}.first"),
        "last": Scalar("{e}.last"),
    }
}
