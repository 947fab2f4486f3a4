"""Exports over HTTP: behind the guards of the questions, told as errors before they begin, ended with the client."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from api.app import make_app
from api.context import Context
from api.guards import hash_key
from kb.config import Settings
from tests.api.served import embedded_context, serving

__all__ = ["embedded_context"]  # the fixture


@pytest_asyncio.fixture(loop_scope="session")
async def client(embedded_context: Context) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=make_app(embedded_context))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as found:
        yield found


async def test_a_file_names_itself_and_where_its_losses_are_told(client: httpx.AsyncClient) -> None:
    found = await client.get("/export/amplifications.csv", params={"basis": "REPORTED"})
    assert found.status_code == 200
    assert found.headers["content-type"] == "text/csv; charset=utf-8"
    assert 'filename="amplifications.csv"' in found.headers["content-disposition"]
    report = await client.get(found.links["describedby"]["url"])
    assert report.json()["written"]["rows"] == len(found.text.splitlines()) - 1 > 0
    assert report.json()["arguments"] == {"basis": "reported"}


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/export/secrets.csv", 404, "NOT_FOUND"),
        ("/export/claims.exe", 404, "NOT_FOUND"),
        ("/export/claims.csv?who=nobody%20here", 400, "BAD_ID"),
        ("/export/claims.csv?first=3", 400, "BAD_ARGUMENT"),
        ("/export/claims.csv?who=per:a&who=per:b", 400, "BAD_ARGUMENT"),
        ("/export/amplifications.csv?period=soon", 400, "BAD_PERIOD"),
        ("/export/neighbourhood.csv", 400, "BAD_ID"),
    ],
)
async def test_a_wrong_question_is_an_error_and_no_file(
    client: httpx.AsyncClient, address: str, status: int, code: str
) -> None:
    found = await client.get(address)
    assert (found.status_code, found.json()["errors"][0]["extensions"]["code"]) == (status, code)


async def test_an_export_asks_for_the_key_that_questions_ask_for(embedded_context: Context) -> None:
    app = make_app(embedded_context, Settings(api_keys=(hash_key("secret"),)))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://localhost"
    ) as client:
        refused = await client.get("/export/claims.csv")
        with_key = await client.get("/export/claims.csv", headers={"Authorization": "Bearer secret"})
    assert (refused.status_code, with_key.status_code) == (401, 200)


async def test_reading_ends_when_the_client_leaves(
    embedded_context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.export.pages.CLAIM_ROWS", 1)
    store = embedded_context.store
    async with serving(embedded_context) as address, httpx.AsyncClient() as client:
        before = store.statements_run
        whole = await client.get(f"{address}/export/claims.jsonl")
        statements = store.statements_run - before
        assert statements >= len(whole.text.splitlines()) > 10
        before = store.statements_run
        async with client.stream("GET", f"{address}/export/claims.jsonl") as response:
            await anext(response.aiter_bytes())
        await asyncio.sleep(0.5)
        stopped_at = store.statements_run
        await asyncio.sleep(0.5)
        assert store.statements_run == stopped_at < before + statements
        # Nothing counts as running any more: as many again as there may be at once.
        for _ in range(5):
            assert (
                await client.get(f"{address}/export/claims.csv", params={"case": "none"})
            ).status_code == 200
