"""Trusted documents: kept in the data folder under their SHA-256, asked for by it, compiled at the start."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from graphql import DocumentNode, GraphQLError, OperationDefinitionNode

from api.errors import QuestionError
from api.execute import Known, keep_document, read_document
from api.http_request import Asked
from api.limits import Limits
from kb.errors import KbError

FOLDER: Final = "queries"
SUFFIX: Final = ".graphql"
_HASH: Final = re.compile(r"[0-9a-f]{64}")


def hash_document(text: str) -> str:
    """The name of a document: the SHA-256 of its text in UTF-8, without the space around it."""
    return hashlib.sha256(text.strip().encode(errors="surrogatepass")).hexdigest()


def read_query(path: Path, limits: Limits) -> str:
    """The document of a file, to be kept; raises KbError when it cannot be read or is not valid."""
    try:
        text = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise KbError(
            f"{path}: cannot be read as UTF-8 text: {error}; name a file with one document"
        ) from error
    document, errors = read_document(text, limits)
    if document is None:
        told = "; ".join(_locate(error) for error in errors[:3])
        raise KbError(f"{path}: {told}; correct the document")
    return text


def keep_query(data: Path, text: str) -> str:
    """Keeps a document under its hash, which it returns; raises KbError."""
    found = hash_document(text)
    folder = data / FOLDER
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Renamed when it is whole: a server that starts now reads all of it or nothing.
        written = folder / f".{found}.new"
        written.write_bytes(text.encode())
        written.replace(folder / f"{found}{SUFFIX}")
    except OSError as error:
        raise KbError(
            f"{folder}: cannot be written: {error.strerror}; set KB_DATA to a folder of yours"
        ) from error
    return found


def remove_queries(data: Path, hashes: Sequence[str]) -> None:
    """Keeps none of these documents any longer; raises KbError, and removes none, when one of them is not kept."""
    paths = [_find_kept(data, sha256) for sha256 in hashes]
    for path in paths:
        try:
            path.unlink(missing_ok=True)  # named twice
        except OSError as error:
            raise KbError(
                f"{path}: cannot be removed: {error.strerror}; remove it as the owner of KB_DATA"
            ) from error


def _find_kept(data: Path, sha256: str) -> Path:
    if not _HASH.fullmatch(sha256):
        shown = sha256 if len(sha256) <= 80 else sha256[:80] + "..."
        raise KbError(
            f"HASH: {shown!r} is not a SHA-256 in lower case; take one from: python -m api queries list"
        )
    path = data / FOLDER / f"{sha256}{SUFFIX}"
    if not path.is_file():
        raise KbError(
            f"HASH: {sha256!r} is not among the trusted documents in {data / FOLDER}; take one from: "
            "python -m api queries list"
        )
    return path


def _locate(error: GraphQLError) -> str:
    first = error.locations[0] if error.locations else None
    return error.message if first is None else f"line {first.line}, column {first.column}: {error.message}"


def read_documents(data: Path) -> dict[str, str]:
    """The documents that are kept, by their hashes; raises KbError for one whose text is not that of its name."""
    found: dict[str, str] = {}
    for path in sorted((data / FOLDER).glob(f"*{SUFFIX}")):
        try:
            text = path.read_bytes().decode()
        except (OSError, UnicodeDecodeError) as error:
            raise KbError(f"{path}: cannot be read: {error}; remove it and add the document again") from error
        if hash_document(text) != path.stem:
            raise KbError(
                f"{path}: was edited; remove it and add the document again: python -m api queries add FILE"
            )
        found[path.stem] = text
    return found


def name_operations(text: str, limits: Limits) -> str:
    """The names of the operations of a document, to recognise it by."""
    document = read_document(text, limits).document
    if document is None:
        return "(no longer valid for this schema)"
    return ", ".join(_operations(document)) or "(without a name)"


def _operations(document: DocumentNode) -> list[str]:
    return [
        found.name.value
        for found in document.definitions
        if isinstance(found, OperationDefinitionNode) and found.name is not None
    ]


class Trusted:
    """The trusted documents of one server, read and compiled when it starts. `only`: it answers no others."""

    def __init__(self, documents: dict[str, str], limits: Limits, *, only: bool) -> None:
        self._documents = documents
        self._only = only
        self._known: list[Known] = [keep_document(text, limits) for text in documents.values()]

    def answers(self, text: str) -> bool:
        """Whether a document is answered when its text is sent."""
        return not self._only or hash_document(text) in self._documents

    @property
    def answers_any(self) -> bool:
        """Whether anybody's documents are answered."""
        return not self._only

    def find(self, asked: Asked) -> str:
        """The text of what is asked; raises QuestionError (PERSISTED_QUERY_NOT_FOUND, BAD_REQUEST, FORBIDDEN)."""
        if asked.sha256 is not None and asked.query is None:
            return self._look_up(asked.sha256)
        text = asked.query or ""
        if asked.sha256 is None and not self._only:
            return text
        found = hash_document(text)
        if asked.sha256 is not None and asked.sha256 not in (found, _hash_as_sent(text)):
            raise QuestionError(
                "BAD_REQUEST", "extensions.persistedQuery.sha256Hash: is not the hash of query"
            )
        if not self._only:
            return text
        if found not in self._documents:
            raise _untrusted("this document")
        return self._documents[found]

    def _look_up(self, sha256: str) -> str:
        text = self._documents.get(sha256)
        if text is not None:
            return text
        if self._only:
            raise _untrusted(f"the document {sha256[:64]!r}")
        raise QuestionError(
            "PERSISTED_QUERY_NOT_FOUND",
            "PersistedQueryNotFound: no document has this hash here; send its text",
        )


def _hash_as_sent(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _untrusted(what: str) -> QuestionError:
    remedy = "ask the operator to add it: python -m api queries add FILE"
    return QuestionError(
        "FORBIDDEN", f"{what} is not among the trusted ones, and none else is answered; {remedy}"
    )
