"""Writes the suggestions of a file as a case folder: claims that nobody has accepted, each with its object.

The file is the voice: “the file states”. No entity is made and none is matched, by name or by id: who is meant, and
whether anybody is, is for the person who accepts a suggestion to say. Until then no default answer shows any of it.
"""

import hashlib
import re
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from kb.documents import span_sha256
from kb.errors import BadInput, Problem
from loaders.exchange.objects import Suggestion, read_objects
from loaders.fetch import hash_file

# As long as `schema/values.py` lets a text and a label be.
_TEXT_CHARS: Final = 4_000
_LABEL_CHARS: Final = 300
_REST: Final = " … (the passage has the rest)"
_CONTROL: Final = re.compile(r"[\0-\x1f\x7f-\x9f\u2028\u2029]+")
_CASE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_DOCUMENT: Final = "doc:file"


class Written(NamedTuple):
    """How many suggestions there are, and how many objects describe the file itself."""

    suggestions: int
    left_out: int


def suggest(path: Path, folder: Path, *, case: str, entered_by: str) -> Written:
    """Makes the case folder of a FollowTheMoney or STIX file, whole or not at all.

    Raises BadInput for a file that cannot be read, a case that cannot be named so, and a folder that is there.
    """
    if not _CASE.fullmatch(case):
        remedy = "write small letters, digits and underscores, such as partner_file"
        raise BadInput([Problem("--case", "cannot be the name of a case", case[:80], remedy)])
    if folder.exists():
        raise BadInput(
            [Problem("--into", "is there already", str(folder), "write a folder that is not there")]
        )
    found = read_objects(path)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    text, claims = _claims(found.suggestions)
    sha256 = hash_file(path)
    note = f"The objects of {_clean(path.name, 100)} (SHA-256 {sha256}), one a paragraph. Nobody has checked them."
    head = {
        "id": case,
        "title": _clean(f"Suggestions from {path.name}", _LABEL_CHARS),
        "entered_by": entered_by,
    }
    document: dict[str, Any] = {
        "id": _DOCUMENT,
        "name": _clean(path.name, _LABEL_CHARS),
        "note": note,
        "file": "objects.txt",
    }
    document |= {"sha256": hashlib.sha256(text.encode()).hexdigest(), "chars": len(text)}
    try:
        part = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".suggest-"))
    except OSError as error:
        remedy = "write a folder in one that is there and can be written"
        raise BadInput(
            [Problem("--into", f"cannot be written ({error.strerror})", str(folder), remedy)]
        ) from error
    try:
        (part / "objects.txt").write_bytes(text.encode())
        sections = {"case": {**head, "entered_at": now}, "documents": [document], "claims": claims}
        (part / "case.yaml").write_text(
            yaml.safe_dump(sections, allow_unicode=True, sort_keys=False), "utf-8"
        )
        # As any folder that a program makes; temporary ones are the owner's alone.
        part.chmod(0o755)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return Written(len(claims), found.left_out)


def _claims(suggestions: list[Suggestion]) -> tuple[str, list[dict[str, Any]]]:
    """The text of the document, an object a paragraph, and a claim for each."""
    claims: list[dict[str, Any]] = []
    start = 0
    for number, suggestion in enumerate(suggestions, 1):
        end = start + len(suggestion.text)
        at = {"document": _DOCUMENT, "paragraph": number, "start": start, "end": end}
        claims.append(
            {
                "id": f"S{number:04}",
                "verb": "STATED",
                "kind": "statement",
                "text": _clean(suggestion.says, _TEXT_CHARS),
                "object_text": _clean(suggestion.says, _LABEL_CHARS),
                "said_by": _DOCUMENT,
                "suggested": True,
                "shown_in": [{**at, "sha256": span_sha256(suggestion.text), "attribution": "own"}],
            }
        )
        start = end + 2
    return "\n\n".join(suggestion.text for suggestion in suggestions) + "\n", claims


def _clean(text: str, most: int) -> str:
    """The text on one line without control characters, and no longer than it may be; it says when there is more."""
    found = _CONTROL.sub(" ", text).strip()
    return found if len(found) <= most else found[: most - len(_REST)] + _REST
