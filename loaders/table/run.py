"""Loads a table by its mapping, with the account of its rows that every dataset has."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kb.bulk.facts import Row
from kb.bulk.load import LoadReport
from kb.config import Settings
from kb.errors import BadInput, Problem
from kb.migrate import migrate
from kb.store import STARTING_WAIT_S, open_store
from loaders.case.nearest import Nearest, suggestion
from loaders.contract import Source, SourceFile
from loaders.fetch import hash_file
from loaders.progress import make_progress
from loaders.registry import find_datasets, fingerprint
from loaders.rejects import Rejects
from loaders.run_dataset import (
    SHOWN_REJECTS,
    TOLD_EVERY_ROWS,
    Account,
    FoundFiles,
    Options,
    account_for,
    save_rows,
    summary_of_rows,
    tell_rejects,
)
from loaders.table.files import SAMPLE_ROWS, Written, look_at
from loaders.table.mapping import Mapping, ReadMapping, read_mapping
from loaders.table.parse import parse_table

# Of a table with more columns only some are named.
SHOWN_COLUMNS = 40


class Table(NamedTuple):
    """A table that fits its mapping."""

    mapping: Mapping
    path: Path
    written: Written
    unread: tuple[str, ...]
    """The columns that the mapping does not name."""

    def rows(self, account: Account) -> Iterator[Row]:
        """Every row, counted in `account`; raises BadInput when the file breaks off or says nothing."""
        files = FoundFiles({self.path.name: self.path}, {}, {})
        return account_for(parse_table(self.path, self.written, self.mapping), files, account)


def open_table(mapping_path: Path, path: Path) -> Table:
    """The table and how it is written; raises BadInput with every column that the mapping names in vain."""
    read = read_mapping(mapping_path)
    if read.mapping.dataset in find_datasets():
        problem = Problem(
            str(mapping_path), "dataset is that of a loader", read.mapping.dataset, "choose another"
        )
        raise BadInput([problem])
    written = look_at(path, read.mapping.file, read.columns)
    if "encoding" in written.guessed:
        remedy = (
            f"look at some words of it, and add `file: {{encoding: {written.encoding}}}` if they are right"
        )
        problem = Problem(
            str(path), "is no UTF-8 and does not say its encoding, perhaps", written.encoding, remedy
        )
        raise BadInput([problem])
    _check_columns(read, path, written)
    unread = tuple(name for name in written.columns if name not in read.columns)
    return Table(read.mapping, path, written, unread)


def _check_columns(read: ReadMapping, path: Path, written: Written) -> None:
    near = Nearest(written.columns, most=None)
    shown = (name if name.isprintable() else ascii(name) for name in written.columns[:SHOWN_COLUMNS])
    have = ", ".join(shown) + (", ..." if len(written.columns) > SHOWN_COLUMNS else "")
    where = (
        f"the first {SAMPLE_ROWS:,} rows of {path.name} have"
        if written.format == "jsonl"
        else f"{path.name} has"
    )
    problems = [
        Problem(
            f"{read.path}:{line}",
            f"names a column that {path.name} has not",
            column,
            f"{suggestion(near.find(column))}{where} {have}",
        )
        for column, line in sorted(read.columns.items(), key=lambda entry: entry[1])
        if column not in written.columns
    ]
    if problems:
        raise BadInput(problems)


def try_table(mapping: Path, path: Path, options: Options) -> Account:
    """Reads every row and accounts for it; needs no store and writes nothing but rejects, when asked."""
    table, account = open_table(mapping, path), Account()
    _tell_table(table, options)
    name = table.mapping.dataset
    with make_progress(name) as progress, Rejects(options.rejects, show=SHOWN_REJECTS) as reject:
        for row in table.rows(account):
            if row.skipped is not None:
                reject(row)
            if account.read % TOLD_EVERY_ROWS == 0:
                progress("reading", account.read, None)
    options.tell(f"{name}: {summary_of_rows(account.read, account.used, account.skipped)}")
    facts = ", ".join(f"{number:,} {kind}" for kind, number in sorted(account.facts.items()))
    options.tell(f"{name}: nothing was written; the rows show {facts}")
    tell_rejects(name, reject, options.tell)
    return account


async def run_table(
    mapping: Path, path: Path, settings: Settings, options: Options, *, now: str
) -> LoadReport:
    """Loads the table: afterwards the store holds what its rows say, and no more of an earlier load of its dataset.

    Raises BadInput before anything is written when table and mapping do not fit, and what `load_dataset` raises.
    """
    table = open_table(mapping, path)
    _tell_table(table, options)
    said = table.mapping
    sha256 = hash_file(path)
    parts = [fingerprint("table"), said.model_dump_json(), path.name, sha256]
    source = Source(
        said.dataset,
        said.title,
        said.publisher,
        said.licence,
        said.title,
        (SourceFile("table", path.name, sha256, 0),),
    )
    async with open_store(settings, wait_s=STARTING_WAIT_S) as store:
        await migrate(store, now)
        return await save_rows(
            store,
            settings,
            source,
            lambda: table.rows(Account()),
            content_sha256=hashlib.sha256("\n".join(parts).encode()).hexdigest(),
            total_rows=None,
            now=now,
            options=options,
        )


def _tell_table(table: Table, options: Options) -> None:
    how = [table.written.format, table.written.encoding, table.written.compression]
    if table.written.delimiter:
        how.append(f"cells separated by {table.written.delimiter!r}")
    options.tell(f"{table.path.name}: {', '.join(part for part in how if part not in ('', 'none'))}")
    if table.unread:
        options.tell(f"{table.path.name}: not read are the columns {', '.join(table.unread)}")
