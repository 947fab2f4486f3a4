"""Loads a dataset into the store: finds its files, accounts for each of their rows, and says what changed."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kb.bulk.facts import Row
from kb.config import Settings
from kb.errors import BadInput, Problem
from loaders.contract import Source
from loaders.fetch import fetch_file, hash_file
from loaders.progress import Shown, make_progress
from loaders.registry import get_parser, get_source
from loaders.rejects import Rejects

Tell = Callable[[str], None]

# How often the rows read so far are told; a call for each of a million rows would cost more than reading them.
TOLD_EVERY_ROWS: Final = 5_000
# Of a dry run without a file for them: enough to see what is wrong.
SHOWN_REJECTS: Final = 5


@dataclass(frozen=True, slots=True)
class FoundFiles:
    """The files of a dataset: where they are, and which are those that were published."""

    paths: Mapping[str, Path]
    hashes: Mapping[str, str]
    expected_rows: Mapping[str, int]
    """By name, for each file that has the published hash."""

    def content_sha256(self, loader: str) -> str:
        """Hash of what is loaded: the bytes of the files and the `loader` that reads them."""
        parts = [loader, *(f"{name}={self.hashes[name]}" for name in sorted(self.hashes))]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@dataclass
class Account:
    """How the rows of the files were used: `read` is `used` and all of `skipped` together."""

    read: int = 0
    used: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    facts: Counter[str] = field(default_factory=Counter)
    """How often rows show an entity or a relationship of a type; the same one may be shown by many."""


def find_files(
    source: Source, place: Path | None, *, unverified: bool, downloads: Path, progress: Shown
) -> FoundFiles:
    """The files of a dataset in `place` (a folder, or the one file), or fetched into `downloads` when it is None.

    Raises BadInput when one is missing, and when one is not the published file unless `unverified` allows that.
    """
    if place is None:
        paths = {file.name: fetch_file(file, downloads / source.id, progress) for file in source.files}
    else:
        paths = _find_local(source, place)
    hashes = {name: hash_file(path) for name, path in paths.items()}
    other = [file for file in source.files if hashes[file.name] != file.sha256]
    if other and not unverified:
        raise BadInput(
            [
                Problem(
                    str(paths[file.name]),
                    f"is not the file that {source.publisher} published, whose SHA-256 is {file.sha256}",
                    hashes[file.name],
                    "get that one, or load this one with --unverified",
                )
                for file in other
            ]
        )
    return FoundFiles(paths, hashes, {file.name: file.rows for file in source.files if file not in other})


def _find_local(source: Source, place: Path) -> dict[str, Path]:
    if place.is_file():
        if len(source.files) > 1:
            names = ", ".join(file.path for file in source.files)
            raise BadInput(
                [
                    Problem(
                        "--from",
                        "is one file and the dataset has more",
                        str(place),
                        f"give the folder of {names}",
                    )
                ]
            )
        return {source.files[0].name: place}
    if not place.is_dir():
        raise BadInput(
            [Problem("--from", "is no file and no folder", str(place), "give the folder of the files")]
        )
    paths = {file.name: place / file.path for file in source.files}
    missing = [path for path in paths.values() if not path.is_file()]
    if missing:
        raise BadInput(
            [
                Problem(str(path), "is not there", path.name, "put it there under this name")
                for path in missing
            ]
        )
    return paths


def account_for(rows: Iterable[Row], files: FoundFiles, account: Account) -> Iterator[Row]:
    """The rows, each counted in `account`.

    Raises BadInput when the parser left out a row, and at the end when a published file had another number of rows
    than it is known to have.
    """
    seen: Counter[str] = Counter()
    for row in rows:
        seen[row.file] += 1
        if row.number != seen[row.file]:
            problem = f"follows row {seen[row.file] - 1}: the parser lost or repeated rows"
            raise BadInput([Problem(f"{row.file}:{row.number}", problem, row.number, "mend the parser")])
        account.read += 1
        if row.skipped is None:
            account.used += 1
        else:
            account.skipped[row.skipped] += 1
        account.facts.update(fact.type for fact in row.facts)
        yield row
    unlike = [(name, rows) for name, rows in files.expected_rows.items() if seen[name] != rows]
    if unlike:
        raise BadInput(
            [
                Problem(
                    str(files.paths[name]),
                    f"has not the {rows:,} rows it is known to have",
                    seen[name],
                    "mend the parser",
                )
                for name, rows in unlike
            ]
        )


def try_dataset(
    name: str, place: Path | None, settings: Settings, *, unverified: bool, rejects: Path | None, tell: Tell
) -> Account:
    """Reads every row of a dataset and accounts for it; needs no store and writes nothing but `rejects`, if given."""
    source = get_source(name)
    account = Account()
    shown: list[Row] = []
    with make_progress(source.id) as progress:
        files = find_files(
            source, place, unverified=unverified, downloads=settings.data / "downloads", progress=progress
        )
        told = _told(account_for(get_parser(name)(files.paths), files, account), source, progress)
        if rejects is None:
            for row in told:
                if row.skipped is not None and len(shown) < SHOWN_REJECTS:
                    shown.append(row)
        else:
            with Rejects(rejects) as reject:
                for row in told:
                    if row.skipped is not None:
                        reject(row)
    _tell_files(source, files, tell)
    tell(f"{source.id}: {summary_of_rows(account.read, account.used, account.skipped)}")
    facts = ", ".join(f"{number:,} {kind}" for kind, number in sorted(account.facts.items()))
    tell(f"{source.id}: nothing was written; the rows show {facts or 'nothing'}")
    for row in shown:
        tell(f"  {row.file}:{row.number}: {row.skipped}{f': {row.detail}' if row.detail else ''}")
    left = sum(account.skipped.values()) - len(shown)
    if rejects is None and left:
        tell(f"  and {left:,} more; --rejects FILE writes them all")
    elif rejects is not None and account.skipped:
        tell(f"{source.id}: skipped rows are in {rejects}")
    return account


def _tell_files(source: Source, files: FoundFiles, tell: Tell) -> None:
    for file in source.files:
        if file.name not in files.expected_rows:
            tell(
                f"{source.id}: {files.paths[file.name]} is not the published file; its rows are not compared"
            )


def _told(rows: Iterable[Row], source: Source, progress: Shown) -> Iterator[Row]:
    number = 0
    for number, row in enumerate(rows, start=1):
        if number % TOLD_EVERY_ROWS == 0:
            progress("reading rows", number, max(source.expected_rows, number))
        yield row
    progress("reading rows", number, number)


def summary_of_rows(read: int, used: int, skipped: Mapping[str, int]) -> str:
    """How rows were used, in one line: what was read is what was used and what was skipped, by reason."""
    reasons = ", ".join(f"{reason} {number:,}" for reason, number in sorted(skipped.items()))
    return f"{read:,} rows read = {used:,} used + {sum(skipped.values()):,} skipped{f' ({reasons})' if reasons else ''}"
