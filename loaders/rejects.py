"""The rows from which nothing was taken, as a table to open in a spreadsheet."""

import csv
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from kb.bulk.facts import Row

HEADER: Final = ("file", "row", "reason", "detail")
# What a spreadsheet takes for a formula, or for the start of one.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


class Rejects:
    """Writes rejected rows to `path` as CSV; the file appears when all is done, and holds a row at least.

    A name or text from a source that a spreadsheet would take for a formula has an apostrophe before it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows = 0
        self._part = path.with_name(path.name + ".part")
        self._file: IO[str] | None = None
        self._writer: Any = None

    def __enter__(self) -> Self:
        return self

    def __call__(self, row: Row, /) -> None:
        """Takes a row that was skipped."""
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # With a byte order mark Excel reads UTF-8.
            self._file = self._part.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow(HEADER)
        self.rows += 1
        self._writer.writerow(
            (as_text(row.file), row.number, as_text(row.skipped or ""), as_text(row.detail or ""))
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._part.replace(self.path)


def as_text(cell: str) -> str:
    """The cell, with an apostrophe before what a spreadsheet would calculate."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
