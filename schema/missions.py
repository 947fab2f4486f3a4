"""Diplomatic missions."""

from enum import StrEnum

from pydantic import Field

from schema.node import Entity
from schema.values import Country


class MissionKind(StrEnum):
    """What sort of mission it is."""

    EMBASSY = "embassy"
    CONSULATE = "consulate"
    MISSION = "mission"
    REPRESENTATION = "representation"


class Embassy(Entity):
    """A diplomatic mission."""

    kind: MissionKind = Field(
        default=MissionKind.EMBASSY, description="embassy, consulate, mission or representation"
    )
    sender: Country | None = Field(default=None, description="the state that sent it")
    host: Country | None = Field(default=None, description="the state it is in, when a source states it")
