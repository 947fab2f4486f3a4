"""The version of what the store holds: another word after each change, and the same while there is none."""

import asyncio
from typing import LiteralString

import pytest

from kb.config import Settings
from kb.errors import BadQuery
from kb.migrate import read_migrations
from kb.store import VERSIONED, Store, Transaction, open_store
from tests.conftest import settle
from tests.kb.test_embedded import other_process

CHANGES: tuple[LiteralString, ...] = (
    "CREATE (:Claim {id: 'c/1', text: 'x'})",
    "MATCH (c:Claim {id: 'c/1'}) SET c.text = 'a'",
    "MATCH (c:Claim {id: 'c/1'}) SET c += {text: 'b'}",
    "MATCH (c:Claim {id: 'c/1'}) SET c:Disputed",
    "MATCH (c:Claim {id: 'c/1'}) CREATE (c)-[:ABOUT]->(:Claim {id: 'c/2'})",
    "MATCH (:Claim {id: 'c/1'})-[r:ABOUT]->() SET r.role = 'x'",
    "MATCH (:Claim {id: 'c/1'})-[r:ABOUT]->() DELETE r",
    "MATCH (c:Claim {id: 'c/1'}) REMOVE c.text",
    "MATCH (c:Claim) DETACH DELETE c",
)


async def read_settled(store: Store) -> str:
    await settle(store)
    found = await store.read_version()
    assert found is not None
    return found


async def test_each_change_gives_another_word_and_reading_none(migrated: Store) -> None:
    words = [await read_settled(migrated)]
    for statement in CHANGES:
        await migrated.write(lambda transaction, change=statement: transaction.run(change))  # type: ignore[misc]
        words.append(await read_settled(migrated))
        await migrated.read("MATCH (n) RETURN count(n) AS nodes")
        assert await migrated.read_version() == words[-1]
    assert len(set(words)) == len(words)


async def test_what_is_being_written_has_no_word_that_stays(migrated: Store) -> None:
    before = await read_settled(migrated)
    seen: list[str | None] = []

    async def work(transaction: Transaction) -> None:
        await transaction.run("CREATE (:Claim {id: 'c/3'})")
        seen.append(await migrated.read_version())

    await migrated.write(work)
    seen.append(await migrated.read_version() if migrated.engine.name == "Neo4j" else None)
    after = await read_settled(migrated)
    assert after not in seen, "data that was read before the commit is never tagged with the word after it"
    assert after != before
    assert seen[1] is None, "a Neo4j has no word before what was written is seen as a whole"


async def test_writers_at_once_leave_a_new_word(migrated: Store) -> None:
    before = await read_settled(migrated)

    async def write(number: int) -> None:
        await migrated.write(
            lambda transaction: transaction.run("CREATE (:Claim {id: $id})", {"id": f"c/{number}"})
        )

    await asyncio.gather(*(write(number) for number in range(8)))
    assert await read_settled(migrated) != before
    assert await migrated.read("MATCH (c:Claim) RETURN count(c) AS claims") == [[8]]


async def test_a_store_without_data_has_none(store: Store) -> None:
    if store.engine.name == "Neo4j":
        assert await store.read_version() is None


async def test_a_write_that_changed_nothing_keeps_the_word_of_a_neo4j(migrated: Store) -> None:
    before = await read_settled(migrated)
    await migrated.write(lambda transaction: transaction.run("MATCH (c:Claim {id: 'none'}) SET c.text = 'x'"))
    with pytest.raises(BadQuery):
        await migrated.write(
            lambda transaction: transaction.run("CREATE (:Claim {id: 'c/4'}) RETURN nonsense")
        )
    after = await read_settled(migrated)
    assert (after == before) == (migrated.engine.name == "Neo4j"), (
        "the embedded engine's is renewed by every write"
    )


async def test_a_writer_that_is_killed_leaves_another_word(fresh_settings: Settings) -> None:
    body = """
async def work(transaction):
    await transaction.run("CREATE (:Claim {id: 'c/5'})")
    print('ready', flush=True)
    await asyncio.sleep(600)
await store.write(work)"""
    async with open_store(fresh_settings) as store:
        await store.write(lambda transaction: transaction.run("CREATE (:Claim {id: 'c/6'})"))
        before = await store.read_version()
        with other_process(fresh_settings, body):
            assert await store.read_version() is None, "somebody writes"
        after = await store.read_version()
        assert after not in (None, before)
        assert await store.read_version() == after


def test_the_version_is_kept_where_every_store_with_data_has_something() -> None:
    assert read_migrations()[0].id == VERSIONED
