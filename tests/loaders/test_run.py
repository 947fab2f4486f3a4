"""Cases are checked and loaded from the command line, whole or not at all."""

import os
import shutil
from pathlib import Path

import pytest

from kb.config import Settings
from kb.documents import HeldDocuments
from kb.errors import BadInput
from kb.store import Store
from loaders.run import read_cases, run_cases, save_read_case, summary_of
from tests.loaders.small_case import ROOT, SMALL, changed, run_loaders, write_case

NOW = "2026-11-22T12:00:00Z"
LATER = "2026-11-23T12:00:00Z"
SHIPPED = ("loaders/xinjiang_2021", "loaders/teaching_case")


def be_quiet(_line: str) -> None:
    pass


def local(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "KB_DATA": str(tmp_path / "data"), "NEO4J_URI": "not an address"}


def test_check_says_what_a_good_case_has_and_writes_nothing(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "small")
    checked = run_loaders("check", str(folder), environ=local(tmp_path))
    assert checked.stdout.splitlines()[-2:] == [
        f"{folder}: 2 documents, 8 entities, 4 claims, 1 readings, 2 holders, 1 interactions",
        "0 problems",
    ]
    assert (checked.returncode, checked.stderr) == (0, "")
    assert not (tmp_path / "data").exists()


def test_check_tells_the_problems_of_every_case(tmp_path: Path) -> None:
    first = write_case(tmp_path / "a", changed("verb: DENIED", "verb: DENYED"))
    second = write_case(tmp_path / "b", changed("country: NO", "country: Norway"))
    checked = run_loaders("check", str(first), str(second), str(tmp_path / "none"), environ=local(tmp_path))
    assert checked.returncode == 1
    lines = checked.stdout.splitlines()
    assert [line.split(":")[0] for line in lines[:3]] == [
        f"{first}/case.yaml", f"{second}/case.yaml", f"{tmp_path}/none"
    ]  # fmt: skip
    assert lines[3:] == ["3 problems"]


def test_the_shipped_cases_have_no_problem(tmp_path: Path) -> None:
    checked = run_loaders("check", *SHIPPED, environ=local(tmp_path))
    assert checked.stdout.splitlines()[-1] == "0 problems"
    assert checked.returncode == 0


@pytest.mark.parametrize(
    "arguments", [(), ("check",), ("run",), ("load", "x"), ("locate", "x"), ("check", "--fast", "x")]
)
def test_arguments_that_do_not_fit_are_a_usage_error(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ran = run_loaders(*arguments, environ=local(tmp_path))
    assert ran.returncode == 2
    assert "Traceback" not in ran.stderr


def test_a_wrong_setting_is_told_without_a_traceback(tmp_path: Path) -> None:
    ran = run_loaders("run", str(write_case(tmp_path / "small")), environ=local(tmp_path))
    assert ran.returncode == 1
    assert "NEO4J_URI: 'not an address' is not an address" in ran.stderr
    assert "Traceback" not in ran.stderr


async def test_a_second_run_changes_nothing(store: Store, settings: Settings, tmp_path: Path) -> None:
    folder = write_case(tmp_path / "small")
    told: list[str] = []
    first = await run_cases([folder], settings, now=NOW, tell=told.append)
    rows = await store.read("MATCH (n) RETURN count(n) AS n")
    second = await run_cases([folder], settings, now=LATER, tell=told.append)
    assert first[0].rows_changed > 20
    assert second[0].rows_changed == 0
    assert told[1] == "small: unchanged, 0 rows changed"
    assert await store.read("MATCH (n) RETURN count(n) AS n") == rows


async def test_a_claim_that_left_the_file_is_closed_and_its_edge_is_gone(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    await run_cases([write_case(tmp_path / "small")], settings, now=NOW, tell=be_quiet)
    edges = "MATCH ()-[r:AMPLIFIED {basis: 'reported'}]->() RETURN count(r) AS edges"
    assert await store.read(edges) == [[1]]
    text = SMALL[: SMALL.index("- id: C1\n")] + SMALL[SMALL.index("- id: C2\n") :]
    text = changed("  what: C1\n", "  object_text: it\n", text)
    text = changed("  replies_to: C1\n  disputes:\n  - {claim: C1, level: direct}\n", "", text)
    await run_cases([write_case(tmp_path / "small", text)], settings, now=LATER, tell=be_quiet)
    assert await store.read(edges) == [[0]]
    closed = "MATCH (c:Claim {id: 'small/C1'}) RETURN c.status AS status, c.known_to AS known_to"
    assert await store.read(closed) == [["withdrawn", LATER]]


async def test_nothing_is_loaded_when_one_case_has_a_problem(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    good = write_case(tmp_path / "good")
    bad = write_case(tmp_path / "bad", changed("country: NO", "country: Norway"))
    with pytest.raises(BadInput, match="Norway"):
        await run_cases([good, bad], settings, now=NOW, tell=be_quiet)
    assert await store.read("MATCH (n) RETURN count(n) AS n") == [[0]]


async def test_a_conflict_with_another_case_is_told_at_its_line(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    other = write_case(tmp_path / "other", changed("  id: small\n", "  id: other\n"))
    with pytest.raises(BadInput) as refused:
        await run_cases([write_case(tmp_path / "small"), other], settings, now=NOW, tell=be_quiet)
    line = SMALL[: SMALL.index("- id: per:ada-vale")].count("\n") + 1
    assert f"{other}/case.yaml:{line}" in [problem.where for problem in refused.value.problems]
    assert await store.read("MATCH (k:Case) RETURN k.id AS id") == [["small"]]


async def test_shipped_documents_are_held_and_their_words_shown(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    await run_cases([write_case(tmp_path / "small")], settings, now=NOW, tell=be_quiet)
    shown = "MATCH (:Claim {id: 'small/C3'})-[:SHOWN_IN]->(p:Passage) RETURN p.exact AS exact"
    assert await store.read(shown) == [["who films ferries"]]


def test_two_cases_of_one_id_are_refused(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "small")
    shutil.copytree(folder, tmp_path / "copy")
    with pytest.raises(BadInput, match="two cases have one id, 'small'"):
        read_cases([folder, tmp_path / "copy"], HeldDocuments(tmp_path / "data"))


async def test_the_command_loads_the_shipped_cases_once(
    store: Store, environ: dict[str, str], settings: Settings
) -> None:
    first = run_loaders("run", *SHIPPED, environ=environ)
    assert first.returncode == 0, first.stderr
    assert first.stdout.startswith("xinjiang_2021: loaded, ")
    again = run_loaders("run", *SHIPPED, environ=environ)
    assert (
        again.stdout == "xinjiang_2021: unchanged, 0 rows changed\nteaching_case: unchanged, 0 rows changed\n"
    )
    assert again.stderr == ""
    (read, _) = read_cases([ROOT / name for name in SHIPPED], HeldDocuments(settings.data))
    report = await save_read_case(store, read, held=HeldDocuments(settings.data), now=LATER)
    assert summary_of(report) == "unchanged, 0 rows changed"
