"""The observed edges of a dataset that goes to the import tool, and the counters of their ends."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from typing import Any, Final

from kb.amplified import CHANNEL, COUNT, PROPERTIES, NewEdge
from kb.bulk.follow import ANY, HOLDING
from kb.bulk.own_edges import own_edges
from kb.bulk.staging import CHUNK_ROWS, Staging
from schema.catalog import counters_of

# The properties of an edge in the order in which they are written, with the import tool's word for what they are.
COLUMNS: Final = {
    **dict.fromkeys(PROPERTIES, "string"),
    **dict.fromkeys(("count_min", "undated", "bounds_unknown"), "long"),
    **dict.fromkeys(("from_accounts", "to_accounts"), "string[]"),
    "basis": "string",
    "unit": "string",
}
_SAME: Final = ("observed", "interactions")


def edges_alone(staging: Staging, dataset: str) -> Iterator[NewEdge]:
    """The edges that a load of this dataset into an empty store makes of its work file alone; counts their ends.

    Not those of accounts that somebody holds or that posted something, and of whoever acted on a held one: the load
    makes them. See `kb/bulk/follow.py`.
    """
    staging.touch_ends("POSTED", ANY)
    staging.touch_ends("HELD_BY", HOLDING)
    staging.touch_acting_into(HOLDING, ANY)
    with closing(staging.nodes()) as nodes:
        kinds = {node.id: node.properties.get("kind") for node in nodes if node.type == "Channel"}
    with closing(own_edges(staging, dataset, ANY)) as edges:
        while some := list(islice(edges, CHUNK_ROWS)):
            staging.count_up(count for edge in some for count in _count(edge, kinds))
            yield from some


def edge_values(edge: NewEdge) -> list[Any]:
    """Its values in the order of COLUMNS."""
    return [*edge.values, *_SAME]


def _count(edge: NewEdge, kinds: dict[str, Any]) -> Iterator[tuple[str, str, int]]:
    interactions = edge.values[COUNT]
    for kind in dict.fromkeys((None, kinds.get(edge.values[CHANNEL]))):
        out, into = counters_of(kind)
        yield edge.start, out, interactions
        yield edge.end, into, interactions
    for end in {edge.start, edge.end}:
        yield end, "degree", 1
