"""The questions: every root field with its arguments."""
# Strawberry's `description` is what a type or field is; arguments are read by the planner, under their GraphQL names.
# ruff: noqa: A002, ARG001, D101

import strawberry

from api.arguments import (
    After,
    AmplifiedArg,
    AmplifierArg,
    BasisArg,
    ChannelArg,
    ChannelKindArg,
    ChannelStatedArg,
    ClaimIdArg,
    ContentArg,
    CountryArg,
    DocumentIdArg,
    EntityIdArg,
    Filter,
    First,
    KnownAtArg,
    MinCountArg,
    ModalityArg,
    NarrativeArg,
    Order,
    PeriodArg,
    SearchArg,
    TypesArg,
    ValidAtArg,
)
from api.described import asked, handed_out, named
from api.enums import ClaimOrder
from api.types import Amplification, Claim, Connection, Document, Entity


@strawberry.type(description="How many nodes carry a label.")
class LabelCount:
    label: str = named("the label")
    count: int = named("nodes that carry it")


@strawberry.type(description="A standing check: a promise that the database does not enforce.")
class Check:
    name: str = named("its name")
    says: str = named("what it promises")
    rows: int = named("how many rows break it; 0 when it is kept")


@strawberry.type(description="What is in the store.")
class Health:
    engine: str = named("the database that answers")
    version: str = named("its version")
    counts: list[LabelCount] = named("nodes by label, those that occur")
    checks: list[Check] = named("the standing checks, run now; they read the whole store")


def _list_amplifications(  # noqa: PLR0913, PLR0917 - the contract's arguments
    amplifier: AmplifierArg = None,
    amplified: AmplifiedArg = None,
    content: ContentArg = None,
    channel: ChannelArg = None,
    channel_stated: ChannelStatedArg = None,
    channel_kind: ChannelKindArg = None,
    narrative: NarrativeArg = None,
    period: PeriodArg = None,
    basis: BasisArg = None,
    modality: ModalityArg = None,
    min_count: MinCountArg = None,
    valid_at: ValidAtArg = None,
    known_at: KnownAtArg = None,
    first: First = 20,
    after: After = None,
) -> Connection[Amplification]:
    return handed_out()


def _list_claims(
    filter: Filter = None, order_by: Order = ClaimOrder.ID, first: First = 20, after: After = None
) -> Connection[Claim]:
    return handed_out()


def _list_entities(
    search: SearchArg = None,
    types: TypesArg = None,
    country: CountryArg = None,
    first: First = 20,
    after: After = None,
) -> Connection[Entity]:
    return handed_out()


def _find_entity(id: EntityIdArg) -> Entity | None:
    return handed_out()


def _find_claim(id: ClaimIdArg) -> Claim | None:
    return handed_out()


def _find_document(id: DocumentIdArg) -> Document | None:
    return handed_out()


@strawberry.type(description="The questions.")
class Query:
    amplifications: Connection[Amplification] = asked(
        _list_amplifications,
        "who amplified whom, through which channel, how often, and who says so: reported records first, "
        "the largest count first, then observed ones; never added",
    )
    entity: Entity | None = asked(_find_entity, "one entity by its id; null when nothing has that id")
    entities: Connection[Entity] = asked(
        _list_entities, "entities by name in any script, alias, handle, Wikidata item or id"
    )
    claim: Claim | None = asked(
        _find_claim, "one claim by its id, whatever its status; null when nothing has that id"
    )
    claims: Connection[Claim] = asked(
        _list_claims, "the ledger: claims by verb, role, voice, kind, standing, time and document"
    )
    document: Document | None = asked(_find_document, "one document by its id; null when nothing has that id")
    health: Health = named("what is in the store, and the standing checks")
