"""The fixtures of every test: a store on each engine, both of them real."""

import os
from collections.abc import AsyncGenerator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from kb.config import Settings
from kb.migrate import migrate
from kb.store import VERSIONED, Store, Transaction, open_store
from tests.neo4j_server import Neo4jServer, must_not_skip, why_not

# A transaction of this many nodes and their relationships fits the smallest heap that is tested.
CLEAR_BATCH_NODES = 5_000


@pytest.fixture(scope="session")
def neo4j_server() -> Iterator[Neo4jServer]:
    """A Neo4j for the whole run. Missing Java or Maven is a loud skip here and a failure under CI=true."""
    reason = why_not()
    if reason is not None:
        if must_not_skip():
            pytest.fail(reason)
        pytest.skip(reason)
    with Neo4jServer() as server:
        yield server


@pytest.fixture(scope="session")
def neo4j_settings(neo4j_server: Neo4jServer, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(
        neo4j_uri=neo4j_server.uri,
        neo4j_user=neo4j_server.user,
        neo4j_password=neo4j_server.password,
        data=tmp_path_factory.mktemp("no-data"),
    )


@pytest.fixture(scope="session")
def embedded_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data=tmp_path_factory.mktemp("embedded") / "kb")


@pytest.fixture(scope="session", params=["embedded", "neo4j"])
def settings(request: pytest.FixtureRequest) -> Settings:
    """The settings of one engine, then of the other. Its data is what `store` and `module_store` clear."""
    found: Settings = request.getfixturevalue(f"{request.param}_settings")
    return found


@pytest.fixture(scope="session")
def environ(settings: Settings) -> dict[str, str]:
    """The environment for a process on the same engine and data: `subprocess.run([...], env=environ)`."""
    return process_environ(settings)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def open_session_store(settings: Settings) -> AsyncGenerator[Store]:
    """The connection that all tests of one engine share; ask for `store` or `module_store` instead."""
    async with open_store(settings) as store:
        yield store


@pytest_asyncio.fixture(loop_scope="session")
async def store(open_session_store: Store) -> Store:
    """An empty store: no node, no constraint, no index of ours. Runs the test once for each engine."""
    await clear(open_session_store)
    return open_session_store


@pytest_asyncio.fixture(loop_scope="session")
async def migrated(open_session_store: Store) -> Store:
    """A store with every key and index and no data. Cheaper than `store`: what Neo4j has planned stays planned."""
    return await clear_data(open_session_store)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def migrated_module(open_session_store: Store) -> Store:
    """As `migrated`, emptied once for all tests of a module."""
    return await clear_data(open_session_store)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def module_store(open_session_store: Store) -> Store:
    """As `store`, emptied once for all tests of a module; do not ask for `store` in the same module."""
    await clear(open_session_store)
    return open_session_store


@pytest_asyncio.fixture(loop_scope="session")
async def empty_store(store: Store) -> Store:
    """As `store`, for a test that says so."""
    return store


@pytest.fixture
def fresh_settings(tmp_path: Path, embedded_settings: Settings) -> Settings:
    """Settings of an embedded engine that has no data folder yet."""
    return replace(embedded_settings, data=tmp_path / "kb")


def process_environ(settings: Settings) -> dict[str, str]:
    """This process's environment with `settings` as the store."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NEO4J_", "KB_"))}
    kept |= {
        "KB_DATA": str(settings.data),
        "KB_READ_TIMEOUT_S": str(settings.read_timeout_s),
        "KB_WRITE_TIMEOUT_S": str(settings.write_timeout_s),
    }
    if settings.neo4j_uri is not None:
        kept |= {
            "NEO4J_URI": settings.neo4j_uri,
            "NEO4J_USER": settings.neo4j_user,
            "NEO4J_PASSWORD": settings.neo4j_password,
        }
    return kept


async def clear(store: Store) -> None:
    """Leaves no node, constraint or index in `store`, and its count of statements at 0."""
    while await store.write(_delete_batch):
        pass
    # The embedded engine keeps the type of a full-text property as a constraint that cannot be dropped.
    unique = "SHOW CONSTRAINTS YIELD name, type WHERE type CONTAINS 'UNIQUENESS' RETURN name AS name"
    for (name,) in (await store.read_table(unique))[1]:
        await store.ddl(f"DROP CONSTRAINT `{name}` IF EXISTS")
    # Neo4j finds labels through its LOOKUP indexes: those stay.
    ours = "SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name AS name"
    for (name,) in (await store.read_table(ours))[1]:
        await store.ddl(f"DROP INDEX `{name}` IF EXISTS")
    store.statements_run = 0


async def clear_data(store: Store) -> Store:
    """Leaves no data in `store`, and every key and index."""
    while await store.write(_delete_data_batch):
        pass
    await migrate(store, "2024-01-01T00:00:00Z")
    store.statements_run = 0
    return store


async def settle(store: Store) -> None:
    """As if the last write were long ago; not through `write`, which is one itself."""
    await store.ddl(f"MATCH (m:Migration {{id: '{VERSIONED}'}}) SET m.changed_ms = 0")


async def _delete_data_batch(transaction: Transaction) -> int:
    deleted = await transaction.run(
        "MATCH (n) WHERE NOT n:Migration WITH n LIMIT $limit DETACH DELETE n RETURN count(*) AS deleted",
        {"limit": CLEAR_BATCH_NODES},
    )
    return int(deleted[0][0])


async def _delete_batch(transaction: Transaction) -> int:
    deleted = await transaction.run(
        "MATCH (n) WITH n LIMIT $limit DETACH DELETE n RETURN count(*) AS deleted",
        {"limit": CLEAR_BATCH_NODES},
    )
    return int(deleted[0][0])
