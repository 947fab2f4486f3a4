"""The case format: what a person writes in the YAML files of a case folder.

A case is a folder of `*.yaml` files. Each file may hold any of the sections of `CaseFile`; the sections of all files
are read together. Scalars are read as written (`2021-12-16`, `NO` and `0123` stay text), so nothing needs quotes for
YAML's sake.
"""

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Union

from pydantic import AfterValidator, BeforeValidator, Field, create_model, model_validator
from pydantic.fields import FieldInfo

from schema.catalog import ENTITY_TYPES
from schema.claims import ClaimKind, ContestLevel, Modality, SourceGrade
from schema.documents import Document
from schema.node import Entity
from schema.observations import Dataset, HeldBy, Interacted, PostedAt
from schema.values import (
    MAX_NUMBER,
    Attribution,
    CaseId,
    ClaimId,
    Count,
    Edtf,
    EntityId,
    Instant,
    Label,
    Locator,
    Sha256,
    Text,
    Value,
    When,
)
from schema.verbs import VERBS


def _as_list(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _check_verb(name: str) -> str:
    if name not in {verb.name for verb in VERBS}:
        raise ValueError("is not a verb of the vocabulary; schema/reference.md lists them")
    return name


# An entity (with a colon) or a claim of this case (without).
Ref = Annotated[
    str, Field(pattern=r"^[^\s]{1,220}$", description="an entity id, or the id of a claim of this case")
]
Refs = Annotated[tuple[Ref, ...], BeforeValidator(_as_list), Field(description="one id or a list of ids")]
EntityRefs = Annotated[
    tuple[EntityId, ...], BeforeValidator(_as_list), Field(description="one id or a list of ids")
]
ClaimRefs = Annotated[
    tuple[ClaimId, ...], BeforeValidator(_as_list), Field(description="one id or a list of ids")
]
VerbName = Annotated[
    str, AfterValidator(_check_verb), Field(json_schema_extra={"enum": [verb.name for verb in VERBS]})
]


class CaseHead(Value):
    """What the case is."""

    id: CaseId = Field(description="short name; claims and documents are stored as <case>/<id>")
    title: Label = Field(description="its title")
    description: Text | None = Field(default=None, description="what it covers")
    entered_by: Label = Field(description="who is answerable for it")
    entered_at: Instant = Field(description="when it was entered, UTC, for example 2026-11-22T10:00:00Z")


class DocumentEntry(Value):
    """A document that is held or known of."""

    id: EntityId = Field(description="for example doc:000; stored as <case>/doc:000")
    name: Label = Field(description="how to call it")
    note: Text | None = None
    file: Label | None = Field(
        default=None, description="path inside the case folder, for a document that is shipped with it"
    )
    sha256: Sha256 | None = Field(default=None, description="SHA-256 of the file, when its bytes are known")
    chars: Annotated[int, Field(ge=0, le=MAX_NUMBER)] | None = Field(
        default=None, description="its length in Unicode code points"
    )
    publisher: EntityId | None = Field(
        default=None, description="who published it; leave out when its text does not say"
    )
    date: Edtf | None = Field(default=None, description="its date; leave out when its text does not say")
    url: Label | None = None


class CopyEntry(Value):
    """One document relays or rewords another: together they are one origin."""

    document: EntityId = Field(description="the copy")
    copies: EntityId = Field(description="what it copies")
    how: Label = Field(description="relayed, reworded, translated ...")
    certainty: Annotated[str, Field(pattern="^(stated|inferred)$", description="stated or inferred")]
    basis: Text = Field(description="what that rests on")


class CitationEntry(Value):
    """One document reports what another work says."""

    document: EntityId = Field(description="the document that cites")
    cites: EntityId = Field(description="the document or report that it cites")
    certainty: Annotated[str, Field(pattern="^(stated|inferred)$", description="stated or inferred")] = (
        "stated"
    )
    basis: Text | None = Field(default=None, description="what that rests on")


class ReadingEntry(Value):
    """Garbled words and what they probably should say. Never written over the text."""

    id: ClaimId = Field(description="for example G01")
    at: Locator = Field(description="where the garbled words stand")
    reading: Label = Field(description="the proposed reading")
    basis: Text = Field(description="what the reading rests on")
    why: Text | None = Field(default=None, description="what is wrong with the words")


class NameEntry(Value):
    """Another spelling of an entity's name."""

    written: Label = Field(description="as written")
    script: (
        Annotated[str, Field(pattern="^[A-Z][a-z]{3}$", description="ISO 15924 code, for example Hans")]
        | None
    ) = None


class EntityEntry(Value):
    """What every entity entry has; the fields of its type come on top."""

    id: EntityId
    type: Label
    name: Label
    note: Text | None = Field(default=None, description="an editorial note, in our own words")
    wikidata: (
        Annotated[str, Field(pattern=r"^Q[1-9]\d*$", description="Wikidata item, for example Q42")] | None
    ) = None
    names: tuple[NameEntry, ...] = Field(
        default=(), description="other spellings: aliases, other scripts, misspellings"
    )
    mentions: tuple[Locator, ...] = Field(default=(), description="where documents name it")
    shared: bool = Field(default=False, description="true when another case has already declared this id")


def own_fields(model: type[Entity]) -> dict[str, FieldInfo]:
    """The fields that an entity type adds to those of every entity."""
    return {name: field for name, field in model.model_fields.items() if name not in Entity.model_fields}


def _entry_model(model: type[Entity]) -> type[EntityEntry]:
    fields: dict[str, Any] = {name: (field.annotation, field) for name, field in own_fields(model).items()}
    kind: Any = Literal[model.__name__]
    return create_model(
        f"{model.__name__}Entry", __base__=EntityEntry, __doc__=model.__doc__, type=(kind, Field()), **fields
    )


# Documents have a section of their own.
ENTRY_MODELS: Final = {
    name: _entry_model(model) for name, model in ENTITY_TYPES.items() if model is not Document
}

if TYPE_CHECKING:
    AnyEntityEntry = EntityEntry
else:
    AnyEntityEntry = Annotated[Union[tuple(ENTRY_MODELS.values())], Field(discriminator="type")]  # noqa: UP007


class ShownIn(Locator):
    """A passage that shows the claim."""

    attribution: Attribution = Field(
        description="how the passage names the voice: explicit, carried, none or own"
    )


class Dispute(Value):
    """What a claim contests."""

    claim: ClaimId | None = Field(default=None, description="a claim of this case")
    entity: EntityId | None = Field(default=None, description="a source: an organization, report or document")
    level: ContestLevel = Field(description="direct, source or implicit")
    scope: Label | None = Field(default=None, description="what exactly is contested")

    @model_validator(mode="after")
    def _one_target(self) -> "Dispute":
        if (self.claim is None) == (self.entity is None):
            raise ValueError("names both a claim and an entity, or neither; give one of the two")
        if self.level is ContestLevel.SOURCE and self.entity is None:
            raise ValueError("has level source without an entity; name the source that is contested")
        return self


class Grade(Value):
    """An Admiralty grade that a person enters with a reason."""

    source: SourceGrade = Field(description="A to F")
    information: Annotated[int, Field(ge=1, le=6, description="1 to 6")]
    reason: Text = Field(description="why")


class ClaimEntry(Value):
    """One claim: who says, in which words, that who did what."""

    id: ClaimId
    verb: VerbName
    text: Text = Field(description="the claim in our own words, neutral, one sentence, without its voice")
    kind: ClaimKind
    modality: Modality = Modality.ASSERTED
    who: Refs = Field(default=(), description="who did it; leave out when not stated")
    what: Refs = Field(default=(), description="to what")
    whose: EntityRefs = Field(default=(), description="whose content it was")
    via: EntityRefs = Field(
        default=(), description="through which channel, account, outlet or event; leave out when not stated"
    )
    at: EntityRefs = Field(default=(), description="where")
    during: EntityRefs = Field(default=(), description="during which event or tour")
    about: EntityRefs = Field(default=(), description="about what")
    object_text: Label | None = Field(
        default=None, description="what it is about, when that is no entity and no claim"
    )
    frequency: Label | None = Field(
        default=None, description="how often, in words, when no count is given (“often”)"
    )
    count: Count | None = None
    date: When | None = Field(default=None, description="leave out when not stated")
    said_by: EntityRefs = Field(
        description="whose voice: the innermost asserter; a document for its own voice"
    )
    shown_in: tuple[ShownIn, ...] = Field(description="the passages that show it, at least one")
    inside: ClaimId | None = Field(default=None, description="the act of saying whose content this is")
    disputes: tuple[Dispute, ...] = Field(default=(), description="what this claim contests")
    supports: ClaimRefs = Field(default=(), description="claims it agrees with")
    replies_to: ClaimRefs = Field(default=(), description="claims it is a reply to")
    garbled: bool = Field(default=False, description="true when no reading of its words is possible")
    suggested: bool = Field(
        default=False, description="true for a machine's suggestion that no person has accepted yet"
    )
    note: Text | None = Field(default=None, description="an editorial note, in our own words")
    grade: Grade | None = None
    reason: Text | None = Field(default=None, description="why this version differs from the one before")

    @model_validator(mode="after")
    def _is_whole(self) -> "ClaimEntry":
        if not self.said_by:
            raise ValueError("has no voice; say who says so under said_by")
        if not self.shown_in:
            raise ValueError("has no passage; give at least one locator under shown_in")
        if not (self.who or self.what or self.whose or self.object_text):
            raise ValueError("has neither who, what, whose nor object_text; say what it is about")
        if self.verb == "AMPLIFIED" and len(self.via) > 1:
            raise ValueError(f"is amplified via {', '.join(self.via)}; write one claim for each channel")
        return self


class CaseFile(Value):
    """One file of a case folder: any of these sections."""

    case: CaseHead | None = None
    documents: tuple[DocumentEntry, ...] = ()
    copies: tuple[CopyEntry, ...] = ()
    citations: tuple[CitationEntry, ...] = ()
    readings: tuple[ReadingEntry, ...] = ()
    entities: tuple[AnyEntityEntry, ...] = ()
    claims: tuple[ClaimEntry, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    holders: tuple[HeldBy, ...] = ()
    postings: tuple[PostedAt, ...] = ()
    interactions: tuple[Interacted, ...] = ()
