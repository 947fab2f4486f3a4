"""The files for neo4j-admin: what the real tool makes of them is the graph that a load makes."""

import csv
import io
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kb.bulk import offline, second_process
from kb.bulk.facts import LinkFact, NodeFact, Row
from kb.bulk.import_files import MULTILINE, CsvFile
from kb.bulk.load import LoadReport, load_dataset
from kb.bulk.offline import ARGUMENTS, export_bulk
from kb.config import Settings
from kb.derive import find_stale
from kb.errors import BadInput, KbError
from kb.migrate import migrate
from kb.store import Store, open_store
from tests.conftest import clear_data
from tests.kb.invented_dataset import DATASET, dump, make_rows
from tests.kb.loading_process import NOW, draw_facts
from tests.neo4j_server import Neo4jServer

HOSTILE = 'Quay "Press"; a,b\\ \n=cmd(), \u202e 新华'


ROOT = Path(__file__).parent.parent.parent
EXPORT = """
import sys
from pathlib import Path
from kb.bulk.facts import LinkFact, NodeFact, Row
from kb.bulk.offline import export_bulk
from tests.kb.invented_dataset import DATASET
from tests.peak import peak_mb

def rows(number):
    for n in range(1, number + 1):
        ends = [f"acct:quayset:{n * k % 999_983}" for k in (1, 7919)]
        nodes = [NodeFact("Account", e, {"name": e, "platform": "quaynet", "pseudonym": e[13:]}) for e in ends]
        yield Row("f", n, (*nodes, LinkFact("INTERACTED", *ends, {"kind": "reshare", "row": str(n)})))

before = peak_mb()
export_bulk(DATASET, rows(int(sys.argv[1])), Path(sys.argv[2]))
print(peak_mb() - before)
"""


def rows() -> list[Row]:
    """Every kind of row, and an entity whose texts hold what CSV is written with."""
    found = make_rows(draw_facts(1))
    press = {"name": HOSTILE, "note": HOSTILE}
    labels = {
        "name": "1",
        "platform": "quaynet",
        "handle": "quay",
        "platform_labels": (HOSTILE, "b;c", "d,e"),
    }
    none = {"name": "2", "platform": "quaynet", "handle": "pier", "platform_labels": ()}
    more = [
        NodeFact("MediaOutlet", "outlet:quay", press, (HOSTILE, "Quay Press", "新华社")),
        NodeFact("Account", "acct:quaynet:handle:quay", labels, ("quay",)),
        NodeFact("Account", "acct:quaynet:handle:pier", none),
        NodeFact(
            "Document",
            "doc:quay",
            {"name": "Quay", "chars": 12, "held": False, "case": "quay", "sha256": "0" * 64},
        ),
    ]
    return [*found, *(Row("facts", len(found) + number, (fact,)) for number, fact in enumerate(more, 1))]


async def load(store: Store, settings: Settings) -> LoadReport:
    return await load_dataset(store, settings, DATASET, rows, content_sha256="1", now=NOW)


async def count_edges(store: Store) -> int:
    return int((await store.read("MATCH ()-[r:AMPLIFIED]->() RETURN count(r) AS edges"))[0][0])


async def test_what_the_import_tool_makes_of_the_files_is_the_graph_of_a_load(
    neo4j_settings: Settings, tmp_path: Path
) -> None:
    async with open_store(neo4j_settings) as store:
        await clear_data(store)
        await load(store, neo4j_settings)
        expected = await dump(store)
        batches = (
            "MATCH (b:Batch) RETURN b.id AS id, b.hi AS hi, b.sha256 AS sha256, b.rows AS rows, b.derived AS derived, "
            "coalesce(b.touched, []) AS touched ORDER BY id"
        )
        stored = await store.read(batches)
    counted = export_bulk(DATASET, rows(), tmp_path / "out")
    assert counted.read == counted.used + sum(counted.skipped.values())
    server = Neo4jServer(heap_mb=512)
    try:
        server.import_full(tmp_path / "out", ARGUMENTS)
        server.start()
        settings = replace(neo4j_settings, neo4j_uri=server.uri, neo4j_password=server.password)
        async with open_store(settings) as store:
            await migrate(store, NOW)
            derived = await count_edges(store)
            assert derived > 0, "what the work file alone decides"
            report = await load(store, settings)
            changed = (report.created, report.updated, report.removed)
            assert changed == (0, 0, 0), "every batch is there already"
            assert report.derived >= await count_edges(store) - derived > 0, "those of holders and of posts"
            assert await dump(store) == expected
            assert await store.read(batches) == stored
            assert await find_stale(store) == []
    finally:
        server.close()


@pytest.mark.long
def test_memory_does_not_grow_with_the_number_of_rows(tmp_path: Path) -> None:
    """Ten times the rows, all of other accounts, in a process of their own: staging, sorting, cutting and writing."""

    def peak_mb(interactions: int) -> float:
        command = [sys.executable, "-c", EXPORT, str(interactions), str(tmp_path / str(interactions))]
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        return float(said)

    few, many = peak_mb(60_000), peak_mb(600_000)
    print(f"peak memory over the start: {few:.0f} MB for 60,000 rows, {many:.0f} MB for 600,000")
    # A work file has 32 MB in memory however long it is; bounds and pieces of rows come on top.
    assert many < few + 60
    assert many < 150


def read_export(folder: Path) -> dict[str, list[str]]:
    """The lines of each sort of file, however many files have them; batches without their numbers."""
    found: dict[str, list[str]] = {}
    for argument in (folder / ARGUMENTS).read_text("utf-8").splitlines():
        if argument.startswith(("--nodes", "--relationships")):
            sort, _, file = argument.rpartition("=")
            # A quoted line break is no end of a line here: both folders are read alike.
            lines = (folder / file).read_bytes().decode().removesuffix("\n").split("\n")
            if sort == "--nodes=Batch":
                lines = [line.partition(",")[2] for line in lines]
            found.setdefault(sort, []).extend(lines)
    return {sort: sorted(set(lines)) for sort, lines in found.items()}


def assert_numbered(folder: Path) -> None:
    """Every node has a number of its own, whichever process wrote it, and every end of a relationship is one of them.

    The tool does not look: its nodes take the places that their numbers name.
    """
    cells: dict[str, list[str]] = {"nodes": [], "relationships": []}
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            header, *lines = csv.reader(file)
        ids = [place for place, name in enumerate(header) if name in (":ID", ":START_ID", ":END_ID")]
        cells[path.name.partition("-")[0]] += [line[place] for line in lines for place in ids]
    assert len(set(cells["nodes"])) == len(cells["nodes"]) > 0
    assert set() < set(cells["relationships"]) <= set(cells["nodes"])


def test_two_processes_write_what_one_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, int, int | None]] = []
    export_bulk(DATASET, rows(), tmp_path / "one")
    monkeypatch.setattr(offline, "SHARED_FROM_ROWS", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    export_bulk(DATASET, rows(), tmp_path / "two", progress=lambda *found: told.append(found))
    assert read_export(tmp_path / "two") == read_export(tmp_path / "one")
    assert_numbered(tmp_path / "one")
    assert_numbered(tmp_path / "two")
    named = [
        line.partition("=")[::2]
        for line in (tmp_path / "two" / ARGUMENTS).read_text("utf-8").splitlines()
        if line.endswith(".csv")
    ]
    sizes = [
        (sort != "--nodes", -(tmp_path / "two" / name.rpartition("=")[2]).stat().st_size)
        for sort, name in named
    ]
    assert sizes == sorted(sizes), "nodes first, and of each the largest file first"
    files = {path.name for path in (tmp_path / "two").iterdir()}
    assert files - {path.name for path in (tmp_path / "one").iterdir()} >= {"relationships-AMPLIFIED-2.csv"}
    assert told[-1][0] == "writing"
    assert told[-1][1] == told[-1][2], "all rows were told, by whichever process"


@pytest.mark.parametrize(
    ("program", "said"),
    [("raise OSError('no space left')", "no space left"), ("import os; os._exit(9)", "no word")],
)
def test_a_second_process_that_fails_fails_the_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, said: str
) -> None:
    monkeypatch.setattr(offline, "SHARED_FROM_ROWS", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    monkeypatch.setattr(second_process, "PROGRAM", (sys.executable, "-c", program))
    with pytest.raises(KbError, match=said):
        export_bulk(DATASET, rows(), tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_text_with_line_breaks_is_told_to_the_tool_and_other_text_is_not(tmp_path: Path) -> None:
    export_bulk(DATASET, rows(), tmp_path / "broken")
    export_bulk(DATASET, make_rows(draw_facts(1)), tmp_path / "plain")
    assert MULTILINE in (tmp_path / "broken" / ARGUMENTS).read_text("utf-8").splitlines()
    assert MULTILINE not in (tmp_path / "plain" / ARGUMENTS).read_text("utf-8").splitlines()


# What a line of JSON might be mistaken in: words, escapes, separators, and what is absent.
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**60), 2**60),
    st.sampled_from(["", "null", ',null,"', "],[", "\\", "\x1f", "\r\n"]),
    st.text(st.characters(exclude_categories=["Cs"])),
)  # fmt: skip


# The rows of a piece are written at once: what one of them has must not change another.
@given(
    rows=st.integers(2, 4).flatmap(
        lambda width: st.lists(st.lists(VALUES, min_size=width, max_size=width), max_size=4)
    ),
    are_packed=st.booleans(),
)
@example(rows=[["a],[b", "c"], ["d", None]], are_packed=False)
@example(rows=[["null", None], ["],[", "x"]], are_packed=False)
@example(rows=[["a", "null"], ["b", "c"]], are_packed=True)
@example(rows=[["a", None], ["b", "\\"]], are_packed=True)
@example(rows=[[None, None], ["a", "b"]], are_packed=False)
@example(rows=[], are_packed=False)
@example(rows=[], are_packed=True)
@settings(database=None)
def test_lines_are_csv_that_keeps_apart_what_is_absent_and_what_is_empty(
    rows: list[list[Any]], *, are_packed: bool
) -> None:
    written = io.BytesIO()
    file = CsvFile(written, [f"c{place}:string" for place in range(len(rows[0]) if rows else 2)])
    if are_packed:
        file.write_packed([orjson.dumps(row)[1:-1] for row in rows])
    else:
        file.write(rows)
    _, _, lines = written.getvalue().decode().partition("\n")
    words = {None: "", True: "true", False: "false"}
    expected = [
        [words[value] if value is None or isinstance(value, bool) else str(value) for value in row]
        for row in rows
    ]
    assert list(csv.reader(io.StringIO(lines, newline=""), strict=True)) == expected
    assert [[cell == "" for cell in line] for line in split_cells(lines)] == [
        [value is None for value in row] for row in rows
    ]
    assert file.is_multiline == any("\n" in text or "\r" in text for row in expected for text in row)


def split_cells(text: str) -> list[list[str]]:
    """The cells of each line as they are written, quotes included."""
    lines, is_quoted = [[""]], False
    for char in text:
        is_quoted ^= char == '"'
        if is_quoted or char not in ",\n":
            lines[-1][-1] += char
        elif char == ",":
            lines[-1].append("")
        else:
            lines.append([""])
    return lines[:-1]


@pytest.mark.parametrize("shared_from", [0, 1_000_000], ids=["two processes", "one process"])
def test_a_folder_that_is_there_is_not_overwritten_and_bad_rows_leave_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared_from: int
) -> None:
    monkeypatch.setattr(offline, "SHARED_FROM_ROWS", shared_from)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    with pytest.raises(BadInput, match="is there already"):
        export_bulk(DATASET, rows(), tmp_path)
    unfit = [Row("f", 1, (NodeFact("Account", "acct:quayset:1", {"name": "x"}),))]
    with pytest.raises(BadInput, match="does not fit Account"):
        export_bulk(DATASET, unfit, tmp_path / "out")
    nobody = LinkFact("INTERACTED", "acct:quaynet:handle:quay", "acct:none", {"kind": "reshare", "row": "7"})
    with pytest.raises(BadInput, match="row 7: names an entity that no row describes, 'acct:none'"):
        export_bulk(DATASET, [*rows(), Row("f", 7, (nobody,))], tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
