"""Published works, documents, and the words in them."""

from typing import Annotated

from pydantic import AnyUrl, Field, field_serializer

from schema.node import Entity, Node
from schema.values import CaseId, Edtf, EntityId, Label, Sha256, Text


class Report(Entity):
    """A published work. It and its publisher are one origin."""

    publisher: EntityId | None = Field(default=None, description="who published it")
    date: Edtf | None = Field(default=None, description="when it came out, as EDTF; absent when not stated")


class Document(Entity):
    """A file that we hold or know of. Its own voice belongs to its publisher."""

    case: CaseId = Field(description="the case that declares it")
    sha256: Sha256 | None = Field(default=None, description="SHA-256 of the file, when its bytes are known")
    chars: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="length in Unicode code points"
    )
    held: bool = Field(
        default=False, description="true when the file is held, so that its words can be shown"
    )
    publisher: EntityId | None = Field(
        default=None, description="who published it; absent when its text does not say"
    )
    date: Edtf | None = Field(
        default=None, description="its date, as EDTF; absent when its text does not say"
    )
    url: AnyUrl | None = Field(default=None, description="where it was found, when known")

    @field_serializer("url")
    def _as_text(self, url: AnyUrl | None) -> str | None:
        return str(url) if url else None


class Passage(Node):
    """A span of a document: its words are kept only while the document is held."""

    id: str = Field(description="<document>:<start>-<end>")
    label: str = Field(description="what a picture shows: where it stands, and none of its words")
    case: CaseId = Field(description="the case that declares it")
    paragraph: int = Field(description="paragraph, counted from 1")
    start: int = Field(description="first code point, 0-based, over the file as held")
    end: int = Field(description="behind the last code point")
    span_sha256: Sha256 = Field(description="SHA-256 of the words, UTF-8")
    exact: str | None = Field(
        default=None, description="the exact words; absent when the document is not held"
    )
    prefix: str | None = Field(default=None, description="up to 32 code points before; absent when not held")
    suffix: str | None = Field(default=None, description="up to 32 code points behind; absent when not held")


class Reading(Node):
    """A proposed reading of garbled words. It stands beside the text and never replaces it."""

    id: str = Field(description="<case>/<id>")
    label: str = Field(description="what a picture shows: “maybe”, and the reading")
    case: CaseId = Field(description="the case that declares it")
    start: int = Field(description="first code point of the garbled words")
    end: int = Field(description="behind their last code point")
    span_sha256: Sha256 = Field(description="SHA-256 of the garbled words, UTF-8")
    reading: Label = Field(description="what they probably should say")
    basis: Text = Field(description="what the reading rests on")
    why: Text | None = Field(default=None, description="what is wrong with the words, in our own words")
