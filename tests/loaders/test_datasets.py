"""Datasets: their descriptions, their files, the account of their rows, and the command line."""

import asyncio
import csv
import os
from pathlib import Path

import pytest

from kb.bulk.facts import NodeFact, Row
from kb.config import Settings
from kb.errors import BadInput
from kb.store import Store
from loaders.__main__ import main
from loaders.contract import Source, SourceFile
from loaders.registry import find_datasets, get_parser, get_source, read_source
from loaders.rejects import Rejects
from loaders.run import run_cases
from loaders.run_dataset import (
    Account,
    FoundFiles,
    Options,
    account_for,
    find_files,
    run_dataset,
    summary_of_rows,
)
from tests.loaders.small_case import ROOT, run_loaders, write_case
from tests.loaders.small_missions import mission, write

NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
ONE_FILE = Source("pier", "Pier", "Quay", "CC0-1.0", "Quay", (SourceFile("rows", "rows.csv", NOTHING, 2),))


def be_quiet(_stage: str, _done: int, _total: int | None) -> None:
    pass


def find(source: Source, place: Path, *, unverified: bool = False) -> FoundFiles:
    return find_files(source, place, unverified=unverified, downloads=place, progress=be_quiet)


@pytest.mark.parametrize("name", find_datasets())
def test_every_dataset_is_described_and_has_a_parser(name: str) -> None:
    source = get_source(name)
    assert source.id == name
    assert source.expected_rows > 0
    assert callable(get_parser(name))


def test_a_description_tells_everything_that_does_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "source.toml"
    path.write_text(
        'title = "x"\nlicense = "MIT"\nfiles = [{name = "a", path = "a", sha256 = "1", rows = -1}]'
    )
    with pytest.raises(BadInput) as refused:
        read_source(path, "pier")
    told = str(refused.value)
    for field in ("publisher", "licence", "cite", "license", "files.0.sha256", "files.0.rows"):
        assert f"{path}: {field}: " in told


def test_an_unknown_dataset_is_told_with_those_that_there_are() -> None:
    with pytest.raises(BadInput, match=r"'embassys', one of .*embassies"):
        get_source("embassys")


def test_files_are_found_in_a_folder_or_by_themselves(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"")
    assert find(ONE_FILE, tmp_path) == find(ONE_FILE, path)
    assert find(ONE_FILE, path).expected_rows == {"rows": 2}


def test_a_file_with_other_bytes_is_refused_unless_that_is_wanted(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"other")
    with pytest.raises(BadInput, match=r"is not the file that Quay published, .*--unverified"):
        find(ONE_FILE, path)
    assert find(ONE_FILE, path, unverified=True).expected_rows == {}


def test_missing_files_and_folders_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"rows.csv: is not there"):
        find(ONE_FILE, tmp_path)
    with pytest.raises(BadInput, match="--from: is no file and no folder"):
        find(ONE_FILE, tmp_path / "none")


def test_the_hash_of_what_is_loaded_is_that_of_files_and_loader(tmp_path: Path) -> None:
    files = FoundFiles({}, {"a": "1", "b": "2"}, {})
    assert files.content_sha256("x") == FoundFiles({}, {"b": "2", "a": "1"}, {}).content_sha256("x")
    assert files.content_sha256("x") != files.content_sha256("y")
    assert files.content_sha256("x") != FoundFiles({}, {"a": "2", "b": "1"}, {}).content_sha256("x")


def test_rows_read_are_rows_used_and_rows_skipped(tmp_path: Path) -> None:
    node = NodeFact("Place", "place:quay", {"name": "Quay"})
    rows = [Row("rows", 1, (node,)), Row("rows", 2, skipped="no time"), Row("more", 1, (node, node))]
    account = Account()
    assert list(account_for(rows, FoundFiles({}, {}, {}), account)) == rows
    assert (account.read, account.used, account.skipped) == (3, 2, {"no time": 1})
    assert account.facts == {"Place": 3}
    assert summary_of_rows(3, 2, {"no time": 1}) == "3 rows read = 2 used + 1 skipped (no time 1)"


@pytest.mark.parametrize("numbers", [(2,), (1, 3), (1, 1)])
def test_a_parser_that_loses_or_repeats_a_row_is_caught(numbers: tuple[int, ...]) -> None:
    rows = [Row("rows", number) for number in numbers]
    with pytest.raises(BadInput, match="the parser lost or repeated rows"):
        list(account_for(rows, FoundFiles({}, {}, {}), Account()))


def test_a_published_file_with_another_number_of_rows_fails(tmp_path: Path) -> None:
    files = FoundFiles({"rows": tmp_path / "rows.csv"}, {}, {"rows": 2})
    with pytest.raises(BadInput, match=r"has not the 2 rows it is known to have, 1"):
        list(account_for([Row("rows", 1)], files, Account()))


@pytest.mark.parametrize("rows", [[], [Row("rows", 1, skipped="no time")]])
def test_files_that_say_nothing_do_not_empty_a_dataset(tmp_path: Path, rows: list[Row]) -> None:
    with pytest.raises(BadInput, match=f"has no row that says anything, '{len(rows)} rows read = 0 used"):
        list(account_for(rows, FoundFiles({"rows": tmp_path}, {}, {}), Account()))


def test_rejects_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for place in (tmp_path, tmp_path / "file" / "rejects.csv"):
        with Rejects(place) as reject, pytest.raises(BadInput, match="rejects: cannot be written"):
            reject(Row("rows", 1, skipped="no time"))


def test_rejects_are_a_table_that_no_spreadsheet_calculates(tmp_path: Path) -> None:
    path = tmp_path / "new" / "rejects.csv"
    with Rejects(path) as reject:
        assert not path.parent.exists()
        reject(Row("rows", 7, skipped="no time", detail='=HYPERLINK("a","b")'))
        reject(Row("rows", 8, skipped="no time", detail=" @x,\n\ud800"))
    with path.open(encoding="utf-8-sig", newline="") as opened:
        assert list(csv.reader(opened)) == [
            ["file", "row", "reason", "detail"],
            ["rows", "7", "no time", '\'=HYPERLINK("a","b")'],
            ["rows", "8", "no time", "' @x,\n\\ud800"],
        ]


SAMPLE = (mission(twitter="PortElm_NO"), mission(QID="", twitter="=cmd|' /C calc'!A0"), mission(QID=""))


def test_a_dry_run_accounts_for_every_row_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KB_DATA", str(tmp_path / "data"))
    # No store is needed: a wrong address of one is no hindrance.
    monkeypatch.setenv("NEO4J_URI", "not an address")
    arguments = ["run", "embassies", "--dry-run", "--from", str(write(tmp_path / "newer.csv", *SAMPLE))]
    assert main(arguments) == 1
    assert "--unverified" in capsys.readouterr().err
    assert main([*arguments, "--unverified"]) == 0
    told = capsys.readouterr().out
    assert "embassies: 3 rows read = 1 used + 2 skipped (no QID 2)\n" in told
    assert "newer.csv is not the published file" in told
    assert "  missions:2: no QID\n" in told
    assert not (tmp_path / "data").exists()
    assert main([*arguments, "--unverified", "--rejects", str(tmp_path / "rejects.csv")]) == 0
    assert (tmp_path / "rejects.csv").read_text("utf-8-sig").splitlines()[1:] == [
        "missions,2,no QID,", "missions,3,no QID,"
    ]  # fmt: skip


async def test_a_dataset_is_loaded_listed_and_not_sent_again(
    migrated: Store, settings: Settings, environ: dict[str, str], tmp_path: Path
) -> None:
    path = write(tmp_path / "newer.csv", *SAMPLE)
    told: list[str] = []
    options = Options(told.append, rejects=tmp_path / "rejects.csv", unverified=True)
    report = await run_dataset("embassies", path, settings, options, now="2026-01-01T00:00:00Z")
    assert (report.read, report.used, report.skipped) == (3, 1, {"no QID": 2})
    assert told[1].startswith("embassies: 3 rows read = 1 used + 2 skipped (no QID 2); ")
    assert told[2] == f"embassies: the 2 rows that were skipped are in {tmp_path / 'rejects.csv'}"
    again = await run_dataset("embassies", path, settings, options, now="2026-01-02T00:00:00Z")
    assert again.unchanged
    assert told[-1] == "embassies: unchanged: these files are what is loaded; 0 rows sent"
    listed = await asyncio.to_thread(run_loaders, "list", environ=environ)
    assert "  loaded 2026-01-01T00:00:00Z, 1 of 3 rows used\n" in listed.stdout
    write(path, *SAMPLE, mission(QID="http://www.wikidata.org/entity/Q990000004"))
    more = await run_dataset("embassies", path, settings, options, now="2026-01-03T00:00:00Z")
    assert (more.read, more.used, more.removed) == (4, 2, 0)
    write(path, SAMPLE[0])
    fewer = await run_dataset("embassies", path, settings, options, now="2026-01-04T00:00:00Z")
    assert fewer.removed > 0
    kept = "MATCH (e:Embassy) RETURN collect(e.id) AS ids"
    assert await migrated.read(kept) == [[["wikidata:Q990000002"]]]


async def test_the_shipped_case_loads_beside_a_dataset_that_has_its_platform(
    migrated: Store, settings: Settings, tmp_path: Path
) -> None:
    path = write(tmp_path / "missions.csv", SAMPLE[0])
    options = Options(lambda _line: None, unverified=True)
    await run_dataset("embassies", path, settings, options, now="2026-01-01T00:00:00Z")
    await run_cases(
        [ROOT / "loaders" / "xinjiang_2021"], settings, now="2026-01-02T00:00:00Z", tell=lambda _line: None
    )
    platform = "MATCH (c:Channel {id: 'platform:twitter'}) RETURN c.sources AS sources"
    assert await migrated.read(platform) == [[["embassies", "xinjiang_2021"]]]


def test_options_that_do_not_fit_what_is_run_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = str(write_case(tmp_path / "small"))
    assert main(["run", case, "--dry-run", "--from", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert "--from: is for datasets" in told
    assert "--dry-run: is for datasets" in told
    assert main(["run", "embassys"]) == 1
    assert "is no folder of a case and no dataset, 'embassys', datasets are " in capsys.readouterr().err
    assert main(["run", "embassies", "diplomat_accounts", "--from", str(tmp_path)]) == 1
    assert "--from: is for one dataset" in capsys.readouterr().err


def test_list_tells_who_published_what_and_how_many_rows_it_has(tmp_path: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("NEO4J_")}
    listed = run_loaders("list", environ={**environ, "KB_DATA": str(tmp_path / "data")})
    assert (listed.returncode, listed.stderr) == (0, "")
    assert not (tmp_path / "data").exists()
    for name in find_datasets():
        source = get_source(name)
        assert f"{name}: {source.title}; {source.expected_rows:,} rows in " in listed.stdout
        assert f"{source.publisher}; licence: {source.licence}" in listed.stdout


def test_a_dataset_is_written_for_the_import_tool_without_a_store(tmp_path: Path) -> None:
    source = write(tmp_path / "embassies.csv", mission())
    out = tmp_path / "out"
    command = ["export-bulk", "embassies", "--from", str(source), "--out", str(out), "--unverified"]
    environ = {**os.environ, "KB_DATA": str(tmp_path / "kb"), "NEO4J_URI": "not an address"}
    done = run_loaders(*command, environ=environ)
    assert done.returncode == 0, done.stderr
    assert "1 rows read = 1 used" in done.stdout
    assert "neo4j-admin database import full neo4j @import.args" in done.stdout
    assert "--nodes=Entity:Embassy=nodes-Entity-Embassy.csv" in (out / "import.args").read_text("utf-8")
    again = run_loaders(*command, environ=environ)
    assert (again.returncode, "is there already" in again.stderr) == (1, True)
    wrong = run_loaders("export-bulk", "embasies", "--out", str(out), environ=environ)
    assert (wrong.returncode, "datasets are" in wrong.stderr) == (1, True)
