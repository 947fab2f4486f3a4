"""Migrations: applied once, in order, recorded, and never edited later."""

from pathlib import Path

import pytest

from kb.constraints import make_schema_statements
from kb.errors import KbError
from kb.migrate import find_pending, migrate, read_migrations
from kb.store import Store

NOW = "2024-01-01T00:00:00Z"


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
