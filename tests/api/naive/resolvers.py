"""Ordinary resolvers: each field is a statement of its own, written without a look at how the answers are composed."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson
from graphql import DocumentNode, GraphQLResolveInfo, execute, get_named_type, is_list_type, parse

from api.context import Context
from api.execute import run
from tests.api.naive import claims, entities, groups, paths, postings, records, rows, timeline
from tests.api.naive.fields import (
    LISTINGS,
    LISTS,
    MISSING,
    NODES,
    OF_THE_EDGE,
    ON_THE_EDGE,
    PROPERTIES,
    SAME_NODE,
    SCHEMA,
    THERE,
    Edges,
    key_of,
    to_snake,
    to_word,
)
from tests.api.naive.reader import Object, Reader


async def _nothing(_reader: Reader, _record: Object, _arguments: Mapping[str, Any]) -> None:
    return None


async def _none(_reader: Reader, _record: Object, _arguments: Mapping[str, Any]) -> list[Object]:
    return []


async def _reported(_reader: Reader, _record: Object, _arguments: Mapping[str, Any]) -> str:
    return "REPORTED"


QUESTIONS: dict[str, Callable[[Reader, Mapping[str, Any]], Awaitable[Any]]] = {
    "claims": claims.find_claims,
    "amplifications": records.find_records,
    "amplifiers": groups.find_groups,
    "timeline": timeline.find_timeline,
    "officials": postings.find_officials,
    "paths": paths.find_paths,
    "entities": entities.find_entities,
    "embassies": entities.find_embassies,
}
WALKS: dict[tuple[str, str], Callable[[Reader, Object, Mapping[str, Any]], Awaitable[Any]]] = {
    ("Claim", "inside"): claims.walk_inside,
    ("Claim", "disputedBy"): claims.walk_disputes,
    ("Claim", "history"): claims.walk_history,
    ("Origins", "roots"): claims.walk_roots,
    ("Origins", "chain"): claims.walk_chain,
    ("Entity", "replies"): claims.walk_replies,
    ("Entity", "repliesRecorded"): claims.count_replies,
    ("Entity", "disputedBy"): claims.list_contests,
    ("Entity", "amplified"): records.find_amplified,
    ("Entity", "amplifiedBy"): records.find_amplified_by,
    ("Official", "postings"): postings.list_postings,
    ("Embassy", "officials"): postings.list_officials,
    ("Account", "interactions"): rows.page_of_account,
    ("Amplification", "channel"): records.find_first_channel,
    ("Amplification", "basis"): _reported,
    ("Amplification", "narratives"): records.list_narratives,
    ("Amplification", "interactions"): records.page_of_no_rows,
    ("Amplification", "accounts"): _none,
    **{
        ("Amplification", name): _nothing for name in ("dataset", "first", "last", "undated", "boundsUnknown")
    },
}


class Naive(Reader):
    """Answers documents over a store."""

    async def answer(self, document: DocumentNode) -> Any:
        """The data; raises what a resolver raises."""
        pending = execute(
            SCHEMA, document, field_resolver=self._resolve, type_resolver=lambda value, *_: value.type
        )
        result = await pending if isinstance(pending, Awaitable) else pending
        if result.errors:
            raise result.errors[0]
        return result.data

    async def _resolve(self, parent: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        kind, name = info.parent_type.name, info.field_name
        if kind == "Query":
            return await self._root(name, arguments)
        if isinstance(parent, Mapping):  # of a connection, and what a question made whole
            found = parent[name]
            return await found(**arguments) if isinstance(found, Callable) else found  # type: ignore[arg-type]
        key = key_of(kind, name)
        if kind in ("Amplification", "RecordCount") and not parent.label:
            return await records.resolve_observed(self, parent, name, arguments)
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
            if name == "count" and await self.property(parent, "count") is None:
                return None
            return parent._replace(type=target.name)
        if key in ON_THE_EDGE:
            return to_word(parent.edge.get(name), target)
        if (kind, name) == ("Passage", "held"):
            return await self.property(parent, "exact") is not None
        if name == "label":
            values = [await self.property(parent, each) for each in ("name", "sentence", "text")]
            return next(value for value in values if value is not None)
        value = await self.property(parent, PROPERTIES.get(key, to_snake(name)))
        if value is None and key in {("Claim", "sentence"), ("Amplification", "sentence")}:
            value = await self.property(parent, "text")
        return to_word(MISSING.get(key) if value is None else value, target)

    async def _root(self, name: str, arguments: Mapping[str, Any]) -> Any:
        if name in QUESTIONS:
            return await QUESTIONS[name](self, arguments)
        if name in LISTINGS:
            kind, label, order = LISTINGS[name]
            found = await self.rows(f"MATCH (m:{kind}) RETURN m.id AS id ORDER BY {order}")
            return self.page([Object(kind, label, row[0]) for row in found], arguments)
        label = {"claim": "Claim", "passage": "Passage"}.get(name, "Entity")
        one = await self.find(label, arguments["id"])
        return None if name == "document" and one is not None and one.type != "Document" else one

    async def _list(
        self, of: Object, edges: Edges, info: GraphQLResolveInfo[Any], arguments: Mapping[str, Any]
    ) -> Any:
        match = edges.match.replace("(n)", f"(n:{of.label} {{id: $id}})", 1)
        if "filter" in info.parent_type.fields[info.field_name].args:
            return await claims.page_of_claims(self, await self.ids(match, id=of.id), arguments)
        where = f"WHERE {edges.hidden} " if edges.hidden else ""
        edge = "properties(e)" if "[e:" in edges.match else "null"
        lines = await self.rows(
            f"MATCH {match} {where}RETURN m.id AS id, labels(m) AS labels, {edge} AS edge ORDER BY {edges.order}",
            id=of.id,
        )
        found: list[Object] = []
        target = get_named_type(info.return_type)
        wrapped = target.name.removesuffix("Connection")
        for key, labels, between in lines:
            there = await self.open("Entity" if "Entity" in labels else next(iter(NODES & set(labels))), key)
            if wrapped in (*OF_THE_EDGE, "SaidBy"):
                there = _over_the_edge(wrapped, of, there, between or {}, info.field_name)
            if there not in found:
                found.append(there)
        if edges.is_page:
            return self.page(found, arguments)
        inner: Any = info.return_type
        if is_list_type(getattr(inner, "of_type", inner)) or is_list_type(inner):
            return found
        return found[0] if found else None


def _over_the_edge(kind: str, here: Object, there: Object, edge: Mapping[str, Any], name: str) -> Object:
    others = {field: there for of, field in THERE if of == kind}
    if kind == "Copy":
        ends = (here, there) if name == "copies" else (there, here)
        others = dict(zip(("document", "original"), ends, strict=True))
    return Object(kind, there.label, there.id, edge, others)


async def compare(context: Context, naive: Naive, document: str) -> bool:
    """Raises when the two answers differ. False when ours is an error, as for a wrong id: it has no data."""
    ours = await run(context, document)
    if "errors" in ours.body:
        return False
    found = await naive.answer(parse(document))
    assert orjson.dumps(ours.body["data"]) == orjson.dumps(found), document
    return True
