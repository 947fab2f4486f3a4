"""Plain reads over Bolt: on real servers, and from one that answers in pieces, late, wrongly or not at all."""

import asyncio
import contextlib
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio
from neo4j._codec.packstream import v1
from neo4j.exceptions import ClientError, ServiceUnavailable, SessionExpired
from neo4j.graph import Node

from kb import bolt
from kb.bolt import Reader
from kb.config import Settings
from kb.store import Store, open_store

VALUES: list[Any] = [
    None, True, False, 0, -1, 127, 128, -129, 2**31, 2**63 - 1, -(2**63), 0.5, -1e300, "", "é 新疆 🙂", "x" * 70_000,
    "y" * 300, [], [[], [1, [2, "three"]]], list(range(300)), {}, {"a": {"b": [None]}}, [{"k" * 40: "v"}] * 20,
]  # fmt: skip
SOME_READS = 250


@pytest.mark.parametrize("value", VALUES, ids=lambda value: str(value)[:12])
async def test_every_plain_value_goes_there_and_comes_back(module_store: Store, value: Any) -> None:
    assert await module_store.read("RETURN $value AS value", {"value": value}) == [[value]]


async def test_what_is_no_plain_value_comes_back_as_the_driver_has_it(store: Store) -> None:
    await store.write(lambda transaction: transaction.run("CREATE (:Account {id: 'a'})"))
    ((found,),) = await store.read("MATCH (a:Account) RETURN a AS a")
    assert isinstance(found, Node)
    assert (await store.read("RETURN 1 AS one")) == [[1]]


async def test_reads_at_once_get_their_own_answers(module_store: Store) -> None:
    asked = list(range(SOME_READS))
    found = await asyncio.gather(*(module_store.read("RETURN $n AS n", {"n": n}) for n in asked))
    assert found == [[[n]] for n in asked]


async def test_after_a_refusal_and_a_reader_who_left_the_next_read_is_right(module_store: Store) -> None:
    for _ in range(3):
        with pytest.raises(Exception, match="nonsense"):
            await module_store.read("RETURN nonsense AS one")
        leaving = asyncio.create_task(module_store.read("UNWIND range(1, 3000000) AS x RETURN sum(x) AS x"))
        await asyncio.sleep(0.02)
        leaving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await leaving
        assert await module_store.read("RETURN 2 AS two") == [[2]]


@pytest.mark.parametrize(
    ("uri", "fits"),
    [
        ("bolt://localhost", True),
        ("bolt://[::1]:7688", True),
        ("bolt+s://localhost", False),
        ("bolt+ssc://localhost", False),
        ("neo4j://localhost", False),
        ("bolt://localhost?policy=eu", False),
    ],
)
def test_routing_and_tls_are_left_to_the_driver(uri: str, *, fits: bool) -> None:
    assert Reader.fits(uri) is fits


async def test_a_store_that_is_reached_by_routing_reads_through_the_driver(neo4j_settings: Settings) -> None:
    routed = replace(neo4j_settings, neo4j_uri=str(neo4j_settings.neo4j_uri).replace("bolt:", "neo4j:"))
    async with open_store(routed) as store:
        assert await store.read("RETURN 1 AS one") == [[1]]


Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def message(tag: bytes, *fields: Any, rng: random.Random | None = None) -> bytes:
    """A message as a server may send it: in chunks of any size, with empty ones between messages."""
    codec: Any = v1
    buffer = codec.PackableBuffer()
    codec.Packer(buffer).pack_struct(tag, fields)
    data, chunks = bytes(buffer.data), b""
    while data:
        size = min(len(data), rng.randint(1, 50) if rng else 0xFFFF)
        chunks += size.to_bytes(2, "big") + data[:size]
        data = data[size:]
    return chunks + b"\0\0" * (rng.choice((1, 1, 3)) if rng else 1)


def success(**told: Any) -> bytes:
    return message(b"\x70", told)


async def read_messages(reader: asyncio.StreamReader, number: int) -> None:
    while number:
        length = int.from_bytes(await reader.readexactly(2), "big")
        await reader.readexactly(length)
        number -= length == 0


async def let_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The version, and the login."""
    await reader.readexactly(20)
    writer.write(bytes((0, 0, 4, 5)))
    await read_messages(reader, 2)
    writer.write(success(server="Fake/1") + success())
    await read_messages(reader, 2)


@pytest_asyncio.fixture
async def serve() -> AsyncGenerator[Callable[[Script], Awaitable[Reader]]]:
    """Starts a server that does what a script says with each connection; a reader of it."""
    servers: list[asyncio.Server] = []
    readers: list[Reader] = []

    async def start(script: Script) -> Reader:
        async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                await script(reader, writer)
            writer.close()

        server = await asyncio.start_server(take, "127.0.0.1", 0)
        servers.append(server)
        port = server.sockets[0].getsockname()[1]
        readers.append(Reader(f"bolt://127.0.0.1:{port}", "user", "word", "neo4j", 1.0))
        return readers[-1]

    yield start
    for reader in readers:
        await reader.close()
    for server in servers:
        server.close()


@pytest.mark.parametrize("seed", range(12))
async def test_an_answer_in_any_pieces_is_the_same(serve: Any, seed: int) -> None:
    rng = random.Random(seed)
    rows = [[rng.choice(VALUES), n] for n in range(rng.randint(0, 30))]

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await let_in(reader, writer)
        told = success(fields=["a", "b"]) + b"\0\0"
        told += b"".join(message(b"\x71", row, rng=rng) for row in rows) + success(type="r")
        while told:
            size = rng.choice((1, 2, 3, 1000, 100_000))
            writer.write(told[:size])
            told = told[size:]
            await asyncio.sleep(0)

    found = await (await serve(script)).read("RETURN 1", {}, 5.0)
    assert found.columns == ["a", "b"]
    assert found.rows == rows


def failing_with(*sent: bytes) -> Script:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await let_in(reader, writer)
        writer.write(b"".join(sent))
        await writer.drain()
        if sent:
            await reader.read()

    return script


REFUSAL = message(b"\x7f", {"code": "Neo.ClientError.Statement.SyntaxError", "message": "what is this"})
HALF_A_ROW = success(fields=["a"]) + message(b"\x71", [list(range(1000))])[:500]


@pytest.mark.parametrize(
    ("script", "error", "said"),
    [
        (failing_with(REFUSAL + message(b"\x7e", {})), ClientError, "what is this"),
        (failing_with(), SessionExpired, "ended the connection"),
        (failing_with(message(b"\x66", {})), ServiceUnavailable, "0x66"),
    ],
)
async def test_a_server_that_does_not_answer_the_question_is_told(
    serve: Any, script: Script, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        await (await serve(script)).read("RETURN 1", {}, 5.0)


async def test_an_answer_that_breaks_off_is_no_answer(serve: Any) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await let_in(reader, writer)
        writer.write(HALF_A_ROW)
        await writer.drain()

    with pytest.raises(SessionExpired):
        await (await serve(script)).read("RETURN 1", {}, 5.0)


async def test_a_server_that_falls_silent_is_not_waited_for(
    serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bolt, "GRACE_S", 0.1)
    with pytest.raises(SessionExpired, match="does not answer"):
        await (await serve(failing_with(HALF_A_ROW))).read("RETURN 1", {}, 0.1)


@pytest.mark.parametrize("first", [b"HTTP/1.1 400 Bad Request\r\n\r\n", bytes(4), bytes((0, 0, 0, 3)), b""])
async def test_what_does_not_speak_bolt_is_named(serve: Any, first: bytes) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(20)
        writer.write(first)
        await writer.drain()

    with pytest.raises((ServiceUnavailable, SessionExpired)):
        await (await serve(script)).read("RETURN 1", {}, 5.0)


async def test_a_server_that_takes_a_connection_and_says_nothing_is_given_up(serve: Any) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    reader: Reader = await serve(script)
    with pytest.raises(ServiceUnavailable, match="cannot be reached: no answer"):
        await reader.read("RETURN 1", {}, 5.0)


async def test_connections_are_kept_and_never_more_than_allowed(
    serve: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bolt, "MAX_CONNECTIONS", 3)
    opened: list[None] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(None)
        await let_in(reader, writer)
        while True:
            await asyncio.sleep(0.001)
            writer.write(success(fields=["a"]) + message(b"\x71", [1]) + success())
            await read_messages(reader, 2)

    reader: Reader = await serve(script)
    found: Sequence[Any] = await asyncio.gather(*(reader.read("RETURN 1", {}, 5.0) for _ in range(30)))
    assert {repr(answer.rows) for answer in found} == {"[[1]]"}
    assert len(opened) == 3
