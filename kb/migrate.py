"""Numbered migrations: each file of schema/migrations is applied once, in order, and recorded in the graph."""

import hashlib
from pathlib import Path
from typing import Final, LiteralString, NamedTuple

from kb.errors import KbError
from kb.store import Store, Transaction, literal

FOLDER: Final = Path(__file__).parent.parent / "schema" / "migrations"

_APPLIED: LiteralString = "MATCH (m:Migration) RETURN m.id AS id, m.sha256 AS sha256 ORDER BY id"
_RECORD: LiteralString = "MERGE (m:Migration {id: $id}) SET m.sha256 = $sha256, m.at = $now"


class MigrationFile(NamedTuple):
    """One file: its name without the ending, its statements, and the hash of its text."""

    id: str
    statements: tuple[str, ...]
    sha256: str


def read_migrations(folder: Path = FOLDER) -> list[MigrationFile]:
    """The migration files in the order of their numbers. A statement ends with a semicolon at the end of a line."""
    found = []
    for path in sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.cypher")):
        # Line endings differ with the checkout; the hash must not.
        text = path.read_text("utf-8").replace("\r\n", "\n")
        lines = [line for line in text.split("\n") if not line.lstrip().startswith("//")]
        statements = tuple(part.strip() for part in "\n".join(lines).split(";\n") if part.strip())
        found.append(MigrationFile(path.stem, statements, hashlib.sha256(text.encode()).hexdigest()))
    return found


async def find_pending(store: Store, files: list[MigrationFile] | None = None) -> list[MigrationFile]:
    """The migrations that are still to be applied; raises KbError when an applied one has been edited since."""
    applied: dict[str, str] = {row[0]: row[1] for row in await store.read(_APPLIED)}
    pending = []
    for file in read_migrations() if files is None else files:
        if file.id not in applied:
            pending.append(file)
        elif applied[file.id] != file.sha256:
            raise KbError(
                f"migration {file.id} was edited after it had been applied; restore the file and write a new migration"
            )
    return pending


async def migrate(store: Store, now: str, files: list[MigrationFile] | None = None) -> list[str]:
    """Applies what is pending, in order; returns the ids applied. Each is recorded once all its statements are through.

    Statements say IF NOT EXISTS or are otherwise repeatable, so one that was interrupted is run again from its start.
    """
    pending = await find_pending(store, files)
    for file in pending:
        for statement in file.statements:
            await store.ddl(literal(statement))

        async def record(transaction: Transaction, file: MigrationFile = file) -> None:
            await transaction.run(_RECORD, {"id": file.id, "sha256": file.sha256, "now": now})

        await store.write(record)
    return [file.id for file in pending]
