"""What every stored node has, and what every named thing has."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from schema.values import EntityId, Label, Text


class Node(BaseModel):
    """A node of the graph: frozen, and closed to fields that the model does not name."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Entity(Node):
    """A named thing. It carries the label Entity and its type label."""

    id: EntityId = Field(description="our own stable id, for example per:zhang-heqing")
    name: Label = Field(description="the name to show")
    note: Text | None = Field(default=None, description="an editorial note, in our own words")
    wikidata: Annotated[str, StringConstraints(pattern=r"^Q[1-9]\d*$")] | None = Field(
        default=None, description="Wikidata item, for example Q42"
    )
