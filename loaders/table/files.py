"""A table's file as a stream of rows: its compression, encoding, delimiter and format."""

import bz2
import codecs
import csv
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final, NamedTuple, NoReturn

import orjson
from charset_normalizer import from_bytes

from kb.errors import BadInput, Problem
from loaders.csv_rows import MAX_CELL_CHARS
from loaders.table.mapping import TableFile

# What is looked at to find out how a file is written.
SAMPLE_BYTES: Final = 1 << 18
# Rows of JSON lines whose keys are its columns: any row may leave out what it has not.
SAMPLE_ROWS: Final = 10_000
# A JSON line longer than this is a file that is no JSON lines.
MAX_LINE_BYTES: Final = 16 << 20
BATCH_ROWS: Final = 5_000
DELIMITERS: Final = (",", "\t", ";", "|")

_MAGIC: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ\x00", "xz"), (b"PK\x03\x04", "zip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)  # fmt: skip
# The longer ones first: UTF-32 begins as UTF-16 does.
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_BROKEN: Final = (gzip.BadGzipFile, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, OSError)

# How a JSON list of objects begins, and no CSV does.
_ONE_LIST: Final = re.compile(r"[\ufeff\s]*\[\s*\{")

CellValue = str | list[str]


class Skipped(NamedTuple):
    """Why nothing can be read in a row."""

    reason: str
    detail: str = ""


class Written(NamedTuple):
    """How a file is written; `guessed` are those of the rest that it does not say beyond doubt."""

    compression: str
    format: str
    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    guessed: tuple[str, ...] = ()


def look_at(path: Path, said: TableFile, wanted: Collection[str] = ()) -> Written:
    """How the file is written: as `said`, else as it shows itself. Raises BadInput when it cannot be read.

    The delimiter is the one that makes most of the `wanted` columns, else most columns.
    """
    compression = _find_compression(path)
    kind = said.format or _find_format(path)
    if kind == "parquet":
        return Written(compression, kind, "", "", _parquet_columns(path))
    try:
        with _opened(path, compression) as opened:
            sample = opened.read(SAMPLE_BYTES)
    except _BROKEN as error:
        _refuse(path, f"breaks off or is no {compression}", str(error), "get the file anew")
    if not sample:
        _refuse(path, "is empty", "0 bytes", "get the file anew")
    encoding, is_guess = (said.encoding, False) if said.encoding else _find_encoding(sample)
    _check_encoding(path, encoding)
    text = sample.decode(encoding, "replace")
    if kind == "jsonl" or (said.format is None and text.lstrip("\ufeff \r\n\t").startswith("{")):
        found = Written(compression, "jsonl", encoding, "", (), ())
        return found._replace(columns=_json_columns(path, found))
    if said.format is None and _ONE_LIST.match(text):
        _refuse(
            path,
            "is JSON of one long list",
            text[:20],
            "write an object a line: jq -c '.[]' FILE > FILE.jsonl",
        )
    delimiter = said.delimiter or _find_delimiter(text, wanted)
    guessed = (*(["encoding"] if is_guess else []), *([] if said.delimiter else ["delimiter"]))
    header = _header(text, delimiter)
    _check_header(path, header)
    return Written(compression, "csv", encoding, delimiter, header, guessed)


def read_rows(path: Path, written: Written) -> Iterator[dict[str, CellValue] | Skipped]:
    """Every row of the file in its order, as cells by column or the reason why it has none.

    Raises BadInput when the file breaks off, or is not written as `written` says.
    """
    number = 0
    rows = {"csv": _read_csv, "jsonl": _read_json, "parquet": _read_parquet}[written.format](path, written)
    try:
        for row in rows:
            number += 1
            yield row
    except UnicodeDecodeError as error:
        shown = error.object[error.start : error.end]
        guess = _guess_encoding(path, written)
        remedy = f"add `file: {{encoding: {guess}}}` to the mapping if that is right"
        if guess in (None, written.encoding):
            remedy = "name its encoding in the mapping (file: {encoding: ...}), or get the file anew if it is no text"
        _refuse(f"{path}: after row {number}", f"is not {written.encoding}", shown, remedy)
    except _BROKEN as error:
        _refuse(
            f"{path}: after row {number}",
            f"breaks off or is no {written.compression}",
            str(error),
            "get the file anew",
        )


def _read_csv(path: Path, written: Written) -> Iterator[dict[str, CellValue] | Skipped]:
    csv.field_size_limit(MAX_CELL_CHARS)
    columns = written.columns
    with _opened(path, written.compression) as opened:
        text = io.TextIOWrapper(opened, encoding=written.encoding, newline="")
        reader = csv.reader(_without_mark(text), delimiter=written.delimiter, strict=True)
        next(reader, None)
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                # The reader begins anew with the next line.
                yield Skipped("not CSV", f"line {reader.line_num}: {error}")
                continue
            if len(cells) == len(columns):
                yield dict(zip(columns, cells, strict=True))
            elif not cells:
                yield Skipped("empty line", f"line {reader.line_num}")
            else:
                yield Skipped(
                    "other number of cells",
                    f"{len(cells)} instead of {len(columns)} at line {reader.line_num}",
                )


def _without_mark(lines: IO[str]) -> Iterator[str]:
    first = next(lines, "")
    yield first.removeprefix("\ufeff")
    yield from lines


def _read_json(path: Path, written: Written) -> Iterator[dict[str, CellValue] | Skipped]:
    with _opened(path, written.compression) as opened:
        text = io.TextIOWrapper(opened, encoding=written.encoding, newline="\n")
        while line := text.readline(MAX_LINE_BYTES):
            if len(line) == MAX_LINE_BYTES and not line.endswith("\n"):
                _refuse(
                    path, "has a line of more than 16 MB", line[:40], "give JSON lines: one object a line"
                )
            try:
                found = orjson.loads(line.removeprefix("\ufeff"))
            except orjson.JSONDecodeError as error:
                yield Skipped("not JSON" if line.strip() else "empty line", str(error)[:100])
                continue
            yield (
                dict(_flat(found))
                if isinstance(found, dict)
                else Skipped("no JSON object", line[:100].strip())
            )


def _flat(found: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, CellValue]]:
    """The cells of an object; a field of an inner object is `outer.inner`."""
    for key, value in found.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            yield prefix + key, [_as_text(item) for item in value]
        else:
            yield prefix + key, _as_text(value)


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return orjson.dumps(value, default=str).decode().strip('"')


def _json_columns(path: Path, written: Written) -> tuple[str, ...]:
    columns: dict[str, None] = {}
    for number, row in enumerate(read_rows(path, written)):
        if isinstance(row, dict):
            columns.update(dict.fromkeys(row))
        if number >= SAMPLE_ROWS:
            break
    return tuple(columns)


def _parquet(path: Path) -> Any:
    try:
        # Here, and no requirement: it is larger than all the rest that Throughline needs.
        from pyarrow import ArrowException, parquet  # noqa: PLC0415
    except ImportError:
        _refuse(
            path,
            "is Parquet, which needs a package more",
            "pyarrow",
            "run: .venv/bin/pip install --require-hashes -r requirements-parquet.lock",
        )
    try:
        return parquet.ParquetFile(path)
    except (ArrowException, OSError) as error:
        _refuse(path, "is no whole Parquet file", str(error)[:200], "get the file anew")


def _parquet_columns(path: Path) -> tuple[str, ...]:
    return tuple(_parquet(path).schema_arrow.names)


def _read_parquet(path: Path, _written: Written) -> Iterator[dict[str, CellValue] | Skipped]:
    for batch in _parquet(path).iter_batches(batch_size=BATCH_ROWS):
        for row in batch.to_pylist():
            yield dict(_flat(row))


@contextmanager
def _opened(path: Path, compression: str) -> Iterator[io.BufferedReader]:
    """The bytes inside a compressed file."""
    open_it: dict[str, Callable[[Path], Any]] = {
        "none": lambda path: path.open("rb"), "gzip": gzip.open, "bzip2": bz2.open, "xz": lzma.open,
        "zip": _open_member,
    }  # fmt: skip
    try:
        opened = open_it[compression](path)
    except _BROKEN as error:
        _refuse(path, f"cannot be opened as {compression}", str(error), "get the file anew")
    with opened, io.BufferedReader(opened, 1 << 20) as buffered:
        yield buffered


def _open_member(path: Path) -> IO[bytes]:
    archive = zipfile.ZipFile(path)
    members = [
        found
        for found in archive.infolist()
        if not found.is_dir() and not found.filename.startswith("__MACOSX/")
    ]
    if len(members) != 1:
        named = ", ".join(found.filename for found in members)[:200]
        _refuse(
            path, "is a zip with other than one file", named or "none", "unpack it and give one of its files"
        )
    try:
        return archive.open(members[0])
    except RuntimeError as error:
        _refuse(path, "is a zip that cannot be opened", str(error), "unpack it")


def _find_compression(path: Path) -> str:
    try:
        with path.open("rb") as opened:
            start = opened.read(8)
    except OSError as error:
        _refuse(path, "cannot be read", error.strerror or str(error), "name a file that is there")
    found = next((name for magic, name in _MAGIC if start.startswith(magic)), "none")
    if found == "zstd":
        _refuse(
            path, "is compressed with zstd, which Python 3.11 cannot read", path.name, "run: zstd -d FILE"
        )
    return found


def _find_format(path: Path) -> str | None:
    with path.open("rb") as opened:
        return "parquet" if opened.read(4) == b"PAR1" else None


def _find_encoding(sample: bytes) -> tuple[str, bool]:
    """The encoding and whether it is a guess: a byte order mark and valid UTF-8 leave no doubt."""
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name, False
    try:
        # The sample may end inside of a letter.
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        best = from_bytes(sample[:65_536]).best()
        return (best.encoding if best else "cp1252"), True
    return "utf-8", False


def _guess_encoding(path: Path, written: Written) -> str | None:
    """What the first bytes that are no UTF-8 may be."""
    with _opened(path, written.compression) as opened:
        while piece := opened.read(SAMPLE_BYTES):
            encoding, is_guess = _find_encoding(piece)
            if is_guess:
                return encoding
    return None


def _check_encoding(path: Path, encoding: str) -> None:
    try:
        codecs.lookup(encoding)
    except LookupError:
        _refuse(
            path,
            "is said to be in an encoding that is none",
            encoding,
            "write for example utf-8, cp1251 or utf-16",
        )


def _find_delimiter(text: str, wanted: Collection[str]) -> str:
    def fitness(delimiter: str) -> tuple[int, int, int]:
        header = _header(text, delimiter)
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        even = 0
        with suppress(csv.Error):
            even = sum(len(cells) == len(header) for cells, _ in zip(rows, range(100), strict=False))
        return len(set(header) & set(wanted)), even if len(header) > 1 else 0, len(header)

    return max(DELIMITERS, key=fitness)


def _header(text: str, delimiter: str) -> tuple[str, ...]:
    csv.field_size_limit(MAX_CELL_CHARS)
    try:
        return tuple(
            next(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter), [])
        )
    except csv.Error:
        return ()


def _check_header(path: Path, header: tuple[str, ...]) -> None:
    twice = sorted({name for name in header if header.count(name) > 1 and name})
    if not header:
        _refuse(f"{path}: header", "has no names of columns", "", "write them into the first line")
    if twice:
        _refuse(
            f"{path}: header", "has a column twice", ", ".join(twice)[:200], "give each a name of its own"
        )


def _refuse(where: object, what: str, value: object, remedy: str) -> NoReturn:
    raise BadInput([Problem(str(where), what, value, remedy)])
