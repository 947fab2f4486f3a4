"""The store: how a statement reaches the database and its rows come back, the same on every engine."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, LiteralString, NamedTuple, TypeVar, cast

from neo4j import READ_ACCESS, WRITE_ACCESS, AsyncDriver, AsyncGraphDatabase, AsyncManagedTransaction, Query, unit_of_work
from neo4j.exceptions import ConstraintError, DriverError, Neo4jError
from neo4j.graph import Node, Path, Relationship

from kb.config import Settings
from kb.embedded import Endpoint, create_fulltext_index, open_embedded
from kb.errors import KbError, LoginRefused, QueryTimeout, StoreUnavailable, from_driver

T = TypeVar("T")
Rows = list[list[Any]]

# How long `open_store` waits for a Neo4j that is starting, when asked to: it needs 8-22 s on two cores.
STARTING_WAIT_S = 60.0
# The driver calls Neo4j's memory-limit error transient and would try again for 30 s.
MAX_RETRY_S = 5.0
CONNECT_TIMEOUT_S = 5.0
# What a page of 1,000 rows needs many times over; one answer in one message, no second round trip.
FETCH_ALL = -1

# Both engines answer this one.
_COMPONENTS: LiteralString = "CALL dbms.components() YIELD name, versions RETURN name, versions[0] AS version"
_PING: LiteralString = "RETURN 1 AS one"
# The embedded engine knows no time limit per statement: a statement is found by its text and its start, and ended.
_RUNNING: LiteralString = (
    "SHOW TRANSACTIONS YIELD transactionId, username, currentQuery, startTime "
    "RETURN transactionId, username, currentQuery, startTime"
)


class EngineInfo(NamedTuple):
    """What answers: `Neo4j Kernel` or `ArcadeDB`, and its version."""

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

    async def run(self, statement: str, parameters: Mapping[str, Any] | None = None) -> Rows:
        """Runs `statement` and returns its rows as lists of values, in the order of its RETURN."""
        self._count_statement()
        result = await self._transaction.run(cast("LiteralString", statement), dict(parameters or {}))
        rows = await result.values()
        counted = (await result.consume()).counters
        for name in Counters.__slots__:
            setattr(self.counters, name, getattr(self.counters, name) + getattr(counted, name))
        return rows


class Store:
    """A database that is open. Everything it raises is a KbError."""

    engine: EngineInfo
    statements_run: int
    """Statements sent by `read`, `read_table`, `write` and `ddl` since it was opened."""

    def __init__(self, drivers: _Drivers, settings: Settings, embedded: Endpoint | None) -> None:
        self._drivers = drivers
        self._settings = settings
        self._embedded = embedded
        self.engine = EngineInfo("", "")
        self.statements_run = 0

    async def read(
        self, statement: str, parameters: Mapping[str, Any] | None = None, *, timeout_s: float | None = None
    ) -> Rows:
        """Runs one statement that cannot write; its rows as lists of values, in the order of its RETURN.

        Ended after `timeout_s` (default KB_READ_TIMEOUT_S). Raises ReadOnly, BadQuery, QueryTimeout, QueryTooLarge,
        StoreUnavailable.
        """
        return (await self._read(statement, parameters, timeout_s))[1]

    async def read_table(
        self, statement: str, parameters: Mapping[str, Any] | None = None, *, timeout_s: float | None = None
    ) -> tuple[list[str], Rows]:
        """As `read`, for statements a person typed: the column names, and rows of values that JSON can hold."""
        keys, rows = await self._read(statement, parameters, timeout_s)
        return keys, [[to_json(value) for value in row] for row in rows]

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Runs `work` in one transaction and commits it; returns what `work` returns.

        `work` may be run again from the start, so it must do nothing but run statements: after a transient error
        for up to MAX_RETRY_S, and once after a unique violation, which two MERGEs of one new key give to one of them.
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

    async def ddl(self, statement: LiteralString) -> None:
        """Runs one schema statement (CREATE or DROP of a constraint or index), in a transaction of its own."""
        self.statements_run += 1
        try:
            async with self._drivers.writer.session(
                database=self._drivers.database, default_access_mode=WRITE_ACCESS
            ) as session:
                result = await session.run(Query(statement, timeout=self._settings.write_timeout_s))
                await result.consume()
        except (Neo4jError, DriverError) as error:
            raise from_driver(error) from error

    async def create_fulltext_index(self, name: str, label: str, properties: Sequence[str]) -> None:
        """Creates the full-text index `name` over string `properties` of `label`, unless it exists.

        The embedded engine cannot index lists: give it one string of all names.
        """
        for part in (name, label, *properties):
            if not part.isidentifier():
                raise KbError(f"{part!r} is not a name; use letters, digits and underscores")
        if self._embedded is not None:
            await create_fulltext_index(self._embedded, name, label, properties)
            return
        keys = ", ".join(f"n.`{key}`" for key in properties)
        # Names are checked above: an index cannot be created from parameters.
        statement = f"CREATE FULLTEXT INDEX `{name}` IF NOT EXISTS FOR (n:`{label}`) ON EACH [{keys}]"
        await self.ddl(cast("LiteralString", statement))

    async def ping(self) -> None:
        """Returns when the database answers; raises StoreUnavailable otherwise."""
        await self.read(_PING)

    async def close(self) -> None:
        """Closes the connections; the embedded engine is stopped by `open_store`, which started it."""
        await self._drivers.close()

    async def _write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        @unit_of_work(timeout=self._settings.write_timeout_s)
        async def attempt(transaction: AsyncManagedTransaction) -> T:
            return await work(Transaction(transaction, self._count_statement))

        async with self._drivers.writer.session(database=self._drivers.database) as session:
            return await session.execute_write(attempt)

    def _count_statement(self) -> None:
        self.statements_run += 1

    async def _read(
        self, statement: str, parameters: Mapping[str, Any] | None, timeout_s: float | None
    ) -> tuple[list[str], Rows]:
        self.statements_run += 1
        limit_s = self._settings.read_timeout_s if timeout_s is None else timeout_s
        try:
            if self._embedded is None:
                return await self._read_once(statement, parameters, limit_s)
            return await self._read_within(statement, parameters, limit_s)
        except (Neo4jError, DriverError) as error:
            raise from_driver(error) from error

    async def _read_once(
        self, statement: str, parameters: Mapping[str, Any] | None, timeout_s: float
    ) -> tuple[list[str], Rows]:
        async with self._drivers.reader.session(
            database=self._drivers.database, default_access_mode=READ_ACCESS, fetch_size=FETCH_ALL
        ) as session:
            query = Query(cast("LiteralString", statement), timeout=timeout_s)
            result = await session.run(query, dict(parameters or {}))
            return list(result.keys()), await result.values()

    async def _read_within(
        self, statement: str, parameters: Mapping[str, Any] | None, timeout_s: float
    ) -> tuple[list[str], Rows]:
        """As `_read_once`, on an engine that ignores the time limit and goes on when its client has left."""
        started_at = time.time()
        try:
            async with asyncio.timeout(timeout_s):
                return await self._read_once(statement, parameters, timeout_s)
        except TimeoutError as error:
            await self._terminate(statement, started_at)
            raise QueryTimeout(f"the statement ran longer than {timeout_s:g} s; ask for less") from error
        except asyncio.CancelledError:
            await asyncio.shield(self._terminate(statement, started_at))
            raise

    async def _terminate(self, statement: str, started_at: float) -> None:
        """Ends the first running statement of this text that started no earlier than `started_at`."""
        with contextlib.suppress(Neo4jError, DriverError):
            _, rows = await self._read_once(_RUNNING, None, CONNECT_TIMEOUT_S)
            del rows, started_at


@dataclass(frozen=True, slots=True)
class _Drivers:
    """The connections to one database: those that may write and those that only read."""

    writer: AsyncDriver
    reader: AsyncDriver
    database: str

    async def close(self) -> None:
        await self.writer.close()
        if self.reader is not self.writer:
            await self.reader.close()


@contextlib.asynccontextmanager
async def open_store(settings: Settings, *, wait_s: float = 0.0) -> AsyncGenerator[Store]:
    """The store that `settings` name, open until the block ends: NEO4J_URI, or the embedded engine when it is unset.

    A Neo4j that does not answer yet is waited for up to `wait_s` (STARTING_WAIT_S suits one that is starting).
    Raises StoreUnavailable when nothing answers, LoginRefused when the user or the password is wrong.
    """
    if settings.neo4j_uri is None:
        async with open_embedded(settings) as endpoint:
            drivers = _Drivers(
                _driver(endpoint.uri, endpoint.writer.user, endpoint.writer.password),
                _driver(endpoint.uri, endpoint.reader.user, endpoint.reader.password),
                endpoint.database,
            )
            async with _opened(Store(drivers, settings, endpoint), 0.0) as store:
                yield store
        return
    driver = _driver(settings.neo4j_uri, settings.neo4j_user, settings.neo4j_password)
    async with _opened(Store(_Drivers(driver, driver, settings.neo4j_database), settings, None), wait_s) as store:
        yield store


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
            name, version = (await store.read(_COMPONENTS))[0]
            return EngineInfo(name, version)
        except LoginRefused:
            raise
        except StoreUnavailable:
            if time.monotonic() >= ends_at:
                raise
            await asyncio.sleep(0.5)


def to_json(value: Any) -> Any:
    """`value` as JSON can hold it: nodes, relationships and paths as objects, dates, instants and durations as ISO text."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, Mapping):
        return {str(key): to_json(part) for key, part in value.items()} if not isinstance(value, (Node, Relationship)) else _entity(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_json(part) for part in value]
    if isinstance(value, (Node, Relationship)):
        return _entity(value)
    if isinstance(value, Path):
        return {"nodes": [to_json(n) for n in value.nodes], "relationships": [to_json(r) for r in value.relationships]}
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    iso_format = getattr(value, "iso_format", None) or getattr(value, "isoformat", None)
    return iso_format() if iso_format is not None else str(value)


def _entity(value: Node | Relationship) -> dict[str, Any]:
    properties = {key: to_json(part) for key, part in sorted(value.items())}
    if isinstance(value, Node):
        return {"labels": sorted(value.labels), "properties": properties}
    return {"type": value.type, "properties": properties}
