"""The same statements give the same rows on both engines, over the same cases, and in a plain driver session."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from neo4j import AsyncGraphDatabase, AsyncResult

from api.context import Context
from api.examples import read_examples
from api.execute import run
from kb.config import Settings
from kb.store import Store, open_store
from tests.api.cases import load_cases
from tests.conftest import clear
from tests.kb.picks import QUESTIONS, statement
from tests.sampling import every


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def both(
    embedded_settings: Settings, neo4j_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Context, Context]]:
    held: Path = tmp_path_factory.mktemp("held")
    async with AsyncExitStack() as stack:
        stores: list[Store] = [
            await stack.enter_async_context(open_store(settings))
            for settings in (embedded_settings, neo4j_settings)
        ]
        for store in stores:
            await clear(store)
        embedded, neo4j = [await load_cases(store, held) for store in stores]
        yield embedded, neo4j


# Neo4j plans each of 540 statements for half a second; a quarter is compared in every run.
@pytest.mark.parametrize("name", every(4, QUESTIONS))
async def test_it_gives_the_same_rows(both: tuple[Context, Context], name: str) -> None:
    asked = statement(name)
    rows = [await context.store.read(asked.text, asked.parameters) for context in both]
    assert rows[0] == rows[1]


@pytest.mark.parametrize("example", read_examples(), ids=lambda example: example.name)
async def test_an_example_has_the_same_answer(both: tuple[Context, Context], example: Any) -> None:
    query = re.sub(r"\bengine\b|\bversion\b", "__typename", example.query)
    answers = [json.dumps((await run(context, query)).body) for context in both]
    assert answers[0] == answers[1]
    assert "errors" not in answers[0]


async def test_most_questions_find_something(both: tuple[Context, Context]) -> None:
    empty = []
    for name in QUESTIONS:
        asked = statement(name)
        ((answer, *_),) = await both[0].store.read(asked.text, asked.parameters)
        if answer is None or (isinstance(answer, list) and len(answer) == 4 and answer[1] == []):
            empty.append(name)
    assert len(empty) < len(QUESTIONS) / 5, empty


async def test_a_plain_driver_session_gives_the_same_rows(
    both: tuple[Context, Context], neo4j_settings: Settings
) -> None:
    uri, auth = neo4j_settings.neo4j_uri or "", (neo4j_settings.neo4j_user, neo4j_settings.neo4j_password)
    async with AsyncGraphDatabase.driver(uri, auth=auth) as driver, driver.session() as session:
        for name in sorted(QUESTIONS)[::10]:
            asked = statement(name)
            result: AsyncResult = await session.run(asked.text, asked.parameters)
            assert await result.values() == await both[1].store.read(asked.text, asked.parameters), name
