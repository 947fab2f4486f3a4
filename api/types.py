"""The types that answers are made of, with a description of everything; the values come from the planned answer."""
# Strawberry's `description` is what a type or field is; arguments are read by the planner, under their GraphQL names.
# ruff: noqa: A002, ARG001, D101

from typing import Generic, TypeVar

import strawberry

from api.arguments import After, Filter, First, Order, RecordFilter
from api.described import about, asked, handed_out, named, says
from api.enums import Basis, ClaimOrder, Verb
from schema import bodies, claims, documents, events, media, missions, observations, people, subjects, values
from schema.bodies import OrganizationKind
from schema.bookkeeping import Name as NameModel
from schema.claims import ClaimKind, ClaimStatus, ContestLevel, Modality, SourceGrade
from schema.media import ChannelKind, Ownership
from schema.missions import MissionKind
from schema.node import Entity as EntityModel
from schema.observations import InteractionKind
from schema.values import Attribution, DateBasis

Row = TypeVar("Row")


@strawberry.type(description="Where a page begins and ends, and whether there is more.")
class PageInfo:
    has_next_page: bool = named("whether there are rows behind this page")
    has_previous_page: bool = named("whether the page begins behind a cursor")
    start_cursor: str | None = named("the cursor of the first row; null when the page has none")
    end_cursor: str | None = named("the cursor of the last row, for `after`; null when the page has none")


@strawberry.type(
    description="What was looked at, so that an empty answer means something: not stated in these, never “denied”."
)
class Searched:
    documents: int = named("documents in this knowledge base that passages were taken from")
    claims: int = named("current claims in this knowledge base")
    datasets: int = named("datasets in this knowledge base")
    undated_excluded: int = named("rows left out because they have no date, when a time was asked for")
    modalities: list[Modality] | None = named("the modalities of claims that were looked at")


@strawberry.type(description="A row of a page with its cursor.")
class Edge(Generic[Row]):
    node: Row = named("the row")
    cursor: str = named("where the row stands: a page can begin behind it")


@strawberry.type(description="A page of a list that can grow.")
class Connection(Generic[Row]):
    edges: list[Edge[Row]] = named("the rows with their cursors")
    nodes: list[Row] = named("the rows alone")
    page_info: PageInfo = named("where the page begins and ends")
    total_count: int = named("how many rows the whole list has; counted only when asked for")
    searched: Searched = named("what was looked at")


def _list_claims(
    filter: Filter = None, order_by: Order = ClaimOrder.ID, first: First = 20, after: After = None
) -> Connection["Claim"]:
    return handed_out()


def _list_plain_claims(first: First = 20, after: After = None) -> Connection["Claim"]:
    return handed_out()


def _list_records(
    filter: RecordFilter = None, first: First = 20, after: After = None
) -> Connection["Amplification"]:
    return handed_out()


def _list_interactions(first: First = 20, after: After = None) -> Connection["Interaction"]:
    return handed_out()


def _list_mentions(first: First = 20, after: After = None) -> Connection["Mention"]:
    return handed_out()


def _list_contests(first: First = 20, after: After = None) -> Connection["Contest"]:
    return handed_out()


def _list_entities(first: First = 20, after: After = None) -> Connection["Entity"]:
    return handed_out()


def _list_embassies(first: First = 20, after: After = None) -> Connection["Embassy"]:
    return handed_out()


def _list_accounts(first: First = 20, after: After = None) -> Connection["Account"]:
    return handed_out()


def _list_posts(first: First = 20, after: After = None) -> Connection["Post"]:
    return handed_out()


def _list_shares(first: First = 20, after: After = None) -> Connection["Share"]:
    return handed_out()


def _list_passages(first: First = 20, after: After = None) -> Connection["Passage"]:
    return handed_out()


@strawberry.interface(description="What a claim can speak of: an entity or another claim.")
class Thing:
    id: strawberry.ID = named("our own stable id")
    label: str = named("how to show it: the name of an entity, the sentence of a claim with its voice")


@strawberry.type(
    description="A count with its hedge. Counts of different records may overlap and are never added."
)
class Count:
    text: str = says(values.Count, "text")
    min: int | None = says(values.Count, "min")
    max: int | None = says(values.Count, "max")
    unit: str | None = says(values.Count, "unit")


@strawberry.type(
    description="The count of a record: as a source words it, or as we counted rows. Never added up."
)
class RecordCount:
    text: str = named("the count with its hedge (“at least 56 times”), or what is held (“3 reshares held”)")
    min: int | None = named("lower bound, for sorting and filtering; null when no number is stated")
    max: int | None = named("upper bound; null when none is stated")
    unit: str | None = named("what is counted, in the plural")


@strawberry.type(description=about(values.When))
class When:
    edtf: str | None = says(values.When, "edtf")
    literal: str | None = says(values.When, "text")
    basis: DateBasis = says(values.When, "basis")
    reason: str | None = says(values.When, "reason")
    earliest: str | None = named("first day it can mean, YYYY-MM-DD; null when unknown or open")
    latest: str | None = named("last day it can mean, YYYY-MM-DD; null when unknown or open")


@strawberry.type(description="A voice that says a claim.")
class SaidBy:
    entity: "Entity" = named("whose voice: the innermost asserter")
    standing: str | None = named(
        "how the body is to be introduced (“unofficial court”); null when nothing is to be added"
    )


@strawberry.type(description="A passage that shows a claim.")
class ShownIn:
    passage: "Passage" = named("where the words stand, and the words when the document is held")
    attribution: Attribution = named("how the passage names the voice")


@strawberry.type(description="A document that relays or rewords another: together they are one origin.")
class Copy:
    document: "Document" = named("the copy")
    original: "Document" = named("what it copies")
    how: str | None = named("relayed, reworded, translated ...")
    certainty: str | None = named("stated, or inferred by a person")
    basis: str | None = named("what that rests on")


@strawberry.type(description="A document reports what another work says.")
class Citation:
    work: "Entity" = named("the other end: the document or report")
    certainty: str | None = named("stated, or inferred by a person")
    basis: str | None = named("what that rests on")


@strawberry.type(
    description="How many independent voices are behind a claim: documents that copy each other count once."
)
class Origins:
    count: int = says(claims.Claim, "origins")
    roots: list["Entity"] = named("those voices, each followed to its root; a work counts as its publisher")
    chain: list[Copy] = named("the copies that were followed, complete")


@strawberry.type(
    description="A contest of a claim: another claim disputes it, or disputes the source that says it."
)
class Contest:
    claim: "Claim" = named("the claim that contests")
    level: ContestLevel = named("what the contest is aimed at")
    scope: str | None = named("what exactly is contested, when stated")
    source: "Entity | None" = named("the source that is contested, when the level is SOURCE; null otherwise")


@strawberry.type(description="What a claim contests.")
class Dispute:
    target: Thing = named("the claim, or the source")
    level: ContestLevel = named("what the contest is aimed at")
    scope: str | None = named("what exactly is contested, when stated")


@strawberry.type(description="An earlier version of a claim.")
class Version:
    claim: "Claim" = named("the claim as it was")
    reason: str | None = named("why it was replaced")


@strawberry.type(
    description="The Admiralty grade of a claim, entered by a person with a reason and never computed."
)
class Grade:
    source: SourceGrade = says(claims.Claim, "grade_source")
    information: int = says(claims.Claim, "grade_information")
    reason: str | None = named("why, in the words of whoever entered it; null for the default F6")


@strawberry.type(description=about(claims.Claim))
class Claim(Thing):
    case: str = says(claims.Claim, "case")
    version: int = says(claims.Claim, "version")
    verb: Verb = says(claims.Claim, "verb")
    text: str = says(claims.Claim, "text")
    sentence: str = named("the claim with its voice, kind and standing, ready to show")
    object_text: str | None = says(claims.Claim, "object_text")
    frequency: str | None = says(claims.Claim, "frequency")
    kind: ClaimKind = named("what sort of saying it is")
    modality: Modality = named("how firmly the voice puts it")
    status: ClaimStatus = named("where it stands in this knowledge base")
    count: Count | None = named("how many or how often; null when no count is stated")
    when: When = named("when; its basis is NOT_STATED when no date is")
    who: list[Thing] = named("who did it; empty when not stated")
    what: list[Thing] = named("to what; see also objectText")
    whose: list["Entity"] = named("whose content it was")
    via: list["Entity"] = named("through which channel, account, outlet or event; empty when not stated")
    at: list["Entity"] = named("where")
    during: list["Entity"] = named("during which event or tour")
    about: list["Entity"] = named("about what")
    said_by: list[SaidBy] = named("whose voice")
    shown_in: list[ShownIn] = named("the passages that show it, at least one")
    documents: int = says(claims.Claim, "documents")
    origins: Origins = named("the independent voices behind it")
    inside: list["Claim"] = named("the acts of saying around it, nearest first, complete")
    contested: bool = named("contested at any level, its source included")
    contested_directly: bool = named("contested itself")
    disputed_by: list[Contest] = named(
        "who contests it, at which level; contests of its source are inherited"
    )
    disputes: list[Dispute] = named("what it contests")
    supports: list["Claim"] = named("claims it agrees with, also of opponents")
    supported_by: list["Claim"] = named("claims that agree with it, also of opponents")
    replies_to: list["Claim"] = named("claims it replies to")
    replies: list["Claim"] = named("replies to it; empty: none recorded in the documents held")
    contents: list["Claim"] = named("for an act of saying: the claims that are said in it")

    claims_about_it: Connection["Claim"] = asked(
        _list_claims, "claims that speak of this one, as what did something or to which something was done"
    )

    replaced_by: "Claim | None" = named("the newer version; null for the current one")
    history: list[Version] = named("earlier versions, newest first, complete")
    grade: Grade = named("the grade that a person gave it")
    note: str | None = named("an editorial note, in our own words")
    entered_by: str = says(claims.Claim, "entered_by")
    entered_at: str = says(claims.Claim, "entered_at")
    known_from: str = says(claims.Claim, "known_from")
    known_to: str | None = says(claims.Claim, "known_to")


@strawberry.type(description=about(documents.Passage))
class Passage:
    id: strawberry.ID = says(documents.Passage, "id")
    document: "Document" = named("the document it stands in")
    paragraph: int = says(documents.Passage, "paragraph")
    start: int = says(documents.Passage, "start")
    end: int = says(documents.Passage, "end")
    span_sha256: str = strawberry.field(
        name="spanSha256", description=documents.Passage.model_fields["span_sha256"].description
    )
    held: bool = named("whether the document is held, so that the words can be shown")
    exact: str | None = says(documents.Passage, "exact")
    prefix: str | None = says(documents.Passage, "prefix")
    suffix: str | None = says(documents.Passage, "suffix")
    readings: list["Reading"] = named("proposed readings of garbled words in it")
    names: list["Naming"] = named("the entities that it names, with each spelling as written")

    claims: Connection["Claim"] = asked(_list_claims, "claims that it shows")


@strawberry.type(description=about(documents.Reading))
class Reading:
    id: strawberry.ID = says(documents.Reading, "id")
    start: int = says(documents.Reading, "start")
    end: int = says(documents.Reading, "end")
    reading: str = says(documents.Reading, "reading")
    basis: str = says(documents.Reading, "basis")
    why: str | None = says(documents.Reading, "why")
    document: "Document" = named("the document with the garbled words")
    passages: list[Passage] = named("the passages that it touches")


@strawberry.type(description=about(NameModel))
class Name:
    written: str = says(NameModel, "written")
    script: str = says(NameModel, "script")
    source: str = says(NameModel, "source")
    entity: "Entity" = named("whose name it is")


@strawberry.type(description="A place where a document names an entity.")
class Mention:
    written: str | None = named("the spelling as written; null when the document is not held")
    passage: Passage = named("where it stands")


@strawberry.type(description="An entity that a passage names.")
class Naming:
    written: str | None = named("the spelling as written; null when the document is not held")
    entity: "Entity" = named("whom or what it names")


@strawberry.type(description=about(observations.Dataset))
class Dataset:
    id: strawberry.ID = says(observations.Dataset, "id")
    title: str = says(observations.Dataset, "title")
    publisher: str = says(observations.Dataset, "publisher")
    licence: str = says(observations.Dataset, "licence")


@strawberry.type(
    description="Who held an account, from day to day; a day that is not known is null and covers."
)
class Holding:
    entity: "Entity" = named("who held it")
    from_: str | None = named("first day, YYYY-MM-DD, included; null when unknown", "from")
    to: str | None = named("last day, YYYY-MM-DD, included; null when unknown")
    basis: str = says(observations.HeldBy, "basis")


@strawberry.type(description="A post that an official holds or held, as a dataset row shows or a claim says.")
class Posting:
    role: str | None = named("the role, as worded")
    official: "Entity" = named("who holds or held it")
    body: "Entity | None" = named("where: a mission or another body; null when not stated")
    from_: str | None = named(
        "first day, YYYY-MM-DD, of the row or of the claim's date; null when unknown", "from"
    )
    to: str | None = named("last day, YYYY-MM-DD, of the row or of the claim's date; null when unknown")
    claim: Claim | None = named("the claim that says so; null for a dataset row")
    dataset: str | None = named("the dataset that shows it; null for a claim")
    row: str | None = named("the row of the dataset; null for a claim")


@strawberry.type(description="A narrative that a source says the content carries.")
class NarrativeLink:
    narrative: "Narrative" = named("the narrative")
    claim: Claim = named("the claim that says so, with its voice")


@strawberry.type(description="One observed row: an account acted on a post of another.")
class Interaction:
    id: strawberry.ID = named("<dataset>:<row>")
    kind: InteractionKind = named("what was done")
    at: str | None = says(observations.Interacted, "at")
    dataset: str = says(observations.Interacted, "dataset")
    row: str = says(observations.Interacted, "row")
    source: "Account" = named("the account that acted")
    target: "Account | None" = named("the account whose post it was; null when the dataset does not tell")
    post: "Post | None" = named("the post that did it, where the dataset has posts")
    shared: "Post | None" = named("the post that it shares, where the dataset has posts")


@strawberry.type(description="One observed row: a post passed on another.")
class Share:
    post: "Post" = named("the other post")
    kind: InteractionKind | None = named("how it was passed on")
    dataset: str | None = named("the dataset that shows it")
    row: str | None = named("the row in it")


@strawberry.type(
    description="Who amplified whom, through which channel, how often, and who says so: one record, reported by a "
    "source or observed in a dataset. The two are never added. Amplified is not complicit."
)
class Amplification:
    id: strawberry.ID = named("the record's id, stable across rebuilds")
    basis: Basis = named("whether a source reports it or a dataset shows it")
    sentence: str | None = named("reported: the claim with its voice, ready to show; null for observed")
    amplifier: "Entity | None" = named("who amplified; null: not stated")
    amplified: "Entity | None" = named(
        "whose content, else what, was amplified; null: not stated as an entity"
    )
    content: list["Entity"] = named("what was amplified, as named by the source; empty for observed")
    channel: "Entity | None" = named("through which channel; null: not stated")
    narratives: list[NarrativeLink] = named("narratives that a source says the content carries")
    count: RecordCount | None = named("how often; null: no count is stated")
    claim: Claim | None = named("reported: the claim; null for observed")
    said_by: list[SaidBy] = named("reported: whose voice; empty for observed")
    modality: Modality | None = named("reported: how firmly the voice puts it; null for observed")
    when: When | None = named("reported: when; null for observed, which have first and last")
    documents: int | None = named("reported: how many documents show it")
    independent_origins: int | None = named(
        "reported: how many independent voices are behind it, copies counted once"
    )
    contested: bool = named("contested at any level, the source included")
    replies: list[Claim] = named("replies to it; empty: none recorded in the documents held")
    dataset: Dataset | None = named("observed: the dataset")
    first: str | None = named("observed: instant of the first interaction, UTC; null when none has a time")
    last: str | None = named("observed: instant of the last interaction, UTC; null when none has a time")
    undated: int | None = named("observed: how many interactions have no time")
    bounds_unknown: int | None = named(
        "observed: how many are credited to a holder whose first or last day with the account is not known"
    )
    accounts: list["Account"] = named("observed: the accounts at both ends")

    interactions: Connection["Interaction"] = asked(
        _list_interactions, "observed: the rows that the record counts; an empty list for reported"
    )


@strawberry.interface(description=about(EntityModel))
class Entity(Thing):
    name: str = says(EntityModel, "name")
    note: str | None = says(EntityModel, "note")
    wikidata: str | None = says(EntityModel, "wikidata")
    names: list[Name] = named("every spelling of its name")
    replies_recorded: int = named(
        "how many replies by it, or to claims about it, are recorded; 0: none recorded"
    )
    accounts: list["Account"] = named("accounts that it holds or held; the account's `heldBy` says when")

    claims: Connection["Claim"] = asked(
        _list_claims, "claims in which it has a role: who, what, whose, via, at, during or about"
    )

    said_claims: Connection["Claim"] = asked(_list_claims, "claims that it says itself")

    replies: Connection["Claim"] = asked(
        _list_plain_claims,
        "right of reply: replies that it makes and replies to claims about it, as authored; an empty list "
        "means that none is recorded in the documents held",
    )

    mentions: Connection["Mention"] = asked(
        _list_mentions, "where documents name it, with each spelling as written"
    )

    disputed_by: Connection["Contest"] = asked(
        _list_contests, "claims that contest it as a source; what it says inherits that, at level SOURCE"
    )

    publications: Connection["Entity"] = asked(
        _list_entities, "reports and documents that it published, by name"
    )

    amplified: Connection["Amplification"] = asked(
        _list_records,
        "records of what it is said or seen to have amplified; "
        "for an account also those of its holder that the account's interactions feed",
    )

    amplified_by: Connection["Amplification"] = asked(
        _list_records, "records of who is said or seen to have amplified it or its content"
    )


@strawberry.type(description=about(people.Person))
class Person(Entity):
    pass


@strawberry.type(description=about(people.Official))
class Official(Entity):
    country: str | None = says(people.Official, "country")
    postings: list[Posting] = named(
        "posts held, of dataset rows and of claims, each with its source; earliest first"
    )


@strawberry.type(description=about(people.Influencer))
class Influencer(Entity):
    pass


@strawberry.type(description=about(missions.Embassy))
class Embassy(Entity):
    kind: MissionKind = says(missions.Embassy, "kind")
    sender: str | None = says(missions.Embassy, "sender", more="; ISO 3166-1 alpha-2")
    host: str | None = says(missions.Embassy, "host", more="; ISO 3166-1 alpha-2")
    sent_by: "Place | None" = named("the sending state as a place; null when not stated")
    located_in: "Place | None" = named("the place it is in; null when not stated")
    officials: list[Posting] = named(
        "who was posted there, of dataset rows and of claims, each with its source"
    )


@strawberry.type(description=about(bodies.Organization))
class Organization(Entity):
    kind: OrganizationKind = says(bodies.Organization, "kind")
    country: str | None = says(bodies.Organization, "country", more="; ISO 3166-1 alpha-2")
    standing: str | None = says(bodies.Organization, "standing")


@strawberry.type(description=about(media.MediaOutlet))
class MediaOutlet(Entity):
    ownership: Ownership | None = says(media.MediaOutlet, "ownership")
    country: str | None = says(media.MediaOutlet, "country", more="; ISO 3166-1 alpha-2")


@strawberry.type(description=about(bodies.Tribunal))
class Tribunal(Entity):
    standing: str = says(bodies.Tribunal, "standing")
    country: str | None = says(bodies.Tribunal, "country", more="; ISO 3166-1 alpha-2")


@strawberry.type(description=about(bodies.Group))
class Group(Entity):
    named: bool = named("always false: a group has no named members")
    size: str | None = says(bodies.Group, "size")


@strawberry.type(description=about(media.Account))
class Account(Entity):
    platform: str = says(media.Account, "platform")
    platform_id: str | None = says(media.Account, "platform_id")
    handle: str | None = says(media.Account, "handle")
    pseudonym: str | None = says(media.Account, "pseudonym")
    platform_labels: list[str] = says(media.Account, "platform_labels")
    held_by: list[Holding] = named("who held it, earliest first; empty: not known")
    channel: "Channel | None" = named("the platform it is on, as a channel; null when not stated")

    posts: Connection["Post"] = asked(_list_posts, "its posts, earliest first; those without a time last")

    interactions: Connection["Interaction"] = asked(
        _list_interactions,
        "observed rows in which it acted or its post was acted on, earliest first; those without a time last",
    )


@strawberry.type(description=about(media.Channel))
class Channel(Entity):
    kind: ChannelKind = says(media.Channel, "kind")

    accounts_on: Connection["Account"] = asked(_list_accounts, "the accounts on it, by name")


@strawberry.type(description=about(media.Post))
class Post(Entity):
    url: str | None = says(media.Post, "url")
    platform: str | None = says(media.Post, "platform")
    at: str | None = says(media.Post, "at")
    posted_by: Account | None = named("the account that published it; null when no dataset shows it")

    shares: Connection["Share"] = asked(_list_shares, "posts that it passes on")

    shared_by: Connection["Share"] = asked(_list_shares, "posts that pass it on")


@strawberry.type(description=about(media.Content))
class Content(Entity):
    description: str | None = says(media.Content, "description")


@strawberry.type(description=about(events.Tour))
class Tour(Entity):
    date: str | None = says(events.Tour, "date")


@strawberry.type(description=about(events.Event))
class Event(Entity):
    date: str | None = says(events.Event, "date")
    kind: str | None = says(events.Event, "kind")


@strawberry.type(description=about(events.Campaign))
class Campaign(Entity):
    pass


@strawberry.type(description=about(documents.Report))
class Report(Entity):
    publisher: Entity | None = says(documents.Report, "publisher")
    date: str | None = says(documents.Report, "date")
    cited_by: list[Citation] = named("works that report what it says")


@strawberry.type(description=about(documents.Document))
class Document(Entity):
    case: str = says(documents.Document, "case")
    sha256: str | None = strawberry.field(
        name="sha256", description=documents.Document.model_fields["sha256"].description
    )
    chars: int | None = says(documents.Document, "chars")
    held: bool = says(documents.Document, "held")
    publisher: Entity | None = says(documents.Document, "publisher")
    date: str | None = says(documents.Document, "date")
    url: str | None = says(documents.Document, "url")
    copies: list[Copy] = named("what it relays or rewords")
    copied_by: list[Copy] = named("what relays or rewords it")
    cites: list[Citation] = named("works whose words it reports")
    cited_by: list[Citation] = named("works that report what it says")
    readings: list[Reading] = named(
        "its garbled words with their proposed readings, in the order of the text"
    )

    passages: Connection["Passage"] = asked(_list_passages, "its passages that claims or mentions point to")

    shown_claims: Connection["Claim"] = asked(_list_claims, "claims that its passages show")


@strawberry.type(description=about(subjects.Place))
class Place(Entity):
    country: str | None = says(subjects.Place, "country", more="; ISO 3166-1 alpha-2")

    embassies_sent: Connection["Embassy"] = asked(_list_embassies, "missions that this state sent, by name")

    embassies_here: Connection["Embassy"] = asked(_list_embassies, "missions in this place, by name")


@strawberry.type(description=about(subjects.Topic))
class Topic(Entity):
    pass


@strawberry.type(description=about(subjects.Narrative))
class Narrative(Entity):
    pass


ENTITY_CLASSES = (
    Official, Influencer, Person, Embassy, Organization, MediaOutlet, Tribunal, Group, Account, Channel, Post,
    Content, Tour, Event, Report, Document, Place, Topic, Narrative, Campaign,
)  # fmt: skip
