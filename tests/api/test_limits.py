"""Every limit is met by a request that goes one further, and its answer has the number and a remedy."""

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from graphql import get_introspection_query

from api.app import make_app
from api.context import Context
from api.errors import CODES
from api.execute import run
from api.keys import main as make_key
from api.limits import Limits
from kb.config import Settings
from kb.store import Store
from tests.api.cases import ROOT, refusal
from tests.api.served import embedded_context, serving

__all__ = ["embedded_context"]  # the fixture

CHEAP = "{ health { engine } }"
CLAIMS = "claims(first: 1000) { nodes { id who { %s } what { %s } saidBy { entity { %s } } } }"
THIRD = "id ... on Entity { a: claims(first: 1000) { nodes { id } } b: claims(first: 999) { nodes { id } } }"
SECOND = f"id ... on Entity {{ {CLAIMS % (THIRD, THIRD, THIRD)} }}"
# Every claim of every claim of every claim: ten seconds of work in any database.
SLOW = f"query Slow {{ entities(first: 1000) {{ nodes {{ {CLAIMS % (SECOND, SECOND, SECOND)} }} }} }}"
# Neo4j ends it at once. The embedded engine looks up from its work when it can, and at its time limit (30 s).
ENDED_WITHIN_S = 40
UNLIMITED = Limits(cost=10**30, fields=10**6)
RUNNING = "SHOW TRANSACTIONS YIELD currentQuery RETURN currentQuery"


def nested(levels: int) -> str:
    """A document of so many levels that the planner allows."""
    return "{ claims { " * levels + "totalCount " + "} }" * levels


FEW = Limits(tokens=50, document_chars=400, depth=5, fields=12, root_fields=3, repeats=4, cost=100)
MET = {
    "{ claims { totalCount } } #" + "x" * 400: ("TOO_EXPENSIVE", "427 characters; 400 is the most"),
    "{ " + "a: claims { totalCount } " * 9 + "}": ("TOO_EXPENSIVE", "more than 50 tokens"),
    "{ claims { " + "totalCount " * 5 + "} }": ("TOO_EXPENSIVE", "totalCount: has the same field again"),
    "{ a: claims { totalCount } b: claims { totalCount } c: claims { totalCount } d: claims { totalCount } }": (
        "TOO_EXPENSIVE",
        "4 root fields; 3 is the most",
    ),
    "{ claims(first: 1) { edges { node { who { ... on Entity { claims { totalCount } } } } } } }": (
        "TOO_DEEP",
        "nests 6 levels deep; 5 is the most",
    ),
    "{ claims { ...A b: nodes { ...B } } } fragment A on ClaimConnection { nodes { ...B } x: nodes { ...B } } "
    "fragment B on Claim { id text kind verb }": ("TOO_EXPENSIVE", "16 fields, fragments written out; 12 is"),
    "{ claims(first: 100) { nodes { id } } }": ("TOO_EXPENSIVE", "up to 101 objects; 100 is the most"),
    "{ claims(first: 10) { nodes { inside { id } shownIn { passage { id } } } } }": (
        "TOO_EXPENSIVE",
        "up to ",
    ),
    "{ health { checks { name } } }": ("TOO_EXPENSIVE", "up to 5,001 objects"),
    "{ __schema { types { name } } }": ("TOO_EXPENSIVE", "up to 10,000 objects"),
    "{a" * 500: ("TOO_EXPENSIVE", "characters"),
}


@pytest.mark.parametrize("query", MET, ids=lambda query: query[:40])
async def test_one_further_is_refused_with_the_number(embedded_context: Context, query: str) -> None:
    code, message = MET[query]
    statements = embedded_context.store.statements_run
    found = await refusal(replace(embedded_context, limits=FEW), query)
    assert found[0] == code
    assert message in found[1]
    assert embedded_context.store.statements_run == statements


async def test_a_variable_or_its_default_is_the_page_size(embedded_context: Context) -> None:
    few = replace(embedded_context, limits=FEW)
    query = "query ($n: Int! = 500) { claims(first: $n) { nodes { id } } }"
    assert "up to 501 objects" in (await refusal(few, query))[1]
    assert "up to 1,001 objects" in (await refusal(few, query, n=1000))[1]
    assert "errors" not in (await run(few, query, {"n": 50})).body


@pytest.mark.parametrize("first", [-1, "x", None, 1e300, [1], True, {"a": 1}])
async def test_a_page_size_that_is_none_is_refused_after_it_was_counted(
    embedded_context: Context, first: Any
) -> None:
    code, _ = await refusal(
        embedded_context, "query ($n: Int!) { claims(first: $n) { nodes { id } } }", n=first
    )
    assert code in ("BAD_ARGUMENT", "BAD_REQUEST")


async def test_page_sizes_inside_one_another_multiply(embedded_context: Context) -> None:
    query = "{ entities(first: 100) { edges { node { claims(first: 100) { nodes { shownIn { attribution } } } } } } }"
    code, message = await refusal(replace(embedded_context, limits=Limits(cost=1)), query)
    # 1 list, 100 edges and nodes, 100 lists in them, 100 claims in each, 3 places in each of those.
    assert (code, "40,301 objects" in message) == ("TOO_EXPENSIVE", True), message


async def test_what_nests_beyond_the_parser_is_too_deep(embedded_context: Context) -> None:
    deep = replace(embedded_context, limits=Limits(tokens=10**6))
    assert (await refusal(deep, "{ a " * 3_000))[0] == "TOO_DEEP"
    assert (await refusal(deep, "{ claims(first: " + "[" * 3_000))[0] == "TOO_DEEP"


async def test_introspection_is_on_and_cannot_nest_for_ever(embedded_context: Context) -> None:
    assert "errors" not in (await run(embedded_context, get_introspection_query())).body
    deep = "{ __schema { types { " + "fields { type { " * 5 + "name" + " } }" * 5 + " } } }"
    assert (await refusal(embedded_context, deep))[0] == "BAD_REQUEST"
    many = "{ " + " ".join(f"a{n}: __schema {{ types {{ name }} }}" for n in range(6)) + " }"
    assert (await refusal(embedded_context, many))[0] == "TOO_EXPENSIVE"


async def test_no_example_comes_near_a_limit(embedded_context: Context) -> None:
    half = Limits(tokens=1_000, depth=16, fields=250, root_fields=10, cost=25_000)
    for path in (ROOT / "api/examples").rglob("*.graphql"):
        response = await run(replace(embedded_context, limits=half), path.read_text("utf-8"))
        assert not response.is_refused, (path.name, response.body)


@asynccontextmanager
async def asking(context: Context, settings: Settings | None = None) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=make_app(context, settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        yield client


def code_of(answer: httpx.Response) -> str:
    found = str(answer.json()["errors"][0]["extensions"]["code"])
    assert found in CODES
    return found


async def test_introspection_can_be_switched_off(embedded_context: Context) -> None:
    async with asking(embedded_context, Settings(introspection=False)) as client:
        for query in ("{ __schema { types { name } } }", '{ __type(name: "Claim") { name } }'):
            answer = await client.post("/graphql", json={"query": query})
            assert (code_of(answer), len(answer.json()["errors"])) == ("FORBIDDEN", 1)
        assert (await client.post("/graphql", json={"query": "{ __typename }"})).json() == {
            "data": {"__typename": "Query"}
        }


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8000", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8000", 200),
        ("192.0.2.7", 200),
        ("evil.example", 403),
        ("localhost.evil.example", 403),
        ("evil.example:localhost", 403),
        ("", 403),
        ("[::2]", 403),
    ],
)
async def test_other_host_names_are_refused(embedded_context: Context, host: str, status: int) -> None:
    async with asking(embedded_context, Settings(host="192.0.2.7")) as client:
        answer = await client.post("/graphql", json={"query": CHEAP}, headers={"Host": host})
        assert answer.status_code == status
        assert status == 200 or code_of(answer) == "FORBIDDEN"
        assert (await client.get("/healthz", headers={"Host": host})).status_code == 200


async def test_the_host_names_can_be_chosen(embedded_context: Context) -> None:
    async with asking(embedded_context, Settings(allowed_hosts=("kb.example",))) as client:
        assert (await client.get("/metrics", headers={"Host": "kb.example"})).status_code == 200
        assert (await client.get("/metrics")).status_code == 403
    async with asking(embedded_context, Settings(allowed_hosts=("*",))) as client:
        assert (await client.get("/metrics", headers={"Host": "any.example"})).status_code == 200


async def test_other_pages_may_ask_when_they_are_named_only(embedded_context: Context) -> None:
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "POST"}
    async with asking(embedded_context) as client:
        answer = await client.options("/graphql", headers=asked)
        assert "access-control-allow-origin" not in answer.headers
        answer = await client.post("/graphql", json={"query": CHEAP}, headers=asked)
        assert "access-control-allow-origin" not in answer.headers
    key = "a" * 64
    named = Settings(cors_origins=("https://app.example",), api_keys=(key,))
    async with asking(embedded_context, named) as client:
        allowed = await client.options(
            "/graphql", headers=asked | {"Access-Control-Request-Headers": "authorization"}
        )
        assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (
            200,
            asked["Origin"],
        )
        other = await client.options("/graphql", headers=asked | {"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


async def test_with_keys_only_who_has_one_is_answered(
    embedded_context: Context, capsys: pytest.CaptureFixture[str]
) -> None:
    assert make_key() == 0
    key, hashed = re.findall(r": +(\S+)$", capsys.readouterr().out, flags=re.MULTILINE)
    assert hashlib.sha256(key.encode()).hexdigest() == hashed
    async with asking(embedded_context, Settings(api_keys=("0" * 64, hashed))) as client:
        for wrong in (
            "",
            "Bearer",
            "Bearer x",
            f"Bearer {hashed}",
            f"Basic {key}",
            f"Bearer {key}x",
            "Bearer \xff",
        ):
            headers = {b"Authorization": wrong.encode("latin-1")} if wrong else {}
            answer = await client.post("/graphql", json={"query": CHEAP}, headers=headers)
            assert (answer.status_code, code_of(answer)) == (401, "UNAUTHENTICATED"), wrong
            assert answer.headers["www-authenticate"] == "Bearer"
        for closed in ("/metrics", "/graphql?query={health{engine}}", "/nothing"):
            assert (await client.get(closed)).status_code == 401, closed
        for is_open in ("/healthz", "/readyz", "/graphql", "/graphiql/examples.json"):
            assert (await client.get(is_open)).status_code == 200, is_open
        answer = await client.post(
            "/graphql", json={"query": CHEAP}, headers={"Authorization": f"bearer {key}"}
        )
        assert "errors" not in answer.json()


async def test_a_body_that_does_not_come_is_not_waited_for(embedded_context: Context) -> None:
    async with serving(replace(embedded_context, limits=Limits(body_wait_s=0.2))) as address:
        host, port = address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        head = (
            "POST /graphql HTTP/1.1",
            "Host: localhost",
            "Content-Type: application/json",
            "Content-Length: 9",
        )
        writer.write("\r\n".join((*head, "", "{")).encode())
        assert b" 408 " in await asyncio.wait_for(reader.readline(), 10)
        writer.close()


async def wait_until_running(store: Store, *, is_running: bool, within_s: float = 15) -> None:
    """Returns when the slow statement runs, or no longer runs, in the database."""
    async with asyncio.timeout(within_s):
        while True:
            found = [text for (text,) in await store.read(RUNNING) if text and "SHOW TRANS" not in text]
            if bool(found) == is_running:
                return
            await asyncio.sleep(0.05)


async def test_a_question_that_takes_too_long_is_ended_in_the_database(
    context: Context, settings: Settings
) -> None:
    store = Store(context.store._drivers, replace(settings, read_timeout_s=0.3), context.store._embedded)
    async with serving(replace(context, store=store, limits=UNLIMITED)) as address:
        async with httpx.AsyncClient(timeout=60) as client:
            answer = await client.post(f"{address}/graphql", json={"query": SLOW})
        assert (answer.status_code, code_of(answer)) == (200, "TIMEOUT")
        assert answer.json()["data"] is None
        await wait_until_running(context.store, is_running=False, within_s=ENDED_WITHIN_S)


async def test_a_client_that_goes_away_ends_its_question(context: Context) -> None:
    async with serving(replace(context, limits=UNLIMITED)) as address, httpx.AsyncClient() as client:
        task = asyncio.create_task(client.post(f"{address}/graphql", json={"query": SLOW}, timeout=60))
        await wait_until_running(context.store, is_running=True)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await wait_until_running(context.store, is_running=False, within_s=ENDED_WITHIN_S)


async def test_too_many_at_once_wait_and_then_are_sent_away(context: Context) -> None:
    limits = replace(UNLIMITED, running=1, waiting=2, wait_s=0.5, retry_after_s=7)
    async with serving(replace(context, limits=limits)) as address, httpx.AsyncClient(timeout=60) as client:
        slow = asyncio.create_task(client.post(f"{address}/graphql", json={"query": SLOW}))
        await wait_until_running(context.store, is_running=True)
        many = [client.post(f"{address}/graphql", json={"query": CHEAP}) for _ in range(6)]
        answers = await asyncio.gather(*many)
        assert [(answer.status_code, code_of(answer)) for answer in answers] == [(503, "BUSY")] * 6
        assert {answer.headers["retry-after"] for answer in answers} == {"7"}
        assert (await client.get(f"{address}/healthz")).status_code == 200
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
        await wait_until_running(context.store, is_running=False, within_s=ENDED_WITHIN_S)
        answer = await client.post(f"{address}/graphql", json={"query": CHEAP})
        assert "errors" not in answer.json()


async def test_fifty_at_once_are_all_answered_in_turn(embedded_context: Context) -> None:
    async with serving(embedded_context) as address, httpx.AsyncClient(timeout=60) as client:
        body = json.dumps({"query": "{ claims { totalCount } }"})
        headers = {"Content-Type": "application/json"}
        many = [client.post(f"{address}/graphql", content=body, headers=headers) for _ in range(50)]
        assert {answer.status_code for answer in await asyncio.gather(*many)} == {200}
