"""Ordinary resolvers: each field is a statement of its own, written without a look at how the answers are composed."""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLResolveInfo,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    execute,
    get_named_type,
    is_leaf_type,
    is_list_type,
    visit,
)

from api.schema import CONTRACT
from kb.store import Store, literal
from schema.catalog import ENTITY_TYPES

SCHEMA = build_schema(CONTRACT)
NODES = {"Claim", "Passage", "Reading", "Name", "Run", "Case", "Dataset"}
ROLES = "WHO|WHAT|WHOSE|VIA|AT|DURING|ABOUT"


class Object(NamedTuple):
    """Something in the graph: its GraphQL type, the label and id to find it by, and the edge that led there."""

    type: str
    label: str
    id: str
    edge: Mapping[str, Any] = {}
    others: Mapping[str, "Object"] = {}


class Edges(NamedTuple):
    """How a list is found from `n`: what to match, the order, and what may not be shown."""

    match: str
    order: str = "m.id"
    hidden: str = ""
    is_page: bool = False


# Claims as they are shown when nothing else is asked for, and what nobody has accepted yet.
SHOWN = "m.known_to IS NULL AND m.status = 'accepted'"
ACCEPTED = "(m.status IS NULL OR m.status <> 'suggested')"
IN_TEXT = "split(m.id, ':' + toString(m.start) + '-')[0], m.start"

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
    ("Channel", "accountsOn"): Edges("(n)<-[:ON]-(m:Account)", "m.name, m.id", is_page=True),
}
LISTINGS = {
    "embassies": "Embassy",
    "tours": "Tour",
    "reports": "Report",
    "tribunals": "Tribunal",
    "influencers": "Influencer",
    "narratives": "Narrative",
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
    ("Contest", "claim"), ("Contest", "source"), ("Version", "claim"),
    ("Amplification", "amplifier"), ("Amplification", "amplified"), ("Amplification", "claim"),
}  # fmt: skip
OF_THE_EDGE = {"ShownIn", "Mention", "Holding", "Naming", "Citation", "Dispute", "Copy"}
ON_THE_EDGE = {
    ("ShownIn", "attribution"), ("Mention", "written"), ("Naming", "written"), ("Holding", "from"),
    ("Holding", "to"), ("Holding", "basis"), ("Citation", "certainty"), ("Citation", "basis"),
    ("Dispute", "level"), ("Dispute", "scope"), ("Contest", "level"), ("Contest", "scope"), ("Version", "reason"),
    ("Amplification", "id"), ("Copy", "how"), ("Copy", "certainty"), ("Copy", "basis"),
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
}
# What takes more than a look at one node or edge: no oracle for it here.
LEFT_OUT = {("Entity", "repliesRecorded"), ("Case", "title")}
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
FILTERS = {"verb", "case", "kind", "modality", "contested", "saidBy", "who", "what", "whose", "via", "at", "during",
           "about", "document", "entity", "text"}  # fmt: skip

RECORD_FILTERS = {"amplifier", "amplified", "content", "channel", "channelStated", "modality", "minCount"}
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


def is_covered(kind: str, name: str) -> bool:
    """Whether there is a resolver for a field."""
    if name == "__typename":
        return True
    parent: Any = SCHEMA.type_map[kind]
    field = parent.fields[name]
    key = key_of(kind, name)
    if kind == "Query":
        return name in {"entity", "claim", "document", "passage", "claims", "amplifications", *LISTINGS}
    if kind.endswith(("Connection", "Edge")) or kind == "PageInfo":
        return name in CONNECTION
    if kind == "Searched":
        return name in SEARCHED
    if key in WALKS or key in LISTS or key in SAME_NODE or key in THERE or key in ON_THE_EDGE:
        return True
    return (
        kind in HOLDERS
        and key not in LEFT_OUT
        and is_leaf_type(get_named_type(field.type))
        and not field.args
    )


def is_asked_plainly(kind: str, name: str, arguments: set[str], conditions: set[str]) -> bool:
    """Whether the arguments of a covered field are among those that there are resolvers for."""
    if name in ("claims", "saidClaims", "shownClaims", "claimsAboutIt"):
        return arguments <= {"first", "filter"} and conditions <= FILTERS
    if (kind, name) == ("Query", "amplifications"):
        return arguments <= {"first", *RECORD_FILTERS}
    return arguments <= ({"id"} if kind == "Query" else set()) | {"first"}


def covers(document: DocumentNode) -> bool:
    """Whether there is a resolver for everything in a document."""
    info = TypeInfo(SCHEMA)
    missing: list[str] = []

    class Look(Visitor):
        def enter_field(self, node: Any, *_: Any) -> None:
            parent = info.get_parent_type()
            assert parent is not None
            name = node.name.value
            arguments = {each.name.value for each in node.arguments or ()}
            conditions = {
                each.name.value
                for argument in node.arguments or ()
                if argument.name.value == "filter"
                for each in getattr(argument.value, "fields", None) or ()
            }
            if not (
                is_covered(parent.name, name) and is_asked_plainly(parent.name, name, arguments, conditions)
            ):
                missing.append(f"{parent.name}.{name}")

    visit(document, TypeInfoVisitor(info, Look()))
    return not missing


class Naive:
    """Answers documents over a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def answer(self, document: DocumentNode) -> Any:
        """The data; raises what a resolver raises."""
        pending = execute(
            SCHEMA, document, field_resolver=self._resolve, type_resolver=lambda value, *_: value.type
        )
        result = await pending if isinstance(pending, Awaitable) else pending
        if result.errors:
            raise result.errors[0]
        return result.data

    async def _rows(self, statement: str, **parameters: Any) -> list[list[Any]]:
        return await self._store.read(literal(statement), parameters)

    async def _resolve(self, parent: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        kind, name = info.parent_type.name, info.field_name
        if kind == "Query":
            return await self._root(name, arguments)
        if isinstance(parent, Mapping):  # of a connection
            found = parent[name]
            return await found() if isinstance(found, Callable) else found  # type: ignore[arg-type]
        key = key_of(kind, name)
        if kind in ("Amplification", "RecordCount") and not parent.label:
            return await _of_observed(self, parent, name)
        if key in WALKS:
            return await WALKS[key](self, parent, arguments)
        return await self._of_node(parent, info, key, arguments)

    async def _of_node(  # noqa: PLR0911 - one for each kind of field
        self,
        parent: Object,
        info: GraphQLResolveInfo[Any],
        key: tuple[str, str],
        arguments: Mapping[str, Any],
    ) -> Any:
        kind, name = info.parent_type.name, info.field_name
        target = get_named_type(info.return_type)
        if key in LISTS:
            return await self._list(parent, LISTS[key], info, arguments)
        if key in THERE:
            return parent.others.get(name)
        if key in SAME_NODE:
            if name == "count" and await self._property(parent, "count") is None:
                return None
            return parent._replace(type=target.name)
        if key in ON_THE_EDGE:
            return _word(parent.edge.get(name), target)
        if (kind, name) == ("Passage", "held"):
            return await self._property(parent, "exact") is not None
        if name == "label":
            values = [await self._property(parent, each) for each in ("name", "sentence", "text")]
            return next(value for value in values if value is not None)
        value = await self._property(parent, PROPERTIES.get(key, _snake(name)))
        if value is None and key == ("Claim", "sentence"):
            value = await self._property(parent, "text")
        return _word(MISSING.get(key) if value is None else value, target)

    async def _property(self, of: Object, name: str) -> Any:
        ((value,),) = await self._rows(f"MATCH (n:{of.label} {{id: $id}}) RETURN n.{name} AS value", id=of.id)
        return value

    async def _root(self, name: str, arguments: Mapping[str, Any]) -> Any:
        if name == "claims":
            rows = await self._rows(f"MATCH (m:Claim) WHERE {SHOWN} RETURN m.id AS id ORDER BY id")
            return await self._claims([Object("Claim", "Claim", row[0]) for row in rows], arguments)
        if name == "amplifications":
            return await _find_records(self, arguments)
        if name in LISTINGS:
            label = LISTINGS[name]
            rows = await self._rows(f"MATCH (m:{label}) RETURN m.id AS id ORDER BY m.name, m.id")
            return self._page([Object(label, "Entity", row[0]) for row in rows], arguments)
        label = {"claim": "Claim", "passage": "Passage"}.get(name, "Entity")
        found = await self._open(label, arguments["id"])
        return None if name == "document" and found is not None and found.type != "Document" else found

    async def _claims(self, found: list[Object], arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """A page of those of the claims that the filter lets through."""
        asked = arguments.get("filter") or {}
        for condition, value in asked.items():
            if value is not None:
                fitting = await self._fitting(condition, value)
                found = [each for each in found if each.id in fitting]
        return self._page(found, arguments, asked.get("modality") or list(_values("Modality")))

    async def _fitting(self, condition: str, value: Any) -> set[str]:
        """The ids of the claims that one condition of a filter lets through."""
        if condition == "document":
            match, where = "(m:Claim)-[:SHOWN_IN]->(:Passage)-[:PART_OF]->(x:Entity)", "x.id = $value"
        elif condition in ("verb", "case"):
            match, where = "(m:Claim)", f"m.{condition} = $value"
        elif condition == "text":
            value = value.lower()
            match, where = "(m:Claim)", "toLower(m.sentence) CONTAINS $value"
        elif condition == "entity":
            match, where = f"(m:Claim)-[:{ROLES}]->(x:Entity)", "x.id = $value"
        elif condition == "contested":
            match, where = "(m:Claim)", "coalesce(m.contested, false) = $value"
        elif condition in ("kind", "modality"):
            value = [each.lower() for each in value]
            match, where = "(m:Claim)", f"m.{condition} IN $value"
        else:
            match, where = f"(m:Claim)-[:{_snake(condition).upper()}]->(x:Entity)", "x.id = $value"
        return {
            row[0] for row in await self._rows(f"MATCH {match} WHERE {where} RETURN m.id AS id", value=value)
        }

    async def _open(self, label: str, key: str) -> Object | None:
        rows = await self._rows(f"MATCH (n:{label} {{id: $id}}) RETURN n.type AS type", id=key)
        if not rows:
            return None
        return Object(rows[0][0] if label == "Entity" else label, label, key)

    async def _list(
        self, of: Object, edges: Edges, info: GraphQLResolveInfo[Any], arguments: Mapping[str, Any]
    ) -> Any:
        where = f"WHERE {edges.hidden} " if edges.hidden else ""
        edge = "properties(e)" if "[e:" in edges.match else "null"
        rows = await self._rows(
            f"MATCH {edges.match.replace('(n)', f'(n:{of.label} {{id: $id}})', 1)} {where}"
            f"RETURN m.id AS id, labels(m) AS labels, {edge} AS edge ORDER BY {edges.order}",
            id=of.id,
        )
        found: list[Object] = []
        target = get_named_type(info.return_type)
        wrapped = target.name.removesuffix("Connection")
        for key, labels, between in rows:
            there = await self._open("Entity" if "Entity" in labels else next(iter(NODES & set(labels))), key)
            assert there is not None
            if wrapped in (*OF_THE_EDGE, "SaidBy"):
                there = self._over_the_edge(wrapped, of, there, between or {}, info.field_name)
            if there not in found:
                found.append(there)
        if edges.is_page:
            is_filtered = "filter" in info.parent_type.fields[info.field_name].args
            return await self._claims(found, arguments) if is_filtered else self._page(found, arguments)
        inner: Any = info.return_type
        if is_list_type(getattr(inner, "of_type", inner)) or is_list_type(inner):
            return found
        return found[0] if found else None

    def _over_the_edge(
        self, kind: str, here: Object, there: Object, edge: Mapping[str, Any], name: str
    ) -> Object:
        others = {field: there for of, field in THERE if of == kind}
        if kind == "Copy":
            ends = (here, there) if name == "copies" else (there, here)
            others = dict(zip(("document", "original"), ends, strict=True))
        return Object(kind, there.label, there.id, edge, others)

    def _page(
        self, rows: list[Object], arguments: Mapping[str, Any], modalities: Any = None
    ) -> Mapping[str, Any]:
        first = arguments["first"]
        shown = rows[:first]
        return {
            "nodes": shown,
            "edges": [{"node": row} for row in shown],
            "totalCount": len(rows),
            "pageInfo": {"hasNextPage": len(rows) > first, "hasPreviousPage": False},
            "searched": {
                "documents": self._count(
                    "MATCH (d:Document)<-[:PART_OF]-(:Passage) RETURN count(DISTINCT d) AS n"
                ),
                "claims": self._count(f"MATCH (m:Claim) WHERE {SHOWN} RETURN count(m) AS n"),
                "datasets": self._count("MATCH (d:Dataset) RETURN count(d) AS n"),
                "undatedExcluded": 0,
                "modalities": modalities,  # only claims have one
            },
        }

    def _count(self, statement: str) -> Callable[[], Awaitable[int]]:
        async def count() -> int:
            return int((await self._rows(statement))[0][0])

        return count

    async def ids(self, match: str, **parameters: Any) -> list[str]:
        """The ids of what `m` is in a pattern."""
        return sorted({row[0] for row in await self._rows(f"MATCH {match} RETURN m.id AS id", **parameters)})

    async def edges(self, match: str, **parameters: Any) -> list[tuple[str, dict[str, Any]]]:
        """The ids of what `m` is in a pattern, each with the properties of `e`."""
        rows = await self._rows(f"MATCH {match} RETURN m.id AS id, properties(e) AS edge", **parameters)
        return sorted(((row[0], row[1]) for row in rows), key=lambda row: (row[0], str(row[1].get("level"))))

    async def open(self, label: str, key: str) -> Object:
        """What has the id."""
        found = await self._open(label, key)
        assert found is not None
        return found

    def page(
        self, rows: list[Object], arguments: Mapping[str, Any], modalities: Any = None
    ) -> Mapping[str, Any]:
        """A page of rows."""
        return self._page(rows, arguments, modalities)

    async def observed(self) -> list[tuple[str, str, dict[str, Any]]]:
        """The edges that were derived from rows: the ids of both ends, and what is on the edge."""
        rows = await self._rows(
            "MATCH (a:Entity)-[e:AMPLIFIED]->(b:Entity) WHERE e.basis = 'observed'"
            " RETURN a.id AS a, b.id AS b, properties(e) AS edge"
        )
        return [(row[0], row[1], row[2]) for row in rows]

    async def property(self, of: Object, name: str) -> Any:
        """A property of what has a node."""
        return await self._property(of, name)


async def _walk_inside(naive: Naive, claim: Object, _arguments: Mapping[str, Any]) -> list[Object]:
    """The claims that it stands in, one inside the other, the nearest first."""
    found: list[str] = []
    level = [claim.id]
    while level:
        level = sorted(
            {
                each
                for one in level
                for each in await naive.ids("(:Claim {id: $id})-[:INSIDE]->(m:Claim)", id=one)
            }
        )
        found += level
    return [await naive.open("Claim", each) for each in found]


async def _walk_disputes(naive: Naive, claim: Object, _arguments: Mapping[str, Any]) -> list[Object]:
    """What disputes the claim itself, and what disputes one of its voices at level source."""
    found: list[tuple[str, str, Object]] = []
    shown = f"WHERE {SHOWN}"
    for key, edge in await naive.edges(f"(:Claim {{id: $id}})<-[e:DISPUTES]-(m:Claim) {shown}", id=claim.id):
        found.append((key, claim.id, await _contest(naive, key, edge, claim)))
    for voice in await naive.ids("(:Claim {id: $id})-[:SAID_BY]->(m:Entity)", id=claim.id):
        for key, edge in await naive.edges(
            f"(:Entity {{id: $id}})<-[e:DISPUTES]-(m:Claim) {shown}", id=voice
        ):
            if edge["level"] == "source" and key != claim.id:
                found.append(
                    (key, voice, await _contest(naive, key, edge, await naive.open("Entity", voice)))
                )
    return [contest for _, _, contest in sorted(found, key=lambda each: each[:2])]


async def _contest(naive: Naive, key: str, edge: Mapping[str, Any], target: Object) -> Object:
    claim = await naive.open("Claim", key)
    others = {"claim": claim, "source": target} if edge["level"] == "source" else {"claim": claim}
    return Object("Contest", "Claim", key, edge, others)


async def _walk_roots(naive: Naive, claim: Object, _arguments: Mapping[str, Any]) -> list[Object]:
    """Each voice followed along what it copies to what copies nothing; a work counts as its publisher."""
    waiting = await naive.ids("(:Claim {id: $id})-[:SAID_BY]->(m:Entity)", id=claim.id)
    seen: set[str] = set()
    roots: set[str] = set()
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        copied = await naive.ids("(:Entity {id: $id})-[:COPIES]->(m:Entity)", id=here)
        waiting += copied
        if not copied:
            roots.update(
                await naive.ids("(:Entity {id: $id})-[:PUBLISHED_UNDER]->(m:Entity)", id=here) or [here]
            )
    return [await naive.open("Entity", root) for root in sorted(roots)]


async def _walk_chain(naive: Naive, claim: Object, _arguments: Mapping[str, Any]) -> list[Object]:
    """Every step from a document that shows the claim to what it copies, and on from there."""
    waiting = await naive.ids(
        "(:Claim {id: $id})-[:SHOWN_IN]->(:Passage)-[:PART_OF]->(m:Document)", id=claim.id
    )
    steps: dict[tuple[str, str], Mapping[str, Any]] = {}
    seen: set[str] = set()
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        for there, edge in await naive.edges("(:Document {id: $id})-[e:COPIES]->(m:Document)", id=here):
            steps[here, there] = edge
            waiting.append(there)
    made: list[Object] = []
    for here, there in sorted(steps):
        ends = {"document": await naive.open("Entity", here), "original": await naive.open("Entity", there)}
        made.append(Object("Copy", "Entity", there, steps[here, there], ends))
    return made


async def _walk_history(naive: Naive, claim: Object, _arguments: Mapping[str, Any]) -> list[Object]:
    """The versions that it replaced, the newest first."""
    made: list[Object] = []
    here = claim.id
    while before := await naive.edges("(:Claim {id: $id})-[e:REPLACES]->(m:Claim)", id=here):
        ((here, edge),) = before
        made.append(Object("Version", "Claim", here, edge, {"claim": await naive.open("Claim", here)}))
    return made


async def _walk_replies(naive: Naive, entity: Object, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Claims that reply to another: those that it says, and those to claims in which it has a role."""
    said = f"(m:Claim)-[:SAID_BY]->(:Entity {{id: $id}}) WHERE {SHOWN} AND EXISTS {{ (m)-[:REPLIES_TO]->(:Claim) }}"
    to_it = f"(:Entity {{id: $id}})<-[:{ROLES}]-(:Claim)<-[:REPLIES_TO]-(m:Claim) WHERE {SHOWN}"
    ids = {*await naive.ids(said, id=entity.id), *await naive.ids(to_it, id=entity.id)}
    return naive.page([await naive.open("Claim", key) for key in sorted(ids)], arguments)


async def _find_records(naive: Naive, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """What claims say, the highest count first, and then what datasets show, the same."""
    asked = {name: value for name, value in arguments.items() if name in RECORD_FILTERS and value is not None}
    modalities: list[str] = asked.get("modality") or ["ASSERTED"]
    found = await _find_reported(naive, asked, modalities)
    if "ASSERTED" in modalities and "content" not in asked:
        found += await _find_observed(naive, asked)
    return naive.page(found, arguments, modalities)


async def _find_reported(naive: Naive, asked: Mapping[str, Any], modalities: list[str]) -> list[Object]:
    """A record for each one who amplified and each whose content it was, of each claim that says so."""
    found: list[tuple[int, str, Object]] = []
    for key in await naive.ids(f"(m:Claim {{verb: 'AMPLIFIED'}}) WHERE {SHOWN}"):
        claim = await naive.open("Claim", key)
        via = await naive.ids("(:Claim {id: $id})-[:VIA]->(m:Entity)", id=key)
        what = await naive.ids("(:Claim {id: $id})-[:WHAT]->(m:Entity)", id=key)
        whose = await naive.ids("(:Claim {id: $id})-[:WHOSE]->(m:Entity)", id=key)
        who = await naive.ids("(:Claim {id: $id})-[:WHO]->(m:Entity)", id=key)
        least = await naive.property(claim, "count_min")
        if (
            str(await naive.property(claim, "modality")).upper() not in modalities
            or ("content" in asked and asked["content"] not in what)
            or ("channel" in asked and asked["channel"] not in via)
            or ("channelStated" in asked and asked["channelStated"] != bool(via))
            or ("minCount" in asked and (least is None or least < asked["minCount"]))
        ):
            continue
        for one in who or [""]:
            for other in whose or what or [""]:
                if asked.get("amplifier", one) == one and asked.get("amplified", other) == other:
                    record = await _make_record(naive, claim, one, other)
                    found.append((-1 if least is None else least, record.edge["id"], record))
    found.sort(key=lambda each: (-each[0], each[1]))
    return [record for _, _, record in found]


async def _make_record(naive: Naive, claim: Object, one: str, other: str) -> Object:
    """The record of a claim and two ends; "" is one that is not stated."""
    others = {"claim": claim}
    names = [claim.id]
    for field, end in (("amplifier", one), ("amplified", other)):
        if end:
            others[field] = await naive.open("Entity", end)
        names.append(await naive.property(others[field], "canonical") if end else "?")
    return Object("Amplification", "Claim", claim.id, {"id": "|".join(names)}, others)


async def _find_observed(naive: Naive, asked: Mapping[str, Any]) -> list[Object]:
    """A record for each edge that was derived from the rows of a dataset."""
    found: list[Object] = []
    for one, other, edge in await naive.observed():
        accounts = edge.get("accounts") or []
        if (
            ("amplifier" in asked and asked["amplifier"] not in (one, *accounts))
            or ("amplified" in asked and asked["amplified"] not in (other, *accounts))
            or ("channel" in asked and asked["channel"] != edge.get("channel"))
            or ("channelStated" in asked and asked["channelStated"] != (edge.get("channel") is not None))
            or ("minCount" in asked and edge["count_min"] < asked["minCount"])
        ):
            continue
        ends = {"amplifier": await naive.open("Entity", one), "amplified": await naive.open("Entity", other)}
        found.append(Object("Amplification", "", edge["id"], edge, ends))
    return sorted(found, key=lambda each: (-each.edge["count_min"], each.id))


async def _of_observed(  # noqa: PLR0911 - one for each kind of field
    naive: Naive, record: Object, name: str
) -> Any:
    """A field of a record that no claim speaks of."""
    edge = record.edge
    if name in ("amplifier", "amplified"):
        return record.others[name]
    if name == "count":
        return None if edge.get("count") is None else record._replace(type="RecordCount")
    if name == "channel":
        return None if edge.get("channel") is None else await naive.open("Entity", edge["channel"])
    if name == "dataset":
        return await naive.open("Dataset", edge["dataset"])
    if record.type == "RecordCount":
        return edge.get({"text": "count", "min": "count_min", "unit": "unit"}.get(name, "no maximum"))
    fixed: dict[str, Any] = {
        "basis": "OBSERVED",
        "contested": False,
        "content": [],
        "saidBy": [],
        "replies": [],
    }
    if name in fixed:
        return fixed[name]
    return edge.get(_snake(name)) if name in ("id", "first", "last", "undated", "boundsUnknown") else None


async def _first_channel(naive: Naive, record: Object, _arguments: Mapping[str, Any]) -> Object | None:
    via = await naive.ids("(:Claim {id: $id})-[:VIA]->(m:Entity)", id=record.id)
    return await naive.open("Entity", via[0]) if via else None


async def _nothing(_naive: Naive, _record: Object, _arguments: Mapping[str, Any]) -> None:
    return None


async def _reported(_naive: Naive, _record: Object, _arguments: Mapping[str, Any]) -> str:
    return "REPORTED"


WALKS: dict[tuple[str, str], Callable[[Naive, Object, Mapping[str, Any]], Awaitable[Any]]] = {
    ("Claim", "inside"): _walk_inside,
    ("Claim", "disputedBy"): _walk_disputes,
    ("Claim", "history"): _walk_history,
    ("Origins", "roots"): _walk_roots,
    ("Origins", "chain"): _walk_chain,
    ("Entity", "replies"): _walk_replies,
    ("Amplification", "channel"): _first_channel,
    ("Amplification", "basis"): _reported,
    **{
        ("Amplification", name): _nothing for name in ("dataset", "first", "last", "undated", "boundsUnknown")
    },
}


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda found: f"_{found[0].lower()}", name)


def _values(name: str) -> Mapping[str, Any]:
    kind = SCHEMA.type_map[name]
    assert isinstance(kind, GraphQLEnumType)
    values: Mapping[str, Any] = kind.values
    return values


def _word(value: Any, kind: Any) -> Any:
    """A word of a vocabulary as the API writes it."""
    if isinstance(kind, GraphQLEnumType) and isinstance(value, str):
        return re.sub(r"\W+", "_", value).upper()
    return value
