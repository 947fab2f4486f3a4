"""The command line of the loaders: check, run, locate."""

import argparse
import asyncio
import io
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kb.config import Settings, read_settings
from kb.documents import HeldDocuments
from kb.errors import BadInput, KbError
from loaders.case.read import read_case
from loaders.contract import ReadCase
from loaders.locate import Match, locate, one_line, read_document_text

OK: Final = 0
PROBLEMS: Final = 1
INTERRUPTED: Final = 130


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

    settings = read_settings(os.environ)
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    asyncio.run(run_cases(arguments.case, settings, now=now, tell=lambda line: print(line, flush=True)))
    return OK


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
    run = commands.add_parser("run", help="check cases and load them into the store")
    for command in (check, run):
        command.add_argument("case", type=Path, nargs="+", help="folder of a case")
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
    "locate": _locate,
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
