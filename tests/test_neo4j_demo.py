"""`make neo4j-demo` in a folder and on ports of its own: the cases, the Browser page, its guide, and what stays."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from neo4j import GraphDatabase

from tests.neo4j_server import ROOT, SHORT_LIVED, free_ports, must_not_skip, port_is_free, why_not

COMMAND = [sys.executable, "-m", "tests.neo4j_demo"]


@pytest.fixture(scope="module", autouse=True)
def neo4j_is_here() -> None:
    if (reason := why_not()) is not None:
        if must_not_skip():
            pytest.fail(reason)
        pytest.skip(reason)


@contextmanager
def running(home: Path, ports: list[int]) -> Iterator[tuple[list[str], dict[str, str]]]:
    """The demo until the block ends, as Ctrl-C ends it: the lines it printed, and the variables among them."""
    options = [f"--{name}-port={port}" for name, port in zip(("bolt", "http", "kit"), ports, strict=True)]
    environ = {**os.environ, "NEO4J_HOME": str(home), "KB_DATA": str(home / "kb")}
    # The demo lets Java compile for a long life; a test is over before that pays: 65 s instead of 109 s.
    environ["JAVA_TOOL_OPTIONS"] = SHORT_LIVED
    process = subprocess.Popen([*COMMAND, *options], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told: list[str] = []
    try:
        for line in process.stdout:
            told.append(line.rstrip("\n"))
            if line.startswith("Browser: "):
                break
        else:
            pytest.fail(f"it ended with {process.wait()}: {told}")
        yield told, dict(line.split("=", 1) for line in told if line.startswith("NEO4J_"))
    finally:
        process.terminate()
        process.stdout.close()
        assert process.wait() == 0
    assert [port for port in ports if not port_is_free(port)] == []


def ask(variables: dict[str, str], statement: str) -> list[object]:
    auth = (variables["NEO4J_USER"], variables["NEO4J_PASSWORD"])
    with GraphDatabase.driver(variables["NEO4J_URI"], auth=auth) as driver:
        return [value for record in driver.execute_query(statement)[0] for value in record.values()]


def test_it_has_the_cases_the_page_and_its_guide_and_keeps_what_was_written(tmp_path: Path) -> None:
    ports = free_ports(3)
    kit = f"http://localhost:{ports[2]}/kit"
    with running(tmp_path, ports) as (_, variables):
        cases = ask(variables, "MATCH (k:Case) RETURN k.id ORDER BY k.id")
        assert cases == ["teaching_case", "xinjiang_2021"]
        assert ask(variables, "MATCH (c:Claim {case: 'xinjiang_2021'}) RETURN count(c)") == [103]
        (told,) = ask(
            variables,
            "CALL dbms.clientConfig() YIELD name, value WHERE name = 'browser.post_connect_cmd' RETURN value",
        )
        assert told == f"style {kit}/throughline.grass; guide {kit}/guide.html"
        for address in (
            f"http://127.0.0.1:{ports[1]}/browser/",
            f"{kit}/guide.html",
            f"{kit}/throughline.grass",
        ):
            assert httpx.get(address).status_code == 200, address
        ask(variables, "CREATE (:Place {id: 'place:kept'})")
    with running(tmp_path, ports) as (lines, again):
        assert again == variables
        assert [line for line in lines if "unchanged" in line] == [
            f"{case}: unchanged, 0 rows changed" for case in ("xinjiang_2021", "teaching_case")
        ]
        assert ask(again, "MATCH (p:Place {id: 'place:kept'}) RETURN p.id") == ["place:kept"]


def test_a_port_that_is_taken_is_named_before_anything_starts(tmp_path: Path) -> None:
    bolt, http, kit = free_ports(3)
    options = [f"--bolt-port={bolt}", f"--http-port={http}", f"--kit-port={kit}"]
    environ = {**os.environ, "NEO4J_HOME": str(tmp_path / "home")}
    with socket.socket() as other:
        other.bind(("127.0.0.1", kit))
        other.listen()
        ended = subprocess.run(
            [*COMMAND, *options], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
        )
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"--kit-port: {kit} is taken. Stop the Neo4j or demo that runs there")
    assert not (tmp_path / "home").exists()
