"""Media: outlets, accounts, channels, posts and content."""

import re
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AnyUrl, Field, StringConstraints, field_serializer, model_validator

from schema.node import Entity
from schema.values import Country, Handle, Instant, Label, Text


class Ownership(StrEnum):
    """State Media Monitor typology of outlets."""

    STATE_CONTROLLED = "SC"
    CAPTURED_PUBLIC = "CaPu"
    CAPTURED_PRIVATE = "CaPr"
    INDEPENDENT_STATE_FUNDED_AND_MANAGED = "ISFM"
    INDEPENDENT_STATE_FUNDED = "ISF"
    INDEPENDENT_STATE_MANAGED = "ISM"
    INDEPENDENT_PUBLIC = "IP"


class MediaOutlet(Entity):
    """A publisher or broadcaster."""

    ownership: Ownership | None = Field(
        default=None, description="State Media Monitor code, when a source says so"
    )
    country: Country | None = Field(default=None, description="where it is based, when a source states it")


_PSEUDONYMOUS: Final = re.compile(r"acct:[a-z0-9_-]+:(?!id:|handle:).+")

PlatformSlug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_.-]{1,60}$")]


class Account(Entity):
    """One account on one platform. Its id is acct:<platform>:id:<n>, else acct:<platform>:handle:<handle>.

    Where a dataset hides who its accounts are, it is acct:<dataset>:<pseudonym>.
    """

    platform: PlatformSlug = Field(description="the platform, for example twitter")
    platform_id: Label | None = Field(default=None, description="the platform's own id, as text")
    handle: Handle | None = Field(default=None, description="the handle, lower case, without @")
    pseudonym: Label | None = Field(
        default=None,
        description="what a dataset calls it instead of its id and handle; the account is known in that dataset alone",
    )
    platform_labels: tuple[Label, ...] | None = Field(
        default=None,
        description="labels that the platform showed on it, each with the day on which it was read and as it was "
        "worded there (“2022-05-09: China government official”): statements of the platform, in the reader's language",
    )

    @model_validator(mode="after")
    def _has_its_natural_key(self) -> "Account":
        if self.pseudonym:
            if self.platform_id or self.handle or not _PSEUDONYMOUS.fullmatch(self.id):
                raise ValueError(
                    f"has a pseudonym and the id {self.id}; write acct:<dataset>:<pseudonym> alone"
                )
            return self
        if self.platform_id:
            expected = f"acct:{self.platform}:id:{self.platform_id}"
        elif self.handle:
            expected = f"acct:{self.platform}:handle:{self.handle}"
        else:
            raise ValueError("has neither platform_id nor handle; give one")
        if self.id != expected:
            raise ValueError(f"has the id {self.id}; by its platform and handle it is {expected}")
        return self


class ChannelKind(StrEnum):
    """What sort of conduit it is."""

    PLATFORM = "platform"
    PRESS_BRIEFING = "press_briefing"
    BROADCAST = "broadcast"
    WEBSITE = "website"
    PRINT = "print"
    IN_PERSON = "in_person"
    PLATFORM_CLASS = "platform_class"


class Channel(Entity):
    """A conduit through which something is said or amplified."""

    kind: ChannelKind = Field(
        description="platform, press_briefing, broadcast, website, print, in_person, platform_class"
    )


class Post(Entity):
    """One message, video or article with its own address or platform id."""

    url: AnyUrl | None = Field(default=None, description="its address")
    platform: PlatformSlug | None = Field(default=None, description="the platform it stands on")
    at: Instant | None = Field(default=None, description="when it was published, UTC")

    @field_serializer("url")
    def _as_text(self, url: AnyUrl | None) -> str | None:
        return str(url) if url else None


class Content(Entity):
    """Content that is described but not itemised (“the influencers' videos”)."""

    description: Text | None = Field(default=None, description="what it is, in our own words")
