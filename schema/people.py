"""People: officials, influencers, and any other person."""

from pydantic import Field

from schema.node import Entity
from schema.values import Country


class Person(Entity):
    """A person in a public role. Public roles and acts only: no family, health, ethnicity or address."""


class Official(Entity):
    """A person holding a state or intergovernmental office, because a role claim or a dataset row says so."""

    country: Country | None = Field(default=None, description="the state served, when a source states it")


class Influencer(Entity):
    """A person who makes content for an online following: an occupation that a source states, not a verdict."""
