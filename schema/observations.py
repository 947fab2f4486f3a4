"""Observed interactions: relationships that a dataset row shows, never added to what is reported."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from schema.values import Day, EntityId, Instant, Label, Text

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]


class InteractionKind(StrEnum):
    """What one account did with another's post. Only reshare and quote amplify."""

    RESHARE = "reshare"
    QUOTE = "quote"
    REPLY = "reply"
    MENTION = "mention"
    LINK = "link"


class Observation(BaseModel):
    """A row of a dataset."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Interacted(Observation):
    """(:Account)-[:INTERACTED]->(:Account), for a dataset without posts."""

    source: EntityId = Field(description="the account that acted")
    target: EntityId = Field(description="the account whose post it was")
    kind: InteractionKind = Field(description="reshare, quote, reply, mention or link")
    at: Instant | None = Field(default=None, description="when, UTC; absent when the row has no time")
    dataset: Slug = Field(description="the dataset")
    row: Label = Field(description="the row in it")


class HeldBy(Observation):
    """(:Account)-[:HELD_BY]->(:Entity): who ran the account, from day to day (both included)."""

    account: EntityId = Field(description="the account")
    holder: EntityId = Field(description="who held it")
    since: Day | None = Field(
        default=None, alias="from", description="first day; absent when unknown, which covers"
    )
    to: Day | None = Field(default=None, description="last day; absent when unknown, which covers")
    basis: Text = Field(description="what it rests on")

    @model_validator(mode="after")
    def _in_order(self) -> "HeldBy":
        if self.since and self.to and self.since > self.to:
            raise ValueError(f"is held from {self.since} to {self.to}; swap the days")
        return self


class PostedAt(Observation):
    """(:Official)-[:POSTED_AT]->(:Embassy): a posting that a dataset row shows."""

    official: EntityId = Field(description="the official")
    embassy: EntityId = Field(description="the mission")
    role: Label = Field(description="the role there")
    since: Day | None = Field(default=None, alias="from", description="first day; absent when unknown")
    to: Day | None = Field(default=None, description="last day; absent when unknown")
    dataset: Slug = Field(description="the dataset")
    row: Label = Field(description="the row in it")


class Dataset(Observation):
    """A dataset that observed rows come from."""

    id: Slug = Field(description="short name")
    title: Label = Field(description="its title")
    publisher: Label = Field(description="who published it")
    licence: Label = Field(description="its licence, SPDX where there is one")
