"""Everything particular to the embedded engine, ArcadeDB in this process: nothing else knows which one runs.

The first process to open a data folder owns it and starts the engine; any other connects to the owner's Bolt
port. Who owns it is decided by an operating-system lock on `owner.lock`, which ends with the process however
that ends; what is written in that file (pid, ports and the passwords of this run; mode 0600) is how others
find the owner.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import logging
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncGenerator, Generator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from kb.config import Settings
from kb.errors import KbError, StoreBusy, StoreUnavailable

LOG = logging.getLogger(__name__)

DATABASE = "kb"
WRITER = "root"
READER = "reader"
LOCK_NAME = "owner.lock"
ENGINE_FOLDER = "arcadedb"
LOOPBACK = "127.0.0.1"

# A start takes 0.1 s, after a crash as long as the log to replay; a close waits for running transactions.
OWNER_WAIT_S = 30.0
POLL_S = 0.05
# A free port can be taken between asking for it and using it.
START_TRIES = 3

_FULL_ACCESS = ["createRecord", "readRecord", "updateRecord", "deleteRecord"]
# Tried: a `resultSetLimit` other than -1 silently gives wrong counts; `readTimeout` does nothing over Bolt.
_GROUPS = {
    "admin": {
        "access": ["updateSecurity", "updateSchema", "updateDatabaseSettings"],
        "resultSetLimit": -1,
        "readTimeout": -1,
        "types": {"*": {"access": _FULL_ACCESS}},
    },
    "*": {"access": [], "resultSetLimit": -1, "readTimeout": -1, "types": {"*": {"access": []}}},
    "reader": {
        "access": [],
        "resultSetLimit": -1,
        "readTimeout": -1,
        "types": {"*": {"access": ["readRecord"]}},
    },
}


@dataclass(frozen=True, slots=True)
class Login:
    """A user and a password; the password is not shown."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a running embedded engine answers. `owned`: it runs in this process and stops with it."""

    uri: str
    http_url: str
    database: str
    writer: Login
    reader: Login
    version: str
    owned: bool
    owner_pid: int
    command_timeout_s: float


class Version:
    """What the engine holds, as a word that is never used again, in a file beside it.

    Not in the graph: processes that change one node get conflicts, and the driver sleeps a second after each (90 writes
    by 3 processes took 2.1 s instead of 0.2 s). Whoever writes holds a shared lock on the file from before the word is
    renewed until it is renewed again; one who is killed leaves a word that nobody was told. Windows has no such lock,
    and no version.
    """

    def __init__(self, data: Path) -> None:
        self._path = data / "version"

    @contextlib.contextmanager
    def changing(self) -> Generator[None]:
        """Around each write."""
        if sys.platform == "win32":
            yield
            return
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)  # a reader has it for microseconds
            os.pwrite(descriptor, secrets.token_hex(8).encode(), 0)
            try:
                yield
            finally:
                os.pwrite(descriptor, secrets.token_hex(8).encode(), 0)
        finally:
            os.close(descriptor)

    def read(self) -> str | None:
        """The word; None while somebody writes, and before the first write."""
        if sys.platform == "win32":
            return None
        try:
            descriptor = os.open(self._path, os.O_RDWR)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return os.pread(descriptor, 64, 0).decode() or None
        except BlockingIOError:
            return None
        finally:
            os.close(descriptor)


@dataclass(frozen=True, slots=True)
class _Owner:
    """What the owner writes into the lock file; the secrets are made anew at each start."""

    pid: int
    started: str
    host: str
    version: str
    bolt_port: int
    http_port: int
    command_timeout_s: float
    writer_password: str = field(repr=False)
    reader_password: str = field(repr=False)

    def endpoint(self, *, owned: bool) -> Endpoint:
        return Endpoint(
            uri=f"bolt://{LOOPBACK}:{self.bolt_port}",
            http_url=f"http://{LOOPBACK}:{self.http_port}",
            database=DATABASE,
            writer=Login(WRITER, self.writer_password),
            reader=Login(READER, self.reader_password),
            version=self.version,
            owned=owned,
            owner_pid=self.pid,
            command_timeout_s=self.command_timeout_s,
        )


class _Server(Protocol):
    """The part of `arcadedb.ArcadeDBServer` that is used."""

    def start(self) -> None: ...
    def stop(self) -> None: ...
    def create_database(self, name: str) -> Any: ...


@contextlib.asynccontextmanager
async def open_embedded(settings: Settings) -> AsyncGenerator[Endpoint]:
    """The engine that keeps `settings.data`: started here and stopped at the end, or running already.

    Raises StoreUnavailable when the folder cannot be used or the engine does not start, and StoreBusy when
    another process holds the folder and cannot be reached within OWNER_WAIT_S.
    """
    held = await _own_or_find(settings.data)
    if isinstance(held, _Owner):
        LOG.debug("%s is open in process %d: connecting to it", settings.data, held.pid)
        yield held.endpoint(owned=False)
        return
    with held:
        server, owner = _start(settings)
        try:
            held.write(json.dumps(asdict(owner)))
            yield owner.endpoint(owned=True)
        finally:
            held.write("")
            _stop(server)


async def stop_owner(settings: Settings, *, wait_s: float = OWNER_WAIT_S) -> int | None:
    """Asks the process that owns `settings.data` to end (SIGTERM) and waits until it has.

    Returns its pid, None when nobody owns it.
    Raises StoreBusy when it is this process, runs on another host, or has not ended after `wait_s`.
    """
    if not (settings.data / LOCK_NAME).is_file():
        return None
    owner = await _own_or_find(settings.data)
    if isinstance(owner, _Lock):
        owner.release()
        return None
    if owner.pid == os.getpid():
        raise StoreBusy(
            f"{settings.data} is open in this very process, {owner.pid}; close it instead of stopping it"
        )
    with contextlib.suppress(ProcessLookupError):  # it may have ended since it was found
        os.kill(owner.pid, signal.SIGTERM)
    ends_at = time.monotonic() + wait_s
    while time.monotonic() < ends_at:
        await asyncio.sleep(POLL_S)
        lock = _Lock.take(settings.data / LOCK_NAME)
        if lock is not None:
            lock.release()
            return owner.pid
    raise StoreBusy(
        f"process {owner.pid}, which owns {settings.data}, has not ended {wait_s:g} s after SIGTERM; "
        "wait for its load to finish, or end it by hand (committed data is safe)"
    )


async def create_fulltext_index(endpoint: Endpoint, name: str, label: str, properties: Sequence[str]) -> None:
    """Creates the full-text index `name` over string `properties` of `label`; there is no Cypher for it here.

    Nothing happens when it exists. A list cannot be in it. Raises KbError with the engine's words.
    """
    keys = ", ".join(map(_quoted, properties))
    statements = [
        f"CREATE VERTEX TYPE {_quoted(label)} IF NOT EXISTS",
        *(f"CREATE PROPERTY {_quoted(label)}.{_quoted(key)} IF NOT EXISTS STRING" for key in properties),
        f"CREATE INDEX {_quoted(name)} IF NOT EXISTS ON {_quoted(label)} ({keys}) FULL_TEXT",
    ]
    for statement in statements:
        await asyncio.to_thread(_run_sql, endpoint, statement)


def _quoted(name: str) -> str:
    """`name` as an SQL identifier; one that is not letters, digits and underscores is a mistake."""
    if not name.isidentifier():
        raise KbError(
            f"{name!r} is not a name for a label, property or index; use letters, digits and underscores"
        )
    return f"`{name}`"


def _run_sql(endpoint: Endpoint, statement: str) -> None:
    login = f"{endpoint.writer.user}:{endpoint.writer.password}".encode()
    request = urllib.request.Request(  # noqa: S310 - our own http address
        f"{endpoint.http_url}/api/v1/command/{endpoint.database}",
        data=json.dumps({"language": "sql", "command": statement}).encode(),
        headers={
            "Authorization": f"Basic {base64.b64encode(login).decode()}",
            "Content-Type": "application/json",
        },
    )
    # No proxy: the address is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=endpoint.command_timeout_s) as response:
            response.read()
    except urllib.error.HTTPError as error:
        raise KbError(f"{statement}: {error.read(2_000).decode(errors='replace')}") from error
    except OSError as error:
        raise StoreUnavailable(
            f"{endpoint.http_url} does not answer: {error}; start again if process {endpoint.owner_pid} ended"
        ) from error


async def _own_or_find(data: Path) -> _Lock | _Owner:
    """The lock when nobody held it, else the owner once it is ready; two starters at once get one each."""
    _make_folder(data)
    ends_at = time.monotonic() + OWNER_WAIT_S
    while True:
        lock = _Lock.take(data / LOCK_NAME)
        if lock is not None:
            lock.write("")
            return lock
        owner = _read_owner(data / LOCK_NAME)
        if owner is not None:
            if owner.host != socket.gethostname():
                where = f"host {owner.host} (process {owner.pid})"
                raise StoreBusy(f"{data} is open on {where}; stop it there, or use one Neo4j from both")
            # Else it was left by an owner that was killed, and the next has the lock and not yet written.
            if owner.started == process_start(owner.pid) and _answers(owner.bolt_port):
                return owner
        if time.monotonic() > ends_at:
            who = "a process not known" if owner is None else f"process {owner.pid}"
            raise StoreBusy(
                f"{data} is held by {who}, which did not answer in {OWNER_WAIT_S:g} s; wait for it, or end it"
            )
        await asyncio.sleep(POLL_S)


def _make_folder(data: Path) -> None:
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError as error:
        raise StoreUnavailable(f"KB_DATA={data} is a file; name a folder, or move the file away") from error
    except OSError as error:
        raise StoreUnavailable(
            f"KB_DATA={data} cannot be created: {error.strerror}; name a folder you may write"
        ) from error
    if not os.access(data, os.W_OK | os.X_OK):
        raise StoreUnavailable(
            f"KB_DATA={data} is not writable; change its permissions, or name another folder"
        )


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def _free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind((LOOPBACK, 0))
        second.bind((LOOPBACK, 0))
        return first.getsockname()[1], second.getsockname()[1]


def _start(settings: Settings) -> tuple[_Server, _Owner]:
    """Starts the engine on the data folder, whose lock we hold, with secrets of its own."""
    root = (settings.data / ENGINE_FOLDER).absolute()
    # Both are ended by the engine after this long; it has one limit for every statement.
    command_timeout_s = max(settings.read_timeout_s, settings.write_timeout_s)
    _set_engine_options(root, settings.embedded_heap_mb, command_timeout_s)
    writer, reader = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    try:
        _write_security(root / "config", writer, reader)
    except OSError as error:
        raise StoreUnavailable(
            f"{error.filename} cannot be written: {error.strerror}; make KB_DATA writable"
        ) from error
    # Not at the top: it reads the environment that was just set, and users of Neo4j need not load 100 MB.
    import arcadedb  # noqa: PLC0415

    problem: Exception | None = None
    for _ in range(START_TRIES):
        http_port, bolt_port = _free_ports()
        server: _Server = arcadedb.create_server(
            root_path=str(root),
            root_password=writer,
            config={
                "host": LOOPBACK,
                "http_port": http_port,
                "server_plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
                "bolt_port": bolt_port,
                "bolt_host": LOOPBACK,
            },
        )
        try:
            server.start()
            server.create_database(DATABASE)
        except arcadedb.ArcadeDBError as error:
            problem = error
            _stop(server)
            continue
        return server, _Owner(
            pid=os.getpid(),
            started=process_start(os.getpid()),
            host=socket.gethostname(),
            version=arcadedb.__version__,
            bolt_port=bolt_port,
            http_port=http_port,
            command_timeout_s=command_timeout_s,
            writer_password=writer,
            reader_password=reader,
        )
    raise StoreUnavailable(
        f"the embedded engine does not start on {root}: {problem}; its log is in {root / 'log'}"
    ) from problem


def _stop(server: _Server) -> None:
    """Stops the engine. What was committed is on disk, so a stop that fails is only worth a log line."""
    try:
        server.stop()
    except Exception:
        LOG.exception(
            "the embedded engine did not stop in order; it puts itself right when it is next opened"
        )


def _set_engine_options(root: Path, heap_mb: int, command_timeout_s: float) -> None:
    """Sets what the native library reads when it is first loaded in this process, and only then."""
    os.environ["ARCADEDB_LOG_CONSOLE"] = "0"
    os.environ["ARCADEDB_LOG_DIR"] = str(root / "log")
    os.environ["ARCADEDB_NATIVE_ISOLATE_ARGS"] = " ".join(
        [
            # A commit is on disk when it returns; in the server's own settings this is silently ignored.
            "-Darcadedb.txWalFlush=2",
            "-Darcadedb.opencypher.loadCsv.allowFileUrls=false",
            "-Darcadedb.opencypher.loadCsv.allowRemoteUrls=false",
            f"-Darcadedb.command.timeout={command_timeout_s * 1000:.0f}",
            f"-Xmx{heap_mb}m",
        ]
    )


def _write_security(config: Path, writer_password: str, reader_password: str) -> None:
    """Writes the engine's users and groups before it starts: there is no moment without the reader."""
    config.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_private(
        config / "server-groups.json", json.dumps({"version": 1, "databases": {"*": {"groups": _GROUPS}}})
    )
    users = [
        {"name": WRITER, "databases": {"*": ["admin"]}, "password": _password_hash(writer_password)},
        {"name": READER, "databases": {DATABASE: ["reader"]}, "password": _password_hash(reader_password)},
    ]
    _write_private(config / "server-users.jsonl", "".join(json.dumps(user) + "\n" for user in users))


def _password_hash(password: str) -> str:
    """The engine's stored form; it takes the salt's base64 text as the salt."""
    # The engine's own 65,536 cost 0.07 s at each login. The password is 256 random bits: rounds add nothing.
    rounds = 1_000
    salt = base64.b64encode(secrets.token_bytes(32)).decode()
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), rounds)
    return f"PBKDF2WithHmacSHA256${rounds}${salt}${base64.b64encode(digest).decode()}"


def _write_private(path: Path, text: str) -> None:
    """Writes `path` whole or not at all, readable by its owner only."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)


def _read_owner(path: Path) -> _Owner | None:
    """What the owner has written; None while it is starting or ending, and when the text is not ours."""
    try:
        return _Owner(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def process_start(pid: int) -> str:
    """When process `pid` started, in its system's words, to be compared only; "" when there is none."""
    if sys.platform == "linux":
        try:
            # Field 22, in clock ticks; the name before it may hold spaces and ends with ')'.
            return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
        except (OSError, IndexError):
            return ""
    elif sys.platform == "win32":
        return "unknown"  # the lock itself tells that its holder lives
    else:
        command = ["ps", "-o", "lstart=", "-p", str(pid)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


class _Lock:
    """The operating system's lock on the lock file: it ends with the process, so none is ever stale."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, path: Path) -> _Lock | None:
        """The lock, or None when a live process (this one included) holds it."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreUnavailable(
                f"{path} cannot be opened: {error.strerror}; make KB_DATA writable"
            ) from error
        try:
            _lock_descriptor(descriptor)
        except BlockingIOError:
            os.close(descriptor)
            return None
        except OSError as error:
            os.close(descriptor)
            raise StoreUnavailable(
                f"{path} cannot be locked: {error.strerror}; put KB_DATA on a local disk"
            ) from error
        return cls(descriptor)

    def write(self, text: str) -> None:
        """Replaces what the file says; a reader that sees half of it reads again."""
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.write(self._descriptor, text.encode())

    def release(self) -> None:
        os.close(self._descriptor)

    def __enter__(self) -> _Lock:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


if sys.platform == "win32":
    import msvcrt

    def _lock_descriptor(descriptor: int) -> None:
        # A byte far behind the text: Windows lets nobody read what is locked.
        os.lseek(descriptor, 1 << 20, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError from error

else:
    import fcntl

    def _lock_descriptor(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
