"""Held documents: files kept under their SHA-256, and where words stand in them."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from kb.errors import BadInput, Problem

# Twenty times the longest report we have met; a text larger than this is a dataset.
MAX_DOCUMENT_BYTES: Final = 20 * 1024 * 1024
# What the Web Annotation model calls prefix and suffix; 32 as Hypothesis and Apache Annotator do.
CONTEXT_CODE_POINTS: Final = 32

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
# A line of a file as held ends in LF, CR LF or a lone CR, and in nothing else (str.splitlines knows more).
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


class HeldFile(NamedTuple):
    """A file that is held: the SHA-256 of its bytes, its length in Unicode code points and its text."""

    sha256: str
    chars: int
    text: str


class HeldDocuments:
    """The folder of held files, `<data>/documents/<sha256>.txt`: the content decides the name."""

    def __init__(self, data: Path) -> None:
        self.folder = data / "documents"

    def hold(self, path: Path) -> HeldFile:
        """Keeps a copy of the file and returns it.

        Raises BadInput when it is no regular file, cannot be read, is empty, is larger than
        MAX_DOCUMENT_BYTES, is not UTF-8, or has NUL bytes.
        """
        return self.hold_bytes(read_regular_file(path, MAX_DOCUMENT_BYTES), name=str(path))

    def hold_bytes(self, content: bytes, *, name: str) -> HeldFile:
        """Keeps `content`; `name` is how problems call it. Raises BadInput as `hold`."""
        held = _as_held(content, name)
        path = self._path(held.sha256)
        try:
            if not path.is_file() or path.read_bytes() != content:
                self.folder.mkdir(parents=True, exist_ok=True)
                _write_atomically(path, content)
        except OSError as error:
            raise BadInput([_unwritable(self.folder, error)]) from error
        return held

    def text(self, sha256: str) -> str | None:
        """The text of the held file, every character as in its bytes; None when it is not held.

        Raises BadInput when the file can't be read or no longer has this hash.
        """
        path = self._path(sha256)
        if not path.exists():
            return None
        content = read_regular_file(path, MAX_DOCUMENT_BYTES)
        found = hashlib.sha256(content).hexdigest()
        if found != sha256:
            remedy = f"remove {path} and add the document again: python -m kb documents add FILE"
            raise BadInput(
                [Problem(str(path), "the held file was changed; its SHA-256 is now", found, remedy)]
            )
        return decode_document(content, name=str(path))

    def _path(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise BadInput([Problem("sha256", "is not a SHA-256", sha256, "give 64 digits of 0-9 and a-f")])
        return self.folder / f"{sha256}.txt"


def read_document(path: Path) -> HeldFile:
    """What holding the file would give, without keeping it; raises BadInput as `HeldDocuments.hold`."""
    return _as_held(read_regular_file(path, MAX_DOCUMENT_BYTES), str(path))


def _as_held(content: bytes, name: str) -> HeldFile:
    text = decode_document(content, name=name)
    return HeldFile(hashlib.sha256(content).hexdigest(), len(text), text)


def read_regular_file(path: Path, max_bytes: int) -> bytes:
    """The bytes of a regular file of at most `max_bytes`; a larger one is refused without reading it.

    Raises BadInput for anything else: a missing file, a folder, a pipe, a device, one that may not be read.
    """
    where = str(path)
    try:
        # Without O_NONBLOCK a named pipe would wait for a writer.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise BadInput(
                    [Problem(where, "is not a file", _kind(status.st_mode), "give a regular file")]
                )
            if status.st_size > max_bytes:
                raise BadInput([too_large(where, status.st_size, max_bytes)])
            content = file.read(max_bytes + 1)
    except FileNotFoundError as error:
        raise BadInput([Problem(where, "there is no such file", path.name, "check the path")]) from error
    except IsADirectoryError as error:
        raise BadInput([Problem(where, "is not a file", "folder", "give a regular file")]) from error
    except (OSError, ValueError) as error:
        said = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise BadInput([Problem(where, "cannot be read", said, "make it readable, or remove it")]) from error
    if len(content) > max_bytes:
        raise BadInput([too_large(where, len(content), max_bytes)])
    return content


def too_large(where: str, size_bytes: int, max_bytes: int) -> Problem:
    """The problem of a file that is larger than it may be."""
    most = f"{max_bytes // (1024 * 1024)} MB"
    return Problem(
        where, f"is larger than {most}", f"{size_bytes / (1024 * 1024):.1f} MB", "split it, or leave it out"
    )


def decode_document(content: bytes, *, name: str) -> str:
    """The text of a document's bytes, with its line ends and byte order mark as they are; raises BadInput."""
    if not content:
        raise BadInput([Problem(name, "is empty", "0 bytes", "give a file with text")])
    if len(content) > MAX_DOCUMENT_BYTES:
        raise BadInput([too_large(name, len(content), MAX_DOCUMENT_BYTES)])
    nul = content.find(b"\0")
    if nul >= 0:
        where = f"{name}:{_line_of(content, nul)}"
        raise BadInput([Problem(where, "has a NUL byte", f"byte {nul}", "give a plain text file in UTF-8")])
    return decode_utf8(content, name=name)


def decode_utf8(content: bytes, *, name: str) -> str:
    """`content` as text; raises BadInput that names the line and the byte where it is not UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        where = f"{name}:{_line_of(content, error.start)}"
        value = f"byte 0x{content[error.start]:02x} at {error.start}"
        raise BadInput([Problem(where, "is not UTF-8", value, "save the file as UTF-8")]) from error


def paragraphs(text: str) -> list[tuple[int, int]]:
    """The spans of the paragraphs, in order: runs of lines that are not blank, without the last line end."""
    found: list[tuple[int, int]] = []
    start, end = None, 0
    for match in _LINE.finditer(text):
        line = match[0].rstrip("\r\n")
        if line.strip():
            start = match.start() if start is None else start
            end = match.start() + len(line)
        elif start is not None:
            found.append((start, end))
            start = None
    if start is not None:
        found.append((start, end))
    return found


def words(text: str, start: int, end: int) -> str:
    """The words from `start` to behind `end`, in code points; shorter when the text ends before."""
    return text[start:end]


def span_sha256(exact: str) -> str:
    """The SHA-256 of words, over their UTF-8."""
    return hashlib.sha256(exact.encode("utf-8")).hexdigest()


def context(text: str, start: int, end: int) -> tuple[str, str, str]:
    """Prefix, exact words and suffix; prefix and suffix have up to CONTEXT_CODE_POINTS code points."""
    return (
        text[max(0, start - CONTEXT_CODE_POINTS) : start],
        text[start:end],
        text[end : end + CONTEXT_CODE_POINTS],
    )


def _line_of(content: bytes, offset: int) -> int:
    return content.count(b"\n", 0, offset) + 1


def _kind(mode: int) -> str:
    kinds = {stat.S_IFDIR: "folder", stat.S_IFIFO: "named pipe", stat.S_IFSOCK: "socket"}
    return kinds.get(stat.S_IFMT(mode), "device")


def _unwritable(folder: Path, error: OSError) -> Problem:
    return Problem(
        str(folder),
        "cannot be written",
        error.strerror or str(error),
        "set KB_DATA to a folder you can write",
    )


def _write_atomically(path: Path, content: bytes) -> None:
    """A reader sees the whole file or none, also after a power cut."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".adding-")
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
