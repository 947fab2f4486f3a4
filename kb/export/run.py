"""Runs an export: a question, its rows page by page, and the bytes of one format."""

import asyncio
import json
import os
import tempfile
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from kb.errors import BadInput, Problem
from kb.export.admin_csv import AdminCsv
from kb.export.arguments import ARGUMENTS, read_arguments
from kb.export.csv_table import CsvTable
from kb.export.ftm import FtmEntities, FtmStatements
from kb.export.gexf import Gexf
from kb.export.graphml import GraphMl
from kb.export.json_lines import JsonLines
from kb.export.losses import Losses
from kb.export.pages import Turn, read_batches
from kb.export.parquet import Parquet
from kb.export.prov import Prov
from kb.export.stix import Stix
from kb.export.writer import Writer
from kb.questions.arguments import BadArgument
from kb.store import Store


class Format(NamedTuple):
    """A format: how its file ends, its media type, and what writes it."""

    suffix: str
    media_type: str
    make: Callable[[str, Losses], Writer]


FORMATS: Final[dict[str, Format]] = {
    "csv": Format("csv", "text/csv; charset=utf-8", CsvTable),
    "jsonl": Format("jsonl", "application/x-ndjson", JsonLines),
    "graphml": Format("graphml", "application/graphml+xml", GraphMl),
    "gexf": Format("gexf", "application/gexf+xml", Gexf),
    "ftm": Format("ftm.json", "application/x-ndjson", FtmEntities),
    "ftm-statements": Format("statements.csv", "text/csv; charset=utf-8", FtmStatements),
    "stix": Format("stix.json", "application/stix+json;version=2.1", Stix),
    "prov": Format("jsonld", "application/ld+json", Prov),
    "admin-csv": Format("admin-csv.zip", "application/zip", AdminCsv),
    "parquet": Format("parquet", "application/vnd.apache.parquet", Parquet),
}
QUESTIONS: Final = tuple(ARGUMENTS)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be exported, checked."""

    question: str
    format: str
    arguments: Mapping[str, Any]


def check_export(question: str, form: str, given: Mapping[str, str]) -> Asked:
    """The export that is asked for; raises BadArgument for what cannot be."""
    if question not in QUESTIONS:
        raise BadArgument(
            "NOT_FOUND", "question", question[:80], f"cannot be exported; write {', '.join(QUESTIONS)}"
        )
    if form not in FORMATS:
        raise BadArgument("NOT_FOUND", "format", form[:80], f"is no format; write {', '.join(FORMATS)}")
    return Asked(question, form, read_arguments(question, given))


async def export(
    store: Store, asked: Asked, losses: Losses, turn: Turn = nullcontext
) -> AsyncGenerator[bytes]:
    """The bytes of the file, as they get ready; `losses` is complete when they end.

    Each page is read in one `turn`. Raises BadArgument, KbError for a format that is not installed, and what a read
    of the store raises; what has come by then is no whole file.
    """
    writer = FORMATS[asked.format].make(asked.question, losses)
    try:
        # Nothing is given before the first page is read: until then the question may turn out to be a wrong one.
        ready = writer.begin()
        async with aclosing(read_batches(store, asked.question, asked.arguments, losses, turn)) as batches:
            async for batch in batches:
                ready += writer.add(batch)
                if ready:
                    yield ready
                ready = b""
        yield ready
        for chunk in writer.end():
            yield chunk
    finally:
        writer.close()


def make_report(asked: Asked, losses: Losses) -> dict[str, Any]:
    """The loss report: what was asked, what was written, what the format could not hold."""
    return {
        "question": asked.question,
        "format": asked.format,
        "arguments": dict(asked.arguments),
        **losses.report(),
    }


async def export_to_file(store: Store, asked: Asked, path: Path) -> dict[str, Any]:
    """Writes the file and its report (`<file>.report.json`), each whole or not at all; returns the report.

    Raises BadInput when the place cannot be written, and what `export` raises.
    """
    losses = Losses()
    try:
        part = _Part(path)
        try:
            async with aclosing(export(store, asked, losses)) as chunks:
                async for chunk in chunks:
                    await asyncio.to_thread(part.write, chunk)
            report = make_report(asked, losses)
            await asyncio.to_thread(part.keep, report)
        finally:
            part.discard()
    except OSError as error:
        remedy = "write a file name in a folder that is there, can be written and has room"
        raise BadInput(
            [Problem("--out", f"cannot be written ({error.strerror})", str(path), remedy)]
        ) from error
    return report


class _Part:
    """A file beside its place, which takes its name when it is whole. Raises OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".export-")
        self._part = Path(name)
        self._file = os.fdopen(handle, "wb")

    def write(self, chunk: bytes) -> None:
        """Appends."""
        self._file.write(chunk)

    def keep(self, report: dict[str, Any]) -> None:
        """Puts the file and its report in their place."""
        self._file.close()
        # As any file that a program makes; temporary files are the owner's alone.
        self._part.chmod(0o644)
        self._part.replace(self._path)
        text = json.dumps(report, ensure_ascii=False, indent=2) + "\n"
        self._path.with_name(f"{self._path.name}.report.json").write_text(text, "utf-8")

    def discard(self) -> None:
        """Leaves nothing of a file that was not kept."""
        self._file.close()
        self._part.unlink(missing_ok=True)
