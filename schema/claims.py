"""The claim: who says that who did what, with its hedge, its standing and its bookkeeping."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from schema.node import Node
from schema.values import CaseId, DateBasis, Edtf, Instant, Label, Text


class ClaimKind(StrEnum):
    """What sort of saying it is."""

    FINDING = "finding"
    ALLEGATION = "allegation"
    OPINION = "opinion"
    DEFENCE = "defence"
    RECOMMENDATION = "recommendation"
    STATEMENT = "statement"
    CHARACTERISATION = "characterisation"
    METADATA = "metadata"
    PRESUPPOSED = "presupposed"


class Modality(StrEnum):
    """How firmly the voice puts it. Default answers show `asserted` only, and say so."""

    ASSERTED = "asserted"
    POSSIBLE = "possible"
    INTENT = "intent"
    CONDITIONAL = "conditional"
    NORMATIVE = "normative"
    PLANNED = "planned"
    PRESUPPOSED = "presupposed"


class ClaimStatus(StrEnum):
    """Where the claim stands in this knowledge base."""

    ACCEPTED = "accepted"
    SUGGESTED = "suggested"
    GARBLED = "garbled"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    RETRACTED = "retracted"


class ContestLevel(StrEnum):
    """What a contest is aimed at: the statement itself, its source in general, or only by another account."""

    DIRECT = "direct"
    SOURCE = "source"
    IMPLICIT = "implicit"


class SourceGrade(StrEnum):
    """Admiralty grade of the source, entered by a person; F = cannot be judged."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"
    F = "F"


# Claims that default answers and derived edges never show: quarantined, unreadable, or no longer held.
HIDDEN_STATUSES: Final = frozenset(
    {
        ClaimStatus.SUGGESTED,
        ClaimStatus.GARBLED,
        ClaimStatus.CORRECTED,
        ClaimStatus.WITHDRAWN,
        ClaimStatus.RETRACTED,
    }
)


class Claim(Node):
    """One statement by one voice (or several), with the passages that show it."""

    id: str = Field(description="<case>/<id>; an earlier version is <case>/<id>@<version>")
    case: CaseId = Field(description="the case it belongs to")
    version: Annotated[int, Field(ge=1)] = Field(
        default=1, description="1 for the first version of this claim"
    )
    verb: str = Field(description="a verb of the closed vocabulary")
    text: Text = Field(description="the claim in our own words, neutral, one sentence")
    sentence: str | None = Field(
        default=None, description="the same with its voice and standing, ready to show; derived"
    )
    label: str | None = Field(
        default=None,
        description="what a picture shows: the sentence in brief, behind a status other than accepted; derived",
    )
    object_text: Label | None = Field(
        default=None, description="what it is about, when that is no entity and no claim"
    )
    frequency: Label | None = Field(
        default=None, description="how often, in words, when no count is given (“often”)"
    )
    kind: ClaimKind = Field(description="finding, allegation, opinion ...")
    modality: Modality = Field(default=Modality.ASSERTED, description="asserted, possible, intent ...")
    status: ClaimStatus = Field(
        default=ClaimStatus.ACCEPTED, description="accepted, suggested, garbled, corrected ..."
    )
    count: Label | None = Field(default=None, description="the count as text, with its hedge")
    count_min: int | None = Field(default=None, description="lower bound, for filtering only")
    count_max: int | None = Field(default=None, description="upper bound, for filtering only")
    unit: Label | None = Field(default=None, description="what is counted")
    date: Edtf | None = Field(default=None, description="when, as EDTF")
    date_text: Label | None = Field(default=None, description="the literal wording of the date")
    date_basis: DateBasis = Field(default=DateBasis.NOT_STATED, description="stated, inferred or not_stated")
    date_reason: Text | None = Field(default=None, description="how an inferred date follows")
    earliest: str | None = Field(default=None, description="first day it can mean; absent when unknown")
    latest: str | None = Field(default=None, description="last day it can mean; absent when unknown")
    note: Text | None = Field(default=None, description="an editorial note, in our own words")
    documents: int = Field(default=0, description="how many documents show it; derived")
    origins: int = Field(
        default=0, description="independent origins: distinct voices behind all copies; derived"
    )
    contested: bool = Field(default=False, description="contested at any level, its source included; derived")
    contested_direct: bool = Field(default=False, description="contested itself; derived")
    grade_source: SourceGrade = Field(default=SourceGrade.F, description="Admiralty A-F, entered by a person")
    grade_information: Annotated[int, Field(ge=1, le=6)] = Field(
        default=6, description="Admiralty 1-6, entered by a person"
    )
    grade_reason: Text | None = Field(default=None, description="why it was graded so")
    entered_by: Label = Field(description="who entered it")
    entered_at: Instant = Field(description="when it was entered, UTC")
    known_from: Instant = Field(description="this knowledge base holds it since, UTC")
    known_to: Instant | None = Field(default=None, description="and held it until; absent while it does")
    content_sha256: str = Field(description="hash of what the case file says, to notice a change")


# Roles of a claim: relationship type -> where it may point. The names are question words.
ROLES: Final = ("who", "what", "whose", "via", "at", "during", "about")
