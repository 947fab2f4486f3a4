"""What `neighbourhood` answers with: a subgraph to draw."""
# Strawberry's `description` is what a type or field is; arguments are read by the planner, under their GraphQL names.
# ruff: noqa: A002, ARG001, D101

from typing import Annotated

import strawberry

from api.arguments import EntityIdArg
from api.described import handed_out, named
from api.enums import EntityType, Verb
from api.path_types import Link
from api.types import Entity

NeighbourHopsArg = Annotated[int, strawberry.argument(description="how far from the entity, 1 or 2 hops")]
RelationsArg = Annotated[
    list[Verb] | None, strawberry.argument(description="edges of these verbs alone; any verb when left out")
]
LimitArg = Annotated[
    int,
    strawberry.argument(
        description="how many nodes at most, 1 to 1,000: the nearest, then those with most edges; `total` says how "
        "many there are"
    ),
]


@strawberry.type(description="A node to draw.")
class Neighbour:
    id: strawberry.ID = named("the id of the entity")
    label: str = named("its name")
    type: EntityType = named("its type")
    degree: int = named("how many derived edges it has in all, drawn here or not")
    entity: Entity = named("the entity itself")


@strawberry.type(
    description="A subgraph to draw: asserted claims and observed records, contested ones included and marked; "
    "who stands near whom is no relation beyond its edges."
)
class Neighbourhood:
    entity: Entity = named("the entity that it is drawn around")
    total: int = named("how many nodes there are within the hops, the entity itself included")
    shown: int = named("how many of them `nodes` holds; the rest is left out for `limit`")
    nodes: list[Neighbour] = named("the nodes: the entity, then the nearest, those with most edges first")
    edges: list[Link] = named("every edge between two of the nodes shown, reported before observed")


def find_neighbourhood(
    id: EntityIdArg, hops: NeighbourHopsArg = 1, relations: RelationsArg = None, limit: LimitArg = 100
) -> Neighbourhood | None:
    """The field `neighbourhood`."""
    return handed_out()
