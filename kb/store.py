"""The store: how a statement reaches the database and its rows come back, the same on every engine."""

from __future__ import annotations

import asyncio
import contextlib
import math
import re
import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, LiteralString, NamedTuple, TypeVar

from neo4j import (
    READ_ACCESS,
    WRITE_ACCESS,
    AsyncDriver,
    AsyncGraphDatabase,
    AsyncManagedTransaction,
    Query,
    unit_of_work,
)
from neo4j.exceptions import ConstraintError, DriverError, Neo4jError
from neo4j.graph import Node, Path, Relationship
from neo4j.spatial import Point
from neo4j.time import Date, DateTime, Duration, Time

from kb.bolt import NotPlainError, Reader
from kb.config import Settings
from kb.embedded import Endpoint, Version, create_fulltext_index, open_embedded
from kb.errors import BadQuery, LoginRefused, QueryTimeout, ReadOnly, StoreBusy, StoreUnavailable, from_driver

T = TypeVar("T")
Rows = list[list[Any]]

# How long `open_store` waits for a Neo4j that is starting, when asked to: it needs 8-22 s on two cores.
STARTING_WAIT_S: Final = 60.0
STARTING_POLL_S: Final = 0.5
# The driver calls Neo4j's memory-limit error transient and would spend its own 30 s on it. Long enough for
# two loaders that write to the embedded engine at once.
MAX_RETRY_S: Final = 15.0
CONNECT_TIMEOUT_S: Final = 5.0
# A read that fails sooner is asked once more: its connection had been closed while nobody used it, or it met a
# deadlock. What takes longer is an outage.
AGAIN_WITHIN_S: Final = 1.0
# Rows a statement: enough for a case in few statements. Not measured; the bulk loads will set it.
BATCH_ROWS: Final = 1_000
# One answer in one message: pages have at most 1,000 rows.
FETCH_ALL: Final = -1

_COMPONENTS: LiteralString = "CALL dbms.components() YIELD name, versions RETURN name, versions[0] AS version"
_PING: LiteralString = "RETURN 1 AS one"
# The embedded engine takes no time limit with a statement and goes on when its client has left, so it is
# told. A reader sees and ends its own statements only.
_RUNNING: LiteralString = """
SHOW TRANSACTIONS YIELD transactionId, currentQuery, startTime
RETURN transactionId, currentQuery, startTime
"""
_TERMINATE: LiteralString = "TERMINATE TRANSACTION $transaction"

# The version of what a Neo4j holds, on the record of the first migration: there whenever there is data, under a
# unique key. A random word, as a count would come to the same number again in a store that was put back.
VERSIONED: Final = "0001_keys_and_indexes"
_NEW_VERSION: LiteralString = (
    "MATCH (m:Migration {id: $versioned}) SET m.version = $version, m.changed_ms = timestamp()"
)
_VERSION: LiteralString = (
    "MATCH (m:Migration {id: $versioned}) RETURN m.version AS version, timestamp() - m.changed_ms AS age_ms"
)
# What a large transaction wrote becomes visible bit by bit while it is committed; the largest takes a second or two.
SETTLED_MS: Final = 5_000

# What a person may CALL and SHOW: all of it reads the graph. Neo4j Community has one user, who may do
# everything, and dbms.killConnection, db.clearQueryCaches and SHOW USERS count as reading there.
CALLABLE: Final = frozenset(
    {
        "db.index.fulltext.querynodes",
        "db.index.fulltext.queryrelationships",
        "db.labels",
        "db.propertykeys",
        "db.relationshiptypes",
        "db.schema.nodetypeproperties",
        "db.schema.reltypeproperties",
        "db.schema.visualization",
        "dbms.components",
    }
)
SHOWABLE: Final = re.compile(
    r"(?:\W+\w+){0,4}?\W+(?:CONSTRAINTS?|FUNCTIONS?|INDEX(?:ES)?|PROCEDURES?)\b", re.I
)

# Everything in which words are not keywords, in the order in which the database sees it.
_QUOTED_OR_COMMENT: Final = re.compile(
    r"""'(?:\\.|[^'\\])*' | "(?:\\.|[^"\\])*" | //[^\n\r]* | /\*.*?\*/ | `(?P<name>(?:``|[^`])*)`""",
    re.S | re.X,
)
# Cypher knows spaces that Python does not, so what is not a word character separates words.
_LOAD_CSV: Final = re.compile(r"\bLOAD\W+CSV\b", re.I)
_CALL: Final = re.compile(r"\bCALL\b[^\w({]*(\w+(?:[^\w({]*\.[^\w({]*\w+)*)", re.I)
_COMMAND: Final = re.compile(
    r"^\W*(?:CYPHER\b(?:\W+(?:[\d.]+|\w+\W*=\W*\w+))*\W+)?(?:(?:EXPLAIN|PROFILE)\W+)*(SHOW|TERMINATE|USE)\b(.*)",
    re.I | re.S,
)


class EngineInfo(NamedTuple):
    """What answers, `Neo4j` or `ArcadeDB`, and its version."""

    name: str
    version: str


@dataclass(slots=True)
class Counters:
    """What the statements of one transaction have changed so far. Reported by both engines."""

    nodes_created: int = 0
    nodes_deleted: int = 0
    relationships_created: int = 0
    relationships_deleted: int = 0
    properties_set: int = 0
    labels_added: int = 0
    labels_removed: int = 0


class Transaction:
    """One attempt at a write. `counters` adds up over its statements and starts at zero with each attempt."""

    def __init__(self, transaction: AsyncManagedTransaction, count_statement: Callable[[], None]) -> None:
        self._transaction = transaction
        self._count_statement = count_statement
        self.counters = Counters()

    async def run(self, statement: LiteralString, parameters: Mapping[str, Any] | None = None) -> Rows:
        """Runs `statement` and returns its rows as lists of values, in the order of its RETURN."""
        self._count_statement()
        result = await self._transaction.run(statement, dict(parameters or {}))
        rows = await result.values()
        summary = await result.consume()
        # The driver leaves a ring of objects that would hold what was sent until Python looks for rings.
        if summary.parameters is not None:
            summary.parameters.clear()
        for name in Counters.__slots__:
            setattr(self.counters, name, getattr(self.counters, name) + getattr(summary.counters, name))
        return rows

    async def renew_version(self) -> None:
        """Gives what the store holds a new version when something was changed; for `Store.write` alone.

        The last statement, so that writers wait for one another no longer than a commit takes.
        """
        if self.counters != _UNCHANGED:
            parameters = {"versioned": VERSIONED, "version": secrets.token_hex(8)}
            await (await self._transaction.run(_NEW_VERSION, parameters)).consume()


_UNCHANGED: Final = Counters()


class Store:
    """A database that is open. Everything it raises is a KbError."""

    engine: EngineInfo
    statements_run: int
    """Statements sent by `read`, `read_table`, `write` and `ddl` since it was opened."""

    def __init__(self, drivers: _Drivers, settings: Settings, embedded: Endpoint | None) -> None:
        self._drivers = drivers
        self._settings = settings
        self._embedded = embedded
        # Two writers at once make the embedded engine raise conflicts, after which the driver sleeps: 40
        # writes of 8 tasks took 7.9 s without turns and 0.1 s with them. Neo4j locks by itself.
        self._write_turn = asyncio.Lock()
        self._embedded_version = None if embedded is None else Version(settings.data)
        self.engine = EngineInfo("", "")
        self.statements_run = 0

    async def read(
        self,
        statement: LiteralString,
        parameters: Mapping[str, Any] | None = None,
        *,
        timeout_s: float | None = None,
    ) -> Rows:
        """Runs one statement that cannot write; its rows as lists of values, in the order of its RETURN.

        Ended after `timeout_s` (default KB_READ_TIMEOUT_S). Raises ReadOnly, BadQuery, QueryTimeout,
        QueryTooLarge, StoreUnavailable.
        """
        return (await self._read(_Asked(statement, parameters or {}), timeout_s))[1]

    async def read_table(
        self, statement: str, parameters: Mapping[str, Any] | None = None, *, timeout_s: float | None = None
    ) -> tuple[list[str], Rows]:
        """As `read`, for a statement that a person typed: column names, and rows of what JSON can hold.

        Without rows the embedded engine tells no column names. Raises ReadOnly also for what reads more than
        the graph: LOAD CSV, TERMINATE, USE, SHOW of users, settings or transactions, CALL of what is not in
        CALLABLE.
        """
        refuse_beyond_graph(statement)
        keys, rows = await self._read(_Asked(statement, parameters or {}, is_plain=False), timeout_s)
        return keys, [[to_json(value) for value in row] for row in rows]

    async def read_version(self) -> str | None:
        """A word for what the store holds, by one look-up at most; None when it is not certain, as after a write.

        An answer that is read after this is at least as new as the word, and up to date while the word stays. Writes
        that do not go through `write` leave it as it is. Raises as `read`.
        """
        if self._embedded_version is not None:
            return self._embedded_version.read()
        for version, age_ms in await self.read(_VERSION, {"versioned": VERSIONED}):
            if version is not None and age_ms >= SETTLED_MS:
                return str(version)
        return None

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Runs `work` in one transaction and commits it; returns what `work` returns. `read_version` changes with it.

        `work` may be run again from the start, so it must do nothing but run statements: after a transient
        error for up to MAX_RETRY_S, and once after a unique violation, which one of two MERGEs of the same
        new key gets.
        Raises StoreConflict when it happens again, and otherwise as `read`.
        """
        try:
            return await self._write(work)
        except ConstraintError:
            pass
        except (Neo4jError, DriverError) as error:
            raise from_driver(error) from error
        try:
            return await self._write(work)
        except (Neo4jError, DriverError) as error:
            raise from_driver(error) from error

    @property
    def owns_engine(self) -> bool:
        """Whether the engine runs in this process: for all others that use it, it ends with this store."""
        return self._embedded is not None and self._embedded.owned

    async def ddl(self, statement: str) -> None:
        """Runs one schema statement (CREATE or DROP of a constraint or index) in a transaction of its own."""
        self.statements_run += 1
        try:
            async with self._drivers.writer.session(
                database=self._drivers.database, default_access_mode=WRITE_ACCESS
            ) as session:
                result = await session.run(Query(literal(statement), timeout=self._settings.write_timeout_s))
                await result.consume()
        except (Neo4jError, DriverError) as error:
            raise from_driver(error) from error

    async def create_fulltext_index(self, name: str, label: str, properties: Sequence[str]) -> None:
        """Creates the full-text index `name` over string `properties` of `label`, unless it exists.

        The embedded engine cannot index lists: give it one string of all names.
        """
        for part in (name, label, *properties):
            if not part.isidentifier():
                raise BadQuery(f"{part!r} is not a name for an index; use letters, digits and underscores")
        if self._embedded is not None:
            await create_fulltext_index(self._embedded, name, label, properties)
            return
        keys = ", ".join(f"n.`{key}`" for key in properties)
        # Names are checked above: an index cannot be created from parameters.
        statement = f"CREATE FULLTEXT INDEX `{name}` IF NOT EXISTS FOR (n:`{label}`) ON EACH [{keys}]"
        await self.ddl(statement)

    async def ask_engine(self) -> EngineInfo:
        """What answers, asked now; `engine` remembers it. Raises StoreUnavailable, LoginRefused."""
        _, rows = await self._read(_Asked(_COMPONENTS), None)
        if self._embedded is not None:
            return EngineInfo("ArcadeDB", self._embedded.version)
        return EngineInfo("Neo4j", str(rows[0][1]))

    async def ping(self) -> None:
        """Returns when the database answers; raises StoreUnavailable otherwise."""
        await self.read(_PING)

    async def close(self) -> None:
        """Closes the connections; the embedded engine is stopped by `open_store`, which started it."""
        await self._drivers.close()

    async def _write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        if self._embedded_version is not None:
            async with self._write_turn:
                with self._embedded_version.changing():
                    return await self._write_once(work)
        return await self._write_once(work)

    async def _write_once(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        @unit_of_work(timeout=self._settings.write_timeout_s)
        async def attempt(transaction: AsyncManagedTransaction) -> T:
            opened = Transaction(transaction, self._count_statement)
            found = await work(opened)
            if self._embedded is None:
                await opened.renew_version()
            return found

        async with self._drivers.writer.session(database=self._drivers.database) as session:
            return await session.execute_write(attempt)

    def _count_statement(self) -> None:
        self.statements_run += 1

    async def _read(self, asked: _Asked, timeout_s: float | None) -> tuple[list[str], Rows]:
        limit_s = self._settings.read_timeout_s if timeout_s is None else timeout_s
        began_s = time.monotonic()
        try:
            return await self._read_limited(asked, limit_s)
        except (Neo4jError, DriverError) as error:
            took_s = time.monotonic() - began_s
            told = from_driver(error)
            if (
                isinstance(told, (StoreBusy, StoreUnavailable))
                and error.is_retryable()
                and took_s < AGAIN_WITHIN_S
            ):
                return await self._read_again(asked, limit_s - took_s)
            if isinstance(told, QueryTimeout) and took_s < limit_s:
                # A Neo4j that stops ends what runs with the code that a time limit has as well.
                told = StoreUnavailable("the database ended the statement before its time")
            raise told from error

    async def _read_again(self, asked: _Asked, limit_s: float) -> tuple[list[str], Rows]:
        try:
            return await self._read_limited(asked, limit_s)
        except (Neo4jError, DriverError) as error:
            raise from_driver(error) from error

    async def _read_limited(self, asked: _Asked, limit_s: float) -> tuple[list[str], Rows]:
        self.statements_run += 1
        if self._embedded is None:
            return await self._read_once(asked, limit_s)
        return await self._read_within(asked, limit_s)

    async def _read_once(self, asked: _Asked, timeout_s: float) -> tuple[list[str], Rows]:
        if asked.is_plain and self._drivers.direct is not None:
            with contextlib.suppress(NotPlainError):
                return await self._drivers.direct.read(asked.statement, asked.parameters, timeout_s)
        async with self._drivers.reader.session(
            database=self._drivers.database, default_access_mode=READ_ACCESS, fetch_size=FETCH_ALL
        ) as session:
            query = Query(literal(asked.statement), timeout=timeout_s)
            result = await session.run(query, dict(asked.parameters))
            return list(result.keys()), await result.values()

    async def _read_within(self, asked: _Asked, timeout_s: float) -> tuple[list[str], Rows]:
        """As `_read_once`, on an engine that ignores the time limit and goes on when its client has left."""
        started_at = time.time()
        try:
            async with asyncio.timeout(timeout_s):
                return await self._read_once(asked, timeout_s)
        except TimeoutError as error:
            await self._terminate(asked.statement, started_at)
            raise QueryTimeout(f"the statement ran longer than {timeout_s:g} s; ask for less") from error
        except asyncio.CancelledError:
            await asyncio.shield(self._terminate(asked.statement, started_at))
            raise

    async def _terminate(self, statement: str, started_at: float) -> None:
        """Ends the first running `statement` that started at or after `started_at` (seconds since 1970)."""
        earliest = datetime.fromtimestamp(started_at, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
        with contextlib.suppress(Neo4jError, DriverError):
            _, running = await self._read_once(_Asked(_RUNNING), CONNECT_TIMEOUT_S)
            ours = sorted(
                (began, key) for key, text, began in running if text == statement and began >= earliest
            )
            for _, transaction in ours[:1]:
                end = _Asked(_TERMINATE, {"transaction": transaction})
                await self._read_once(end, CONNECT_TIMEOUT_S)


class _Asked(NamedTuple):
    """A statement that reads. `is_plain`: its answer is expected to be values alone, not nodes or times."""

    statement: str
    parameters: Mapping[str, Any] = {}
    is_plain: bool = True


@dataclass(frozen=True, slots=True)
class _Drivers:
    """The connections to one database: those that may write and those that only read.

    `direct` reads what is plain; None where it cannot reach the server.
    """

    writer: AsyncDriver
    reader: AsyncDriver
    database: str
    direct: Reader | None

    async def close(self) -> None:
        if self.direct is not None:
            await self.direct.close()
        await self.writer.close()
        if self.reader is not self.writer:
            await self.reader.close()


@contextlib.asynccontextmanager
async def open_store(settings: Settings, *, wait_s: float = 0.0) -> AsyncGenerator[Store]:
    """The store that `settings` name, open until the block ends: NEO4J_URI, else the embedded engine.

    A Neo4j that does not answer is waited for up to `wait_s`; STARTING_WAIT_S suits one that is starting.
    Raises StoreUnavailable when nothing answers, LoginRefused when the user or the password is wrong.
    """
    if settings.neo4j_uri is None:
        async with open_embedded(settings) as endpoint:
            drivers = _Drivers(
                _driver(endpoint.uri, endpoint.writer.user, endpoint.writer.password),
                _driver(endpoint.uri, endpoint.reader.user, endpoint.reader.password),
                endpoint.database,
                _reader(endpoint.uri, endpoint.reader.user, endpoint.reader.password, endpoint.database),
            )
            async with _opened(Store(drivers, settings, endpoint), 0.0) as store:
                yield store
        return
    login = (settings.neo4j_uri, settings.neo4j_user, settings.neo4j_password)
    driver, direct = _driver(*login), _reader(*login, settings.neo4j_database)
    drivers = _Drivers(driver, driver, settings.neo4j_database, direct)
    async with _opened(Store(drivers, settings, None), wait_s) as store:
        yield store


def _reader(uri: str, user: str, password: str, database: str) -> Reader | None:
    return Reader(uri, user, password, database, CONNECT_TIMEOUT_S) if Reader.fits(uri) else None


def _driver(uri: str, user: str, password: str) -> AsyncDriver:
    return AsyncGraphDatabase.driver(
        uri,
        auth=(user, password),
        notifications_min_severity="OFF",
        telemetry_disabled=True,
        max_transaction_retry_time=MAX_RETRY_S,
        connection_timeout=CONNECT_TIMEOUT_S,
        user_agent="throughline",
    )


@contextlib.asynccontextmanager
async def _opened(store: Store, wait_s: float) -> AsyncGenerator[Store]:
    try:
        store.engine = await _await_engine(store, wait_s)
        store.statements_run = 0
        yield store
    finally:
        await store.close()


async def _await_engine(store: Store, wait_s: float) -> EngineInfo:
    ends_at = time.monotonic() + wait_s
    while True:
        try:
            return await store.ask_engine()
        except LoginRefused:
            raise
        except StoreUnavailable:
            if time.monotonic() >= ends_at:
                raise
            await asyncio.sleep(STARTING_POLL_S)


def batched(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The rows in pieces of at most BATCH_ROWS, each for one statement."""
    for start in range(0, len(rows), BATCH_ROWS):
        yield rows[start : start + BATCH_ROWS]


def literal(statement: str) -> LiteralString:
    """`statement` as a literal, for the type checker: one that was typed, or made of checked names."""
    return statement  # pyright: ignore[reportReturnType]


def refuse_beyond_graph(statement: str) -> None:
    """Raises ReadOnly when `statement`, valid or not, reads more than the graph; see `Store.read_table`."""
    if "\\u" in statement.lower():
        # Neo4j 5 turns these into characters before anything else, the ends of quotes included.
        raise ReadOnly("\\u escapes are not taken; write the character itself")
    plain = _QUOTED_OR_COMMENT.sub(lambda found: f" {found['name'] or ''} ", statement)
    if _LOAD_CSV.search(plain) is not None:
        raise ReadOnly("LOAD CSV reads files and addresses, not the graph; use a loader")
    for called in _CALL.findall(plain):
        name = re.sub(r"[^\w.]", "", called)
        if name.lower() not in CALLABLE:
            raise ReadOnly(f"CALL {name} is not taken; these are: {', '.join(sorted(CALLABLE))}")
    command = _COMMAND.search(plain)
    if command is not None and not (command[1].upper() == "SHOW" and SHOWABLE.match(command[2])):
        raise ReadOnly(
            f"{' '.join(command[0].split()[:3])} is not taken; SHOW INDEXES and SHOW CONSTRAINTS are"
        )


def to_json(value: Any) -> Any:  # noqa: PLR0911 - one line for each kind of value
    """`value` as JSON can hold it: nodes, relationships and paths as objects, dates and times as ISO text."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case Node():
            return {"labels": sorted(value.labels), "properties": to_json(dict(sorted(value.items())))}
        case Relationship():
            return {"type": value.type, "properties": to_json(dict(sorted(value.items())))}
        case Path():
            return {"nodes": to_json(value.nodes), "relationships": to_json(value.relationships)}
        case Mapping():
            return {str(key): to_json(part) for key, part in value.items()}
        # Before the lists: a Duration and a Point are tuples.
        case Date() | DateTime() | Duration() | Time():
            return value.iso_format()
        case Point():
            return {"srid": value.srid, "coordinates": list(value)}
        case list() | tuple():
            return [to_json(part) for part in value]
        case _:
            return str(value)
