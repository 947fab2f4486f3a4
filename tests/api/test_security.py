"""What an attacker sends over HTTP: never a server error, never our insides, never a change; see docs/security.md."""

import asyncio
import contextlib
import json
import re
import warnings
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import httpx
import pytest
import pytest_asyncio
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings

from api.context import Context
from api.errors import CODES
from api.schema import SCHEMA
from tests.api.served import serving

with warnings.catch_warnings():
    # What it imports is not ours to mend.
    warnings.simplefilter("ignore")
    import schemathesis

SEED = 20261122
FEW, MANY = 4, 100

# What an answer never holds: a stack trace, a Cypher text, or the words of a driver or an engine.
LEAKS = re.compile(
    r"Traceback|File \"|\.py\b|MATCH \(|RETURN |OPTIONAL MATCH|UNWIND|neo4j\.|Neo\.|arcadedb|com\.|java\.|bolt://"
    r"|site-packages|asyncio|KeyError|TypeError|AssertionError",
)
CODES_OF_CLIENTS = frozenset(CODES) - {"INTERNAL", "STORE_UNAVAILABLE"}
# What gets out of a text argument where it can: Cypher (small letters do as well), Lucene, SQL, JSON.
INJECTIONS = (
    "' OR 1=1 //",
    '") detach delete n //',
    "x'}) match (n) detach delete n return n //",
    "per:a' return n union match (m) return m //",
    "`}) call dbms.killConnection('x') //",
    "\\u0027 OR true",
    "$p0",
    "{value} {n} {+n}",
    "*:* OR name:a~ AND /.*/",
    'a"~999999999 ^1e99 [* TO *] {a TO z}',
    "'; DROP TABLE Entity; --",
    "\x00",
    "\x00per:zhang-heqing",
    "per:\u202ezhang",
    "\ufeff\u200b",
    "\U0001f4a5" * 50,
    "${jndi:ldap://127.0.0.1/a}",
    "../../../../etc/passwd",
    "%27%20OR%201=1",
    "<script>alert(1)</script>",
    "a" * 20_000,
)


class Argument(NamedTuple):
    """A place where text goes in: the document that has it as $t."""

    name: str
    document: str


def find_text_arguments() -> list[Argument]:
    """Every string argument of every root field, in inputs as well."""
    found: list[Argument] = []
    assert SCHEMA.query_type is not None
    for field, definition in SCHEMA.query_type.fields.items():
        needed = [
            f"{name}: {_sample(get_named_type(argument.type))}"
            for name, argument in definition.args.items()
            if is_required_argument(argument)
        ]
        selects = "" if is_leaf_type(get_named_type(definition.type)) else " { __typename }"
        for path, kind, inner in _texts(definition.args):
            others = [text for text in needed if text.partition(":")[0] != path.partition(".")[0]]
            inside = ", ".join([inner, *others])
            found.append(
                Argument(f"{field}.{path}", f"query Text($t: {kind}!) {{ {field}({inside}){selects} }}")
            )
    return found


def _sample(kind: Any) -> str:
    """A value that fits."""
    return next(iter(kind.values)) if isinstance(kind, GraphQLEnumType) else '"per:zhang-heqing"'


def _texts(arguments: dict[str, Any]) -> list[tuple[str, str, str]]:
    found = []
    for name, argument in arguments.items():
        kind = get_named_type(argument.type)
        is_list = isinstance(getattr(argument.type, "of_type", argument.type), GraphQLList) or isinstance(
            argument.type, GraphQLList
        )
        if kind.name in ("ID", "String"):
            found.append((name, kind.name, f"{name}: [$t]" if is_list else f"{name}: $t"))
        elif isinstance(kind, GraphQLInputObjectType) and isinstance(argument, GraphQLArgument):
            for path, inner, given in _texts(kind.fields):
                found.append((f"{name}.{path}", inner, f"{name}: {{{given}}}"))
    return found


TEXT_ARGUMENTS = find_text_arguments()


class Server(NamedTuple):
    """A running server, a client for it, and how it is looked at from behind."""

    address: str
    client: httpx.AsyncClient
    context: Context

    async def post(self, body: Any, **headers: str) -> httpx.Response:
        """Sends a body as it is, or a JSON value, and checks what holds for every answer."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = await self.client.post(
            f"{self.address}/graphql",
            content=content,
            headers={"Content-Type": "application/json", **headers},
        )
        return check(answer)


def check(answer: httpx.Response) -> httpx.Response:
    """No server error, no leak, and a code of the contract for each error."""
    assert answer.status_code < 500, answer.text[:500]
    if answer.headers["content-type"].startswith("application/"):
        for error in answer.json().get("errors", ()):
            assert error["extensions"]["code"] in CODES_OF_CLIENTS, error
            assert LEAKS.search(error["message"]) is None, error
            assert len(error["message"]) <= 600
    return answer


def codes(answer: httpx.Response) -> set[str]:
    return {error["extensions"]["code"] for error in answer.json().get("errors", ())}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def server(context: Context) -> AsyncIterator[Server]:
    async with serving(context) as address, httpx.AsyncClient(timeout=60) as client:
        yield Server(address, client, context)


async def count(context: Context) -> Any:
    nodes = await context.store.read("MATCH (n) RETURN count(n) AS nodes")
    return nodes, await context.store.read("MATCH ()-[r]->() RETURN count(r) AS relationships")


async def test_text_in_every_argument_is_a_value_and_never_part_of_a_statement(server: Server) -> None:
    before = await count(server.context)
    assert len(TEXT_ARGUMENTS) > 25

    async def ask(argument: Argument, text: str) -> None:
        answer = await server.post({"query": argument.document, "variables": {"t": text}})
        wrong = codes(answer) - {"BAD_ID", "BAD_ARGUMENT", "BAD_PERIOD", "BAD_CURSOR", "NOT_FOUND"}
        assert wrong == set(), (argument.name, text, answer.text[:300])

    for argument in TEXT_ARGUMENTS:
        await asyncio.gather(*(ask(argument, text) for text in INJECTIONS))
    assert await count(server.context) == before


async def test_cypher_inside_the_document_is_text_as_well(server: Server) -> None:
    before = await count(server.context)
    for text in INJECTIONS:
        literal = json.dumps(text)
        both = f"entity(id: {literal}) {{ id }} claims(filter: {{text: {literal}}}) {{ totalCount }}"
        await server.post({"query": f"{{ {both} }}"})
        await server.post({"query": f"{{ {text} }}"})
        await server.post({"query": text})
    assert await count(server.context) == before


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[[[[",
        b'{"query": "{ __typename }"',
        b'{"query": "{ __typename }"}}',
        b'[{"query": "{ __typename }"}]',
        b'{"query": "{ __typename }", "variables": ' + b"[" * 100_000,
        b'{"query": "{ __typename }", "variables": {"a": ' + b'{"a": ' * 5_000 + b"1" + b"}" * 5_001 + b"}",
        b'{"query": "\xc3\x28"}',
        b'{"query": "{ entity(id: \\"\\ud800\\") { id } }"}',
        b'{"query": "{ __typename }", "operationName": "\\ud800"}',
        b'{"query": "query ($t: String) { claims(filter: {text: $t}) { totalCount } }", "variables": {"t": "\\udfff"}}',
        b'{"query": "{ __typename }\x00"}',
        b'{"query": "{ __typename }\\u0000"}',
        b'{"query": "{ entity(id: \\"\\\\uD800\\") { id } }"}',
        b'{"query": "{ entity(id: \\"\\\\u0000\\") { id } }"}',
        b'{"query": "{ entity(id: \\"\\\\u{D800}\\") { id } }"}',
        b'{"query": "{ claims(first: 99999999999999999999) { totalCount } }"}',
        b'{"query": "query ($n: Int!) { claims(first: $n) { totalCount } }", "variables": {"n": 1e999}}',
        b'{"query": "query ($n: Int!) { claims(first: $n) { totalCount } }", "variables": {"n": 99999999999999999999}}',
        b'{"query": {"a": 1}}',
        b'{"query": "{ __typename }", "query": 1}',
        '{ "query": "{ __typename }" }'.encode("utf-16"),
        b"\xef\xbb\xbf" + b'{"query": "{ __typename }"}',
    ],
    ids=lambda body: repr(body[:60]),
)
async def test_a_malformed_body_is_refused_or_harmless(server: Server, body: bytes) -> None:
    assert (await server.post(body)).status_code in (200, 400)


FRAGMENTS = " ".join(f"fragment F{n} on ClaimConnection {{ ...F{n + 1} ...F{n + 1} }}" for n in range(60))
LARGE = {
    "10,000 aliases": "{ " + " ".join(f"a{n}: __typename" for n in range(10_000)) + " }",
    "as many aliases as fit": "{ " + " ".join(f"a{n}:__typename" for n in range(640)) + " }",
    "10,000 fields": "{ " + "__typename " * 10_000 + "}",
    "root fields": "{ " + " ".join(f"a{n}: claims {{ totalCount }}" for n in range(21)) + " }",
    "nested fragments": f"{{ claims {{ ...F0 }} }} {FRAGMENTS} fragment F60 on ClaimConnection {{ totalCount }}",
    "fragment cycle": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "fragment of itself": "{ ...Q } fragment Q on Query { ...Q }",
    "long fragment cycle": "{ claims { ...F0 } } "
    + " ".join(f"fragment F{n} on ClaimConnection {{ ...F{(n + 1) % 250} }}" for n in range(250)),
    "deep selection": "{ claims { nodes { " + "inside { " * 150 + "id" + " }" * 153,
    "unclosed selection": "{a" * 15_000,
    "deep value": "{ claims(first: " + "[" * 15_000,
    "directives": "{ __typename " + "@skip(if: false) " * 300 + "}",
    "unknown directives": "{ __typename " + "@a " * 600 + "}",
    "variables": "query (" + " ".join(f"$a{n}: Int" for n in range(450)) + ") { __typename }",
    "introspection in circles": "{ __schema { types { "
    + "fields { type { " * 12
    + "name"
    + " } }" * 12
    + " } } }",
    "four introspections": "{ " + " ".join(f"a{n}: __schema {{ types {{ name }} }}" for n in range(9)) + " }",
    "block string": '{ entity(id: """' + "\\n" * 9_000 + '""") { id } }',
    "comments": "#\n" * 15_000 + "{ __typename }",
    "commas": "," * 30_000 + "{ __typename }",
    "long document": "#" * 900_000,
    "pages in pages": "{ entities(first: 1000) { nodes { claims(first: 1000) { nodes { inside { id } } } } } }",
    "checks": "{ " + " ".join(f"a{n}: health {{ checks {{ rows }} }}" for n in range(20)) + " }",
}
# 3.4 s is the longest that one of these kept a loaded machine busy; the limit is for a hang.
LARGE_WITHIN_S = 10


@pytest.mark.parametrize("name", LARGE)
async def test_a_large_document_is_answered_soon(server: Server, name: str) -> None:
    async with asyncio.timeout(LARGE_WITHIN_S):
        await server.post({"query": LARGE[name]})


async def test_huge_variables_are_refused_soon(server: Server) -> None:
    query = "query ($t: [EntityType!], $s: String) { entities(types: $t, search: $s) { totalCount } }"
    for variables in (
        {"t": ["NOPE"] * 100_000},
        {"t": ["PERSON"] * 80_000},
        {"s": "x" * 1_000_000},
        {f"v{n}": n for n in range(60_000)},
        {"t": {"a": {"b": [1] * 100_000}}},
    ):
        async with asyncio.timeout(LARGE_WITHIN_S):
            await server.post({"query": query, "variables": variables})
    assert (await server.post(b" " * 1_100_000)).status_code == 413


async def test_no_changed_cursor_is_accepted(server: Server) -> None:
    query = "query ($a: String) { claims(first: 2, after: $a) { nodes { id } pageInfo { endCursor } } }"
    cursor = (await server.post({"query": query})).json()["data"]["claims"]["pageInfo"]["endCursor"]
    changed = [
        cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        for place in range(0, len(cursor) - 1, 4)
    ]
    changed += [cursor[::-1], cursor * 2, cursor[:-3], cursor + "AAAA", "=" * 8, "\x00", "é", "W10", "🙂" * 9]
    for text in changed:
        answer = await server.post({"query": query, "variables": {"a": text}})
        assert codes(answer) == {"BAD_CURSOR"}, text


@pytest.mark.parametrize(
    "target",
    [
        "/graphql?query=%00",
        "/graphql?query=%ff%fe",
        "/graphql?query={__typename}&variables=%5B%5B",
        "/graphql?query={__typename}&variables=%ED%A0%80",
        "/graphql?query={__typename}&operationName=%ED%A0%80",
        "/graphql?query={__typename}&extensions=nonsense",
        "/graphql?query={__typename}&query={a}",
        "/graphql?query=mutation{a}",
        "/graphql?query=" + "a" * 40_000,
        "/graphql/%00",
        "//graphql",
        "/graphiql/%00",
        "/graphiql/..%2f..%2fapi%2fapp.py",
        "/graphiql/%2e%2e/%2e%2e/kb/config.py",
        "/graphiql/....//....//etc/passwd",
        "/graphiql/" + "a" * 5_000,
        "/metrics/../../etc/passwd",
        "/%0d%0aSet-Cookie:a=b",
    ],
    ids=lambda target: target[:40],
)
async def test_an_odd_address_is_refused_or_harmless(server: Server, target: str) -> None:
    host, port = server.address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    async with asyncio.timeout(LARGE_WITHIN_S):
        answer = (await reader.read()).decode(errors="replace")
    writer.close()
    assert re.match(r"HTTP/1.1 (?:200|307|400|404|405)", answer), answer[:300]
    head, _, body = answer.partition("\r\n\r\n")
    assert "set-cookie" not in head.lower()
    assert "root:" not in body
    assert "import " not in body or "text/html" in head or "javascript" in head


async def test_broken_http_ends_that_connection_alone(server: Server) -> None:
    host, port = server.address.removeprefix("http://").split(":")
    for sent in (
        b"\x00" * 100,
        b"GET / HTTP/9.9\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nZZ\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 20_000,
        b"GET /" + b"a" * 200_000,
    ):
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(sent)
        writer.write_eof()
        async with asyncio.timeout(LARGE_WITHIN_S):
            answer = await _read(reader)
        writer.close()
        assert b" 5" not in answer[:13], (sent[:60], answer[:200])
        assert b"Traceback" not in answer
    assert (await server.post({"query": "{ __typename }"})).json() == {"data": {"__typename": "Query"}}


@pytest.mark.parametrize("sent", [b"A: b\r\n" * 1_000, b"b" * 6_000, b""], ids=["many", "one", "body"])
async def test_headers_without_an_end_are_refused_and_a_body_is_counted_by_itself(
    server: Server, sent: bytes
) -> None:
    host, port = server.address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nX: ")
    if not sent:
        writer.write(b"\r\nContent-Length: 200000\r\nConnection: close\r\n\r\n" + b" " * 199_998 + b"{}")
    with contextlib.suppress(ConnectionError):
        for _ in range(100 if sent else 0):  # 600 kB, and no end
            writer.write(sent)
            await writer.drain()
            await asyncio.sleep(0)
    async with asyncio.timeout(LARGE_WITHIN_S):
        answer = await _read(reader)
    writer.close()
    if sent:
        assert b"400" in answer[:13] or not answer, answer[:200]
    else:
        assert b"query: missing" in answer


async def _read(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read()
    except ConnectionError:
        return b""


def fuzz(address: str, examples: int) -> int:
    """Asks `examples` documents for each root field; how many there were. Blocks: the server runs elsewhere."""
    asked = 0
    with httpx.Client(timeout=60) as client:

        def ask(case: Any) -> None:
            nonlocal asked
            asked += 1
            check(client.post(address, json={"query": case.body}))

        limited: Any = hypothesis_settings(
            max_examples=examples,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        load: Any = schemathesis.graphql.from_url
        for operation in load(address).get_all_operations():
            found = operation.ok()
            made: Any = given(found.as_strategy())
            test: Any = seed(SEED)(limited(made(ask)))
            test()
    return asked


async def test_documents_that_schemathesis_makes_break_nothing(server: Server) -> None:
    before = await count(server.context)
    assert await asyncio.to_thread(fuzz, f"{server.address}/graphql", FEW) > 5 * FEW
    assert await count(server.context) == before


@pytest.mark.long
async def test_hundreds_of_documents_that_schemathesis_makes_break_nothing(server: Server) -> None:
    before = await count(server.context)
    asked = await asyncio.to_thread(fuzz, f"{server.address}/graphql", MANY)
    print(f"{asked} documents")
    assert asked > 5 * MANY
    assert await count(server.context) == before
