"""Answers that are asked for again: ETags that hold until somebody writes, and documents known by their hash."""

import asyncio
import hashlib
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from api.app import make_app
from api.context import Context
from api.http_request import GRAPHQL_JSON
from api.limits import Limits
from api.metrics import ANSWERED
from api.trusted import keep_query, read_documents, read_query
from kb.config import Settings
from kb.errors import KbError
from tests.api.cases import ROOT
from tests.conftest import process_environ, settle

QUERY = "query Name($id: ID!) { entity(id: $id) { id name } }"
ASKED = {"query": QUERY, "variables": '{"id": "per:zhang-heqing"}'}
ANSWER = {"data": {"entity": {"id": "per:zhang-heqing", "name": "Zhang Heqing"}}}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def persisted(found: str) -> str:
    return json.dumps({"persistedQuery": {"version": 1, "sha256Hash": found}})


@asynccontextmanager
async def client(context: Context, settings: Settings | None = None) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=make_app(context, settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as found:
        yield found


async def touch(context: Context) -> None:
    """A write that changes nothing that is asked about."""
    await context.store.write(lambda transaction: transaction.run("CREATE (:Change {id: '1'})"))
    await settle(context.store)


async def test_an_unchanged_answer_is_not_sent_again_after_one_look_up(context: Context) -> None:
    await settle(context.store)
    async with client(context) as asking:
        first = await asking.get("/graphql", params=ASKED)
        assert first.json() == ANSWER
        assert first.headers["cache-control"] == "private, no-cache"
        assert first.headers["vary"] == "Accept"
        etag = first.headers["etag"]
        assert etag.startswith('"')
        for named in (etag, f'"another", W/{etag}'):
            before = context.store.statements_run
            again = await asking.get("/graphql", params=ASKED, headers={"If-None-Match": named})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
            assert again.headers["x-content-type-options"] == "nosniff"
            assert context.store.statements_run - before == (context.store.engine.name == "Neo4j")
        other = await asking.get("/graphql", params=ASKED, headers={"If-None-Match": '"another"'})
        assert (other.status_code, other.json()) == (200, ANSWER)


async def test_a_write_makes_every_tag_another(context: Context) -> None:
    await settle(context.store)
    async with client(context) as asking:
        etag = (await asking.get("/graphql", params=ASKED)).headers["etag"]
        await touch(context)
        again = await asking.get("/graphql", params=ASKED, headers={"If-None-Match": etag})
        assert again.status_code == 200
        assert again.headers["etag"] != etag


async def test_a_tag_belongs_to_one_question_in_one_form_from_one_server(context: Context) -> None:
    await settle(context.store)
    found = []
    async with client(context) as asking:
        for headers in ({}, {"Accept": GRAPHQL_JSON}):
            for variables in ('{"id": "per:zhang-heqing"}', '{"id": "per:nobody"}'):
                answer = await asking.get(
                    "/graphql", params=ASKED | {"variables": variables}, headers=headers
                )
                found.append(answer.headers["etag"])
    async with client(context, Settings(introspection=False)) as asking:
        found.append((await asking.get("/graphql", params=ASKED)).headers["etag"])
    assert len(set(found)) == 5


async def test_what_may_change_without_a_write_has_no_tag(context: Context) -> None:
    await settle(context.store)
    async with client(context) as asking:
        for answer in (
            await asking.get("/graphql", params={"query": "{ health { engine } }"}),
            await asking.get("/graphql", params={"query": '{ entity(id: "two words") { id } }'}),
            await asking.get("/graphql", params={"query": "{ nonsense }"}),
            await asking.get("/graphql", params=ASKED, headers={"X-Explain": "cypher"}),
            await asking.post("/graphql", json={"query": "{ __typename }"}),
        ):
            assert "etag" not in answer.headers
            assert answer.headers["cache-control"] == "no-store"


async def test_nothing_read_during_a_write_is_tagged_as_what_comes_of_it(context: Context) -> None:
    """Readers that never stop: of an answer and its tag, the answer is never older than the tag."""
    await settle(context.store)
    answers: dict[str, set[bytes]] = {}
    is_over = False
    ask = {"query": '{ entity(id: "per:clock") { name } }'}

    async def read(asking: httpx.AsyncClient) -> None:
        while not is_over:
            answer = await asking.get("/graphql", params=ask)
            if "etag" in answer.headers:
                answers.setdefault(answer.headers["etag"], set()).add(answer.content)

    async with client(context) as asking:
        readers = [asyncio.create_task(read(asking)) for _ in range(3)]
        for number in range(5):
            await context.store.write(
                lambda transaction, name=str(number): transaction.run(  # type: ignore[misc]
                    "MERGE (n:Entity:Person {id: 'per:clock'}) SET n.type = 'Person', n.name = $name",
                    {"name": name},
                )
            )
            await settle(context.store)
            await asyncio.sleep(0.02)
            last = await asking.get("/graphql", params=ask)
            assert last.json() == {"data": {"entity": {"name": str(number)}}}
            if "etag" in last.headers:
                # What was kept under this tag at any time is either this or newer; and nothing newer was written.
                assert answers.get(last.headers["etag"], {last.content}) == {last.content}
        is_over = True
        await asyncio.gather(*readers)
    assert answers


def run_api(data: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = process_environ(Settings(data=data))
    command = [sys.executable, "-m", "api", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)


def test_documents_are_added_all_or_none(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.graphql", tmp_path / "bad.graphql"
    good.write_text(f"\n{QUERY}\n")
    bad.write_text("{ claims {\n nonsense } }")
    refused = run_api(tmp_path / "kb", "queries", "add", str(good), str(bad))
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"{bad}: line 2, column 2: Cannot query field 'nonsense'")
    assert read_documents(tmp_path / "kb") == {}
    added = run_api(tmp_path / "kb", "queries", "add", str(good))
    assert (added.returncode, added.stdout) == (0, f"{sha256(QUERY)}  {good}\n")
    assert read_documents(tmp_path / "kb") == {sha256(QUERY): QUERY}


def test_documents_are_listed_with_the_names_of_their_operations(trusting: Settings) -> None:
    listed = run_api(trusting.data, "queries", "list")
    assert (listed.returncode, listed.stdout) == (0, f"{sha256(QUERY)}  Name\n")


def test_documents_are_removed_all_or_none(trusting: Settings) -> None:
    kept, other = sha256(QUERY), sha256("{ another }")
    for wrong, problem in ((other, "is not among the trusted"), ("../x", "is not a SHA-256")):
        refused = run_api(trusting.data, "queries", "remove", kept, wrong)
        assert (refused.returncode, refused.stdout) == (1, "")
        assert refused.stderr.startswith(f"HASH: {wrong!r} {problem}")
        assert "python -m api queries list" in refused.stderr
        assert read_documents(trusting.data) == {kept: QUERY}
    removed = run_api(trusting.data, "queries", "remove", kept, kept)
    assert (removed.returncode, read_documents(trusting.data)) == (0, {})
    assert "when it is started again" in removed.stderr


def test_a_document_that_cannot_be_read_or_was_edited_is_named(trusting: Settings) -> None:
    with pytest.raises(KbError, match=r"none\.graphql: cannot be read"):
        read_query(trusting.data / "none.graphql", Limits())
    (trusting.data / "binary.graphql").write_bytes(b"\xff\xfe")
    with pytest.raises(KbError, match=r"binary\.graphql: cannot be read as UTF-8"):
        read_query(trusting.data / "binary.graphql", Limits())
    (kept,) = (trusting.data / "queries").iterdir()
    kept.write_text("{ claims { totalCount } }")
    with pytest.raises(KbError, match="was edited; remove it"):
        read_documents(trusting.data)


def add(settings: Settings, *texts: str) -> None:
    for text in texts:
        keep_query(settings.data, text)


@pytest.fixture
def trusting(tmp_path: Path) -> Settings:
    """Settings of a data folder with one trusted document."""
    found = Settings(data=tmp_path)
    add(found, QUERY)
    return found


async def test_a_trusted_document_is_asked_for_by_its_hash_and_compiled_before(
    context: Context, trusting: Settings
) -> None:
    counted = ANSWERED.labels("compiled")._value.get()
    async with client(context, trusting) as asking:
        variables = {"id": "per:zhang-heqing"}
        extensions = {"persistedQuery": {"version": 1, "sha256Hash": sha256(QUERY)}}
        posted = await asking.post("/graphql", json={"variables": variables, "extensions": extensions})
        assert posted.json() == ANSWER
        assert ANSWERED.labels("compiled")._value.get() == counted + 1, "compiled before the first request"
        got = await asking.get(
            "/graphql",
            params={"variables": json.dumps(variables), "extensions": json.dumps(extensions)},
        )
        assert got.json() == ANSWER
        both = await asking.post(
            "/graphql", json={"query": QUERY, "variables": variables, "extensions": extensions}
        )
        assert both.json() == ANSWER


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"extensions": {"persistedQuery": {"sha256Hash": "0" * 64}}}, 200, "PERSISTED_QUERY_NOT_FOUND"),
        ({"extensions": {"persistedQuery": {"sha256Hash": "../x"}}}, 400, "BAD_REQUEST"),
        ({"extensions": {"persistedQuery": {"sha256Hash": "A" * 64}}}, 400, "BAD_REQUEST"),
        ({"extensions": {"persistedQuery": []}}, 400, "BAD_REQUEST"),
        ({"extensions": {"persistedQuery": {}}}, 400, "BAD_REQUEST"),
        ({"extensions": {}}, 400, "BAD_REQUEST"),
        (
            {"query": "{ __typename }", "extensions": {"persistedQuery": {"sha256Hash": "0" * 64}}},
            200,
            "BAD_REQUEST",
        ),
    ],
)
async def test_a_hash_that_is_not_kept_or_not_of_the_text_is_refused(
    context: Context, trusting: Settings, body: dict[str, object], status: int, code: str
) -> None:
    async with client(context, trusting) as asking:
        answer = await asking.post("/graphql", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (status, code)


async def test_a_server_that_trusts_alone_answers_no_other_document(
    context: Context, trusting: Settings
) -> None:
    await settle(context.store)
    async with client(context, replace(trusting, trusted_only=True)) as asking:
        assert (await asking.get("/graphql", params=ASKED)).json() == ANSWER
        by_hash = {"variables": ASKED["variables"], "extensions": persisted(sha256(QUERY))}
        assert (await asking.get("/graphql", params=by_hash)).json() == ANSWER
        others = (
            {"query": "{ __typename }"},
            {"query": f"{QUERY} # another"},
            {"query": "{ nonsense }"},
            {"extensions": persisted("0" * 64)},
            {"query": "{ __typename }", "extensions": persisted(sha256("{ __typename }"))},
        )
        for other in others:
            answer = await asking.get("/graphql", params=other)
            (error,) = answer.json()["errors"]
            assert error["extensions"]["code"] == "FORBIDDEN", other
            assert "python -m api queries add" in error["message"]
