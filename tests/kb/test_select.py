"""Every piece of a statement is understood by Neo4j without a warning, and uses its indexes."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from neo4j import AsyncDriver, AsyncGraphDatabase

from kb.config import Settings
from kb.constraints import make_schema_statements
from kb.questions import FIELDS, claims, entities, records
from kb.select import compose
from kb.store import open_store
from tests.conftest import clear
from tests.kb.explained import create_tokens, explain
from tests.kb.picks import FROM_TEACHING_CASE, QUESTIONS, RECORD, RECORD_ARGUMENTS, pick, statement
from tests.sampling import every


def test_every_way_to_start_and_every_condition_is_asked() -> None:
    assert set(FROM_TEACHING_CASE) >= {*claims._STARTS, *claims._CONDITIONS}
    assert set(RECORD_ARGUMENTS) >= {
        *records.STARTS,
        *records.OF_CLAIM,
        *records.OF_ENDS,
        *records.OF_EDGE,
    }
    assert {"types", "country"} == set(entities._CONDITIONS)


def test_every_field_is_asked() -> None:
    named = {name for name in QUESTIONS if "." in name}
    assert set(FIELDS) - {name.split(".")[0] for name in named} <= {
        "Person", "Influencer", "Topic", "Narrative", "Campaign",
    }  # fmt: skip


def test_the_same_selection_gives_the_same_text_whatever_the_values() -> None:
    def text(amplifier: str, first: int) -> str:
        found = pick("Query", "amplifications", *RECORD, amplifier=amplifier)
        found.first = first
        return compose(FIELDS, found, searched=False).text

    assert text("per:a", 1) == text("per:b", 1000)


def test_no_value_stands_in_a_text() -> None:
    for name, value in (*FROM_TEACHING_CASE.items(), *RECORD_ARGUMENTS.items()):
        for question in (name for name in QUESTIONS if name.startswith(("claims", "records"))):
            if isinstance(value, str) and value not in ("AMPLIFIED", "platform"):
                assert value not in statement(question).text, (name, question)


def test_no_placeholder_is_left_in_a_text() -> None:
    for name in QUESTIONS:
        assert not re.search(r"\{\+?[a-z]+\}", statement(name).text), statement(name).text


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def driver(neo4j_settings: Settings) -> AsyncIterator[AsyncDriver]:
    uri, auth = neo4j_settings.neo4j_uri or "", (neo4j_settings.neo4j_user, neo4j_settings.neo4j_password)
    async with open_store(neo4j_settings) as store:
        await clear(store)
        for text in make_schema_statements():
            await store.ddl(text)  # type: ignore[arg-type, unused-ignore]
    async with AsyncGraphDatabase.driver(uri, auth=auth, warn_notification_severity="OFF") as driver:
        await create_tokens(driver)
        yield driver


# Planning takes Neo4j a second for each of 540: a third in every run, with the three that are looked at below.
@pytest.mark.parametrize(
    "name", every(3, QUESTIONS, always={"Query.entity", "Query.claim", "Query.document"})
)
async def test_it_is_explained_without_a_warning_or_a_scan_of_everything(
    driver: AsyncDriver, name: str
) -> None:
    asked = statement(name)
    found = await explain(driver, asked.text, asked.parameters)
    assert not found.warnings, asked.text
    assert found.query_type == "r"
    assert "AllNodesScan" not in found.operators, asked.text
    if name in {"Query.entity", "Query.claim", "Query.document"}:
        # A document by its type and id, for which there is an index too.
        assert {"NodeUniqueIndexSeek", "NodeIndexSeek"} & found.operators, asked.text
