"""The contract for ordinary resolvers: how a field is found from what it stands on, and what is left out."""

import re
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLInterfaceType,
    NullValueNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    get_named_type,
    is_leaf_type,
    visit,
)

from api.schema import CONTRACT
from schema.catalog import ENTITY_TYPES
from tests.api.naive.reader import ROLES, SHOWN

SCHEMA = build_schema(CONTRACT)
NODES = {"Claim", "Passage", "Reading", "Name", "Run", "Case", "Dataset"}


class Edges(NamedTuple):
    """How a list is found from `n`: what to match, the order, and what may not be shown."""

    match: str
    order: str = "m.id"
    hidden: str = ""
    is_page: bool = False


ACCEPTED = "(m.status IS NULL OR m.status <> 'suggested')"
IN_TEXT = "split(m.id, ':' + toString(m.start) + '-')[0], m.start"
IN_ROWS = "m.id, coalesce(e.kind, ''), coalesce(e.row, '')"

LISTS: dict[tuple[str, str], Edges] = {
    ("Entity", "names"): Edges("(n)-[e:NAMED]->(m:Name)"),
    ("Entity", "accounts"): Edges("(n)<-[e:HELD_BY]-(m:Account)"),
    ("Entity", "publications"): Edges("(n)<-[e:PUBLISHED_UNDER]-(m:Entity)", "m.name, m.id", is_page=True),
    ("Entity", "mentions"): Edges("(n)<-[e:MENTIONS]-(m:Passage)", is_page=True),
    ("Entity", "claims"): Edges(f"(n)<-[:{ROLES}]-(m:Claim)", hidden=SHOWN, is_page=True),
    ("Entity", "saidClaims"): Edges("(n)<-[:SAID_BY]-(m:Claim)", hidden=SHOWN, is_page=True),
    ("Account", "heldBy"): Edges("(n)-[e:HELD_BY]->(m:Entity)", "coalesce(e.from, ''), m.id"),
    ("Document", "publisher"): Edges("(n)-[:PUBLISHED_UNDER]->(m:Entity)"),
    ("Document", "copies"): Edges("(n)-[e:COPIES]->(m:Document)"),
    ("Document", "copiedBy"): Edges("(n)<-[e:COPIES]-(m:Document)"),
    ("Document", "cites"): Edges("(n)-[e:CITES]->(m:Entity)"),
    ("Document", "passages"): Edges("(n)<-[:PART_OF]-(m:Passage)", is_page=True),
    ("Document", "readings"): Edges("(n)-[:HAS_READING]->(m:Reading)", "m.start, m.id"),
    ("Document", "shownClaims"): Edges(
        "(n)<-[:PART_OF]-(:Passage)<-[:SHOWN_IN]-(m:Claim)", hidden=SHOWN, is_page=True
    ),
    ("Report", "publisher"): Edges("(n)-[:PUBLISHED_UNDER]->(m:Entity)"),
    ("Claim", "who"): Edges("(n)-[:WHO]->(m)", hidden=ACCEPTED),
    ("Claim", "what"): Edges("(n)-[:WHAT]->(m)", hidden=ACCEPTED),
    ("Claim", "whose"): Edges("(n)-[:WHOSE]->(m:Entity)"),
    ("Claim", "via"): Edges("(n)-[:VIA]->(m:Entity)"),
    ("Claim", "at"): Edges("(n)-[:AT]->(m:Entity)"),
    ("Claim", "during"): Edges("(n)-[:DURING]->(m:Entity)"),
    ("Claim", "about"): Edges("(n)-[:ABOUT]->(m:Entity)"),
    ("Claim", "saidBy"): Edges("(n)-[:SAID_BY]->(m:Entity)"),
    ("Claim", "shownIn"): Edges("(n)-[e:SHOWN_IN]->(m:Passage)", IN_TEXT),
    ("Claim", "contents"): Edges("(n)<-[:INSIDE]-(m:Claim)", hidden=SHOWN),
    ("Claim", "supports"): Edges("(n)-[:SUPPORTS]->(m:Claim)", hidden=SHOWN),
    ("Claim", "supportedBy"): Edges("(n)<-[:SUPPORTS]-(m:Claim)", hidden=SHOWN),
    ("Claim", "repliesTo"): Edges("(n)-[:REPLIES_TO]->(m:Claim)", hidden=SHOWN),
    ("Claim", "replies"): Edges("(n)<-[:REPLIES_TO]-(m:Claim)", hidden=SHOWN),
    ("Claim", "replacedBy"): Edges("(n)<-[:REPLACES]-(m:Claim)"),
    ("Claim", "disputes"): Edges("(n)-[e:DISPUTES]->(m)"),
    ("Claim", "claimsAboutIt"): Edges("(n)<-[:WHO|WHAT]-(m:Claim)", hidden=SHOWN, is_page=True),
    ("Passage", "document"): Edges("(n)-[:PART_OF]->(m:Document)"),
    ("Passage", "readings"): Edges("(n)-[:READ_AS]->(m:Reading)", "m.start, m.id"),
    ("Passage", "claims"): Edges("(n)<-[:SHOWN_IN]-(m:Claim)", hidden=SHOWN, is_page=True),
    ("Passage", "names"): Edges("(n)-[e:MENTIONS]->(m:Entity)"),
    ("Reading", "document"): Edges("(n)<-[:HAS_READING]-(m:Document)"),
    ("Reading", "passages"): Edges("(n)<-[:READ_AS]-(m:Passage)"),
    ("Name", "entity"): Edges("(n)<-[:NAMED]-(m:Entity)"),
    ("Place", "embassiesSent"): Edges("(n)<-[:SENT_BY]-(m:Embassy)", "m.name, m.id", is_page=True),
    ("Place", "embassiesHere"): Edges("(n)<-[:LOCATED_IN]-(m:Embassy)", "m.name, m.id", is_page=True),
    ("Embassy", "sentBy"): Edges("(n)-[:SENT_BY]->(m:Place)"),
    ("Embassy", "locatedIn"): Edges("(n)-[:LOCATED_IN]->(m:Place)"),
    ("Account", "channel"): Edges("(n)-[:ON]->(m:Channel)"),
    ("Account", "posts"): Edges("(n)-[:POSTED]->(m:Post)", "coalesce(m.at, '~'), m.id", is_page=True),
    ("Post", "postedBy"): Edges("(n)<-[:POSTED]-(m:Account)"),
    ("Post", "shares"): Edges("(n)-[e:SHARES]->(m:Post)", IN_ROWS, is_page=True),
    ("Post", "sharedBy"): Edges("(n)<-[e:SHARES]-(m:Post)", IN_ROWS, is_page=True),
    ("Run", "dataset"): Edges("(n)<-[:LOADED_BY]-(m:Dataset)"),
    ("Run", "case"): Edges("(n)<-[:LOADED_BY]-(m:Case)"),
    ("Case", "runs"): Edges("(n)-[:LOADED_BY]->(m:Run)", "m.at DESC, m.id", is_page=True),
    ("Channel", "accountsOn"): Edges("(n)<-[:ON]-(m:Account)", "m.name, m.id", is_page=True),
}
# How a whole listing is found: the label, the label to look things up by, and the order.
LISTINGS = {
    "tours": ("Tour", "Entity", "m.name, m.id"),
    "reports": ("Report", "Entity", "m.name, m.id"),
    "tribunals": ("Tribunal", "Entity", "m.name, m.id"),
    "influencers": ("Influencer", "Entity", "m.name, m.id"),
    "narratives": ("Narrative", "Entity", "m.name, m.id"),
    "datasets": ("Dataset", "Dataset", "m.title, m.id"),
    "runs": ("Run", "Run", "m.at DESC, m.id"),
}
# Fields whose object is the very node that they stand on, or the other end of the edge that led there.
SAME_NODE = {
    ("Amplification", "count"),
    ("Amplification", "when"),
    ("Claim", "count"),
    ("Claim", "when"),
    ("Claim", "grade"),
    ("Claim", "origins"),
}
THERE = {
    ("SaidBy", "entity"), ("ShownIn", "passage"), ("Mention", "passage"), ("Holding", "entity"),
    ("Naming", "entity"), ("Citation", "work"), ("Dispute", "target"), ("Copy", "document"), ("Copy", "original"),
    ("Contest", "claim"), ("Contest", "source"), ("Version", "claim"), ("Share", "post"),
    ("Amplification", "amplifier"), ("Amplification", "amplified"), ("Amplification", "claim"),
}  # fmt: skip
OF_THE_EDGE = {"ShownIn", "Mention", "Holding", "Naming", "Citation", "Dispute", "Copy", "Share"}
ON_THE_EDGE = {
    ("ShownIn", "attribution"), ("Mention", "written"), ("Naming", "written"), ("Holding", "from"),
    ("Holding", "to"), ("Holding", "basis"), ("Citation", "certainty"), ("Citation", "basis"),
    ("Dispute", "level"), ("Dispute", "scope"), ("Contest", "level"), ("Contest", "scope"), ("Version", "reason"),
    ("Amplification", "id"), ("Copy", "how"), ("Copy", "certainty"), ("Copy", "basis"), ("Share", "kind"),
    ("Share", "dataset"), ("Share", "row"),
}  # fmt: skip
# Where the property has another name than the field, and what stands there when it is missing.
PROPERTIES = {
    ("Claim", "contestedDirectly"): "contested_direct",
    ("Amplification", "independentOrigins"): "origins",
    ("RecordCount", "text"): "count",
    ("RecordCount", "min"): "count_min",
    ("RecordCount", "max"): "count_max",
    ("Count", "text"): "count",
    ("Count", "min"): "count_min",
    ("Count", "max"): "count_max",
    ("When", "edtf"): "date",
    ("When", "literal"): "date_text",
    ("When", "basis"): "date_basis",
    ("When", "reason"): "date_reason",
    ("Grade", "source"): "grade_source",
    ("Grade", "information"): "grade_information",
    ("Grade", "reason"): "grade_reason",
    ("Origins", "count"): "origins",
}
MISSING: dict[tuple[str, str], Any] = {
    ("Claim", "contested"): False,
    ("Claim", "contestedDirectly"): False,
    ("Amplification", "contested"): False,
    ("When", "basis"): "not_stated",
    ("Grade", "source"): "F",
    ("Grade", "information"): 6,
    ("Document", "held"): False,
    ("Group", "named"): False,
    ("Account", "platformLabels"): [],
    ("Run", "skipped"): [],
}
# What has a module of its own: these objects are made whole, with every field.
MADE = {
    "AmplifierGroup", "ReportedSide", "StatedCount", "ObservedSide", "TimelineItem", "Posting", "Paths", "Path", "Hop",
    "Link", "SharedSources", "SharedVoice", "SharedDocument", "NarrativeLink", "Interaction",
}  # fmt: skip
# Fields that take more than a look at one node or edge, and questions, each with a function of its own.
WALKED = {
    ("Claim", "inside"), ("Claim", "disputedBy"), ("Claim", "history"), ("Origins", "roots"), ("Origins", "chain"),
    ("Entity", "replies"), ("Entity", "repliesRecorded"), ("Entity", "disputedBy"), ("Entity", "amplified"),
    ("Entity", "amplifiedBy"), ("Official", "postings"), ("Embassy", "officials"), ("Account", "interactions"),
    *(("Amplification", name) for name in (
        "channel", "basis", "narratives", "interactions", "accounts", "dataset", "first", "last", "undated",
        "boundsUnknown",
    )),
}  # fmt: skip
ROOTS = {
    "amplifications", "amplifiers", "claims", "timeline", "officials", "paths", "entities", "embassies", "entity",
    "claim", "document", "passage", *LISTINGS,
}  # fmt: skip
# No oracle for these: a sentence of ours, and what a run was given as the title of its case.
LEFT_OUT = {("Paths", "lookedAt"), ("Case", "title")}
HOLDERS = (
    *NODES,
    *ENTITY_TYPES,
    "Entity",
    "Thing",
    "Count",
    "When",
    "Grade",
    "Origins",
    "SaidBy",
    "Amplification",
    "RecordCount",
    *OF_THE_EDGE,
)
CONNECTION = {
    "nodes",
    "edges",
    "totalCount",
    "pageInfo",
    "searched",
    "node",
    "hasNextPage",
    "hasPreviousPage",
}
SEARCHED = {"documents", "claims", "datasets", "undatedExcluded", "modalities"}
# What is on the record of a claim as it is on the claim itself.
OF_ITS_CLAIM = {"content": "what", "saidBy": "saidBy", "replies": "replies"}


def key_of(kind: str, name: str) -> tuple[str, str]:
    """A field that every entity has stands under Entity, and one that a record has of its claim under Claim."""
    if kind == "Amplification" and name in OF_ITS_CLAIM:
        return "Claim", OF_ITS_CLAIM[name]
    if (kind, name) in LISTS or (kind, name) in MISSING or kind not in ENTITY_TYPES:
        return kind, name
    entity = SCHEMA.type_map["Entity"]
    assert isinstance(entity, GraphQLInterfaceType)
    return ("Entity", name) if name in entity.fields else (kind, name)


def is_covered(kind: str, name: str) -> bool:  # noqa: PLR0911 - one for each kind of type
    """Whether there is a resolver for a field."""
    if name == "__typename":
        return True
    parent: Any = SCHEMA.type_map[kind]
    field = parent.fields[name]
    key = key_of(kind, name)
    if kind == "Query":
        return name in ROOTS
    if kind.endswith(("Connection", "Edge")) or kind == "PageInfo":
        return name in CONNECTION
    if kind == "Searched":
        return name in SEARCHED
    if key in LEFT_OUT:
        return False
    if kind in MADE or any(key in table for table in (WALKED, LISTS, SAME_NODE, THERE, ON_THE_EDGE)):
        return True
    return kind in HOLDERS and is_leaf_type(get_named_type(field.type)) and not field.args


def covers(document: DocumentNode) -> bool:
    """Whether there is a resolver for everything in a document."""
    info = TypeInfo(SCHEMA)
    missing: list[str] = []

    class Look(Visitor):
        def enter_field(self, node: Any, *_: Any) -> None:
            parent = info.get_parent_type()
            assert parent is not None
            name = node.name.value
            is_later_page = any(
                each.name.value == "after" and not isinstance(each.value, NullValueNode)
                for each in node.arguments or ()
            )
            if is_later_page or not is_covered(parent.name, name):
                missing.append(f"{parent.name}.{name}")

    visit(document, TypeInfoVisitor(info, Look()))
    return not missing


def to_snake(name: str) -> str:
    """The name as the store writes it."""
    return re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", name)


def to_word(value: Any, kind: Any) -> Any:
    """A word of a vocabulary as the API writes it."""
    if isinstance(kind, GraphQLEnumType) and isinstance(value, str):
        return re.sub(r"\W+", "_", value).upper()
    return value
