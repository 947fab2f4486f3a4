"""What `X-Explain: cypher` hands out, pasted into a plain driver session, gives the same answer."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from neo4j import AsyncGraphDatabase, AsyncSession

from api.app import make_app
from api.context import Context
from api.explain import explain, wants_explain
from kb.config import Settings
from kb.embedded import open_embedded
from kb.questions import FIELDS
from kb.readable import make_readable, write_literal
from kb.select import ABSTRACT, Many, One, Page, Pick
from tests.kb.picks import QUESTIONS, statement
from tests.sampling import every

ASKED = {
    "records": """{ amplifications(amplifier: "per:ilsa-vorrin") { nodes { id sentence independentOrigins
        amplifier { __typename id label } count { text min } claim { id shownIn { passage { id exact } } }
        interactions(first: 5) { nodes { id row } } } } }""",
    "a name": """{ entities(search: "minwen") { nodes { __typename id name names { written }
        claims(first: 2) { nodes { id } } } } }""",
    "an entity": """{ entity(id: "per:ilsa-vorrin") { __typename id name note
        ... on Official { country postings { role body { __typename id } } } } }""",
    "a claim": """{ claim(id: "teaching_case/T04") { id sentence count { text }
        saidBy { standing entity { __typename id } } } }""",
    "claims": """{ claims(filter: {text: "it's \\\\u0027"}) { nodes { id } } }""",
    "counted": """{ amplifications(amplifier: "per:ilsa-vorrin", period: "2024", first: 2) { nodes { id }
        totalCount searched { documents claims datasets undatedExcluded } } }""",
    "nothing found": """{ claims(filter: {text: "nobody says this"}) { nodes { id text } totalCount
        searched { documents claims datasets undatedExcluded } } }""",
    "counts alone": """{ claims(filter: {verb: AMPLIFIED}) { totalCount
        searched { documents claims datasets undatedExcluded } } }""",
    "ranked": """{ amplifiers(groupBy: AMPLIFIED, period: "2024-05") {
        nodes { amplified { __typename id } } totalCount } }""",
    "paths": """{ paths(from: "per:daro-minwen", to: "per:ilsa-vorrin") { total lookedAt
        paths { hops steps { links { claimId sentence dataset { id } } } } } }""",
    "nobody": """{ entity(id: "per:nobody") { id } }""",
}


@pytest_asyncio.fixture(loop_scope="session")
async def client(context: Context) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=make_app(context))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def session(context: Context, settings: Settings) -> AsyncIterator[AsyncSession]:
    """A session as an analyst has one: none of our code between it and the database."""
    if settings.neo4j_uri is not None:
        uri, auth, name = settings.neo4j_uri, (settings.neo4j_user, settings.neo4j_password), "neo4j"
    else:
        async with open_embedded(settings) as found:
            uri, auth, name = found.uri, (found.reader.user, found.reader.password), found.database
    async with AsyncGraphDatabase.driver(uri, auth=auth) as driver, driver.session(database=name) as opened:
        yield opened


async def paste(
    session: AsyncSession, text: str, parameters: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    result = await session.run(text, parameters)
    return [record.data() async for record in result]


def as_rows(value: Any) -> Any:
    """The answer of GraphQL as a reader has it: the nodes of a connection are a list."""
    if isinstance(value, list):
        return [as_rows(each) for each in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"nodes"}:
        return as_rows(value["nodes"])
    return {name: as_rows(each) for name, each in value.items()}


@pytest.mark.parametrize("name", ASKED)
async def test_both_texts_give_what_the_api_answers(
    client: httpx.AsyncClient, context: Context, session: AsyncSession, name: str
) -> None:
    response = await client.post("/graphql", json={"query": ASKED[name]}, headers={"X-Explain": "cypher"})
    body = response.json()
    ((field, answered),) = body["data"].items()
    (explained,) = body["extensions"]["cypher"]
    assert explained["field"] == field
    (record,) = await paste(session, explained["statement"], explained["parameters"])
    assert [list(record.values())] == await context.store.read(
        explained["statement"], explained["parameters"]
    )
    rows = as_rows(answered)
    expected = rows if isinstance(rows, list) else [rows] if rows else []
    if isinstance(rows, dict) and rows.keys() & {"totalCount", "searched"}:
        nodes = rows.pop("nodes", None)
        # Nothing found: one row, in which only the counts are.
        expected = [node | rows for node in nodes or [{} if nodes is None else {"id": None, "text": None}]]
    assert await paste(session, explained["readable"]) == expected


def as_map(pick: Pick, slots: Any) -> Any:
    """What a composed statement gives for a picked field, in the form of the readable one."""
    field = FIELDS[pick.type][pick.field]
    if isinstance(field, One):
        if field.when is not None:
            has, *slots = slots
            if not has:
                return None
        return row_as_map(field.type, pick, slots)
    if isinstance(field, Many):
        if field.guard is not None:
            slots = [row for _, row in slots]
        rows = [row_as_map(field.type, pick, row) for row in slots]
        return (rows[0] if rows else None) if field.only_one else rows
    if isinstance(field, Page):
        for place, shared in zip(shared_places(field.type, pick), slots[4], strict=False):
            for _, row in slots[1]:
                row[place] = shared
        rows = [row_as_map(field.type, pick, row) for _, row in (slots[1] or [])]
        counted = {"totalCount": slots[2]} if pick.total else {}
        looked_at = {"searched": {"undatedExcluded": slots[3]}} if pick.undated else {}
        return {"nodes": rows} | counted | looked_at if counted or looked_at else rows
    return slots


def shared_places(kind: str, pick: Pick) -> list[int]:
    """Where rows have null for what their page has once."""
    pieces = [FIELDS[inner.type][inner.field] for inner in pick.picks]
    first = int(kind in ABSTRACT)
    return [first + n for n, piece in enumerate(pieces) if isinstance(piece, Many) and piece.same is not None]


def row_as_map(kind: str, pick: Pick, slots: list[Any]) -> dict[str, Any]:
    named = {"__typename": slots[0]} if kind in ABSTRACT else {}
    own = slots[1:] if kind in ABSTRACT else slots
    return named | {inner.field: as_map(inner, slot) for inner, slot in zip(pick.picks, own, strict=True)}


def row_names(kind: str, pick: Pick) -> list[str]:
    return [*(["__typename"] if kind in ABSTRACT else []), *(inner.field for inner in pick.picks)]


@pytest.mark.parametrize("name", every(30, QUESTIONS))
async def test_the_readable_text_of_a_question_gives_its_rows(
    context: Context, session: AsyncSession, name: str
) -> None:
    pick, sent = QUESTIONS[name], statement(name)
    (record,) = await context.store.read(sent.text, sent.parameters)
    expected = as_map(pick, record[0])
    field = FIELDS["Query"][pick.field]
    counted: dict[str, Any] = {}
    if isinstance(field, Page):
        counted = expected
        expected = counted.pop("nodes")
    rows = [expected] if isinstance(expected, dict) else expected or []
    if isinstance(field, Page) and counted and not rows:
        rows = [dict.fromkeys(row_names(field.type, pick))]
    assert await paste(session, make_readable(FIELDS, pick)) == [row | counted for row in rows]


async def test_each_root_field_is_explained_under_the_clients_name(client: httpx.AsyncClient) -> None:
    query = "{ a: claims(first: 1) { totalCount } b: entities(first: 2) { nodes { id } } health { engine } }"
    body = (await client.post("/graphql", json={"query": query}, headers={"X-Explain": " Cypher "})).json()
    assert [each["field"] for each in body["extensions"]["cypher"]] == ["a", "b"]
    assert body["extensions"]["cypher"][0]["readable"].endswith("AS totalCount")


async def test_nothing_is_explained_unasked(client: httpx.AsyncClient) -> None:
    for headers in ({}, {"X-Explain": "sql"}):
        body = (await client.post("/graphql", json={"query": ASKED["a claim"]}, headers=headers)).json()
        assert "extensions" not in body


async def test_a_question_that_is_refused_explains_nothing(client: httpx.AsyncClient) -> None:
    query = '{ entity(id: "two words") { id } }'
    body = (await client.post("/graphql", json={"query": query}, headers={"X-Explain": "cypher"})).json()
    assert body["errors"][0]["extensions"]["code"] == "BAD_ID"
    assert body["extensions"] == {"cypher": []}


async def test_no_secret_is_in_it(client: httpx.AsyncClient, settings: Settings) -> None:
    response = await client.post(
        "/graphql", json={"query": ASKED["records"]}, headers={"X-Explain": "cypher"}
    )
    for secret in (settings.neo4j_password or "no password", "a secret for tests alone", "bolt://"):
        assert secret not in response.text


@pytest.mark.parametrize(
    "value",
    [
        "it's",
        "\\u0027 RETURN 1 //",
        "back\\slash'",
        "张 \n `x` $p0 {x}",
        None,
        True,
        7,
        [["a"], []],
        {"k": [1]},
    ],
)
async def test_a_value_written_into_a_text_is_read_as_it_was(session: AsyncSession, value: Any) -> None:
    assert await paste(session, f"RETURN {write_literal(value)} AS value") == [{"value": value}]


def test_a_field_asked_for_twice_has_two_columns() -> None:
    twice = [Pick("Entity", "claims", {}, [Pick("Claim", "id")], first=first) for first in (1, 2)]
    found = explain("e", Pick("Query", "entity", {"id": "org:aspi"}, twice), is_searched=False)
    assert found["readable"].endswith("AS `claims`, line.`claims_2` AS `claims_2`")


def test_the_header_alone_asks_for_it() -> None:
    assert wants_explain({"x-explain": "CYPHER"})
    assert not wants_explain({"x-explain": "profile"})
    assert not wants_explain({})
