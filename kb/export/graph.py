"""An answer as nodes and edges with flat attributes, for graph files: records are edges, claims are nodes."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from kb.export.losses import Losses
from kb.export.pages import ROLES, Batch, Row
from kb.export.table import (
    CLAIM_COLUMNS,
    ENTITY_COLUMNS,
    RECORD_COLUMNS,
    flatten_claim,
    flatten_entity,
    flatten_record,
)

NO_SOURCE: Final = "records without an edge, because who amplified is not stated"
NO_TARGET: Final = "records without an edge, because who or what was amplified is not stated as an entity"
PASSAGES: Final = "passages told by their ids alone"
LEVELS: Final = "contests told as text, level included"
REPLIES: Final = "replies told as text"

# The ends of an edge are in the graph itself.
EDGE_COLUMNS: Final = {
    name: kind for name, kind in RECORD_COLUMNS.items() if not name.startswith(("source_", "target_"))
}
_NODE_OF_CLAIM: Final = {name: kind for name, kind in CLAIM_COLUMNS.items() if name != "id"}
_NODE_OF_ENTITY: Final = {name: kind for name, kind in ENTITY_COLUMNS.items() if name not in ("id", "name")}
NODE_COLUMNS: Final = {
    "amplifications": _NODE_OF_ENTITY,
    "neighbourhood": _NODE_OF_ENTITY,
    "entities": _NODE_OF_ENTITY,
    "claims": _NODE_OF_ENTITY | _NODE_OF_CLAIM,
}


class Edge(NamedTuple):
    """An edge; `first` and `last` are the days or instants it covers, None where none is known."""

    id: str
    source: str
    target: str
    type: str
    attributes: Row
    first: str | None = None
    last: str | None = None


class Node(NamedTuple):
    """A node."""

    id: str
    label: str
    type: str
    attributes: Row
    first: str | None = None
    last: str | None = None


class Graph:
    """Turns batches into nodes, each once, and edges. It remembers the ids of the nodes, and nothing else."""

    def __init__(self, question: str, losses: Losses) -> None:
        self._question, self._losses = question, losses
        self._seen: set[str] = set()
        self._named: set[str] = set()

    def nodes(self, batch: Batch) -> Iterator[Node]:
        """The nodes of a batch that have not been there: the ends of its edges, and claims that were asked for."""
        for claim in batch.claims:
            if self._is_new(claim["id"]):
                yield _claim_node(claim)
        for thing in _ends(batch):
            if thing["type"] == "Claim":
                self._named.add(thing["id"])
            elif self._is_new(thing["id"]):
                yield _entity_node(thing)

    def _is_new(self, key: str) -> bool:
        if key in self._seen:
            return False
        self._seen.add(key)
        self._losses.written["nodes"] += 1
        return True

    def named(self) -> Iterator[Node]:
        """Claims that stand in the role of another and were not asked for: a node each, without details."""
        for key in sorted(self._named - self._seen):
            self._losses.lose("claims told by their ids, because they were not asked for")
            self._is_new(key)
            yield Node(key, key, "Claim", {})

    def edges(self, batch: Batch) -> Iterator[Edge]:
        """The edges of a batch: of each record, and of each role of a claim."""
        for record in batch.records:
            if not record["source"] or not record["target"]:
                self._losses.lose(NO_TARGET if record["source"] else NO_SOURCE)
                continue
            flat = flatten_record(record)
            # An inferred date is no fact: it stays an attribute, beside what it rests on.
            first = record["first"] or (flat["earliest"] if flat["date_basis"] == "stated" else None)
            last = record["last"] or (flat["latest"] if flat["date_basis"] == "stated" else None)
            attributes = {name: flat[name] for name in EDGE_COLUMNS}
            self._count(record["claim"])
            yield Edge(
                record["id"],
                record["source"]["id"],
                record["target"]["id"],
                record["verb"],
                attributes,
                first,
                last,
            )
        for claim in batch.claims:
            self._count(claim)
            for role, thing in _roles(claim):
                yield Edge(
                    f"{claim['id']} {role} {thing['id']}", claim["id"], thing["id"], role, {"layer": "ledger"}
                )

    def _count(self, claim: Row | None) -> None:
        self._losses.written["edges"] += 1 if claim is None or self._question != "claims" else 0
        if claim is None:
            return
        if self._question == "claims":
            self._losses.written["edges"] += sum(1 for _ in _roles(claim))
        self._losses.lose(PASSAGES, len(claim["shownIn"]))
        self._losses.lose(LEVELS, len(claim["disputedBy"]))
        self._losses.lose(REPLIES, len(claim["replies"]))


def _ends(batch: Batch) -> Iterator[Row]:
    yield from batch.entities
    for record in batch.records:
        yield from (record[end] for end in ("source", "target") if record[end])
    for claim in batch.claims:
        yield from (thing for _role, thing in _roles(claim))


def _roles(claim: Row) -> Iterator[tuple[str, Row]]:
    for role in ROLES:
        yield from ((role.upper(), thing) for thing in claim[role])
    yield from (("SAID_BY", said["entity"]) for said in claim["saidBy"])


def _claim_node(claim: Row) -> Node:
    flat = flatten_claim(claim)
    stated = flat["date_basis"] == "stated"
    attributes = {name: flat[name] for name in _NODE_OF_CLAIM}
    first, last = (flat["earliest"], flat["latest"]) if stated else (None, None)
    return Node(claim["id"], claim["sentence"], "Claim", attributes, first, last)


def _entity_node(entity: Row) -> Node:
    flat = flatten_entity(entity)
    attributes = {name: flat[name] for name in _NODE_OF_ENTITY}
    return Node(entity["id"], entity["label"], entity["type"], attributes)
