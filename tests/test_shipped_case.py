"""The shipped cases on both engines: what is promised of them, with the two articles held where they are there."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kb.checks import run_checks
from kb.config import Settings
from kb.documents import HeldDocuments, span_sha256
from kb.fill import check_spans, fill_passages
from kb.store import Store
from loaders.run import run_cases

ROOT = Path(__file__).parent.parent
CASES = (ROOT / "loaders" / "xinjiang_2021", ROOT / "loaders" / "teaching_case")
SHARED = ROOT.parent / "shared"
NOW = "2026-11-22T00:00:00Z"
needs_articles = pytest.mark.skipif(
    not (SHARED / "seeds").is_dir(),
    reason="the two articles are not beside the project: nothing was compared with them",
)


@pytest.fixture(scope="module")
async def loaded(migrated_module: Store, settings: Settings) -> Store:
    await run_cases(CASES, settings, now=NOW, tell=lambda line: None)
    return migrated_module


async def test_all_of_the_shipped_case_is_there(loaded: Store) -> None:
    count = """
MATCH (c:Claim {case: 'xinjiang_2021'}) WITH count(c) AS claims
MATCH (g:Reading {case: 'xinjiang_2021'}) RETURN claims, count(g) AS readings"""
    assert await loaded.read(count) == [[103, 22]]


async def test_no_standing_check_finds_a_row(loaded: Store, settings: Settings) -> None:
    assert {r.name: r.rows for r in await run_checks(loaded, HeldDocuments(settings.data)) if r.count} == {}


async def test_the_headline_stands_on_the_edge_with_hedge_and_voice(loaded: Store) -> None:
    edges = """
MATCH (a:Entity)-[r:AMPLIFIED {basis: 'reported'}]->(b:Entity) WHERE r.count IS NOT NULL AND r.claim STARTS WITH 'xinj'
RETURN a.name AS a, b.name AS b, r.count AS count, r.count_max AS max, r.channel AS channel, r.said_by AS said_by,
  r.origins AS origins, r.modality AS modality ORDER BY a"""
    state, zhang = await loaded.read(edges)
    assert state[2] == "at least 546 posts"
    assert (zhang[0], zhang[2]) == ("Zhang Heqing", "at least 56 times")
    for row in (state, zhang):
        assert row[3:] == [None, None, ["work:aspi-report"], 1, "asserted"]


async def test_words_stand_in_place_in_the_teaching_case(loaded: Store) -> None:
    spans = """
MATCH (p:Passage {case: 'teaching_case'}) RETURN p.exact AS exact, p.span_sha256 AS span_sha256"""
    rows = await loaded.read(spans)
    assert len(rows) > 40
    assert all(span_sha256(exact) == span for exact, span in rows)


async def test_a_second_run_of_both_changes_nothing(loaded: Store, settings: Settings) -> None:
    nodes = "MATCH (n) RETURN count(n) AS nodes"
    before = await loaded.read(nodes)
    reports = await run_cases(CASES, settings, now="2026-12-01T00:00:00Z", tell=lambda line: None)
    assert [report.rows_changed for report in reports] == [0, 0]
    assert await loaded.read(nodes) == before


def run_loader(environ: dict[str, str]) -> str:
    command = [sys.executable, "-m", "loaders", "run", *(str(case) for case in CASES)]
    return subprocess.run(command, env=environ, cwd=ROOT, text=True, capture_output=True, check=True).stdout


async def test_the_command_says_so_too(loaded: Store, environ: dict[str, str]) -> None:
    assert run_loader(environ).splitlines() == [f"{case.name}: unchanged, 0 rows changed" for case in CASES]


@needs_articles
async def test_with_the_articles_held_every_passage_shows_its_exact_words(
    loaded: Store, tmp_path: Path
) -> None:
    held = HeldDocuments(tmp_path)
    for article in sorted((SHARED / "seeds").glob("*.txt")):
        file = held.hold(article)
        await check_spans(loaded, file)
        await fill_passages(loaded, file)
    spans = """
MATCH (c:Claim {case: 'xinjiang_2021'})-[:SHOWN_IN]->(p:Passage)-[:PART_OF]->(d:Document)
RETURN c.id AS claim, d.id AS document, p.start AS start, p.exact AS exact ORDER BY claim, document, start"""
    found = {tuple(row) for row in await loaded.read(spans)}
    claims = json.loads((SHARED / "case" / "claims.json").read_text("utf-8"))["claims"]
    wanted = {
        (f"xinjiang_2021/{claim['id']}", f"xinjiang_2021/doc:{shown['doc']}", shown["start"], shown["exact"])
        for claim in claims
        for shown in claim["evidence"]
    }
    assert found == wanted
    assert (
        await loaded.read("MATCH (p:Passage {case: 'xinjiang_2021'}) WHERE p.exact IS NULL RETURN p.id AS id")
        == []
    )
    broken = [row for check in await run_checks(loaded, held) for row in check.rows if "xinjiang" in str(row)]
    assert broken == []
