"""Entities and observed relationships as the work file of a load has them, each once."""

from typing import Any, NamedTuple

import orjson

from kb.errors import BadInput, Problem
from schema.catalog import ENTITY_TYPES


class StagedNode(NamedTuple):
    """An entity as all rows together show it."""

    id: str
    type: str
    properties: dict[str, Any]
    names: list[str]

    @property
    def key(self) -> tuple[str, ...]:
        """What its part of the work file is sorted by."""
        return (self.id,)

    @property
    def said(self) -> tuple[Any, ...]:
        """What its batch is known by."""
        return tuple(self)


class StagedLink(NamedTuple):
    """An observed relationship; `packed` is a JSON array of its values, those of OBSERVED for its type."""

    start: str
    end: str
    row: str
    packed: bytes
    ends: tuple[int, ...] = ()
    """The numbers of the entities at both ends, where they were asked for."""

    @property
    def key(self) -> tuple[str, ...]:
        """What its part of the work file is sorted by."""
        return (self.start, self.end, self.row)

    @property
    def said(self) -> tuple[Any, ...]:
        """What its batch is known by."""
        return (self.start, self.end, self.row, orjson.Fragment(self.packed))

    @property
    def values(self) -> list[Any]:
        """Its values, None for absent ones."""
        found: list[Any] = orjson.loads(self.packed)
        return found


def most_specific(kind: str, other: str) -> str:
    """Of two types of person the one that `__typename` tells: Official before Influencer before Person."""
    return min(kind, other, key=("Official", "Influencer", "Person").index)


def check_node(node: StagedNode) -> None:
    """Raises BadInput when an entity does not fit the model of its type."""
    model = ENTITY_TYPES.get(node.type)
    if model is None:
        raise BadInput(
            [Problem(node.id, "has a type that the catalog has not", node.type, "mend the parser")]
        )
    try:
        model.model_validate({"id": node.id, **node.properties})
    except ValueError as error:
        raise BadInput(
            [Problem(node.id, f"does not fit {node.type}", str(error), "mend the parser")]
        ) from error
