"""The Neo4j that other tests use is real, closed to LOAD CSV, and keeps its data when it restarts."""

from collections.abc import Iterator

import pytest
from neo4j import Driver, GraphDatabase
from neo4j.exceptions import Neo4jError

from tests.neo4j_server import Neo4jServer, must_not_skip, oldest_java, why_not


@pytest.fixture(scope="module")
def server() -> Iterator[Neo4jServer]:
    if (reason := why_not()) is not None:
        if must_not_skip():
            pytest.fail(reason)
        pytest.skip(reason)
    with Neo4jServer() as running:
        yield running


@pytest.fixture
def driver(server: Neo4jServer) -> Iterator[Driver]:
    with GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as connected:
        yield connected


def test_the_server_is_the_community_edition_of_the_version_asked_for(
    server: Neo4jServer, driver: Driver
) -> None:
    records = driver.execute_query(
        "CALL dbms.components() YIELD versions, edition RETURN versions[0], edition"
    )[0]
    assert records[0].values() == [server.version, "community"]


@pytest.mark.parametrize("address", ["file:///etc/passwd", "file:///password", "http://127.0.0.1:1/x.csv"])
def test_load_csv_reads_neither_files_nor_addresses(driver: Driver, address: str) -> None:
    with pytest.raises(Neo4jError, match=r"(?i)load|blocked|configuration"):
        driver.execute_query("LOAD CSV FROM $address AS row RETURN count(row) AS rows", {"address": address})


def test_the_first_password_no_longer_works(server: Neo4jServer) -> None:
    with (
        GraphDatabase.driver(server.uri, auth=("neo4j", "neo4j")) as stranger,
        pytest.raises(Neo4jError, match=r"(?i)unauthorized"),
    ):
        stranger.verify_connectivity()


def test_a_restart_keeps_the_data_the_port_and_the_password(server: Neo4jServer) -> None:
    with GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as before:
        before.execute_query("CREATE (:Kept {id: 'one'})")
    server.stop()
    assert not server.is_running
    server.start()
    with GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as after:
        records = after.execute_query("MATCH (n:Kept) RETURN n.id AS id")[0]
    assert [record["id"] for record in records] == ["one"]


def test_a_version_that_needs_a_newer_java_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.neo4j_server.find_java", lambda _version: None)
    assert oldest_java("2026.08.1") == 21
    assert "Java 21 or newer (Debian: apt install" in str(why_not("2026.08.1"))
