"""`python -m kb`: what each command prints, and that typed Cypher can only read."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kb.documents import HeldDocuments
from kb.store import Store
from tests.kb.harbour_case import GAZETTE_SHA, TEXT, load, make_case

ROOT = Path(__file__).parent.parent.parent


def run(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kb", *arguments],
        env=environ,
        cwd=ROOT,
        text=True,
        capture_output=True,
        check=False,
    )


@pytest.fixture
async def harbour(migrated: Store, tmp_path: Path) -> Store:
    await load(migrated, HeldDocuments(tmp_path), make_case())
    return migrated


async def test_status_names_the_engine_the_cases_and_the_counts(
    harbour: Store, environ: dict[str, str]
) -> None:
    done = run(environ, "status")
    assert done.returncode == 0, done.stderr
    assert f"engine: {harbour.engine.name} {harbour.engine.version}" in done.stdout
    assert "migrations pending: none" in done.stdout
    assert "case harbour: Harbour; 4 claims; loaded 2024-01-01T00:00:00Z" in done.stdout
    assert "Claim: 4" in done.stdout


async def test_cypher_prints_a_table_or_json_lines(harbour: Store, environ: dict[str, str]) -> None:
    statement = "MATCH (c:Claim) RETURN c.id AS id, c.count AS count ORDER BY id LIMIT 2"
    lines = run(environ, "cypher", "--json", statement).stdout.splitlines()
    assert [json.loads(line) for line in lines] == [
        {"id": "harbour/H1", "count": "at least 12 times"},
        {"id": "harbour/H2", "count": None},
    ]
    table = run(environ, "cypher", statement).stdout
    assert "harbour/H1" in table
    assert "2 rows" in table


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE (n:Place {id: 'place:x'}) RETURN n",
        "MATCH (n) DETACH DELETE n",
        "MATCH (c:Claim) SET c.count = '13 times'",
        "LOAD CSV FROM 'file:///etc/passwd' AS row RETURN row",
        "CALL dbms.listConfig() YIELD name RETURN name",
        "CREATE INDEX x FOR (n:Place) ON (n.name)",
        "this is no Cypher",
    ],
)
async def test_cypher_cannot_write_or_leave_the_graph(
    harbour: Store, environ: dict[str, str], statement: str
) -> None:
    count = "MATCH (n) RETURN count(n) AS nodes"
    before = await harbour.read(count)
    done = run(environ, "cypher", statement)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
    assert await harbour.read(count) == before


async def test_check_fails_when_a_promise_is_broken_and_derive_mends_it(
    harbour: Store, environ: dict[str, str]
) -> None:
    assert run(environ, "check").returncode == 0
    tamper = "MATCH ()-[r:AMPLIFIED]->() SET r.count = 'exactly 12 times'"
    await harbour.write(lambda transaction: transaction.run(tamper))
    broken = run(environ, "check")
    assert broken.returncode == 1
    assert "FAIL derived-is-current" in broken.stdout
    assert run(environ, "derive").stdout == "2 rows changed\n"
    assert run(environ, "check").returncode == 0


async def test_documents_add_holds_the_file_and_fills_its_passages(
    harbour: Store, environ: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "gazette.txt"
    file.write_text(TEXT, "utf-8", newline="")
    elsewhere = environ | ({"KB_DATA": str(tmp_path / "data")} if "NEO4J_URI" in environ else {})
    added = run(elsewhere, "documents", "add", str(file))
    assert added.returncode == 0, added.stderr
    assert f"held, SHA-256 {GAZETTE_SHA}" in added.stdout
    assert "harbour/doc:gazette: 2 passages, 2 got their words now" in added.stdout
    assert run(elsewhere, "check").returncode == 0
    assert "0 got their words now" in run(elsewhere, "documents", "add", str(file)).stdout


@pytest.mark.parametrize(
    ("content", "says"), [(b"", "is empty"), (b"\xff\xfe", "is not UTF-8"), (None, "no such file")]
)
async def test_documents_add_says_what_is_wrong_with_a_file(
    environ: dict[str, str], tmp_path: Path, content: bytes | None, says: str
) -> None:
    file = tmp_path / "file.txt"
    if content is not None:
        file.write_bytes(content)
    done = run(environ, "documents", "add", str(file))
    assert done.returncode == 1
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_stop_says_when_nothing_runs(tmp_path: Path) -> None:
    done = run({"KB_DATA": str(tmp_path / "none"), "PATH": ""}, "stop")
    assert (done.returncode, done.stdout) == (0, "nothing was running\n")


def test_a_setting_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    done = run({"KB_DATA": str(tmp_path), "PORT": "http", "PATH": ""}, "status")
    assert done.returncode == 1
    assert "PORT: 'http' is not a whole number" in done.stderr
