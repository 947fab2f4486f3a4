"""Neo4j starts each statement of an export from an index: no label is scanned, nothing waits for all rows."""

from collections.abc import Mapping
from typing import Any

import pytest
from neo4j import AsyncGraphDatabase

from api.context import Context
from kb.export.losses import Losses
from kb.export.pages import read_batches
from kb.store import Store
from tests.kb.test_plans import SCANS, operators
from tests.neo4j_server import Neo4jServer

ASKED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("amplifications", {}),
    ("amplifications", {"amplifier": "per:zhang-heqing"}),
    ("amplifications", {"period": "2024-01/2024-06"}),
    ("claims", {}),
    ("claims", {"entity": "per:zhang-heqing"}),
    ("entities", {}),
    ("neighbourhood", {"id": "per:zhang-heqing", "hops": 2}),
)


@pytest.mark.long
@pytest.mark.parametrize(("question", "arguments"), ASKED)
async def test_its_statements_start_from_an_index(
    context: Context,
    neo4j_server: Neo4jServer,
    monkeypatch: pytest.MonkeyPatch,
    question: str,
    arguments: Mapping[str, Any],
) -> None:
    if context.store.engine.name != "Neo4j":
        pytest.skip("the embedded engine shows no plan")
    sent: list[tuple[Any, Mapping[str, Any]]] = []
    read = Store.read

    async def note_and_read(store: Store, statement: Any, parameters: Any = None, **more: Any) -> Any:
        sent.append((statement, parameters))
        return await read(store, statement, parameters, **more)

    monkeypatch.setattr(Store, "read", note_and_read)
    batches = [batch async for batch in read_batches(context.store, question, arguments, Losses())]
    assert batches
    login = (neo4j_server.user, neo4j_server.password)
    async with AsyncGraphDatabase.driver(
        neo4j_server.uri, auth=login, notifications_min_severity="OFF"
    ) as driver:
        for statement, parameters in sent:
            explained: Any = "EXPLAIN " + statement
            _, summary, _ = await driver.execute_query(explained, dict(parameters), database_="neo4j")
            assert summary.plan is not None
            found = [each for each in operators(summary.plan) if each[0] in SCANS | {"Eager"}]
            assert found == [], statement
