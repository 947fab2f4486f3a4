"""The observed edges of a dataset that goes to the import tool, and the counters of their ends."""

from collections.abc import Iterator
from typing import Any, Final

from kb.amplified import PROPERTIES, NewEdge
from kb.bulk.follow import ANY
from kb.bulk.own_edges import count_own_edges, own_edges
from kb.bulk.staging import Staging

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
    count_own_edges(staging, {})
    yield from own_edges(staging, dataset, ANY)


def edge_values(edge: NewEdge) -> list[Any]:
    """Its values in the order of COLUMNS."""
    return [*edge.values, *_SAME]
