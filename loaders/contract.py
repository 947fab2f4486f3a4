"""What a loader brings: a checked case, its fingerprint, and where each entry of it stands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from kb.documents import HeldDocuments
from schema.case_files import CaseFile


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
