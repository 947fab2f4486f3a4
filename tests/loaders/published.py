"""The published files of datasets, where this machine has them: they are never part of the repository."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.bulk.facts import LinkFact, NodeFact, Row
from loaders.registry import get_parser, get_source
from loaders.run_dataset import Account, FoundFiles, account_for, find_files
from tests.loaders.small_case import ROOT

DATA = ROOT.parent / "shared" / "data"


def published(name: str, folder: str) -> FoundFiles:
    """The files of a dataset, checked by their hashes; skips when they are not here."""
    place = DATA / folder
    if not place.is_dir():
        pytest.skip(
            f"the published files of {name} are not at {place}; python -m loaders run {name} fetches them"
        )
    return find_files(get_source(name), place, unverified=False, downloads=place, progress=lambda *_: None)


def read_published(name: str, folder: str) -> tuple[list[Row], Account]:
    """Every row of a dataset as it is published, accounted for."""
    files, account = published(name, folder), Account()
    return list(account_for(get_parser(name)(files.paths), files, account)), account


def read_raw(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """The rows of a file by Python's csv module alone: an independent reading to compare with."""
    with path.open(encoding="utf-8-sig", newline="") as opened:
        header, *rows = csv.reader(opened, delimiter=delimiter)
        return [dict(zip([name.strip() for name in header], row, strict=False)) for row in rows]


def nodes(rows: list[Row], kind: str) -> dict[str, NodeFact]:
    """The entities of a type by id, as the first row that shows one has it."""
    found: dict[str, NodeFact] = {}
    for fact in facts(rows):
        if isinstance(fact, NodeFact) and fact.type == kind:
            found.setdefault(fact.id, fact)
    return found


def links(rows: list[Row], kind: str) -> list[LinkFact]:
    """The relationships of a type."""
    return [fact for fact in facts(rows) if isinstance(fact, LinkFact) and fact.type == kind]


def facts(rows: list[Row]) -> Iterator[NodeFact | LinkFact]:
    """Every fact of every row."""
    for row in rows:
        yield from row.facts
