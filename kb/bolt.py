"""Reads over Bolt with nothing between a statement and its rows: one round trip, one message of answer, plain values.

The official driver reads the same in some 0.4 ms of processor time more for each statement, for what a read does not
need: sessions, transactions, bookmarks, routing, a stream that is read piece by piece (`bench/README.md`). Its codec
does the packing here, its exceptions are raised, and whatever is not a plain read goes through it. Bolt 5.1 to 5.4,
as Neo4j 5.26, Neo4j 2026 and the embedded engine speak it: https://neo4j.com/docs/bolt/current/bolt/message/
"""

import asyncio
import socket
import struct
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, cast
from urllib.parse import urlsplit

from neo4j._codec.packstream import Structure, v1
from neo4j.exceptions import DriverError, Neo4jError, ServiceUnavailable, SessionExpired

DEFAULT_PORT: Final = 7687
# As many as the driver has.
MAX_CONNECTIONS: Final = 100
# The server ends a statement when its time is over; one that has not answered so much later is lost.
GRACE_S: Final = 10.0

# The magic number, then versions: 5.4 and the three before it.
_HANDSHAKE: Final = b"\x60\x60\xb0\x17" + bytes((0, 3, 4, 5)) + bytes(12)
_VERSIONS: Final = frozenset(bytes((0, 0, minor, 5)) for minor in (1, 2, 3, 4))
_VERSION_BYTES: Final = 4
_HELLO, _LOGON, _GOODBYE, _RUN, _PULL = b"\x01", b"\x6a", b"\x02", b"\x10", b"\x3f"
_SUCCESS, _RECORD, _IGNORED, _FAILURE = 0x70, 0x71, 0x7E, 0x7F
_MAX_CHUNK: Final = 0xFFFF
# The marker of a structure with one field and its tag stand before the field itself.
_HEAD_BYTES: Final = 2
_AGENT: Final = "throughline"


# The driver's codec is a part of its own and has no types; the lock pins the release.
_CODEC: Final[Any] = v1


class NotPlainError(DriverError):
    """An answer holds a node, a relationship or a time: the driver makes objects of them."""


class Answer(NamedTuple):
    """The names of the columns, and the rows as lists of values in their order."""

    columns: list[str]
    rows: list[list[Any]]


class Reader:
    """Connections to one database on one server that read only. They are opened when needed and kept."""

    def __init__(self, uri: str, user: str, password: str, database: str, connect_s: float) -> None:
        parts = urlsplit(uri)
        self._host, self._port = parts.hostname or "localhost", parts.port or DEFAULT_PORT
        self._login = {"scheme": "basic", "principal": user, "credentials": password}
        self._database = database
        self._connect_s = connect_s
        self._idle: list[_Connection] = []
        self._free = asyncio.Semaphore(MAX_CONNECTIONS)

    @staticmethod
    def fits(uri: str) -> bool:
        """Whether a server is reached by plain Bolt: not by a cluster's routing, nor by TLS."""
        parts = urlsplit(uri)
        return parts.scheme == "bolt" and not parts.query

    async def read(self, statement: str, parameters: Mapping[str, Any], timeout_s: float) -> Answer:
        """The answer to a statement that cannot write.

        Raises NotPlainError, and what the driver raises: ServiceUnavailable when nothing answers, SessionExpired when
        the connection ends before the answer has come, Neo4jError with its code for what the server refuses.
        """
        extra = {"db": self._database, "mode": "r", "tx_timeout": int(timeout_s * 1_000)}
        asked = _message(_RUN, statement, parameters, extra) + _PULL_ALL
        async with self._free:
            connection = await self._take()
            try:
                async with asyncio.timeout(timeout_s + GRACE_S):
                    found = await connection.ask(asked, answers=2)
            except TimeoutError as error:
                raise SessionExpired("the database does not answer") from error
            finally:
                # Not after a failure, and not while an answer is on its way.
                if connection.is_ready:
                    self._idle.append(connection)
                else:
                    connection.end()
        return found

    async def close(self) -> None:
        """Ends the connections that nobody uses."""
        while self._idle:
            self._idle.pop().end(_message(_GOODBYE))

    async def _take(self) -> "_Connection":
        while self._idle:
            connection = self._idle.pop()
            if connection.is_ready:
                return connection
        try:
            async with asyncio.timeout(self._connect_s):
                return await self._open()
        except (OSError, TimeoutError) as error:
            reason = str(error) or "no answer"
            raise ServiceUnavailable(f"{self._host}:{self._port} cannot be reached: {reason}") from error

    async def _open(self) -> "_Connection":
        loop = asyncio.get_running_loop()
        transport, connection = await loop.create_connection(_Connection, self._host, self._port)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        hello = {
            "user_agent": _AGENT, "bolt_agent": {"product": _AGENT}, "notifications_minimum_severity": "OFF",
        }  # fmt: skip
        try:
            await connection.shake_hands()
            await connection.ask(_message(_HELLO, hello) + _message(_LOGON, self._login), answers=2)
        finally:
            if not connection.is_ready:
                connection.end()
        return connection


class _Connection(asyncio.Protocol):
    """One connection, which is asked one thing at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.WriteTransport
        self._received = bytearray()
        # Where the next chunk begins, and the chunks of a message that is not whole.
        self._place = 0
        self._chunks: list[tuple[int, int]] = []
        self._is_speaking = False
        self._has_ended = False
        self._waiting: asyncio.Future[Any] | None = None
        self._left = 0
        self._columns: list[str] = []
        self._rows: list[list[Any]] = []
        self._failure: Exception | None = None

    @property
    def is_ready(self) -> bool:
        """Whether it can be asked."""
        return not self._has_ended and self._failure is None and self._waiting is None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        # Not an instance of it under uvloop, whose transports are classes of its own.
        self._transport = cast("asyncio.WriteTransport", transport)

    async def shake_hands(self) -> None:
        """Agrees on the version of the protocol."""
        await self._send(_HANDSHAKE)
        self._is_speaking = True

    async def ask(self, messages: bytes, *, answers: int) -> Answer:
        """Sends messages and waits for so many answers, rows not counted."""
        self._left = answers
        self._columns, self._rows = [], []
        await self._send(messages)
        return Answer(self._columns, self._rows)

    async def _send(self, sent: bytes) -> None:
        if self._has_ended:
            raise SessionExpired("the database ended the connection")
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(sent)
        await self._waiting
        self._waiting = None
        if self._failure is not None:
            raise self._failure

    def data_received(self, data: bytes) -> None:
        """More of an answer."""
        received = self._received
        received += data
        try:
            if self._is_speaking:
                self._take_messages()
            elif len(received) >= _VERSION_BYTES:
                if bytes(received) not in _VERSIONS:
                    self._failure = ServiceUnavailable("what listens there does not speak Bolt 5.1 to 5.4")
                received.clear()
                self._finish()
        except Exception as error:  # noqa: BLE001 - whoever waits is told
            self._failure = error
            self._finish()

    def _take_messages(self) -> None:
        """Takes whole messages from what was received; each is a row of chunks that a chunk of no bytes ends."""
        received, place, taken = self._received, self._place, 0
        end = len(received)
        while end - place >= 2:
            length = received[place] << 8 | received[place + 1]
            if end - place - 2 < length:
                break
            place += 2
            if length:
                self._chunks.append((place, place + length))
                place += length
                continue
            if self._chunks:
                self._take_message(b"".join([received[a:b] for a, b in self._chunks]))
                self._chunks.clear()
            taken = place
        if taken:
            # The chunks that are left begin behind what is dropped.
            self._chunks = [(a - taken, b - taken) for a, b in self._chunks]
            del received[:taken]
        self._place = place - taken

    def _take_message(self, message: bytes) -> None:
        buffer = _CODEC.UnpackableBuffer(message)
        buffer.p = _HEAD_BYTES
        kind = message[1]
        if kind == _RECORD:
            self._rows.append(_CODEC.Unpacker(buffer).unpack(_HOOKS))
            return
        if kind == _SUCCESS:
            columns = _CODEC.Unpacker(buffer).unpack(_HOOKS).get("fields")
            self._columns = columns if columns is not None else self._columns
        elif kind == _FAILURE:
            self._failure = _make_error(_CODEC.Unpacker(buffer).unpack(_HOOKS))
        elif kind != _IGNORED:
            self._failure = ServiceUnavailable(f"the database says what Bolt has not: {kind:#x}")
            self._left = 0
        self._left -= 1
        if self._left <= 0:
            self._finish()

    def _finish(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """It is closed, by whichever side."""
        self._has_ended = True
        if self._failure is None:
            self._failure = SessionExpired(f"the database ended the connection{f': {exc}' if exc else ''}")
        self._finish()

    def end(self, last: bytes = b"") -> None:
        """Closes it; the server ends what it still does for it."""
        if not self._has_ended:
            self._has_ended = True
            if last:
                self._transport.write(last)
                self._transport.close()
            else:
                self._transport.abort()


def _make_error(told: dict[str, Any]) -> Exception:
    # As the driver makes it.
    error: Exception = cast(Any, Neo4jError)._hydrate_neo4j(**told)  # noqa: SLF001
    return error


def _refuse(_: Structure) -> Any:
    raise NotPlainError("the answer holds what is not a plain value")


_HOOKS: Final = {Structure: _refuse}


def _message(tag: bytes, *fields: Any) -> bytes:
    buffer = _CODEC.PackableBuffer()
    _CODEC.Packer(buffer).pack_struct(tag, fields)
    packed = bytes(buffer.data)
    if len(packed) <= _MAX_CHUNK:
        return struct.pack(">H", len(packed)) + packed + b"\0\0"
    chunks = [packed[place : place + _MAX_CHUNK] for place in range(0, len(packed), _MAX_CHUNK)]
    return b"".join([struct.pack(">H", len(chunk)) + chunk for chunk in chunks]) + b"\0\0"


_PULL_ALL: Final = _message(_PULL, {"n": -1})
