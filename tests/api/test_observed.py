"""What the server tells of itself: log lines and numbers, and never what somebody asked about."""

import asyncio
import json
import logging
import re
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from api.__main__ import handle_signal
from api.app import make_app
from api.context import Context
from api.errors import CODES, from_kb
from api.logs import JsonFormatter
from kb.errors import StoreUnavailable
from tests.api.served import embedded_context

__all__ = ["embedded_context"]  # the fixture

SECRET = "per:secret-subject"
QUERY = (
    f'query Who {{ entity(id: "{SECRET}") {{ id }} claims(filter: {{text: "{SECRET}"}}) {{ totalCount }} }}'
)


@pytest_asyncio.fixture(loop_scope="session")
async def client(embedded_context: Context) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=make_app(embedded_context))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as found:
        yield found


async def test_the_log_names_the_operation_and_not_its_values(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        await client.post("/graphql", json={"query": QUERY, "variables": {"x": SECRET}})
        await client.get("/graphql", params={"query": QUERY})
        await client.get(f"/{SECRET}?{SECRET}")
        await client.get(f"/graphiql/{SECRET}")
        await client.request(SECRET[4:10].upper(), "/graphql", headers={"Accept": SECRET})
        await client.post("/graphql", json={"query": f'{{ a(id: "{SECRET}") }}'})
    # The client of this test logs as well, what a server of ours never does.
    ours = [record for record in caplog.records if record.name != "httpx"]
    lines = [json.loads(JsonFormatter().format(record)) for record in ours]
    asked = [line for line in lines if line["logger"] == "throughline.access"]
    assert [line["method"] for line in asked] == ["POST", "GET", "GET", "GET", "(other)", "POST"]
    assert (asked[0]["operation"], asked[0]["name"], asked[0]["outcome"]) == ("query", "Who", "OK")
    assert [line["path"] for line in asked[2:4]] == ["(other)", "/graphiql/*"]
    assert asked[5]["outcome"] == "BAD_REQUEST"
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["at"]) for line in lines)
    assert "secret" not in json.dumps(lines).lower()


def test_a_log_line_of_json_is_one_line() -> None:
    error = ValueError("two\nlines")
    record = logging.LogRecord(
        "a", logging.ERROR, "b.py", 1, "it\n%s", ("failed",), (ValueError, error, None)
    )
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == "it\nfailed"
    assert "ValueError" in json.loads(line)["error"]


async def test_the_numbers_are_read_by_prometheus_and_hold_no_value(client: httpx.AsyncClient) -> None:
    await client.post("/graphql", json={"query": QUERY})
    await client.post("/graphql", json={"query": "{ __schema { types { name } } }"})
    await client.post("/graphql", json={"query": f"query N{SECRET[4:10]} {{ nonsense }}"})
    await client.post("/graphql", content=b"{", headers={"Content-Type": "application/json"})
    from_kb(StoreUnavailable("down"))
    answer = await client.get("/metrics")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    requests = {
        (s.labels["operation"], s.labels["outcome"]): s.value
        for s in families["throughline_requests"].samples
        if s.name.endswith("_total")
    }
    for key in (("query", "OK"), ("introspection", "OK"), ("none", "BAD_REQUEST")):
        assert requests[key] >= 1
    assert {outcome for _, outcome in requests} <= {*CODES, "OK", "GONE", "UNCHANGED"}
    assert {operation for operation, _ in requests} <= {
        "query",
        "introspection",
        "none",
        "mutation",
        "subscription",
    }
    assert families["throughline_statements"].samples[0].value >= 2
    for name in ("request_seconds", "requests_running", "requests_waiting", "store_errors"):
        assert families[f"throughline_{name}"].samples
    assert "secret" not in answer.text


async def test_a_mistake_of_ours_is_logged_and_not_shown(
    embedded_context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    nothing: Any = None
    broken = replace(embedded_context, store=nothing)  # what no code of ours expects
    transport = httpx.ASGITransport(app=make_app(broken))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.post("/graphql", json={"query": "{ claims { totalCount } }"})
        crashed = await client.get("/readyz")
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert (crashed.status_code, crashed.json()["errors"][0]["extensions"]["code"]) == (500, "INTERNAL")
    assert "NoneType" not in answer.text + crashed.text
    assert error["message"].split()[-1] in caplog.text


async def test_an_address_where_nothing_is_says_where_to_ask(client: httpx.AsyncClient) -> None:
    answer = await client.get("/nothing")
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    answer = await client.delete("/graphql")
    assert (answer.status_code, "POST" in answer.headers["allow"]) == (405, True)


async def test_a_signal_is_handled_where_loops_know_none(monkeypatch: pytest.MonkeyPatch) -> None:

    loop = asyncio.get_running_loop()

    def refuse(*_: object) -> None:
        raise NotImplementedError

    monkeypatch.setattr(loop, "add_signal_handler", refuse)
    came = asyncio.Event()
    before = signal.getsignal(signal.SIGTERM)
    restore = handle_signal(signal.SIGTERM, came.set)
    signal.raise_signal(signal.SIGTERM)
    await asyncio.wait_for(came.wait(), 5)
    restore()
    assert signal.getsignal(signal.SIGTERM) == before
