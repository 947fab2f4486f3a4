"""Serves the API: `python -m api` opens the store, says where it answers and with which question to begin."""

import argparse
import asyncio
import contextlib
import errno
import gc
import os
import shlex
import signal
import socket
import sys
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType

import orjson
import uvicorn
from starlette.types import ASGIApp
from uvicorn.loops.auto import auto_loop_factory
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.app import make_app
from api.context import Context
from api.cursors import Cursors, get_secret
from api.examples import read_examples
from api.execute import run
from api.graphiql import is_built
from api.limits import Limits
from api.logs import configure_logging
from api.trusted import keep_query, name_operations, read_documents, read_query, remove_queries
from kb.config import Settings, read_settings
from kb.documents import HeldDocuments
from kb.errors import KbError, StoreUnavailable
from kb.migrate import find_pending
from kb.store import STARTING_WAIT_S, Store, open_store

QUESTION = (
    '{ amplifications(amplifier: "per:zhang-heqing") '
    "{ nodes { sentence count { text } channel { name } independentOrigins } } }"
)
READ_AT_START = "A server that runs reads the trusted documents when it is started again."
# Connections that are answered get this long to finish when the server stops.
STOP_WAIT_S = 5
# As h11 has it, which is the other way to read HTTP; httptools knows no end of them.
MAX_HEAD_BYTES = 64 * 1024
# A page of 1,000 rows is some 15,000 lists and dicts, none of them in a cycle: with the usual 700 the collector looked
# through them again and again, for 2.3 of the 5.8 ms that it took to read them. Eight such pages are answered at once.
NEW_OBJECTS = 200_000
# Half of the 1,024 files that Linux lets a process open; each beyond gets 503 at once.
MAX_CONNECTIONS = 512


class Server(uvicorn.Server):
    """A uvicorn that leaves signals to us: its own way ends the process before the store is closed."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Around serving: asks the server to stop when a signal comes."""
        restore = [handle_signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)]
        try:
            yield
        finally:
            for each in restore:
                each()

    def _stop(self) -> None:
        self.force_exit = self.should_exit  # asked twice
        self.should_exit = True


class Http(HttpToolsProtocol):
    """Reads HTTP in C, and no more than MAX_HEAD_BYTES of address and headers."""

    _head: int | None = 0

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._head = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """What follows is body, which has a limit of its own."""
        self._head = None
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """What came over the connection."""
        super().data_received(data)
        if self._head is not None:
            self._head += len(data)
            if self._head > MAX_HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("The address and the headers are too long.")


def handle_signal(number: int, act: Callable[[], None]) -> Callable[[], object]:
    """Calls `act` in the running loop when the signal comes; what is returned puts things back."""
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(number, act)
    except NotImplementedError:  # Windows, whose loops know no signals; uvicorn wakes up ten times a second

        def tell_loop(_number: int, _frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(act)

        before = signal.signal(number, tell_loop)
        return lambda: signal.signal(number, before)
    return lambda: loop.remove_signal_handler(number)


def main() -> int:
    """Runs until Ctrl-C or SIGTERM, or does what `queries` says; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m api", description="Serves the API; settings: docs/settings.md."
    )
    commands = parser.add_subparsers(dest="command").add_parser(
        "queries", help="the trusted documents, which are compiled when the server starts"
    )
    actions = commands.add_subparsers(dest="action", required=True)
    actions.add_parser("list", help="the hash of each, and the names of its operations")
    adding = actions.add_parser("add", help="keep the documents of files in KB_DATA; print their hashes")
    adding.add_argument("files", nargs="+", type=Path, metavar="FILE")
    removing = actions.add_parser("remove", help="trust the documents with these hashes no longer")
    removing.add_argument("hashes", nargs="+", metavar="HASH", help="as queries list shows it")
    asked = parser.parse_args()
    try:
        settings = read_settings(os.environ)
        configure_logging(settings.log_level, settings.log_format)
        if asked.command == "queries":
            limits = replace(Limits(), is_introspectable=settings.introspection)
            match asked.action:
                case "add":
                    _add_queries(settings, limits, asked.files)
                case "remove":
                    remove_queries(settings.data, asked.hashes)
                    print(READ_AT_START, file=sys.stderr)
                case _:
                    _list_queries(settings, limits)
            return 0
        # uvloop, where there is one.
        with _listen(settings) as listener, asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
            runner.run(_serve(settings, listener))
    except KbError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0  # before it served
    return 0


def _add_queries(settings: Settings, limits: Limits, files: Sequence[Path]) -> None:
    """Adds all or, when one of them is wrong, none."""
    texts = [read_query(file, limits) for file in files]
    for file, text in zip(files, texts, strict=True):
        print(f"{keep_query(settings.data, text)}  {file}")
    print(READ_AT_START, file=sys.stderr)


def _list_queries(settings: Settings, limits: Limits) -> None:
    for sha256, text in read_documents(settings.data).items():
        print(f"{sha256}  {name_operations(text, limits)}")


def open_listener(host: str, port: int) -> socket.socket:
    """A socket that listens; raises OSError when the port is not to be had."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(socket.SOMAXCONN)
    except OSError:
        listener.close()
        raise
    return listener


def _listen(settings: Settings) -> socket.socket:
    """The socket, taken before anything is opened; raises KbError when the port is not to be had."""
    try:
        return open_listener(settings.host, settings.port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            problem = f"port {settings.port} on {settings.host} is taken by another program"
            raise KbError(
                f"PORT: {problem}; choose another, for example PORT={settings.port % 65535 + 1}"
            ) from error
        where = f"KB_HOST={settings.host} PORT={settings.port}"
        raise KbError(f"{where}: cannot listen there: {error.strerror}; choose another") from error


def make_config(app: ASGIApp) -> uvicorn.Config:
    """How HTTP is spoken: by uvicorn, with one worker, as the embedded engine has one owner."""
    return uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        http=Http,
        ws="none",
        limit_concurrency=MAX_CONNECTIONS,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=STOP_WAIT_S,
    )


async def _serve(settings: Settings, listener: socket.socket) -> None:
    async with open_store(settings, wait_s=STARTING_WAIT_S) as store:
        await _check_loaded(store)
        context = Context(store, Cursors(get_secret(settings.data)), HeldDocuments(settings.data))
        config = make_config(make_app(context, settings))
        warming = asyncio.create_task(_warm(context))
        # What was imported lives as long as the process: leave it out of garbage collection (15-35 ms pauses).
        gc.collect()
        gc.freeze()
        gc.set_threshold(NEW_OBJECTS, 10, 10)
        _greet(settings, store)
        try:
            await Server(config).serve(sockets=[listener])
        finally:
            warming.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await warming
    print("Stopped.")


async def _check_loaded(store: Store) -> None:
    pending = await find_pending(store)
    if pending:
        names = ", ".join(file.id for file in pending)
        raise StoreUnavailable(
            f"the store lacks {names}; load a case first, for example: python -m loaders run loaders/xinjiang_2021"
        )


# The ten worked examples; all 52 would keep a Neo4j busy for half a minute after each start.
WARMED_EXAMPLES = 10


async def _warm(context: Context) -> None:
    """Asks the first examples once, so that the database has planned them before somebody asks."""
    for example in read_examples()[:WARMED_EXAMPLES]:
        if "health" not in example.query:
            await run(context, example.query)


def _greet(settings: Settings, store: Store) -> None:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared, not bound
    start = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}/"
    address = f"{start}graphql"
    body = orjson.dumps({"query": QUESTION}).decode()
    print(f"Throughline opens at {start} ({store.engine.name} {store.engine.version}); Ctrl-C stops it.")
    if not is_built():
        print("The query page and the drawings are not built (make graphiql builds them); all else works.")
    command = f"curl -s {address} -H 'Content-Type: application/json' -d {shlex.quote(body)}"
    print(f"Questions are answered at {address}. Try:\n  {command}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
