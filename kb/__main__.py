"""The command line of the store: status, migrate, check, derive, cypher, export, documents add, stop."""

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, LiteralString

from rich.console import Console
from rich.table import Table
from rich.text import Text

from kb import library
from kb.checks import run_checks
from kb.config import Settings, read_settings
from kb.derive import derive_all
from kb.documents import HeldDocuments, read_document
from kb.embedded import stop_owner
from kb.errors import BadInput, KbError, Problem
from kb.export.run import FORMATS, QUESTIONS, check_export, export_to_file
from kb.fill import check_spans, fill_passages
from kb.migrate import find_pending, migrate
from kb.store import Store, open_store

_COUNTS: LiteralString = """
MATCH (n) UNWIND labels(n) AS label RETURN label, count(n) AS nodes ORDER BY label"""
_CASES: LiteralString = """
MATCH (k:Case) RETURN k.id AS id, k.title AS title,
  COUNT { MATCH (c:Claim {case: k.id}) WHERE c.known_to IS NULL } AS claims,
  COLLECT { MATCH (k)-[:LOADED_BY]->(r:Run) RETURN r.at ORDER BY r.at DESC LIMIT 1 } AS loaded ORDER BY id"""

# A pipe has no width; wide enough that a sentence stays on few lines.
PIPE_COLUMNS: Final = 240

Command = Callable[[Store, argparse.Namespace, Settings], Awaitable[int]]


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def _status(store: Store, _arguments: argparse.Namespace, settings: Settings) -> int:
    print(f"engine: {store.engine.name} {store.engine.version}")
    print(f"where: {settings.neo4j_uri or settings.data}")
    pending = [file.id for file in await find_pending(store)]
    print(f"migrations pending: {', '.join(pending) if pending else 'none'}")
    for case, title, claims, loaded in await store.read(_CASES):
        print(f"case {case}: {title}; {claims} claims; loaded {loaded[0] if loaded else 'never'}")
    for label, nodes in await store.read(_COUNTS):
        print(f"{label}: {nodes}")
    return 0


async def _migrate(store: Store, _arguments: argparse.Namespace, _settings: Settings) -> int:
    applied = await migrate(store, _now())
    print(f"applied: {', '.join(applied)}" if applied else "nothing to apply")
    return 0


async def _check(store: Store, _arguments: argparse.Namespace, settings: Settings) -> int:
    results = await run_checks(store, HeldDocuments(settings.data))
    for result in results:
        print(f"{'ok  ' if not result.count else 'FAIL'} {result.name}: {result.says}: {result.count} rows")
        for row in result.rows:
            print(f"       {json.dumps(row, ensure_ascii=False)}")
    return 1 if any(result.count for result in results) else 0


async def _derive(store: Store, _arguments: argparse.Namespace, _settings: Settings) -> int:
    changed = await derive_all(store)
    print(f"{changed} rows changed")
    return 0


async def _cypher(store: Store, arguments: argparse.Namespace, _settings: Settings) -> int:
    if arguments.run is not None:
        found, total = await library.run(store, arguments.run, _read_given("cypher", arguments.statement))
        keys = list(dict.fromkeys(key for row in found for key in row))
        told = [
            [row[key] if arguments.json else library.tell(key, row[key]) for key in keys] for row in found
        ]
        _print_table(keys, told, is_json=arguments.json)
        if total > len(found):
            print(f"{total:,} in all; first={len(found)} shows these", file=sys.stderr)
        return 0
    (statement,) = arguments.statement
    keys, rows = await store.read_table(statement)
    _print_table(keys, rows, is_json=arguments.json)
    return 0


def _list_questions() -> None:
    for name, entry in library.LIBRARY.items():
        print(f"{name}: {entry.says}")
        print(f"    {', '.join(library.takes(name)) or 'no arguments'}")


def _print_table(keys: Sequence[str], rows: Sequence[Sequence[Any]], *, is_json: bool) -> None:
    if is_json:
        for row in rows:
            print(json.dumps(dict(zip(keys, row, strict=True)), ensure_ascii=False))
        return
    table = Table()
    for key in keys:
        table.add_column(Text(key))
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    console = Console() if sys.stdout.isatty() else Console(width=PIPE_COLUMNS)
    console.print(table)
    print(f"{len(rows)} rows")


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


async def _documents_add(store: Store, arguments: argparse.Namespace, settings: Settings) -> int:
    held = HeldDocuments(settings.data)
    for path in arguments.file:
        file = read_document(path)
        await check_spans(store, file)
        held.hold(path)
        filled = await fill_passages(store, file)
        print(f"{path}: held, SHA-256 {file.sha256}, {file.chars} code points")
        if filled.documents:
            print(
                f"  {', '.join(filled.documents)}: {filled.passages} passages, {filled.changed} got their words now"
            )
        else:
            print("  no document of the graph has this hash yet; a case that declares it will show its words")
    return 0


async def _export(store: Store, arguments: argparse.Namespace, _settings: Settings) -> int:
    question, *others = arguments.asked or [QUESTIONS[0]]
    if "=" in question:
        question, others = QUESTIONS[0], [question, *others]
    asked = check_export(question, arguments.format, _read_given("export", others))
    report = await export_to_file(store, asked, arguments.out)
    counts = ", ".join(f"{number:,} {what}" for what, number in report["written"].items())
    print(f"{arguments.out}: {counts or 'nothing found'}")
    for lost in report["lost"]:
        print(f"  {lost['number']:,}: {lost['what']}")
    return 0


def _read_given(command: str, texts: Sequence[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    for text in texts:
        name, is_given, value = text.partition("=")
        if not is_given or name in given:
            raise BadInput(
                [Problem(command, "is no argument, or is given twice", text[:80], "write name=value")]
            )
        given[name] = value
    return given


_COMMANDS: Final[dict[str, Command]] = {
    "status": _status,
    "migrate": _migrate,
    "check": _check,
    "derive": _derive,
    "cypher": _cypher,
    "export": _export,
    "documents": _documents_add,
}


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m kb", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("status", help="which engine, which cases, how many nodes")
    commands.add_parser("migrate", help="apply the migrations that are pending")
    commands.add_parser("check", help="run the standing checks; exit code 1 when one finds rows")
    commands.add_parser("derive", help="rebuild every derived edge and count")
    cypher = commands.add_parser(
        "cypher", help="run one read-only statement, or a question of the API by name"
    )
    cypher.add_argument(
        "statement",
        nargs="*",
        help="Cypher, which cannot write; with --run or --show: name=value, lists by commas",
    )
    by_name = cypher.add_mutually_exclusive_group()
    by_name.add_argument("--list", action="store_true", help="the questions and their arguments; * is needed")
    by_name.add_argument("--run", metavar="NAME", help="a question, by the statement that the API sends")
    by_name.add_argument(
        "--show", metavar="NAME", help="its Cypher with the values in it, to paste elsewhere"
    )
    cypher.add_argument("--json", action="store_true", help="one JSON object a line instead of a table")
    export = commands.add_parser(
        "export", help="the answer to a question as a file, with what was lost on the way"
    )
    export.add_argument(
        "--format", required=True, choices=FORMATS, help="docs/exports.md says what each holds"
    )
    export.add_argument(
        "--out", required=True, type=Path, metavar="FILE", help="FILE.report.json is written as well"
    )
    export.add_argument(
        "asked",
        nargs="*",
        metavar="[QUESTION] name=value",
        help=f"{', '.join(QUESTIONS)} (the first when left out), its arguments as the API has them; lists by commas",
    )
    documents = commands.add_parser(
        "documents", help="hold a document, so that its passages show their words"
    )
    add = documents.add_subparsers(dest="action", required=True).add_parser(
        "add", help="hash, hold, fill passages"
    )
    add.add_argument("file", nargs="+", type=Path, help="a text file, UTF-8")
    commands.add_parser("stop", help="stop the process that runs the embedded engine")
    return parser


async def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    if arguments.command == "stop":
        stopped = await stop_owner(settings)
        print("nothing was running" if stopped is None else f"stopped process {stopped}")
        return 0
    if arguments.command == "cypher":
        if arguments.list:
            _list_questions()
            return 0
        if arguments.show is not None:
            print(library.show(arguments.show, _read_given("cypher", arguments.statement)))
            return 0
        if arguments.run is None and len(arguments.statement) != 1:
            raise BadInput(
                [
                    Problem(
                        "cypher",
                        "is not one statement",
                        f"{len(arguments.statement)} given",
                        "put the Cypher in quotes, or ask by name: --list",
                    )
                ]
            )
    async with open_store(settings) as store:
        return await _COMMANDS[arguments.command](store, arguments, settings)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs a command; 0 when all is well, 1 for what went wrong, said on stderr, 2 for arguments that do not fit."""
    arguments = _make_parser().parse_args(argv)
    try:
        return asyncio.run(_run(arguments, read_settings(os.environ)))
    except KbError as error:
        print(f"{error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
