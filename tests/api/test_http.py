"""GraphQL over HTTP: media types, statuses, the page, and whether the server is well."""

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from api.app import make_app
from api.context import Context
from api.graphiql import is_built
from api.http_request import GRAPHQL_JSON, JSON
from api.limits import Limits

QUERY = "{ health { engine } }"


@pytest_asyncio.fixture(loop_scope="session")
async def client(context: Context) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=make_app(context))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as found:
        yield found


async def test_a_posted_question_is_answered(client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"query": QUERY})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{JSON}; charset=utf-8"
    assert answer.json()["data"]["health"]["engine"]


async def test_variables_and_operation_are_taken(client: httpx.AsyncClient) -> None:
    body = {
        "query": "query A($id: ID!) { entity(id: $id) { name } } query B { health { engine } }",
        "variables": {"id": "per:hua-chunying"},
        "operationName": "A",
        "extensions": {},
    }
    assert (await client.post("/graphql", json=body)).json() == {"data": {"entity": {"name": "Hua Chunying"}}}


async def test_a_question_in_the_address_is_answered(client: httpx.AsyncClient) -> None:
    parameters = {
        "query": "query ($id: ID!) { entity(id: $id) { id } }",
        "variables": '{"id": "per:hua-chunying"}',
    }
    answer = await client.get("/graphql", params=parameters)
    assert answer.json() == {"data": {"entity": {"id": "per:hua-chunying"}}}


@pytest.mark.parametrize(("accept", "status"), [(JSON, 200), (GRAPHQL_JSON, 400), ("*/*", 200)])
async def test_a_refused_document_has_the_status_of_its_media_type(
    client: httpx.AsyncClient, accept: str, status: int
) -> None:
    answer = await client.post("/graphql", json={"query": "{ nonsense }"}, headers={"Accept": accept})
    assert answer.status_code == status
    assert "data" not in answer.json()
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b"{}", 400),
        (b'{"query": 1}', 400),
        (b'{"query": "{ health { engine } }", "variables": []}', 200),
        (b'{"query": "{ health { engine } }", "variables": [1]}', 400),
        (b'{"query": "{ health { engine } }", "operationName": 1}', 400),
        (b'{"query": "\xff"}', 400),
        (b" " * (Limits().body_bytes + 1), 413),
    ],
)
async def test_a_body_that_is_no_request_is_refused(
    client: httpx.AsyncClient, body: bytes, status: int
) -> None:
    answer = await client.post("/graphql", content=body, headers={"Content-Type": JSON})
    assert answer.status_code == status, answer.text
    if status != 200:
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_other_media_types_are_refused(client: httpx.AsyncClient) -> None:
    form = await client.post("/graphql", content="query=1", headers={"Content-Type": "text/plain"})
    assert form.status_code == 415
    picture = await client.post("/graphql", json={"query": QUERY}, headers={"Accept": "image/png"})
    assert picture.status_code == 406


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_refused(client: httpx.AsyncClient, method: str) -> None:
    assert (await client.request(method, "/graphql")).status_code == 405


async def test_the_page_is_ours_and_under_a_policy(client: httpx.AsyncClient) -> None:
    answer = await client.get("/graphql", headers={"Accept": "text/html"})
    assert answer.status_code == 200
    if is_built():
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert (await client.get("/graphiql/app.js")).status_code == 200
    else:
        assert "make graphiql" in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_the_page_is_offered_the_examples_the_headline_first(client: httpx.AsyncClient) -> None:
    examples = (await client.get("/graphiql/examples.json")).json()
    assert "Zhang Heqing" in examples[0]["name"]
    # The worked ones; the 42 questions are asked in tests/questions, and all of them in test_compiled.py.
    assert len(examples) == 52
    for example in examples[:10]:
        assert "errors" not in (await client.post("/graphql", json={"query": example["query"]})).json()


async def test_nothing_else_is_served(client: httpx.AsyncClient) -> None:
    for path in (
        "/docs",
        "/openapi.json",
        "/redoc",
        "/graphiql/../api/app.py",
        "/graphiql/%2e%2e/__init__.py",
    ):
        assert (await client.get(path)).status_code == 404, path
    assert (await client.get("/")).headers["content-type"] == "text/html; charset=utf-8"


async def test_the_server_says_whether_it_is_well(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).text == "alive\n"
    assert (await client.get("/readyz")).status_code == 200
