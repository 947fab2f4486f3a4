"""Loads a dataset into the store: finds its files, accounts for each of their rows, and says what changed."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from kb.bulk.claim import let_others_end
from kb.bulk.facts import Row
from kb.bulk.load import LoadReport, load_dataset
from kb.bulk.offline import ARGUMENTS, export_bulk
from kb.config import Settings
from kb.errors import BadInput, Problem
from kb.migrate import migrate
from kb.store import STARTING_WAIT_S, Store, open_store
from loaders.contract import Source
from loaders.fetch import fetch_file, hash_file
from loaders.progress import Shown, make_progress
from loaders.registry import fingerprint, get_parser, get_source
from loaders.rejects import Rejects
from schema.observations import Dataset

Tell = Callable[[str], None]

# A call of the progress bar for each row would cost more than reading it.
TOLD_EVERY_ROWS: Final = 5_000
# Of a dry run without a file for them: enough to see what is wrong.
SHOWN_REJECTS: Final = 5


class Options(NamedTuple):
    """How a dataset is to be run."""

    tell: Tell
    """Takes each line of the outcome."""
    rejects: Path | None = None
    """Where rows go from which nothing was taken; by default a file in the data folder, and none in a dry run."""
    unverified: bool = False
    """Whether files may be others than the ones that are known to be published."""


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

    def total_rows(self, source: Source) -> int | None:
        """How many rows there are to read; None when one of the files is not the published one."""
        return source.expected_rows if len(self.expected_rows) == len(source.files) else None


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
    than it is known to have, or when nothing was taken from any row: to load that would empty the dataset.
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
    if not account.used:
        problem = summary_of_rows(account.read, 0, account.skipped)
        places = ", ".join(map(str, files.paths.values()))
        raise BadInput([Problem(places, "has no row that says anything", problem, "get the file anew")])
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


def try_dataset(name: str, place: Path | None, settings: Settings, options: Options) -> Account:
    """Reads every row of a dataset and accounts for it; needs no store and writes nothing but rejects, when asked."""
    source = get_source(name)
    account = Account()
    files = _find_and_tell(source, place, settings, options)
    with make_progress(source.id) as progress, Rejects(options.rejects, show=SHOWN_REJECTS) as reject:
        for row in account_for(get_parser(name)(files.paths), files, account):
            if row.skipped is not None:
                reject(row)
            if account.read % TOLD_EVERY_ROWS == 0:
                progress("reading", account.read, files.total_rows(source))
    options.tell(f"{source.id}: {summary_of_rows(account.read, account.used, account.skipped)}")
    facts = ", ".join(f"{number:,} {kind}" for kind, number in sorted(account.facts.items()))
    options.tell(f"{source.id}: nothing was written; the rows show {facts or 'nothing'}")
    tell_rejects(source.id, reject, options.tell)
    return account


async def run_dataset(
    name: str, place: Path | None, settings: Settings, options: Options, *, now: str
) -> LoadReport:
    """Loads a dataset: afterwards the store holds what its files say, and no more of an earlier load of it.

    Raises BadInput as `find_files` and `account_for` do, before anything is written, and what
    `kb.bulk.load.load_dataset` raises.
    """
    source = get_source(name)
    files = _find_and_tell(source, place, settings, options)
    async with open_store(settings, wait_s=STARTING_WAIT_S) as store:
        await migrate(store, now)
        return await save_rows(
            store,
            settings,
            source,
            lambda: account_for(get_parser(name)(files.paths), files, Account()),
            content_sha256=files.content_sha256(fingerprint(name)),
            total_rows=files.total_rows(source),
            now=now,
            options=options,
        )


async def save_rows(
    store: Store,
    settings: Settings,
    source: Source,
    rows: Callable[[], Iterable[Row]],
    *,
    content_sha256: str,
    total_rows: int | None,
    now: str,
    options: Options,
) -> LoadReport:
    """Loads rows as the dataset that `source` describes, shows the progress, and tells what changed."""
    stamp = now.replace("-", "").replace(":", "")
    path = options.rejects or settings.data / "rejects" / f"{source.id}-{stamp}.csv"
    with make_progress(source.id) as progress, Rejects(path) as reject:
        try:
            report = await load_dataset(
                store,
                settings,
                _describe(source),
                rows,
                content_sha256=content_sha256,
                now=now,
                reject=reject,
                progress=lambda stage, done, total: progress(
                    stage, done, total_rows if stage == "reading" else total
                ),
            )
        finally:
            await let_others_end(store, options.tell)
    options.tell(f"{source.id}: {summary_of_load(report)}")
    tell_rejects(source.id, reject, options.tell)
    return report


def export_dataset(name: str, place: Path | None, folder: Path, settings: Settings, options: Options) -> None:
    """Writes a dataset into `folder` for neo4j-admin, and tells what to do with it; needs no store.

    Raises BadInput as `find_files`, `account_for` and `kb.bulk.offline.export_bulk` do; then there is no folder.
    """
    source = get_source(name)
    files = _find_and_tell(source, place, settings, options)
    rows = account_for(get_parser(name)(files.paths), files, Account())
    with make_progress(source.id) as progress, Rejects(options.rejects, show=SHOWN_REJECTS) as reject:
        counted = export_bulk(_describe(source), rows, folder, reject=reject, progress=progress)
    options.tell(f"{source.id}: {summary_of_rows(*counted)}")
    tell_rejects(source.id, reject, options.tell)
    options.tell(
        f"{source.id}: written to {folder}. With Neo4j stopped, and its database empty, run in that folder\n"
        f"  neo4j-admin database import full neo4j @{ARGUMENTS}\n"
        f"then start Neo4j and load {name} as usual: that derives its edges and sends none of its rows"
    )


def _describe(source: Source) -> Dataset:
    return Dataset(id=source.id, title=source.title, publisher=source.publisher, licence=source.licence)


def summary_of_rows(read: int, used: int, skipped: Mapping[str, int]) -> str:
    """How rows were used, in one line: what was read is what was used and what was skipped, by reason."""
    reasons = ", ".join(f"{reason} {number:,}" for reason, number in sorted(skipped.items()))
    left_out = sum(skipped.values())
    return f"{read:,} rows read = {used:,} used + {left_out:,} skipped{f' ({reasons})' if reasons else ''}"


def summary_of_load(report: LoadReport) -> str:
    """What a load read and changed, in one line."""
    if report.unchanged:
        return "unchanged: these files are what is loaded; 0 rows sent"
    changes = {
        "created": report.created,
        "updated": report.updated,
        "removed": report.removed,
        "derived": report.derived,
    }
    told = ", ".join(f"{number:,} {what}" for what, number in changes.items() if number) or "nothing changed"
    return f"{summary_of_rows(report.read, report.used, report.skipped)}; {told}; {report.seconds:,.1f} s"


def _find_and_tell(source: Source, place: Path | None, settings: Settings, options: Options) -> FoundFiles:
    with make_progress(source.id) as progress:
        files = find_files(
            source,
            place,
            unverified=options.unverified,
            downloads=settings.data / "downloads",
            progress=progress,
        )
    for file in source.files:
        if file.name not in files.expected_rows:
            options.tell(
                f"{source.id}: {files.paths[file.name]} is not the published file; nobody knows its rows"
            )
    return files


def tell_rejects(name: str, reject: Rejects, tell: Tell) -> None:
    """Shows the first rows that were skipped, and where all of them are."""
    for row in reject.shown:
        tell(f"  {row.file}:{row.number}: {row.skipped}{f': {row.detail!r}' if row.detail else ''}")
    if reject.path is not None and reject.rows:
        tell(f"{name}: the {reject.rows:,} rows that were skipped are in {reject.path}")
    elif reject.rows > len(reject.shown):
        tell(f"  and {reject.rows - len(reject.shown):,} more; --rejects FILE writes them all")
