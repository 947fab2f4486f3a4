"""Migrations: applied once, in order, recorded, and never edited later."""

from pathlib import Path

import pytest

from kb.checks import run_checks
from kb.constraints import make_schema_statements
from kb.documents import HeldDocuments
from kb.errors import KbError
from kb.migrate import find_pending, migrate, read_migrations
from kb.store import Store
from tests.kb.harbour_case import HARBOUR, load, make_case, shown

NOW = "2024-01-01T00:00:00Z"
CAPTIONS = """
MATCH (n) WHERE n:Claim OR n:Passage OR n:Reading OR n:Name OR n:Run
RETURN labels(n)[0] AS kind, n.id AS id, n.label AS caption ORDER BY kind, id"""


def test_every_key_and_index_of_the_catalog_is_made_by_some_migration() -> None:
    written = {statement for file in read_migrations() for statement in file.statements}
    assert set(make_schema_statements()) <= written


async def test_a_migration_is_applied_once_and_recorded(store: Store) -> None:
    files = read_migrations()
    assert await migrate(store, NOW) == [file.id for file in files]
    assert await migrate(store, NOW) == []
    recorded = "MATCH (m:Migration) RETURN m.id AS id, m.sha256 AS sha256, m.at AS at ORDER BY id"
    assert await store.read(recorded) == [[file.id, file.sha256, NOW] for file in files]


async def test_the_keys_are_enforced(store: Store) -> None:
    await migrate(store, NOW)
    await store.write(lambda transaction: transaction.run("CREATE (:Claim {id: 'c'})"))
    with pytest.raises(KbError):
        await store.write(lambda transaction: transaction.run("CREATE (:Claim {id: 'c'})"))


async def test_an_applied_migration_that_was_edited_is_refused(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "0001_first.cypher"
    file.write_text("// One index.\nCREATE INDEX a IF NOT EXISTS FOR (n:Place) ON (n.name);\n")
    await migrate(store, NOW, read_migrations(tmp_path))
    file.write_text(file.read_text() + "CREATE INDEX b IF NOT EXISTS FOR (n:Place) ON (n.country);\n")
    with pytest.raises(KbError, match="0001_first was edited after it had been applied"):
        await find_pending(store, read_migrations(tmp_path))


def test_line_ends_of_the_checkout_do_not_change_the_hash(tmp_path: Path) -> None:
    file = tmp_path / "0001_first.cypher"
    file.write_bytes(b"// a\nRETURN 1;\n")
    (unix,) = read_migrations(tmp_path)
    file.write_bytes(b"// a\r\nRETURN 1;\r\n")
    assert read_migrations(tmp_path) == [unix]
    assert unix.statements == ("RETURN 1",)


async def test_a_graph_of_before_gets_the_captions_that_a_load_writes(store: Store, tmp_path: Path) -> None:
    at = {key: value for key, value in shown("gazette").items() if key != "attribution"}
    readings = [{"id": "G01", "at": at, "reading": "Gazette", "basis": "the spelling elsewhere"}]
    # Voices of each sort: a report with its publisher, one whose name is cut, two, one in small letters.
    names = {
        "doc:gazette": "the gazette of the northern quays of the town",
        "org:quay": "Quay Institute of Ferries",
    }
    renamed = {
        part: [{**entry, "name": names.get(entry["id"], entry["name"])} for entry in HARBOUR[part]]
        for part in ("documents", "entities")
    }
    # Whole, cut between words, cut before a long one; and each time the version before, which is closed.
    for day, text in enumerate(("It sank.", "It sank. " * 30, "x" * 300), 1):
        claims = [{**claim, "text": text} for claim in HARBOUR["claims"]]
        case = make_case(claims=claims, readings=readings, **renamed)
        await load(store, HeldDocuments(tmp_path), case, f"2025-01-0{day}T00:00:00Z")
    written = await store.read(CAPTIONS)
    assert {kind for kind, *_ in written} == {"Claim", "Passage", "Reading", "Name", "Run"}
    assert all(caption for *_, caption in written)

    await store.write(lambda transaction: transaction.run("MATCH (n) REMOVE n.label"))
    await store.write(
        lambda transaction: transaction.run("MATCH (m:Migration {id: '0010_captions'}) DELETE m")
    )
    assert await migrate(store, NOW) == ["0010_captions"]
    assert await store.read(CAPTIONS) == written
    assert [result for result in await run_checks(store) if result.count] == []
