"""The catalog: every label, relationship type, key and index there is. Constraints, docs and tests loop over it."""

from typing import Final, NamedTuple

from schema import bookkeeping, observations
from schema.bodies import Group, Organization, Tribunal
from schema.claims import Claim
from schema.documents import Document, Passage, Reading, Report
from schema.events import Campaign, Event, Tour
from schema.media import Account, Channel, ChannelKind, Content, MediaOutlet, Post
from schema.missions import Embassy
from schema.node import Entity, Node
from schema.people import Influencer, Official, Person
from schema.subjects import Narrative, Place, Topic
from schema.verbs import VERB_NAMES

ENTITY_TYPES: Final[dict[str, type[Entity]]] = {
    model.__name__: model
    for model in (
        Official, Influencer, Person, Embassy, Organization, MediaOutlet, Tribunal, Group, Account, Channel, Post,
        Content, Tour, Event, Report, Document, Place, Topic, Narrative, Campaign,
    )
}  # fmt: skip

OTHER_NODES: Final[dict[str, type[Node] | type[observations.Dataset]]] = {
    model.__name__: model
    for model in (
        Claim, Passage, Reading, bookkeeping.Name, bookkeeping.NameKey, bookkeeping.Case, bookkeeping.Run,
        bookkeeping.Change, bookkeeping.Judgement, bookkeeping.Migration, bookkeeping.Batch, bookkeeping.Load,
        observations.Dataset,
    )
}  # fmt: skip

LABELS: Final = frozenset({"Entity", *ENTITY_TYPES, *OTHER_NODES})


def counters_of(kind: str | None) -> tuple[str, str]:
    """The counters of observed interactions that an entity made and that were made with what it published.

    `kind`: those through one sort of channel; None: in all.
    """
    behind = f"_{ChannelKind(kind)}" if kind else ""
    return f"observed_out{behind}", f"observed_in{behind}"


COUNTERS: Final = tuple(name for kind in (None, *ChannelKind) for name in counters_of(kind))

# Properties that the writer keeps on every entity beside those of its model.
ENTITY_BOOKKEEPING: Final = {
    "type": "the GraphQL type, which is also the most specific label",
    "sources": "the cases and datasets that use it; it goes when the last one goes",
    "canonical": "the entity it is judged to be; its own id unless a person decided otherwise",
    "degree": "how many derived edges it has; derived",
    **dict.fromkeys(
        COUNTERS, "how many observed interactions amplify, out and in, by sort of channel; derived"
    ),
}

# A person carries Person and, for a role that a source states, the role's label as well.
PERSON_TYPES: Final = frozenset({"Person", "Official", "Influencer"})


def labels_of(entity_type: str) -> tuple[str, ...]:
    """Every label that an entity of this type carries, Entity first."""
    return (
        ("Entity", "Person", entity_type)
        if entity_type in PERSON_TYPES - {"Person"}
        else ("Entity", entity_type)
    )


class Relationship(NamedTuple):
    """A relationship type: its layer, its ends, its properties and what it says."""

    name: str
    layer: str
    start: str
    end: str
    properties: tuple[str, ...]
    says: str


RELATIONSHIPS: Final[tuple[Relationship, ...]] = tuple(
    Relationship(*row)
    for row in (
        ("WHO", "ledger", "Claim", "Entity|Claim", (), "who did it"),
        ("WHAT", "ledger", "Claim", "Entity|Claim", (), "to what"),
        ("WHOSE", "ledger", "Claim", "Entity", (), "whose content it was"),
        ("VIA", "ledger", "Claim", "Entity", (), "through which channel, account, outlet or event"),
        ("AT", "ledger", "Claim", "Entity", (), "where"),
        ("DURING", "ledger", "Claim", "Entity", (), "during which event or tour"),
        ("ABOUT", "ledger", "Claim", "Entity", (), "about what"),
        ("SAID_BY", "ledger", "Claim", "Entity", (), "whose voice: the innermost asserter"),
        ("SHOWN_IN", "ledger", "Claim", "Passage", ("attribution",), "the passage with the exact words"),
        ("INSIDE", "ledger", "Claim", "Claim", (), "reported speech inside an act of saying"),
        (
            "DISPUTES",
            "ledger",
            "Claim",
            "Entity|Claim",
            ("level", "scope"),
            "a contest, with its level and scope",
        ),
        ("SUPPORTS", "ledger", "Claim", "Claim", (), "agreement, also between opponents"),
        ("REPLIES_TO", "ledger", "Claim", "Claim", (), "a reply, authored as one"),
        ("REPLACES", "ledger", "Claim", "Claim", ("reason",), "a new version of a claim"),
        ("PART_OF", "ledger", "Passage", "Document", (), "the document a passage stands in"),
        (
            "COPIES",
            "ledger",
            "Document",
            "Document",
            ("how", "certainty", "basis"),
            "relayed or reworded text",
        ),
        (
            "CITES",
            "ledger",
            "Document",
            "Document|Report",
            ("certainty", "basis"),
            "reports what the other says",
        ),
        ("MENTIONS", "ledger", "Passage", "Entity", ("written",), "a spelling as written"),
        ("HAS_READING", "ledger", "Document", "Reading", (), "a garble and its proposed reading"),
        ("READ_AS", "ledger", "Passage", "Reading", (), "a reading that touches this passage"),
        ("PUBLISHED_UNDER", "ledger", "Document|Report", "Entity", (), "who published it"),
        ("NAMED", "ledger", "Entity", "Name", (), "one spelling of its name"),
        ("FOUND_AS", "ledger", "Name", "NameKey", (), "a text by which search finds it"),
        ("LOADED_BY", "ledger", "Case|Dataset", "Run", (), "the runs of a case or dataset"),
        ("POSTED", "observed", "Account", "Post", ("dataset", "row"), "published the post"),
        (
            "SHARES",
            "observed",
            "Post",
            "Post",
            ("kind", "at", "dataset", "row", "feeds"),
            "passes on another post",
        ),
        (
            "INTERACTED",
            "observed",
            "Account",
            "Account",
            ("id", "kind", "at", "dataset", "row", "feeds"),
            "acted on a post",
        ),
        (
            "HELD_BY",
            "observed",
            "Account",
            "Entity",
            ("from", "to", "basis", "dataset", "row"),
            "who ran the account",
        ),
        ("ON", "observed", "Account", "Channel", ("dataset", "row"), "the platform of an account"),
        ("SENT_BY", "observed", "Embassy", "Place", ("dataset", "row"), "the sending state"),
        ("LOCATED_IN", "observed", "Embassy", "Place", ("dataset", "row"), "where the mission is"),
        (
            "POSTED_AT",
            "observed",
            "Official",
            "Embassy",
            ("role", "from", "to", "dataset", "row"),
            "a posting",
        ),
    )
)

# Derived edges: typed by the verb, rebuilt from claims and interactions, never edited by hand.
REPORTED_EDGE: Final = (
    "id", "basis", "claim", "channel", "count", "count_min", "count_max", "unit", "modality", "status", "said_by",
    "origins", "contested", "sentence",
)  # fmt: skip
OBSERVED_EDGE: Final = (
    "id", "basis", "channel", "count", "count_min", "unit", "first", "last", "dataset", "undated",
    "bounds_unknown", "from_accounts", "to_accounts",
)  # fmt: skip

STORED_TYPES: Final = frozenset(kind.name for kind in RELATIONSHIPS)
EDGE_TYPES: Final = VERB_NAMES
RELATIONSHIP_TYPES: Final = STORED_TYPES | EDGE_TYPES

# Unique keys: every label that has an id of its own. Entities share one key over all types.
UNIQUE_KEYS: Final = tuple((label, "id") for label in ("Entity", *OTHER_NODES))

# Indexes for the ways a question starts; the test EXPLAINs each question and looks for them.
NODE_INDEXES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("Entity", ("type", "id")),
    ("Claim", ("verb", "id")),
    ("Claim", ("case",)),
    ("Passage", ("case",)),
    ("Document", ("sha256",)),
    ("Name", ("norm",)),
    ("NameKey", ("key",)),
    ("NameKey", ("source",)),
    ("NameKey", ("head",)),
    ("Entity", ("wikidata",)),
    ("Batch", ("dataset",)),
)
EDGE_INDEXES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("AMPLIFIED", ("basis",)),
    ("AMPLIFIED", ("channel", "count_min", "id")),
)
