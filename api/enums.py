"""The enums of the API: those of the model, with a description of each value, and those of questions."""

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

import strawberry

from schema.bodies import OrganizationKind
from schema.catalog import ENTITY_TYPES
from schema.claims import ClaimKind, ClaimStatus, ContestLevel, Modality, SourceGrade
from schema.media import ChannelKind, Ownership
from schema.missions import MissionKind
from schema.observations import InteractionKind
from schema.values import Attribution, DateBasis
from schema.verbs import VERBS


def _capitals(name: str) -> str:
    """MediaOutlet -> MEDIA_OUTLET."""
    return "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in name).lstrip("_")


class Basis(StrEnum):
    """The two layers, which are never added together."""

    REPORTED = "reported"
    OBSERVED = "observed"


class ClaimOrder(StrEnum):
    """How claims are sorted."""

    ID = "ID"
    EARLIEST = "EARLIEST"
    LATEST = "LATEST"


class GroupBy(StrEnum):
    """What the records of one group share."""

    AMPLIFIER = "amplifier"
    AMPLIFIED = "amplified"
    CHANNEL = "channel"
    COUNTRY = "country"
    MONTH = "month"


class GroupOrder(StrEnum):
    """How groups are sorted. Reported and observed counts are never added, so one of them comes first."""

    REPORTED = "REPORTED"
    OBSERVED = "OBSERVED"
    KEY = "KEY"


if TYPE_CHECKING:
    Verb = StrEnum
    EntityType = StrEnum
else:
    Verb = StrEnum("Verb", {verb.name: verb.name for verb in VERBS})
    EntityType = StrEnum("EntityType", {_capitals(name): name for name in ENTITY_TYPES})

_VALUES: Final[dict[Any, dict[str, str]]] = {
    Basis: {
        "REPORTED": "what a source says; read from a claim",
        "OBSERVED": "what the rows of a dataset show; counted by us",
    },
    ClaimOrder: {
        "ID": "by id",
        "EARLIEST": "by the first day a claim can mean, earliest first; claims without one last",
        "LATEST": "by the last day a claim can mean, latest first; claims without one last",
    },
    GroupBy: {
        "AMPLIFIER": "who amplified, as one entity; for a dataset the holder of the account at that time, if known",
        "AMPLIFIED": "whose content, else what, was amplified",
        "CHANNEL": "through which channel",
        "COUNTRY": "the state that the amplifier serves, belongs to or was sent by, when that is stated",
        "MONTH": "the month of the claim's date or of the interaction; a date wider than a month is in none",
    },
    GroupOrder: {
        "REPORTED": "by the largest lower bound that one claim states, then by the number of claims, then by the most "
        "interactions that one dataset shows, then by key; largest first",
        "OBSERVED": "by the most interactions that one dataset shows, then by the largest lower bound that one claim "
        "states, then by the number of claims, then by key; largest first",
        "KEY": "by the ids or texts of the keys; for months that is in time; what is not stated comes last",
    },
    ClaimKind: {
        "FINDING": "the result of somebody's own research",
        "ALLEGATION": "an accusation, not proven by whoever makes it",
        "OPINION": "a judgement of value",
        "DEFENCE": "a justification of one's own acts",
        "RECOMMENDATION": "advice on what ought to be done",
        "STATEMENT": "a plain statement of fact by its voice",
        "CHARACTERISATION": "a description in the voice's own terms",
        "METADATA": "what a document shows of itself: date, place, publisher",
        "PRESUPPOSED": "what the voice takes for granted without stating it",
    },
    Modality: {
        "ASSERTED": "put forward as so",
        "POSSIBLE": "put forward as possible",
        "INTENT": "an aim that the voice ascribes to somebody",
        "CONDITIONAL": "holds if something else does",
        "NORMATIVE": "what ought to be",
        "PLANNED": "announced for later",
        "PRESUPPOSED": "taken for granted, not argued",
    },
    ClaimStatus: {
        "ACCEPTED": "entered and current; what answers show unless asked for others",
        "SUGGESTED": "a machine's suggestion that no person has accepted",
        "GARBLED": "its words are garbled and no reading is possible",
        "CORRECTED": "an earlier version; the newer one replaces it",
        "WITHDRAWN": "no longer in its case",
        "RETRACTED": "taken back by whoever said it",
    },
    ContestLevel: {
        "DIRECT": "the statement itself is contested",
        "SOURCE": "its source is contested in general; the statement inherits that",
        "IMPLICIT": "another account is given; the statement is not named",
    },
    SourceGrade: {
        "A": "completely reliable",
        "B": "usually reliable",
        "C": "fairly reliable",
        "D": "not usually reliable",
        "E": "unreliable",
        "F": "cannot be judged; the default",
    },
    DateBasis: {
        "STATED": "the source states the date",
        "INFERRED": "a person inferred it; `reason` says how",
        "NOT_STATED": "no date is stated in the documents held",
    },
    Attribution: {
        "EXPLICIT": "the passage names the voice",
        "CARRIED": "the voice is named in a sentence before",
        "NONE": "the passage names no voice",
        "OWN": "the document's own voice",
    },
    OrganizationKind: {
        "GOVERNMENT": "a government",
        "MINISTRY": "a ministry or department of state",
        "AUTHORITY": "another public authority",
        "PARTY": "a political party",
        "INTERGOVERNMENTAL": "an intergovernmental body or one of its offices",
        "THINK_TANK": "a think tank",
        "COMPANY": "a company",
        "UNIVERSITY": "a university or research institute",
        "ASSOCIATION": "an association or other non-governmental organization",
        "OTHER": "none of these, or not stated",
    },
    MissionKind: {
        "EMBASSY": "an embassy",
        "CONSULATE": "a consulate or consulate general",
        "MISSION": "a permanent mission to an international organization",
        "REPRESENTATION": "another representation",
    },
    ChannelKind: {
        "PLATFORM": "one online platform",
        "PRESS_BRIEFING": "a press briefing or conference",
        "BROADCAST": "radio or television",
        "WEBSITE": "a website",
        "PRINT": "a newspaper, magazine or other print",
        "IN_PERSON": "people who meet",
        "PLATFORM_CLASS": "a class of platforms that a source does not name",
    },
    Ownership: {
        "STATE_CONTROLLED": "state-controlled (SC)",
        "CAPTURED_PUBLIC": "captured public or state-managed (CaPu)",
        "CAPTURED_PRIVATE": "captured private (CaPr)",
        "INDEPENDENT_STATE_FUNDED_AND_MANAGED": "independent, state-funded and state-managed (ISFM)",
        "INDEPENDENT_STATE_FUNDED": "independent, state-funded (ISF)",
        "INDEPENDENT_STATE_MANAGED": "independent, state-managed (ISM)",
        "INDEPENDENT_PUBLIC": "independent public (IP)",
    },
    InteractionKind: {
        "RESHARE": "passed the post on as it is; counts as amplification",
        "QUOTE": "passed the post on with words of its own; counts as amplification",
        "REPLY": "answered the post; not amplification",
        "MENTION": "named the account; not amplification",
        "LINK": "linked to the post from elsewhere; not amplification",
    },
    Verb: {verb.name: f"who {verb.reading} what; what {verb.passive} who" for verb in VERBS},
    EntityType: {
        _capitals(name): " ".join((model.__doc__ or "").split("\n")[0].split())
        for name, model in ENTITY_TYPES.items()
    },
}
_NAMES: Final[dict[Any, str]] = {
    Verb: "The verbs that claims and derived edges are made with: a closed vocabulary.",
    EntityType: "The types of named things. Asked for PERSON, officials and influencers come too: they are persons.",
}


def _describe(kind: Any, name: str) -> Any:
    strawberry.enum(kind, name=name, description=_NAMES.get(kind) or " ".join((kind.__doc__ or "").split()))
    for value in kind.__strawberry_definition__.values:
        value.description = _VALUES[kind][value.name]
    return kind


for _kind in _VALUES:
    _describe(_kind, _kind.__name__)
