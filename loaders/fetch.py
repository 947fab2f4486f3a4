"""Fetches published files: over https, whole or not at all, and only the bytes that `source.toml` names."""

import hashlib
import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final, NoReturn
from urllib.parse import urlsplit

from kb.errors import BadInput, Problem
from loaders.contract import SourceFile

# Between two bytes; a server that says nothing for longer has gone.
SILENCE_S: Final = 30.0
CHUNK_BYTES: Final = 1 << 20
# Ten times the largest published file of a dataset here; more is not what was asked for.
MAX_BYTES: Final = 4 << 30
# A mirror on this machine needs no encryption.
_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})

Progress = Callable[[str, int, int | None], None]


def fetch_file(file: SourceFile, folder: Path, progress: Progress) -> Path:
    """The file in `folder`, fetched unless it is there with the right hash.

    A fetch that broke off goes on where it stopped. Raises BadInput when there is no address, when the server does
    not answer or has other bytes; the file then does not appear.
    """
    target = folder / file.path
    if target.exists() and hash_file(target) == file.sha256:
        return target
    if file.url is None:
        _refuse(
            file.path, "has no published address", None, "get it from its publisher and give --from FOLDER"
        )
    part = target.with_name(target.name + ".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _fetch_into(part, file, progress)
    except (OSError, http.client.HTTPException, ValueError) as error:
        _refuse(file.url, "cannot be fetched", _reason(error), "run it again to go on, or give --from FOLDER")
    found = hash_file(part)
    if found != file.sha256:
        part.unlink()
        _refuse(
            file.url,
            f"is not the published file, whose SHA-256 is {file.sha256}",
            found,
            "give --from FOLDER",
        )
    part.replace(target)
    return target


def hash_file(path: Path) -> str:
    """SHA-256 of a file, read in pieces; raises BadInput when it cannot be read."""
    try:
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise BadInput([Problem(str(path), "cannot be read", _reason(error), "make it readable")]) from error


def _fetch_into(part: Path, file: SourceFile, progress: Progress) -> None:
    assert file.url is not None  # noqa: S101 - fetch_file refuses such a file
    have = part.stat().st_size if part.exists() else 0
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={have}-"} if have else {})}
    try:
        answer = _open(file.url, headers)
    except urllib.error.HTTPError as error:
        if have and error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            # All of it is here, or something else is: the hash tells.
            return
        raise
    with answer, part.open("ab" if answer.status == http.client.PARTIAL_CONTENT else "wb") as out:
        done = out.tell()
        length = answer.headers["Content-Length"]
        total = done + int(length) if length else None
        while chunk := answer.read(CHUNK_BYTES):
            done += len(chunk)
            if done > MAX_BYTES:
                raise ValueError(f"it is longer than {MAX_BYTES:,} bytes")
            out.write(chunk)
            progress(f"fetching {file.path}, bytes", done, total)
    if total is not None and done < total:
        raise ValueError(f"it broke off after {done:,} of {total:,} bytes")


class _OnlyHttps(urllib.request.HTTPRedirectHandler):
    """Follows a redirection to an address that may be asked, and to no other."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        _check(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _open(url: str, headers: dict[str, str]) -> http.client.HTTPResponse:
    _check(url)
    https = urllib.request.HTTPSHandler(context=ssl.create_default_context())
    opener = urllib.request.build_opener(_OnlyHttps(), https)
    answer = opener.open(urllib.request.Request(url, headers=headers), timeout=SILENCE_S)  # noqa: S310 - checked
    assert isinstance(answer, http.client.HTTPResponse)  # noqa: S101 - http and https answer with one
    return answer


def _check(url: str) -> None:
    parts = urlsplit(url)
    if not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)):
        raise ValueError(f"{url} is not https")


def _reason(error: Exception) -> str:
    return str(getattr(error, "reason", None) or error) or type(error).__name__


def _refuse(where: str, what: str, value: object, remedy: str) -> NoReturn:
    raise BadInput([Problem(where, what, value, remedy)])
