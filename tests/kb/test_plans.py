"""How Neo4j starts to answer: by an index wherever there is one."""

from collections.abc import Iterator
from typing import Any

import pytest
from neo4j import AsyncDriver, AsyncGraphDatabase

from kb.config import Settings
from kb.questions import FIELDS
from kb.select import compose
from kb.store import open_store
from tests.api.cases import load_cases
from tests.conftest import clear_data
from tests.kb.picks import QUESTIONS
from tests.neo4j_server import Neo4jServer

SCANS = {
    "NodeByLabelScan",
    "AllNodesScan",
    "UnionNodeByLabelsScan",
    "DirectedAllRelationshipsScan",
    "CartesianProduct",
}
# These list everything of a type: there is nothing to look up.
LISTINGS = {"Query.influencers", "Query.narratives", "Query.officials", "officials at", "officials behind"}
# One each of the ways to start, besides every way to look for records.
ASKED = sorted(
    {
        *(
            name
            for name in QUESTIONS
            if name.startswith(("records None", "records observed", "claims who", "officials"))
        ),
        *(
            "claims verb",
            "claims case",
            "Query.entity",
            "Query.claim",
            "entities search da",
            "groups channel of",
        ),
    }
    - LISTINGS
)


@pytest.fixture(scope="module")
async def driver(neo4j_server: Neo4jServer, neo4j_settings: Settings) -> Any:
    """A driver on a database with every index and no data."""
    async with open_store(neo4j_settings) as store:
        await clear_data(store)
    async with AsyncGraphDatabase.driver(
        neo4j_server.uri, auth=(neo4j_server.user, neo4j_server.password), notifications_min_severity="OFF"
    ) as driver:
        yield driver


def operators(plan: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield plan["operatorType"].partition("@")[0], plan["args"].get("Details", "")
    for child in plan.get("children", ()):
        yield from operators(child)


async def plan_of(driver: AsyncDriver, name: str) -> list[tuple[str, str]]:
    statement = compose(FIELDS, QUESTIONS[name], searched=False)
    async with driver.session(database="neo4j") as session:
        summary = await (await session.run("EXPLAIN " + statement.text, statement.parameters)).consume()
    assert summary.plan is not None
    return list(operators(summary.plan))


@pytest.mark.parametrize("name", ASKED)
async def test_it_starts_from_an_index(driver: AsyncDriver, name: str) -> None:
    assert [found for found in await plan_of(driver, name) if found[0] in SCANS] == []


async def test_a_listing_of_a_whole_type_is_seen_as_a_scan(driver: AsyncDriver) -> None:
    assert ("NodeByLabelScan", "n1:Narrative") in await plan_of(driver, "Query.narratives")


# Of these the estimates for an empty database are ties: here stand the cases. One of each way to go on.
ASKED_OF_CASES = (
    "timeline of per:ilsa-vorrin",
    "timeline period",
    "groups reported period",
    "groups channel period",
    "groups month ",
    "Query.paths",
    "paths of 1",
    "neighbourhood of 2",
)


@pytest.fixture(scope="module")
async def filled(
    driver: AsyncDriver, neo4j_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """The same database with both cases in it."""
    async with open_store(neo4j_settings) as store:
        await load_cases(store, tmp_path_factory.mktemp("held"))
        await store.ddl("CALL db.clearQueryCaches()")
    return driver


@pytest.mark.parametrize("name", ASKED_OF_CASES)
async def test_it_goes_on_from_what_it_found_row_by_row(filled: AsyncDriver, name: str) -> None:
    """No label is scanned, nothing multiplied, and nothing waits for all rows of another (Eager)."""
    plan = await plan_of(filled, name)
    assert [found for found in plan if found[0] in SCANS | {"Eager"}] == []
    assert len(plan) > 10, "it is the plan of a whole question"


async def test_a_page_of_a_channel_comes_sorted_from_its_index(filled: AsyncDriver) -> None:
    plan = await plan_of(filled, "records observed channel")
    assert any("AMPLIFIED(channel, count_min, id)" in details for _, details in plan)
    found = {operator for operator, _ in plan}
    assert "Limit" in found
    assert not found & {"Top", "PartialTop", "Sort", "PartialSort"}, "the index has the order of the page"
