"""The texts of a case's documents: those shipped in the case folder and those held."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from kb.documents import MAX_DOCUMENT_BYTES, HeldDocuments, decode_document, read_regular_file
from kb.errors import BadInput
from loaders.case.entries import Entry
from loaders.case.files import MAX_CASE_BYTES, find_inside
from loaders.case.problems import Problems


class DocumentText(NamedTuple):
    """What is known of one document's text."""

    text: str | None
    """None when the file is neither shipped nor held."""
    sha256: str
    chars: int | None
    shipped: bytes | None


def find_texts_of(
    entries: Sequence[Entry], folder: Path, held: HeldDocuments, problems: Problems
) -> dict[str, DocumentText]:
    """Every document of the case by id, with its text when the case ships it or it is held.

    Tells files that are missing, lead out of the folder, are no text, or are others than their SHA-256 says.
    """
    found: dict[str, DocumentText] = {}
    room = MAX_CASE_BYTES
    for entry in entries:
        if entry.section != "documents" or entry.id is None or entry.id in found:
            continue
        if entry.text("file"):
            known = _read_shipped(entry, folder, room, problems)
            room -= len(known.shipped or b"")
        else:
            known = _read_held(entry, held, problems)
        found[entry.id] = known
        if known.text is not None and known.chars is not None and known.chars != len(known.text):
            what = f"{entry.title}: chars is not the length of its file"
            remedy = f"write {len(known.text)}, or leave it out"
            problems.add(entry.file, entry.line_at(("chars",)), what, known.chars, remedy)
    return found


def _read_held(entry: Entry, held: HeldDocuments, problems: Problems) -> DocumentText:
    sha256 = entry.text("sha256")
    text = None
    if len(sha256) == 64:
        try:
            text = held.text(sha256)
        except BadInput as error:
            _tell(entry, "sha256", error, problems)
    return DocumentText(text, sha256, _chars(entry), None)


def _read_shipped(entry: Entry, folder: Path, room: int, problems: Problems) -> DocumentText:
    name = entry.text("file")
    path = find_inside(folder, name)
    unknown = DocumentText(None, entry.text("sha256"), _chars(entry), None)
    if path is None:
        remedy = "write a path inside the case folder, with / between folders"
        what = f"{entry.title}: file leads out of the case folder"
        problems.add(entry.file, entry.line_at(("file",)), what, name, remedy)
        return unknown
    try:
        content = read_regular_file(path, min(MAX_DOCUMENT_BYTES, max(room, 0)))
        text = decode_document(content, name=name)
    except BadInput as error:
        _tell(entry, "file", error, problems)
        return unknown
    sha256 = hashlib.sha256(content).hexdigest()
    if unknown.sha256 and unknown.sha256 != sha256:
        what = f"{entry.title}: file has another SHA-256 than the document"
        remedy = f"the file has {sha256}; write that, or ship the file that was meant"
        problems.add(entry.file, entry.line_at(("sha256",)), what, unknown.sha256, remedy)
    return DocumentText(text, sha256, _chars(entry), content)


def _chars(entry: Entry) -> int | None:
    written = entry.text("chars")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 16 else None


def _tell(entry: Entry, field: str, error: BadInput, problems: Problems) -> None:
    for problem in error.problems:
        what = f"{entry.title}: {field}: {problem.what}"
        problems.add(entry.file, entry.line_at((field,)), what, problem.value, problem.remedy)
