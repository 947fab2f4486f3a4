"""What the rows of a dataset say: nodes and relationships as plain values, and why a row says nothing."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class NodeFact(NamedTuple):
    """An entity that a row shows.

    `type` is an entity type of the catalog, `properties` are fields of its model without the id (`name` among them).
    `names` are the spellings by which search finds it, its name included when it is to be found by it; a pseudonym
    has none. The same node may come with many rows: the first that gives a property decides it.
    """

    type: str
    id: str
    properties: Mapping[str, Any]
    names: tuple[str, ...] = ()


class LinkFact(NamedTuple):
    """An observed relationship that a row shows: a stored type of the catalog, the ids of both ends.

    `properties` are those of the catalog for this type without `dataset`, which is the same for all, and without what
    is derived (`id`, `feeds`). `row` is among them and tells the row in its file.
    """

    type: str
    start: str
    end: str
    properties: Mapping[str, Any]


class Row(NamedTuple):
    """One row of a file: what it says, or why nothing was taken from it.

    `number` counts the data rows of `file` from 1. A row with `skipped` has no facts; its reason is one of a few short
    texts of the parser ("repeats row", "no time"), and `detail` may quote the value.
    """

    file: str
    number: int
    facts: tuple[NodeFact | LinkFact, ...] = ()
    skipped: str | None = None
    detail: str | None = None
