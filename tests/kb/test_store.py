"""Reads cannot write, writes are whole and counted, errors are ours: on both engines."""

import asyncio
import contextlib
import json
import math
import time
from dataclasses import replace
from typing import Any, LiteralString

import pytest

from kb.config import Settings
from kb.errors import (
    BadQuery,
    KbError,
    LoginRefused,
    QueryTimeout,
    ReadOnly,
    StoreConflict,
    StoreUnavailable,
)
from kb.store import Store, Transaction, literal, open_store, refuse_beyond_graph

# Runs for minutes on either engine.
ENDLESS: LiteralString = (
    "UNWIND range(1, 3000) AS x UNWIND range(1, 3000) AS y UNWIND range(1, 300) AS z "
    "WITH x, y, z WHERE (x * y + z) % 7 = 3 RETURN count(*) AS found"
)

WRITES = [
    "CREATE (:Account {id: 'b'})",
    "CREATE (:NeverSeen {id: 'b'})",
    "MATCH (a:Account) CREATE (a)-[:FOLLOWS]->(a)",
    "MATCH (a:Account) SET a.id = 'b'",
    "MATCH (a:Account) SET a:Other",
    "MATCH (a:Account) REMOVE a.id",
    "MATCH (a:Account) DETACH DELETE a",
    "MERGE (:Account {id: 'b'})",
    "MERGE (a:Account {id: 'a'}) ON MATCH SET a.seen = true",
    "FOREACH (x IN [1] | CREATE (:Account {id: 'b'}))",
    "UNWIND [1] AS x CALL (x) { CREATE (:Account {id: 'b'}) } IN TRANSACTIONS",
    "MATCH (a:Account) CALL (a) { DETACH DELETE a } IN TRANSACTIONS OF 1 ROWS",
    "CREATE CONSTRAINT made FOR (a:Account) REQUIRE a.id IS UNIQUE",
    "CREATE INDEX made FOR (a:Account) ON (a.id)",
    "CREATE TEXT INDEX made FOR (a:NeverSeen) ON (a.id)",
    "CREATE USER made SET PASSWORD 'long enough 1'",
    "ALTER USER reader SET PASSWORD 'long enough 1'",
    "DROP USER nobody IF EXISTS",
]
# The embedded engine does not know these at all, which is as good: BadQuery or a plain KbError.
NEO4J_WRITES = [
    "CALL db.createLabel('Made')",
    "CALL db.createProperty('made')",
    "CALL db.createRelationshipType('MADE')",
    "CALL apoc.create.node(['Made'], {})",
    "CALL apoc.cypher.runWrite('CREATE (:Made)', {})",
    "CREATE DATABASE made",
    "DROP DATABASE neo4j",
    "GRANT ROLE admin TO reader",
]
LOAD_CSV = [
    "LOAD CSV FROM 'file:///etc/passwd' AS line RETURN line",
    "LOAD CSV FROM '/etc/passwd' AS line RETURN line",
    "LOAD CSV FROM 'http://127.0.0.1:9/' AS line RETURN line",
    "LOAD CSV FROM 'http://localhost:9/' AS line RETURN line",
    "LOAD CSV FROM 'http://[::1]:9/' AS line RETURN line",
]


async def snapshot(store: Store) -> list[Any]:
    return [
        await store.read("MATCH (n) RETURN labels(n) AS labels, properties(n) AS properties"),
        await store.read("MATCH ()-[r]->() RETURN type(r) AS type, properties(r) AS properties"),
        await store.read("SHOW CONSTRAINTS YIELD name RETURN name AS name"),
        await store.read("SHOW INDEXES YIELD name RETURN name AS name"),
    ]


async def make_account(store: Store) -> None:
    await store.write(lambda tx: tx.run("CREATE (:Account {id: 'a'})"))


@pytest.mark.parametrize("statement", WRITES)
async def test_a_read_that_writes_is_refused_and_changes_nothing(store: Store, statement: str) -> None:
    await make_account(store)
    before = await snapshot(store)
    with pytest.raises(ReadOnly):
        await store.read(literal(statement))
    assert await snapshot(store) == before


@pytest.mark.parametrize("statement", NEO4J_WRITES)
async def test_a_read_cannot_make_tokens_databases_or_roles(store: Store, statement: str) -> None:
    before = await snapshot(store)
    with pytest.raises(KbError):
        await store.read(literal(statement))
    assert await snapshot(store) == before


@pytest.mark.parametrize("statement", LOAD_CSV)
async def test_load_csv_reads_neither_files_nor_addresses(store: Store, statement: str) -> None:
    with pytest.raises(ReadOnly):
        await store.read(literal(statement))


async def test_rows_come_back_as_lists_in_the_order_of_return(store: Store) -> None:
    rows = await store.read("UNWIND $names AS name RETURN name AS b, size(name) AS a", {"names": ["x", "yy"]})
    assert rows == [["x", 1], ["yy", 2]]


async def test_more_rows_than_one_message_of_the_driver_come_back(store: Store) -> None:
    rows = await store.read("UNWIND range(1, 5000) AS x RETURN x AS x")
    assert [row[0] for row in rows] == list(range(1, 5001))


async def test_every_statement_is_counted_once(store: Store) -> None:
    async def work(transaction: Transaction) -> None:
        await transaction.run("CREATE (:Account)")
        await transaction.run("MATCH (a:Account) SET a.seen = true")

    await store.read("RETURN 1 AS one")
    await store.write(work)
    assert store.statements_run == 3


async def test_counters_add_up_over_the_statements_of_a_transaction(store: Store) -> None:
    async def work(transaction: Transaction) -> tuple[int, ...]:
        await transaction.run("CREATE (:Account {id: 'a'})-[:FOLLOWS]->(:Account {id: 'b'})")
        await transaction.run("MATCH (a:Account {id: 'a'}) SET a.seen = true, a:Seen")
        await transaction.run("MATCH (b:Account {id: 'b'}) DETACH DELETE b")
        counted = transaction.counters
        return (
            counted.nodes_created,
            counted.nodes_deleted,
            counted.relationships_created,
            counted.relationships_deleted,
            counted.properties_set,
            counted.labels_added,
        )

    assert await store.write(work) == (2, 1, 1, 1, 3, 3)


async def test_a_merge_that_finds_its_node_counts_nothing(store: Store) -> None:
    async def work(transaction: Transaction) -> int:
        await transaction.run("MERGE (:Account {id: 'a'})")
        return transaction.counters.nodes_created

    assert [await store.write(work), await store.write(work)] == [1, 0]


async def test_an_error_of_the_work_undoes_all_of_it_and_passes_through(store: Store) -> None:
    async def work(transaction: Transaction) -> None:
        await transaction.run("CREATE (:Account)")
        raise LookupError("mine")

    with pytest.raises(LookupError, match="mine"):
        await store.write(work)
    assert await store.read("MATCH (n) RETURN count(n) AS nodes") == [[0]]


async def test_a_cancelled_write_leaves_nothing_and_the_next_one_works(store: Store) -> None:
    reached = asyncio.Event()

    async def work(transaction: Transaction) -> None:
        await transaction.run("CREATE (:Account {id: 'a'})")
        reached.set()
        await asyncio.sleep(60)

    task = asyncio.create_task(store.write(work))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await store.write(lambda tx: tx.run("CREATE (:Account {id: 'b'})"))
    assert await store.read("MATCH (a:Account) RETURN a.id AS id") == [["b"]]


async def test_a_taken_unique_value_is_a_conflict_and_undoes_all(store: Store) -> None:
    await store.ddl("CREATE CONSTRAINT account_id IF NOT EXISTS FOR (a:Account) REQUIRE a.id IS UNIQUE")
    await make_account(store)

    async def work(transaction: Transaction) -> None:
        await transaction.run("CREATE (:Other)")
        await transaction.run("CREATE (:Account {id: 'a'})")

    with pytest.raises(StoreConflict):
        await store.write(work)
    assert await store.read("MATCH (n) RETURN count(n) AS nodes") == [[1]]


async def test_merges_of_one_new_key_at_once_make_one_node_and_lose_no_change(store: Store) -> None:
    await store.ddl("CREATE CONSTRAINT account_id IF NOT EXISTS FOR (a:Account) REQUIRE a.id IS UNIQUE")

    async def work(transaction: Transaction) -> None:
        await transaction.run("MERGE (a:Account {id: 'a'}) SET a.posts = coalesce(a.posts, 0) + 1")

    await asyncio.gather(*(store.write(work) for _ in range(8)))
    assert await store.read("MATCH (a:Account) RETURN a.posts AS posts") == [[8]]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE CONSTRAINT a IF NOT EXISTS FOR (n:Account) REQUIRE n.id IS UNIQUE",
        "CREATE CONSTRAINT a IF NOT EXISTS FOR ()-[r:FOLLOWS]-() REQUIRE r.id IS UNIQUE",
        "CREATE INDEX a IF NOT EXISTS FOR (n:Account) ON (n.name, n.kind)",
        "CREATE INDEX a IF NOT EXISTS FOR ()-[r:FOLLOWS]-() ON (r.at)",
        "CREATE TEXT INDEX a IF NOT EXISTS FOR (n:Account) ON (n.name)",
    ],
)
async def test_a_schema_statement_may_be_repeated(store: Store, statement: str) -> None:
    await store.ddl(statement)
    await store.ddl(statement)
    kept = await store.read(
        "SHOW INDEXES YIELD name, owningConstraint, type "
        "WHERE type <> 'LOOKUP' RETURN coalesce(owningConstraint, name) AS name"
    )
    assert kept == [["a"]]


async def test_a_full_text_index_finds_what_was_there_before_and_after_it(store: Store) -> None:
    await store.write(lambda tx: tx.run("CREATE (:Account:Entity {id: 'a', words: 'old harbour'})"))
    await store.create_fulltext_index("words_ft", "Entity", ["words", "more"])
    await store.create_fulltext_index("words_ft", "Entity", ["words", "more"])
    await store.write(lambda tx: tx.run("CREATE (:Group:Entity {id: 'b', more: 'new harbour'})"))
    # Neo4j fills its full-text indexes in the background.
    found: list[list[Any]] = []
    for _ in range(100):
        found = await store.read(
            "CALL db.index.fulltext.queryNodes('words_ft', $q) YIELD node RETURN node.id AS id ORDER BY id",
            {"q": "harbour"},
        )
        if len(found) == 2:
            break
        await asyncio.sleep(0.05)
    assert found == [["a"], ["b"]]


@pytest.mark.parametrize("name", ["", "a b", "x` ON EACH", "1a", "a-b"])
async def test_a_full_text_index_takes_plain_names_only(store: Store, name: str) -> None:
    with pytest.raises(BadQuery, match="letters"):
        await store.create_fulltext_index(name, "Entity", ["words"])


async def test_a_read_past_its_time_is_ended_in_the_database_too(store: Store) -> None:
    started = time.monotonic()
    with pytest.raises(QueryTimeout):
        await store.read(ENDLESS, timeout_s=0.5)
    assert time.monotonic() - started < 10
    assert await ends(store, ENDLESS)


async def test_a_cancelled_read_is_ended_in_the_database_too(store: Store) -> None:
    task = asyncio.create_task(store.read(ENDLESS))
    while await count_running(store, ENDLESS) == 0:  # noqa: ASYNC110 - the database starts it
        await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await ends(store, ENDLESS)


async def test_ending_a_read_leaves_others_of_the_same_text_alone(embedded_settings: Settings) -> None:
    statement: LiteralString = (
        "UNWIND range(1, 1500) AS x UNWIND range(1, 1500) AS y RETURN max(x * y) AS most"
    )
    async with open_store(embedded_settings) as store:
        calm = asyncio.create_task(store.read(statement))
        await asyncio.sleep(0.1)
        with pytest.raises(QueryTimeout):
            await store.read(statement, timeout_s=0.1)
        assert await calm == [[1500 * 1500]]


async def count_running(store: Store, statement: str) -> int:
    rows = await store.read("SHOW TRANSACTIONS YIELD currentQuery RETURN currentQuery AS text")
    return sum(text == statement for (text,) in rows)


async def ends(store: Store, statement: str) -> bool:
    """Whether no statement of this text runs any more, within 5 s."""
    for _ in range(50):
        if await count_running(store, statement) == 0:
            return True
        await asyncio.sleep(0.1)
    return False


@pytest.mark.parametrize(
    "statement",
    ["RETRUN 1", "MATCH (n) RETURN m", "RETURN $absent AS x", "RETURN 1 / 0 AS x", "RETURN no_such(1) AS x"],
)
async def test_a_statement_that_cannot_run_is_a_bad_query(store: Store, statement: str) -> None:
    with pytest.raises(BadQuery) as caught:
        await store.read(literal(statement))
    assert not isinstance(caught.value, ReadOnly)
    assert caught.value.__cause__ is not None


async def test_the_engine_is_named_with_its_version(store: Store, settings: Settings) -> None:
    assert store.engine.name == ("ArcadeDB" if settings.neo4j_uri is None else "Neo4j")
    assert store.engine.version[0].isdigit()


async def test_a_table_holds_what_json_can_hold(store: Store) -> None:
    await store.write(
        lambda tx: tx.run("CREATE (:Account {id: 'a', on: date('2021-03-04')})-[:HAS {n: 1}]->(:Post)")
    )
    keys, rows = await store.read_table(
        "MATCH path = (a:Account)-[h:HAS]->(p:Post) RETURN a, h, path, a.on AS day, "
        "datetime('2021-03-04T05:06:07Z') AS at, duration('P1DT2S') AS long, [1, [null, true]] AS list, "
        "{x: 1.5} AS map, point({x: 1, y: 2}) AS point"
    )
    account = {"labels": ["Account"], "properties": {"id": "a", "on": "2021-03-04"}}
    has = {"type": "HAS", "properties": {"n": 1}}
    post: dict[str, Any] = {"labels": ["Post"], "properties": {}}
    assert dict(zip(keys, json.loads(json.dumps(rows[0])), strict=True)) == {
        "a": account,
        "h": has,
        "path": {"nodes": [account, post], "relationships": [has]},
        "day": "2021-03-04",
        "at": rows[0][4],
        "long": "P1DT2S",
        "list": [1, [None, True]],
        "map": {"x": 1.5},
        "point": {"srid": 7203, "coordinates": [1.0, 2.0]},
    }
    assert rows[0][4].startswith("2021-03-04T05:06:07")


async def test_a_table_of_no_rows_is_empty(store: Store) -> None:
    keys, rows = await store.read_table("MATCH (n:Account) RETURN n.id AS id, n AS node")
    assert rows == []
    # The embedded engine tells the names with the first row only.
    assert keys == (["id", "node"] if store.engine.name == "Neo4j" else [])


async def test_a_number_that_is_none_is_text_in_a_table(store: Store) -> None:
    _, rows = await store.read_table("RETURN $x AS x", {"x": math.inf})
    assert rows == [["inf"]]


BEYOND_GRAPH = [
    *LOAD_CSV,
    "load /* a */ csv FROM 'x' AS line RETURN line",
    "LOAD//\nCSV FROM 'x' AS line RETURN line",
    "LOAD\u180eCSV FROM 'x' AS line RETURN line",
    "RETURN 1 AS `a\\u0060 LOAD CSV",
    "RETURN '\\'' AS x, 1 LOAD CSV",
    "CALL dbms.listConfig()",
    "CALL dbms . listConfig()",
    "CALL `dbms`.`listConfig`()",
    "CALL`dbms`.listConfig()",
    "CALL /* ( */ dbms.listConfig()",
    "MATCH (n) CALL { CALL db.clearQueryCaches() YIELD value RETURN value } RETURN value",
    "CALL db.labels() YIELD label CALL dbms.killConnection(label) YIELD message RETURN message",
    "CALL db.labels.more()",
    "SHOW USERS",
    "SHOW CURRENT USER",
    "  // note\n SHOW SETTINGS",
    "CYPHER 5 SHOW TRANSACTIONS",
    "EXPLAIN SHOW DATABASES",
    "SHOW TRANSACTIONS YIELD transactionId AS id TERMINATE TRANSACTION id",
    "TERMINATE TRANSACTION 'x'",
    "USE system MATCH (n) RETURN n",
]


@pytest.mark.parametrize("statement", BEYOND_GRAPH)
async def test_a_typed_statement_reads_the_graph_only(store: Store, statement: str) -> None:
    with pytest.raises(ReadOnly):
        await store.read_table(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "CALL db.labels()",
        "CALL db.labels() YIELD label RETURN label",
        "call DB.labels() yield label return label",
        "OPTIONAL MATCH (n) CALL (n) { RETURN 1 AS one } RETURN one",
        "MATCH (n:Show) WHERE n.text = 'LOAD CSV, CALL dbms.x(), TERMINATE' RETURN n.load AS csv",
        "RETURN 'it''s' AS a, \"CALL dbms.x()\" AS b, `LOAD` AS c",
        "// LOAD CSV\nRETURN 1 AS one",
        "MATCH (show:Show) RETURN show.use AS use",
        "SHOW INDEXES",
        "SHOW FULLTEXT INDEXES YIELD name",
        "SHOW ALL CONSTRAINTS",
        "EXPLAIN MATCH (n) RETURN n",
    ],
)
def test_a_typed_statement_about_the_graph_is_taken(statement: str) -> None:
    refuse_beyond_graph(statement)


async def test_a_wrong_password_is_told_apart_from_no_answer(neo4j_settings: Settings) -> None:
    with pytest.raises(LoginRefused, match="NEO4J_PASSWORD"):
        async with open_store(replace(neo4j_settings, neo4j_password="wrong password")):
            pass


async def test_a_database_that_is_not_there_is_named(neo4j_settings: Settings) -> None:
    with pytest.raises(StoreUnavailable, match="elsewhere"):
        async with open_store(replace(neo4j_settings, neo4j_database="elsewhere")):
            pass


async def test_no_answer_is_unavailable_at_once_and_names_the_address(tmp_path: Any) -> None:
    nobody = Settings(neo4j_uri="bolt://127.0.0.1:1", neo4j_password="any", data=tmp_path)
    with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:1"):
        async with open_store(nobody):
            pass


async def test_a_neo4j_that_starts_late_is_waited_for_when_asked(neo4j_settings: Settings) -> None:
    """A port that opens late, in front of the running server."""
    assert neo4j_settings.neo4j_uri is not None
    host, port = neo4j_settings.neo4j_uri.removeprefix("bolt://").split(":")

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        await asyncio.gather(pump(reader, far_writer), pump(far_reader, writer))

    async def pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(65_536):
            target.write(data)
            await target.drain()
        target.close()

    probe = await asyncio.start_server(relay, "127.0.0.1", 0)
    late_port: int = probe.sockets[0].getsockname()[1]
    probe.close()
    await probe.wait_closed()

    async def open_late() -> str:
        late = replace(neo4j_settings, neo4j_uri=f"bolt://127.0.0.1:{late_port}")
        async with open_store(late, wait_s=20) as store:
            return store.engine.name

    opening = asyncio.create_task(open_late())
    await asyncio.sleep(1)
    server = await asyncio.start_server(relay, "127.0.0.1", late_port)
    try:
        assert await opening == "Neo4j"
    finally:
        server.close()


class Relay:
    """Passes bytes between clients and a server; when told so, it hangs up instead of passing on a request."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._writers: list[asyncio.StreamWriter] = []
        self.hang_ups = 0

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers += [writer, back]
        await asyncio.gather(self._pass(reader, back), self._pass(there, writer))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while some := await reader.read(65_536):
                if b"AS one" in some and self.hang_ups:
                    self.hang_ups -= 1
                    self._hang_up()
                    break
                writer.write(some)
        writer.close()

    def _hang_up(self) -> None:
        for writer in self._writers:
            writer.close()
        self._writers.clear()


async def test_a_read_whose_connection_breaks_is_asked_again_once(neo4j_settings: Settings) -> None:
    relay = Relay(int(str(neo4j_settings.neo4j_uri).rpartition(":")[2]))
    async with await asyncio.start_server(relay.take, "127.0.0.1", 0) as server:
        address = f"bolt://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with open_store(replace(neo4j_settings, neo4j_uri=address)) as store:
            relay.hang_ups = 1
            assert await store.read("RETURN 1 AS one") == [[1]]
            assert (relay.hang_ups, store.statements_run) == (0, 2)
            relay.hang_ups = 3
            with pytest.raises(StoreUnavailable):
                await store.read("RETURN 1 AS one")
            assert relay.hang_ups == 1
