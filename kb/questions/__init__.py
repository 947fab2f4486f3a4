"""The questions: for each its literal roots, and the pieces of Cypher behind the fields of what it answers with."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from kb.questions.amplifications import AMPLIFICATION, AMPLIFICATION_PARTS, AMPLIFICATIONS
from kb.questions.amplifiers import AMPLIFIER_PARTS, AMPLIFIERS
from kb.questions.claims import CLAIM, CLAIM_PARTS, CLAIMS, ONE_CLAIM
from kb.questions.documents import DOCUMENT_PARTS, ONE_DOCUMENT
from kb.questions.entities import ENTITIES, ENTITY_PARTS, MANY_ENTITIES, ONE_ENTITY
from kb.questions.links import LINK_PARTS
from kb.questions.listings import LISTING_PARTS, LISTINGS
from kb.questions.neighbourhood import NEIGHBOURHOOD, NEIGHBOURHOOD_PARTS
from kb.questions.paths import PATH_PARTS, PATHS
from kb.questions.postings import OFFICIALS, POSTING_PARTS
from kb.questions.relations import RELATION_PARTS, with_relations
from kb.questions.timeline import TIMELINE, TIMELINE_PARTS
from kb.select import Field, Many, Pick, Statement, compose
from kb.store import Store

ROOTS: Final[dict[str, Field]] = {
    "amplifications": AMPLIFICATIONS,
    "amplifiers": AMPLIFIERS,
    "entity": ONE_ENTITY,
    "entities": MANY_ENTITIES,
    "claim": ONE_CLAIM,
    "claims": CLAIMS,
    "document": ONE_DOCUMENT,
    "timeline": TIMELINE,
    "officials": OFFICIALS,
    "neighbourhood": NEIGHBOURHOOD,
    "paths": PATHS,
    **LISTINGS,
}
FIELDS: Final[dict[str, dict[str, Field]]] = with_relations(
    {
        "Query": ROOTS,
        **ENTITIES,
        "Claim": CLAIM,
        "Amplification": AMPLIFICATION,
        **CLAIM_PARTS,
        **DOCUMENT_PARTS,
        **ENTITY_PARTS,
        **AMPLIFICATION_PARTS,
        **AMPLIFIER_PARTS,
        **POSTING_PARTS,
        **LISTING_PARTS,
        **RELATION_PARTS,
        **TIMELINE_PARTS,
        **LINK_PARTS,
        **NEIGHBOURHOOD_PARTS,
        **PATH_PARTS,
    }
)


class Answer(NamedTuple):
    """What a root field answers with: positional nested lists, and how much there was to look at when asked for."""

    value: Any
    documents: int = 0
    claims: int = 0
    datasets: int = 0


async def ask(store: Store, root: Pick, *, searched: bool = False) -> Answer:
    """The answer to one root field, in one statement. Raises BadArgument, and what a read of the store raises."""
    return await ask_composed(store, FIELDS[root.type][root.field], compose(FIELDS, root, searched=searched))


async def ask_composed(store: Store, found: Field, statement: Statement) -> Answer:
    """As `ask`, for the `statement` that a root field `found` was composed to."""
    (row,) = await store.read(statement.text, statement.parameters)
    if isinstance(found, Many) and found.refuse is not None:
        row[0] = [_let_through(found.refuse, *guarded) for guarded in row[0]]
    return Answer(*row)


def _let_through(refuse: Callable[[Any], None], guard: Any, slots: Any) -> Any:
    refuse(guard)
    return slots
