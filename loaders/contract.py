"""What a loader brings: a checked case with the place of each entry, or the rows of a dataset."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Protocol

from pydantic import ConfigDict, Field

from kb.bulk.facts import Row
from kb.documents import HeldDocuments
from schema.case_files import CaseFile
from schema.observations import Slug
from schema.values import Label, Sha256, Text


@dataclass(frozen=True, slots=True)
class ReadCase:
    """A case that was read whole and has no problem."""

    case: CaseFile
    """Every section of every file; documents that are shipped have their `sha256` and `chars`."""
    content_sha256: str
    """Hash of what the case says and ships, whatever its formatting, comments and order."""
    lines: Mapping[tuple[str, str], str]
    """Section and id -> `file:line`, for problems that show only when the case meets others."""
    files: tuple[Path, ...]
    """The files that were read."""
    shipped: Mapping[str, bytes] = field(default_factory=dict)
    """Document id -> the bytes of the file that the case ships."""
    notes: tuple[str, ...] = ()
    """What is no problem and still worth a look, one line each."""


class Loader(Protocol):
    """A source's way in: reads a folder, writes nothing, and raises BadInput with every problem at once."""

    def __call__(self, folder: Path, held: HeldDocuments) -> ReadCase:
        """The case in `folder`, its passages checked against the documents that are held or shipped."""
        ...


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a dataset: its name in the parser, its file name, and what its publisher is known to have published."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    name: str
    path: str
    sha256: Sha256
    rows: Annotated[int, Field(ge=0)]
    """Data rows that it is expected to have; another number is told, and fails a load of the published file."""
    url: Annotated[str, Field(pattern=r"^https://\S+$")] | None = None
    """Where these very bytes are published; the address names a version."""


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset as its `source.toml` describes it."""

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    id: Slug
    title: Label
    publisher: Label
    licence: Label
    cite: Text
    files: Annotated[tuple[SourceFile, ...], Field(min_length=1)]

    @property
    def expected_rows(self) -> int:
        """The data rows of all its files, as they were published."""
        return sum(file.rows for file in self.files)


class Parser(Protocol):
    """A dataset's `parse`: yields every data row of its files in their order, reads them as a stream, and is pure.

    Raises BadInput when a file is not what it is taken for (another header, not text).
    """

    def __call__(self, files: Mapping[str, Path]) -> Iterator[Row]:
        """The rows of the files, which are given by the names that `source.toml` has for them."""
        ...
