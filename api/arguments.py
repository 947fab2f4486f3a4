"""The arguments of questions, each described once."""

from typing import Annotated

import strawberry

from api.enums import Basis, ClaimOrder, EntityType, GroupBy, GroupOrder, Verb
from schema.claims import ClaimKind, ClaimStatus, Modality
from schema.media import ChannelKind

Id = strawberry.ID | None

First = Annotated[
    int,
    strawberry.argument(
        description="how many rows at most, 0 to 1,000; `totalCount` says how many there are"
    ),
]
After = Annotated[
    str | None,
    strawberry.argument(
        description="the `endCursor` of the page before, from this very list; leave out to begin"
    ),
]

_AMPLIFIER = "id of who amplified: an entity or an account"
_AMPLIFIED = "id of whose content, or which content, was amplified"
_CONTENT = "id of the content; reported records alone name it"
_CHANNEL = "id of the channel"
_CHANNEL_STATED = "false: only where no channel is stated; true: only where one is"
_CHANNEL_KIND = "the kind of channel"
_NARRATIVE = "id of a narrative that a source says the content carries; reported records alone"
_PERIOD = (
    "EDTF day, month, year or interval that it overlaps, for example 2020-01/2021-08; what has no date is left out "
    "and counted in `searched`"
)
_BASIS = "one of the two layers; both when left out"
_MODALITY = "how firmly the voice puts it; ASSERTED alone when left out. Observed records assert"
_MIN_COUNT = "lower bound of the count; records without a number are left out"
_VALID_AT = "a day of the world (YYYY-MM-DD) that its date covers"
_KNOWN_AT = (
    "an instant (UTC, ending in Z) or day: the claims that this knowledge base held then, whatever became of them "
    "since; observed records have no such history and are shown as they are"
)

AmplifierArg = Annotated[Id, strawberry.argument(description=_AMPLIFIER)]
AmplifiedArg = Annotated[Id, strawberry.argument(description=_AMPLIFIED)]
ContentArg = Annotated[Id, strawberry.argument(description=_CONTENT)]
ChannelArg = Annotated[Id, strawberry.argument(description=_CHANNEL)]
ChannelStatedArg = Annotated[bool | None, strawberry.argument(description=_CHANNEL_STATED)]
ChannelKindArg = Annotated[ChannelKind | None, strawberry.argument(description=_CHANNEL_KIND)]
NarrativeArg = Annotated[Id, strawberry.argument(description=_NARRATIVE)]
PeriodArg = Annotated[str | None, strawberry.argument(description=_PERIOD)]
BasisArg = Annotated[Basis | None, strawberry.argument(description=_BASIS)]
ModalityArg = Annotated[list[Modality] | None, strawberry.argument(description=_MODALITY)]
MinCountArg = Annotated[int | None, strawberry.argument(description=_MIN_COUNT)]
ValidAtArg = Annotated[str | None, strawberry.argument(description=_VALID_AT)]
KnownAtArg = Annotated[str | None, strawberry.argument(description=_KNOWN_AT)]

OfArg = Annotated[
    Id, strawberry.argument(description="id of whose content, or of which content, was amplified")
]
GroupByArg = Annotated[
    list[GroupBy],
    strawberry.argument(
        description="what the records of one group share: one key or two, for example [AMPLIFIER, CHANNEL]"
    ),
]
GroupOrderArg = Annotated[GroupOrder, strawberry.argument(description="how the groups are sorted")]
HostArg = Annotated[
    str | None, strawberry.argument(description="the state it is in, ISO 3166-1 alpha-2 in capitals")
]
SenderArg = Annotated[
    str | None, strawberry.argument(description="the state that sent it, ISO 3166-1 alpha-2 in capitals")
]
BodyArg = Annotated[
    Id, strawberry.argument(description="id of the mission or other body; officials anywhere when left out")
]
AtArg = Annotated[
    str | None,
    strawberry.argument(
        description="a day (YYYY-MM-DD) that the posting covers; a first or last day that is not known covers, and a "
        "posting with neither is left out and counted in `searched`"
    ),
]
PassageIdArg = Annotated[
    strawberry.ID, strawberry.argument(description="its id, for example xinjiang_2021/doc:000:120-180")
]

SearchArg = Annotated[
    str | None,
    strawberry.argument(
        description="a name or part of one, a handle, a Wikidata item or an id; exact names come first"
    ),
]
TypesArg = Annotated[list[EntityType] | None, strawberry.argument(description="any of these types")]
CountryArg = Annotated[
    str | None,
    strawberry.argument(description="the state it belongs to or was sent by, ISO 3166-1 alpha-2 in capitals"),
]
EntityIdArg = Annotated[
    strawberry.ID, strawberry.argument(description="its id, for example per:zhang-heqing")
]
ClaimIdArg = Annotated[
    strawberry.ID, strawberry.argument(description="its id, for example xinjiang_2021/C038")
]
DocumentIdArg = Annotated[
    strawberry.ID, strawberry.argument(description="its id, for example xinjiang_2021/doc:000")
]


@strawberry.input(description="Which records. What is left out does not narrow; what is given must all hold.")
class AmplificationFilter:
    """The arguments of `amplifications`, for the records of one entity."""

    amplifier: Id = strawberry.field(default=None, description=_AMPLIFIER)
    amplified: Id = strawberry.field(default=None, description=_AMPLIFIED)
    content: Id = strawberry.field(default=None, description=_CONTENT)
    channel: Id = strawberry.field(default=None, description=_CHANNEL)
    channel_stated: bool | None = strawberry.field(default=None, description=_CHANNEL_STATED)
    channel_kind: ChannelKind | None = strawberry.field(default=None, description=_CHANNEL_KIND)
    narrative: Id = strawberry.field(default=None, description=_NARRATIVE)
    period: str | None = strawberry.field(default=None, description=_PERIOD)
    basis: Basis | None = strawberry.field(default=None, description=_BASIS)
    modality: list[Modality] | None = strawberry.field(default=None, description=_MODALITY)
    min_count: int | None = strawberry.field(default=None, description=_MIN_COUNT)
    valid_at: str | None = strawberry.field(default=None, description=_VALID_AT)
    known_at: str | None = strawberry.field(default=None, description=_KNOWN_AT)


RecordFilter = Annotated[
    AmplificationFilter | None, strawberry.argument(description="which records; all when left out")
]


@strawberry.input(description="Which claims. What is left out does not narrow; what is given must all hold.")
class ClaimFilter:
    """The ways to narrow a list of claims."""

    verb: Verb | None = strawberry.field(default=None, description="the verb of the claim")
    entity: Id = strawberry.field(default=None, description="id of an entity in any role of the claim")
    who: Id = strawberry.field(default=None, description="id of who did it")
    what: Id = strawberry.field(default=None, description="id of the entity to which it was done")
    whose: Id = strawberry.field(default=None, description="id of whose content it was")
    via: Id = strawberry.field(default=None, description="id of the channel, account, outlet or event")
    at: Id = strawberry.field(default=None, description="id of the place")
    during: Id = strawberry.field(default=None, description="id of the event or tour")
    about: Id = strawberry.field(default=None, description="id of the topic, place or narrative")
    said_by: Id = strawberry.field(default=None, description="id of the voice that says it")
    document: Id = strawberry.field(default=None, description="id of a document that shows it")
    case: str | None = strawberry.field(default=None, description="the case that it belongs to")
    text: str | None = strawberry.field(
        default=None, description="words in its sentence, in any case of letters"
    )
    kind: list[ClaimKind] | None = strawberry.field(default=None, description="any of these kinds")
    modality: list[Modality] | None = strawberry.field(
        default=None, description="any of these; all when left out"
    )
    status: list[ClaimStatus] | None = strawberry.field(
        default=None, description="any of these, current or not; current accepted claims alone when left out"
    )
    contested: bool | None = strawberry.field(
        default=None, description="contested at any level, or not contested; a contest of the source counts"
    )
    period: str | None = strawberry.field(default=None, description=_PERIOD)
    valid_at: str | None = strawberry.field(default=None, description=_VALID_AT)
    known_at: str | None = strawberry.field(default=None, description=_KNOWN_AT)


Filter = Annotated[ClaimFilter | None, strawberry.argument(description="which claims; all when left out")]
Order = Annotated[ClaimOrder, strawberry.argument(description="how they are sorted")]
