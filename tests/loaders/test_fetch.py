"""Published files are fetched whole or not at all, with the bytes that are asked for and no others."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kb.errors import BadInput
from loaders import fetch
from loaders.contract import SourceFile
from loaders.fetch import fetch_file

CONTENT = bytes(range(256)) * 40


class _Server(ThreadingHTTPServer):
    """A publisher on this machine: what it was asked for, and how it behaves."""

    asked: list[str | None]
    ranges = True
    breaks_after: int | None = None
    redirects_to: str | None = None


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        wanted = self.headers["Range"]
        self.server.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and self.server.ranges else 0
        if self.path == "/none":
            self.send_error(404)
        elif self.server.redirects_to:
            self.send_response(302)
            self.send_header("Location", self.server.redirects_to)
            self.end_headers()
        elif start >= len(CONTENT):
            self.send_error(416)
        else:
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(CONTENT) - start))
            self.end_headers()
            self.wfile.write(CONTENT[start : self.server.breaks_after])

    def log_message(self, format: str, *_args: object) -> None:  # noqa: A002 - its name in the base class
        pass


@contextmanager
def publisher() -> Iterator[_Server]:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[_Server]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with publisher() as started:
        yield started


def file_at(url: str | None, content: bytes = CONTENT) -> SourceFile:
    return SourceFile("rows", "rows.csv", hashlib.sha256(content).hexdigest(), 1, url)


def at(server: _Server, path: str = "/rows.csv") -> SourceFile:
    return file_at(f"http://127.0.0.1:{server.server_address[1]}{path}")


def be_quiet(_stage: str, _done: int, _total: int | None) -> None:
    pass


def test_a_file_is_fetched_once_and_then_known_by_its_hash(server: _Server, tmp_path: Path) -> None:
    told: list[tuple[int, int | None]] = []
    path = fetch_file(at(server), tmp_path / "new", lambda _stage, done, total: told.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert fetch_file(at(server), tmp_path / "new", be_quiet) == path
    assert server.asked == [None]
    assert [each.name for each in path.parent.iterdir()] == ["rows.csv"]


def test_a_file_that_was_changed_here_is_fetched_anew(server: _Server, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes(b"changed")
    assert fetch_file(at(server), tmp_path, be_quiet).read_bytes() == CONTENT


@pytest.mark.parametrize("ranges", [True, False])
def test_a_fetch_that_broke_off_goes_on(server: _Server, tmp_path: Path, *, ranges: bool) -> None:
    server.breaks_after = 1_000
    with pytest.raises(BadInput, match=r"cannot be fetched.*run it again to go on"):
        fetch_file(at(server), tmp_path, be_quiet)
    assert not (tmp_path / "rows.csv").exists()
    server.breaks_after, server.ranges = None, ranges
    assert fetch_file(at(server), tmp_path, be_quiet).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=1000-"]


def test_a_part_that_holds_all_already_is_taken(server: _Server, tmp_path: Path) -> None:
    (tmp_path / "rows.csv.part").write_bytes(CONTENT)
    assert fetch_file(at(server), tmp_path, be_quiet).read_bytes() == CONTENT


def test_other_bytes_are_refused_and_leave_nothing(server: _Server, tmp_path: Path) -> None:
    other = file_at(at(server).url, b"what was published once")
    with pytest.raises(BadInput, match="is not the published file"):
        fetch_file(other, tmp_path, be_quiet)
    assert list(tmp_path.iterdir()) == []


def test_a_file_longer_than_any_dataset_is_given_up(
    server: _Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "MAX_BYTES", 1_000)
    with pytest.raises(BadInput, match="longer than 1,000 bytes"):
        fetch_file(at(server), tmp_path, be_quiet)


def test_a_missing_page_and_a_silent_host_are_told(server: _Server, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"/none: cannot be fetched, '.*Not Found.*', .*--from FOLDER"):
        fetch_file(at(server, "/none"), tmp_path, be_quiet)
    with publisher() as closed:
        gone = at(closed)
    with pytest.raises(BadInput, match=r"cannot be fetched, '.*refused"):
        fetch_file(gone, tmp_path, be_quiet)


def test_without_an_address_it_says_where_to_put_the_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"rows\.csv: has no published address.*--from FOLDER"):
        fetch_file(file_at(None), tmp_path, be_quiet)


@pytest.mark.parametrize(
    "url", ["http://files.example/rows.csv", "file:///etc/hosts", "ftp://files.example/x"]
)
def test_nothing_but_https_is_asked(server: _Server, tmp_path: Path, url: str) -> None:
    with pytest.raises(BadInput, match="is not https"):
        fetch_file(file_at(url), tmp_path, be_quiet)
    server.redirects_to = url
    with pytest.raises(BadInput, match=r"is not https|is not allowed"):
        fetch_file(at(server), tmp_path, be_quiet)
