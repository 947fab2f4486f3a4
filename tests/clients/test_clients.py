"""What strangers use to ask works unchanged: the audit suite of GraphQL over HTTP, Apollo Client, gql."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from gql import Client, gql
from gql.transport.httpx import HTTPXAsyncTransport

from api.context import Context
from api.execute import run
from api.graphiql.build import Node, make_environment
from tests.api.served import embedded_context, serving
from tests.clients.packages import HERE, node

EXAMPLES = HERE.parent.parent / "api" / "examples"
DOCUMENTS = {path.stem: path.read_text("utf-8") for path in sorted(EXAMPLES.rglob("*.graphql"))}
NODE_TIMEOUT_S = 120

__all__ = ["embedded_context", "node"]  # the fixtures


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def direct(embedded_context: Context) -> dict[str, Any]:
    """The data of each document, asked without HTTP."""
    return {
        name: (await run(embedded_context, document)).body["data"] for name, document in DOCUMENTS.items()
    }


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def address(embedded_context: Context) -> AsyncIterator[str]:
    async with serving(embedded_context) as found:
        yield f"{found}/graphql"


async def run_node(node: Node, *arguments: str, given: str = "") -> Any:
    process = await asyncio.create_subprocess_exec(
        node.folder / "node", *arguments, cwd=HERE, stdin=-1, stdout=-1, stderr=-1, env=make_environment(node)
    )
    out, err = await asyncio.wait_for(process.communicate(given.encode()), NODE_TIMEOUT_S)
    assert process.returncode == 0, err.decode()
    return json.loads(out)


def without_typenames(value: Any) -> Any:
    """Apollo asks for `__typename` everywhere, for its cache."""
    if isinstance(value, dict):
        return {key: without_typenames(part) for key, part in value.items() if key != "__typename"}
    return [without_typenames(part) for part in value] if isinstance(value, list) else value


async def test_every_audit_of_graphql_over_http_is_passed(address: str, node: Node) -> None:
    results = await run_node(node, "audit.mjs", address)
    assert len(results) > 60
    assert [result for result in results if result["status"] != "ok"] == [], results


async def test_apollo_client_gets_the_answers_of_the_examples(
    direct: dict[str, Any], address: str, node: Node
) -> None:
    answers = await run_node(node, "apollo.mjs", address, given=json.dumps(list(DOCUMENTS.values())))
    for (name, data), answer in zip(direct.items(), answers, strict=True):
        assert answer.get("error") is None, name
        assert without_typenames(answer["data"]) == without_typenames(data), name


async def test_gql_gets_the_answers_of_the_examples_and_finds_them_valid(
    direct: dict[str, Any], address: str
) -> None:
    client = Client(transport=HTTPXAsyncTransport(url=address), fetch_schema_from_transport=True)
    async with client as session:
        for name, document in DOCUMENTS.items():
            assert await session.execute(gql(document)) == direct[name], name
