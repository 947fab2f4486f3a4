"""What claims are about: places, topics and narratives."""

from pydantic import Field

from schema.node import Entity
from schema.values import Country


class Place(Entity):
    """A country, region or town."""

    country: Country | None = Field(default=None, description="the code when the place is a state")


class Topic(Entity):
    """A subject matter."""


class Narrative(Entity):
    """A line of argument that content carries, as a source describes it."""
