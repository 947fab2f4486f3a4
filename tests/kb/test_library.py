"""The questions by name: every one is planned and run, gives the rows of the API, and says what it cannot take."""

from pathlib import Path
from typing import Any

import pytest
from neo4j import AsyncGraphDatabase

from kb import library
from kb.__main__ import main
from kb.config import Settings
from kb.library import LIBRARY, run, show
from kb.questions import FIELDS
from kb.questions.arguments import BadArgument
from kb.select import compose
from kb.store import Store
from loaders.run import run_cases

ROOT = Path(__file__).parent.parent.parent
CASES = (ROOT / "loaders" / "xinjiang_2021", ROOT / "loaders" / "teaching_case")
#: What each question is asked with that needs something, or that would find nothing else.
ASKED: dict[str, dict[str, str]] = {
    "amplifications": {"amplifier": "per:zhang-heqing"},
    "amplifiers": {"groupBy": "amplifier,channel", "orderBy": "reported"},
    "claims": {"verb": "AMPLIFIED", "modality": "asserted,possible", "first": "3"},
    "claim": {"id": "xinjiang_2021/C038"},
    "entities": {"search": "Zhang"},
    "entity": {"id": "per:zhang-heqing"},
    "document": {"id": "xinjiang_2021/doc:000"},
    "timeline": {"id": "per:ilsa-vorrin"},
    "neighbourhood": {"id": "per:zhang-heqing"},
    "paths": {"from": "per:zhang-heqing", "to": "org:china-embassy-islamabad"},
}


@pytest.fixture(scope="module")
async def loaded(migrated_module: Store, settings: Settings) -> Store:
    await run_cases(CASES, settings, now="2026-11-22T00:00:00Z", tell=lambda line: None)
    return migrated_module


@pytest.mark.parametrize("name", sorted(LIBRARY))
async def test_each_question_finds_what_its_shown_cypher_finds(loaded: Store, name: str) -> None:
    rows, total = await run(loaded, name, ASKED.get(name, {}))
    assert rows
    assert total >= len(rows)
    keys, shown = await loaded.read_table(show(name, ASKED.get(name, {})))
    assert len(shown) == len(rows)
    if "id" in keys:
        assert [row["id"] for row in rows] == [row[keys.index("id")] for row in shown]


@pytest.mark.parametrize("name", sorted(LIBRARY))
async def test_neo4j_plans_what_is_sent(neo4j_settings: Settings, loaded: Store, name: str) -> None:
    if loaded.engine.name != "Neo4j":
        pytest.skip("the embedded engine has no plan to look at; it runs all of them above")
    sent = compose(FIELDS, library._make_pick(name, ASKED.get(name, {})), searched=False)
    login = (neo4j_settings.neo4j_user, neo4j_settings.neo4j_password)
    assert neo4j_settings.neo4j_uri is not None
    async with AsyncGraphDatabase.driver(neo4j_settings.neo4j_uri, auth=login) as driver:
        explained: Any = "EXPLAIN " + sent.text
        _, summary, _ = await driver.execute_query(explained, sent.parameters)
        assert summary.plan is not None


async def test_the_count_keeps_its_hedge_and_silence_is_said(loaded: Store) -> None:
    (row,), total = await run(loaded, "amplifications", ASKED["amplifications"])
    assert total == 1
    told = {column: library.tell(column, value) for column, value in row.items()}
    assert told["count"] == "at least 56 times"
    assert told["channel"] == "not stated"
    assert told["when"] == "not stated"
    assert told["saidBy"] == "Borrowing mouths to speak on Xinjiang"
    assert told["replies"] == "none recorded"
    assert (row["documents"], row["independentOrigins"]) == (2, 1)


async def test_the_page_has_as_many_rows_as_asked_for_and_says_how_many_there_are(loaded: Store) -> None:
    rows, total = await run(loaded, "claims", {"verb": "AMPLIFIED", "first": "2"})
    assert len(rows) == 2
    assert total > 2


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("nothing", {}, "is no question; write one of amplifications, "),
        ("claim", {}, "is missing; write id="),
        ("claim", {"id": "C038"}, "cannot be the id of a claim; write for example xinjiang_2021/C038"),
        ("claim", {"number": "3"}, "is no argument of claim; it has id"),
        ("tours", {"country": "CN"}, "is no argument of tours; it has first"),
        ("claims", {"first": "1001"}, "is out of range; write 1 to 1,000"),
        ("claims", {"first": "many"}, "is not a whole number"),
        ("claims", {"verb": "AMPLIFY"}, "is none of"),
        ("paths", {"from": "per:zhang-heqing"}, "is missing; write to="),
        ("amplifiers", {"groupBy": "colour"}, "is none of"),
    ],
)
def test_what_cannot_be_asked_is_said(name: str, given: dict[str, str], words: str) -> None:
    with pytest.raises(BadArgument) as caught:
        show(name, given)
    assert words in str(caught.value)


def test_list_and_show_need_no_store(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["cypher", "--list"]) == 0
    assert "paths: how two entities are linked" in capsys.readouterr().out
    assert main(["cypher", "--show", "claim", "id=xinjiang_2021/C038"]) == 0
    assert "MATCH (n1:Claim {id: 'xinjiang_2021/C038'})" in capsys.readouterr().out
    assert main(["cypher", "--show", "claim", "id"]) == 1
    assert "write name=value" in capsys.readouterr().err
    assert main(["cypher"]) == 1
    assert "put the Cypher in quotes" in capsys.readouterr().err
