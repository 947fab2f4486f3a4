"""Bodies: organizations, tribunals and unnamed groups."""

from enum import StrEnum

from pydantic import Field

from schema.node import Entity
from schema.values import Country, Label, Never


class OrganizationKind(StrEnum):
    """What sort of organization it is."""

    GOVERNMENT = "government"
    MINISTRY = "ministry"
    AUTHORITY = "authority"
    PARTY = "party"
    INTERGOVERNMENTAL = "intergovernmental"
    THINK_TANK = "think_tank"
    COMPANY = "company"
    UNIVERSITY = "university"
    ASSOCIATION = "association"
    OTHER = "other"


class Organization(Entity):
    """A ministry, party, company, think tank or intergovernmental office."""

    kind: OrganizationKind = Field(
        default=OrganizationKind.OTHER, description="what sort of organization it is"
    )
    country: Country | None = Field(default=None, description="where it belongs, when a source states it")
    standing: Label | None = Field(
        default=None, description="how the body is to be introduced (“unnamed UN panel”)"
    )


class Tribunal(Entity):
    """A court, or a body that calls itself one; its standing is shown with whatever it says."""

    standing: Label = Field(description="what sort of court it is, for example “unofficial court”")
    country: Country | None = Field(default=None, description="where it is based")


class Group(Entity):
    """An unnamed plural (“13 foreign influencers”). Software never fills it with members."""

    named: Never = Field(default=False, description="always false: a group has no named members")
    size: Label | None = Field(default=None, description="its size as worded, when stated")
