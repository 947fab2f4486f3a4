"""What happens at a time: tours, other events, campaigns."""

from pydantic import Field

from schema.node import Entity
from schema.values import Edtf, Label


class Tour(Entity):
    """A tour to which people are invited."""

    date: Edtf | None = Field(default=None, description="when, as EDTF; absent when not stated")


class Event(Entity):
    """Any other happening or act that claims refer to: a briefing, a hearing, a speech, an announcement."""

    date: Edtf | None = Field(default=None, description="when, as EDTF; absent when not stated")
    kind: Label | None = Field(default=None, description="briefing, hearing, speech, announcement ...")


class Campaign(Entity):
    """A campaign or strategy that a source describes."""
