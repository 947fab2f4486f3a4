"""What `admin-csv` writes goes into a Neo4j by neo4j-admin, and by its script, with nothing lost or doubled."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from neo4j import Driver, GraphDatabase

from api.context import Context
from kb.export.losses import Losses
from kb.export.run import check_export, export
from tests.api.served import embedded_context
from tests.neo4j_server import Neo4jServer

__all__ = ["embedded_context"]  # the fixture

OPTIONS = "--id-type=string\n--multiline-fields=true\n--legacy-style-quoting=false\n"
FILES = "--nodes=nodes.csv\n--relationships=relationships.csv\n"


@pytest.fixture(scope="module")
async def unpacked(embedded_context: Context, tmp_path_factory: pytest.TempPathFactory) -> Path:
    asked = check_export("claims", "admin-csv", {})
    content = b"".join([part async for part in export(embedded_context.store, asked, Losses())])
    folder = tmp_path_factory.mktemp("exported")
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        packed.extractall(folder)
    return folder


def test_the_script_has_cypher_alone(unpacked: Path) -> None:
    """Commands such as `:auto` are Neo4j Browser's; cypher-shell ends at the first that it does not know."""
    lines = (unpacked / "import.cypher").read_text("utf-8").splitlines()
    assert [line for line in lines if not line.startswith(("CREATE ", "LOAD CSV ", "MATCH "))] == []
    assert [line for line in lines if not line.endswith(";")] == []


@pytest.mark.long
def test_neo4j_admin_and_the_script_make_the_same_graph(
    unpacked: Path, tmp_path: Path, neo4j_server: Neo4jServer
) -> None:
    for line in OPTIONS.splitlines():
        assert line in (unpacked / "README.txt").read_text("utf-8")
    (unpacked / "arguments").write_text(OPTIONS + FILES)
    server = Neo4jServer(home=tmp_path / "admin")
    server.import_full(unpacked, "arguments")
    with server, connect(server) as driver:
        by_admin = look(driver)
    opened = {"dbms.security.allow_csv_import_from_file_urls": "true"}
    with Neo4jServer(home=tmp_path / "script", settings=opened) as server, connect(server) as driver:
        for name in ("nodes.csv", "relationships.csv"):
            (tmp_path / "script" / "import" / name).write_bytes((unpacked / name).read_bytes())
        for _ in range(2):
            run_script(driver, unpacked)
            assert look(driver) == by_admin
    assert by_admin["nodes"] > 100
    assert by_admin["hedge"] == ["at least 56 times", 56, True]


def connect(server: Neo4jServer) -> Driver:
    return GraphDatabase.driver(
        server.uri, auth=(server.user, server.password), notifications_min_severity="OFF"
    )


def run_script(driver: Driver, unpacked: Path) -> None:
    with driver.session(database="neo4j") as session:
        for line in (unpacked / "import.cypher").read_text("utf-8").splitlines():
            session.run(line.removesuffix(";")).consume()


def look(driver: Driver) -> dict[str, Any]:
    def ask(statement: Any) -> Iterator[list[Any]]:
        return iter(
            [record.values() for record in driver.execute_query(statement, database_="neo4j").records]
        )

    labels = "MATCH (n) UNWIND labels(n) AS label WITH label WHERE label <> 'Exported' RETURN label, count(*)"
    hedge = """MATCH (n:Claim {verb: 'AMPLIFIED'}) WHERE n.count_min = 56 AND n.case = 'xinjiang_2021'
RETURN n.count, n.count_min, n.contested"""
    return {
        "nodes": next(ask("MATCH (n) RETURN count(n)"))[0],
        "labels": dict(ask(labels)),
        "edges": dict(ask("MATCH ()-[r]->() RETURN type(r), count(*)")),
        "hedge": next(ask(hedge)),
    }
