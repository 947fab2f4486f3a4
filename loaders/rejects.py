"""The rows from which nothing was taken, as a table to open in a spreadsheet."""

import csv
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from kb.bulk.facts import Row
from kb.errors import BadInput, Problem

HEADER: Final = ("file", "row", "reason", "detail")
# What a spreadsheet takes for a formula, or for the start of one.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


class Rejects:
    """Writes rejected rows to `path` as CSV, and keeps the first `show` of them; without a path it only counts.

    The file appears when all is done, and holds a row at least. A text from a source that a spreadsheet would take for
    a formula has an apostrophe before it.
    """

    def __init__(self, path: Path | None, *, show: int = 0) -> None:
        self.path = path
        self.rows = 0
        self.shown: list[Row] = []
        self._show = show
        self._file: IO[str] | None = None
        self._write: Callable[[tuple[str, ...]], object] = lambda _cells: None

    def __enter__(self) -> Self:
        return self

    def __call__(self, row: Row, /) -> None:
        """Takes a row that was skipped."""
        self.rows += 1
        if len(self.shown) < self._show:
            self.shown.append(row)
        if self.path is not None:
            self._open(self.path)
            cells = (row.file, str(row.number), row.skipped or "", row.detail or "")
            self._write(tuple(as_text(cell) for cell in cells))

    def _open(self, path: Path) -> None:
        if self._file is None:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                if path.is_dir():
                    raise IsADirectoryError("it is a folder")
                # With a byte order mark Excel reads UTF-8.
                self._file = _part(path).open(
                    "w", encoding="utf-8-sig", errors="backslashreplace", newline=""
                )
            except OSError as error:
                problem = Problem("rejects", "cannot be written", str(path), f"{error}; give --rejects FILE")
                raise BadInput([problem]) from error
            self._write = csv.writer(self._file).writerow
            self._write(HEADER)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None and self.path is not None:
            self._file.close()
            _part(self.path).replace(self.path)


def _part(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def as_text(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet would calculate."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
