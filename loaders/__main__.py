"""The command line of the loaders: check, run, export-bulk, list, table, locate, suggest."""

import argparse
import asyncio
import io
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kb.config import Settings, read_settings
from kb.documents import HeldDocuments
from kb.errors import BadInput, KbError, Problem, StoreUnavailable
from loaders.case.read import read_case
from loaders.contract import ReadCase
from loaders.exchange.suggest import suggest
from loaders.locate import Match, locate, one_line, read_document_text
from loaders.registry import find_datasets, get_source

if TYPE_CHECKING:
    from kb.bulk.loaded import Loaded
    from loaders.run_dataset import Options

OK: Final = 0
PROBLEMS: Final = 1
INTERRUPTED: Final = 130
# What is run when a mapping says what a table's columns mean.
TABLE: Final = "table"


def _check(arguments: argparse.Namespace) -> int:
    held = HeldDocuments(_local_settings().data)
    count = 0
    for folder in arguments.case:
        try:
            read = read_case(folder, held)
        except BadInput as error:
            count += len(error.problems)
            print(error)
            continue
        for note in read.notes:
            print(note)
        print(f"{folder}: {_counts_of(read)}")
    print("1 problem" if count == 1 else f"{count} problems")
    return PROBLEMS if count else OK


def _run(arguments: argparse.Namespace) -> int:
    # Here, so that `check` and `locate` start without the driver and the engine.
    from loaders.run import run_cases  # noqa: PLC0415
    from loaders.run_dataset import Options, run_dataset, try_dataset  # noqa: PLC0415

    options = Options(_tell, rejects=arguments.rejects, unverified=arguments.unverified)
    if arguments.mapping or arguments.what == [TABLE]:
        return _run_table(arguments, options)
    datasets, cases = _sort_out(arguments)
    if arguments.dry_run:
        for name in datasets:
            try_dataset(name, arguments.place, _local_settings(), options)
        return OK
    settings = read_settings(os.environ)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if cases:
        asyncio.run(run_cases(cases, settings, now=now, tell=_tell))
    for name in datasets:
        asyncio.run(run_dataset(name, arguments.place, settings, options, now=now))
    return OK


def _run_table(arguments: argparse.Namespace, options: "Options") -> int:
    # Here, so that `check` and `locate` start without the driver and the engine.
    from loaders.table.run import run_table, try_table  # noqa: PLC0415

    if arguments.what != [TABLE] or not (arguments.mapping and arguments.place):
        remedy = "write: run table --mapping FILE --from DATA; `table propose DATA` writes a first mapping"
        problem = Problem("run", "needs a mapping and a table", " ".join(arguments.what), remedy)
        raise BadInput([problem])
    if arguments.dry_run:
        try_table(arguments.mapping, arguments.place, options)
        return OK
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    settings = read_settings(os.environ)
    asyncio.run(run_table(arguments.mapping, arguments.place, settings, options, now=now))
    return OK


def _export_bulk(arguments: argparse.Namespace) -> int:
    # Here, so that `check` and `locate` start without the driver and the engine.
    from loaders.run_dataset import Options, export_dataset  # noqa: PLC0415

    known = find_datasets()
    if arguments.dataset not in known:
        problem = Problem(
            "export-bulk", "is no dataset", arguments.dataset, f"datasets are {', '.join(known)}"
        )
        raise BadInput([problem])
    options = Options(_tell, rejects=arguments.rejects, unverified=arguments.unverified)
    export_dataset(arguments.dataset, arguments.place, arguments.out, _local_settings(), options)
    return OK


def _table(arguments: argparse.Namespace) -> int:
    # Here, so that `check` and `locate` start without it.
    from loaders.table.propose import propose_mapping  # noqa: PLC0415

    print(propose_mapping(arguments.data), end="")
    return OK


def _sort_out(arguments: argparse.Namespace) -> tuple[list[str], list[Path]]:
    """The datasets and the case folders among what is to be run; raises BadInput when an option fits neither."""
    known = find_datasets()
    datasets = [what for what in arguments.what if what in known]
    cases = [Path(what) for what in arguments.what if what not in known]
    problems = [
        Problem("run", "is no folder of a case and no dataset", str(case), f"datasets are {', '.join(known)}")
        for case in cases
        if not case.exists() and len(case.parts) == 1
    ]
    options = {
        "--from": arguments.place,
        "--rejects": arguments.rejects,
        "--dry-run": arguments.dry_run,
        "--unverified": arguments.unverified,
    }
    for option, value in options.items():
        if value and cases:
            remedy = "name datasets only; `check` is the dry run of a case"
            problems.append(Problem(option, "is for datasets", str(cases[0]), remedy))
        elif value and option in ("--from", "--rejects") and len(datasets) > 1:
            problems.append(Problem(option, "is for one dataset", ", ".join(datasets), "run them one by one"))
    if problems:
        raise BadInput(problems)
    return datasets, cases


def _list(_arguments: argparse.Namespace) -> int:
    loaded, unknown = _find_loaded(read_settings(os.environ))
    for name in find_datasets():
        source = get_source(name)
        rows = f"{source.expected_rows:,} rows in {len(source.files)} file{'s'[: len(source.files) > 1]}"
        print(f"{name}: {source.title}; {rows}\n  {source.publisher}; licence: {source.licence}")
        last = loaded.get(name)
        if unknown:
            print(f"  {unknown}")
        elif last is None:
            print("  not loaded")
        else:
            used = f"loaded {last.at}, {last.rows_used:,} of {last.rows_read:,} rows used"
            print(f"  {used}{'' if last.content_sha256 else '; a later load has not come to its end'}")
    return OK


def _find_loaded(settings: Settings) -> "tuple[dict[str, Loaded], str | None]":
    """What is loaded, and why that is not known if it is not."""
    # Here, so that `check` and `locate` start without the driver and the engine.
    from kb.bulk.loaded import find_loaded  # noqa: PLC0415
    from kb.store import open_store  # noqa: PLC0415

    async def ask() -> "dict[str, Loaded]":
        async with open_store(settings) as store:
            return await find_loaded(store)

    if settings.neo4j_uri is None and not settings.data.exists():
        # Asking the embedded engine would make its folder.
        return {}, None
    try:
        return asyncio.run(ask()), None
    except StoreUnavailable as error:
        return {}, f"whether it is loaded is not known: {error}"


def _tell(line: str) -> None:
    print(line, flush=True)


def _locate(arguments: argparse.Namespace) -> int:
    held = HeldDocuments(_local_settings().data)
    text = read_document_text(arguments.case, arguments.document, held)
    found = locate(text, arguments.document, arguments.words, paragraph=arguments.paragraph)
    for match in found.exact:
        print(match.locator)
        print(f"  # {_shown(match)}")
    if found.exact:
        return OK
    inside = f" in paragraph {arguments.paragraph}" if arguments.paragraph else ""
    print(
        f"{arguments.document} does not have these words{inside}: {one_line(arguments.words)}",
        file=sys.stderr,
    )
    if found.near:
        print("It has them written differently; as held, they are:", file=sys.stderr)
    elif found.beginning:
        print("It has how they begin:", file=sys.stderr)
    for match in found.near or found.beginning:
        print(f"  {_shown(match)}\n  {match.locator}", file=sys.stderr)
    return PROBLEMS


def _shown(match: Match) -> str:
    before, words, after = (one_line(part) for part in (match.prefix, match.exact, match.suffix))
    return f"…{before}[{words}]{after}…"


def _suggest(arguments: argparse.Namespace) -> int:
    written = suggest(arguments.file, arguments.into, case=arguments.case, entered_by=arguments.entered_by)
    print(
        f"{arguments.into}: {written.suggestions} suggestions; {written.left_out} objects describe the file itself"
    )
    print(f"Read and correct them, then: python -m loaders run {arguments.into}")
    return OK


def _local_settings() -> Settings:
    """The settings of what needs no store: a wrong NEO4J_URI must not keep anyone from checking a case."""
    return read_settings({name: os.environ[name] for name in ("KB_DATA",) if name in os.environ})


def _counts_of(read: ReadCase) -> str:
    sections = ("documents", "entities", "claims", "readings", "holders", "postings", "interactions")
    counts = [(name, len(getattr(read.case, name))) for name in sections]
    return ", ".join(f"{number} {name}" for name, number in counts if number) or "nothing but its head"


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m loaders", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="tell every problem of a case; writes nothing")
    run = commands.add_parser("run", help="load cases and datasets into the store, each checked first")
    check.add_argument("case", type=Path, nargs="+", help="folder of a case")
    run.add_argument("what", nargs="+", help="folder of a case, name of a dataset (see list), or table")
    run.add_argument(
        "--mapping",
        type=Path,
        metavar="FILE",
        help="with `run table`: what the columns of the table mean (YAML)",
    )
    run.add_argument(
        "--dry-run", action="store_true", help="account for every row of a dataset; writes nothing"
    )
    export = commands.add_parser(
        "export-bulk", help="write a dataset as files for neo4j-admin database import"
    )
    export.add_argument("dataset", help="name of a dataset (see list)")
    export.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="folder to write; not there yet"
    )
    for command in (run, export):
        command.add_argument(
            "--from",
            dest="place",
            type=Path,
            metavar="PATH",
            help="folder of the dataset's files, or its one file; without it they are fetched from their publisher",
        )
        command.add_argument(
            "--unverified", action="store_true", help="take files that are not the ones known to be published"
        )
        command.add_argument(
            "--rejects", type=Path, metavar="FILE", help="where to write the rows that were skipped (CSV)"
        )
    suggestion = commands.add_parser(
        "suggest",
        help="make a case folder of suggestions from a FollowTheMoney or STIX file; writes no store",
    )
    suggestion.add_argument(
        "file", type=Path, help="FollowTheMoney entities as JSON lines, or a STIX 2.1 bundle"
    )
    suggestion.add_argument(
        "--into", type=Path, required=True, metavar="FOLDER", help="the case folder to make"
    )
    suggestion.add_argument("--case", required=True, metavar="ID", help="the name of the case")
    suggestion.add_argument("--entered-by", required=True, metavar="NAME", help="who is answerable for it")
    commands.add_parser("list", help="the datasets that can be loaded, and what of them is")
    table = commands.add_parser(TABLE, help="write a first mapping of anyone's CSV, JSON lines or Parquet")
    table.add_argument("action", choices=["propose"], help="print a mapping to complete")
    table.add_argument("data", type=Path, help="the table")
    find = commands.add_parser("locate", help="find words in a document and print their locator")
    find.add_argument("case", type=Path, help="folder of the case")
    find.add_argument("document", help="id of the document, for example doc:000")
    find.add_argument("words", type=_some_words, help="the words, exactly as the document has them")
    find.add_argument("--paragraph", type=_positive, help="look in this paragraph only, counted from 1")
    return parser


def _some_words(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("give at least one word")
    return text


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a paragraph; they are counted from 1")
    return int(text)


_COMMANDS: Final[dict[str, Callable[[argparse.Namespace], int]]] = {
    "check": _check,
    "run": _run,
    "list": _list,
    "export-bulk": _export_bulk,
    TABLE: _table,
    "locate": _locate,
    "suggest": _suggest,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command: 0 when all is well, 1 when there are problems, 2 for arguments that do not fit."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A file name or a word may be more than the terminal's encoding can show.
            stream.reconfigure(errors="backslashreplace")
    arguments = _make_parser().parse_args(argv)
    try:
        return _COMMANDS[arguments.command](arguments)
    except BadInput as error:
        count = len(error.problems)
        print(f"{error}\n{count} problem{'s' if count != 1 else ''}", file=sys.stderr)
        return PROBLEMS
    except KbError as error:
        print(error, file=sys.stderr)
        return PROBLEMS
    except BrokenPipeError:
        # Whoever read the output has left; Python would complain once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PROBLEMS
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
