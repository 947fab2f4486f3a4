"""The questions: every root field with its arguments."""
# Strawberry's `description` is what a type or field is; arguments are read by the planner, under their GraphQL names.
# ruff: noqa: A002, ARG001, D101

import strawberry

from api.arguments import (
    After,
    AmplifiedArg,
    AmplifierArg,
    AtArg,
    BasisArg,
    BodyArg,
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
    GroupByArg,
    GroupOrderArg,
    HostArg,
    KnownAtArg,
    MinCountArg,
    ModalityArg,
    NarrativeArg,
    OfArg,
    Order,
    PassageIdArg,
    PeriodArg,
    SearchArg,
    SenderArg,
    TypesArg,
    ValidAtArg,
)
from api.described import asked, handed_out, named
from api.enums import ClaimOrder, GroupBy, GroupOrder
from api.neighbourhood_types import Neighbourhood, find_neighbourhood
from api.path_types import Paths, find_paths
from api.ranking import AmplifierGroup
from api.sources import Run
from api.timeline import TimelineItem
from api.types import (
    Amplification,
    Claim,
    Connection,
    Dataset,
    Document,
    Embassy,
    Entity,
    Influencer,
    Narrative,
    Passage,
    Posting,
    Report,
    Tour,
    Tribunal,
)


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


def _list_groups(  # noqa: PLR0913, PLR0917 - the contract's arguments
    of: OfArg = None,
    group_by: GroupByArg = [GroupBy.AMPLIFIER],  # noqa: B006 - never called
    order_by: GroupOrderArg = GroupOrder.REPORTED,
    amplifier: AmplifierArg = None,
    content: ContentArg = None,
    channel: ChannelArg = None,
    channel_stated: ChannelStatedArg = None,
    channel_kind: ChannelKindArg = None,
    narrative: NarrativeArg = None,
    period: PeriodArg = None,
    basis: BasisArg = None,
    modality: ModalityArg = None,
    valid_at: ValidAtArg = None,
    known_at: KnownAtArg = None,
    first: First = 20,
    after: After = None,
) -> Connection[AmplifierGroup]:
    return handed_out()


def _list_timeline(
    id: EntityIdArg,
    period: PeriodArg = None,
    valid_at: ValidAtArg = None,
    known_at: KnownAtArg = None,
    first: First = 20,
    after: After = None,
) -> Connection[TimelineItem]:
    return handed_out()


def _list_embassies(
    country: HostArg = None, sender: SenderArg = None, first: First = 20, after: After = None
) -> Connection[Embassy]:
    return handed_out()


def _list_officials(
    embassy: BodyArg = None, at: AtArg = None, first: First = 20, after: After = None
) -> Connection[Posting]:
    return handed_out()


def _list_tours(first: First = 20, after: After = None) -> Connection[Tour]:
    return handed_out()


def _list_reports(first: First = 20, after: After = None) -> Connection[Report]:
    return handed_out()


def _list_tribunals(first: First = 20, after: After = None) -> Connection[Tribunal]:
    return handed_out()


def _list_influencers(first: First = 20, after: After = None) -> Connection[Influencer]:
    return handed_out()


def _list_narratives(first: First = 20, after: After = None) -> Connection[Narrative]:
    return handed_out()


def _list_datasets(first: First = 20, after: After = None) -> Connection[Dataset]:
    return handed_out()


def _list_runs(first: First = 20, after: After = None) -> Connection[Run]:
    return handed_out()


def _find_passage(id: PassageIdArg) -> Passage | None:
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
    amplifiers: Connection[AmplifierGroup] = asked(
        _list_groups,
        "a ranking of amplification by who amplified, who was amplified, channel, country or month: what sources "
        "report and what datasets show side by side, never added",
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
    passage: Passage | None = asked(_find_passage, "one passage by its id; null when nothing has that id")
    timeline: Connection[TimelineItem] = asked(
        _list_timeline,
        "dated claims about and by one entity, and what datasets show of it, in the order of time; what has no date "
        "is counted in `searched`",
    )
    neighbourhood: Neighbourhood | None = asked(
        find_neighbourhood,
        "the entities around one and the edges between them, to draw; null when nothing has that id",
    )
    paths: Paths | None = asked(
        find_paths,
        "how two entities are connected, each hop with its claims or its dataset; null when nothing has one of the ids",
    )
    embassies: Connection[Embassy] = asked(_list_embassies, "diplomatic missions, by name")
    officials: Connection[Posting] = asked(
        _list_officials,
        "who held which post, as dataset rows show and claims say, each with its source; by name of the official",
    )
    tours: Connection[Tour] = asked(_list_tours, "tours, by name")
    reports: Connection[Report] = asked(_list_reports, "published reports, by name")
    tribunals: Connection[Tribunal] = asked(
        _list_tribunals, "courts and bodies that call themselves one, by name; `standing` says which"
    )
    influencers: Connection[Influencer] = asked(
        _list_influencers,
        "people who make content for an online following, by name: an occupation, not a verdict",
    )
    narratives: Connection[Narrative] = asked(
        _list_narratives, "lines of argument that sources describe, by name"
    )
    datasets: Connection[Dataset] = asked(_list_datasets, "datasets that observed rows come from, by title")
    runs: Connection[Run] = asked(_list_runs, "what was loaded and when, newest first")
    health: Health = named("what is in the store, and the standing checks")
