"""CSV for spreadsheets: one row a record, and no cell that a spreadsheet would run as a formula."""

import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from kb.export.losses import Losses
from kb.export.pages import Batch, Row
from kb.export.table import COLUMNS, flatten

# What Excel, LibreOffice and Google Sheets may take for the start of a formula (OWASP, CSV injection), the full-width
# forms included, also behind spaces and characters that show nothing.
_FORMULA: Final = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20|%\t\r\n\0]")
# No text has these; a terminal or a spreadsheet might act on them.
_CONTROL: Final = re.compile(r"[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
NEUTRALISED: Final = "cells with an apostrophe in front, because they begin as a formula does"
CONTROLS: Final = "control characters written as U+FFFD"


class CsvTable:
    """RFC 4180 in UTF-8 with a mark at the start, by which Excel knows the encoding."""

    def __init__(self, question: str, losses: Losses) -> None:
        self._question, self._losses = question, losses
        self._columns = list(COLUMNS[question])

    def begin(self) -> bytes:
        """The mark and the names of the columns."""
        return b"\xef\xbb\xbf" + self._lines([self._columns])

    def add(self, batch: Batch) -> bytes:
        """The rows of the batch."""
        rows = list(flatten(self._question, batch))
        self._losses.written["rows"] += len(rows)
        return self._lines([self._cells(row) for row in rows])

    def end(self) -> Iterator[bytes]:
        """Nothing."""
        return iter(())

    def close(self) -> None:
        """Nothing is held."""

    def _cells(self, row: Row) -> list[str]:
        return [self._cell(row[name]) for name in self._columns]

    def _cell(self, value: object) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            return str(value)
        text, controls = _CONTROL.subn("\ufffd", str(value))
        self._losses.lose(CONTROLS, controls)
        if not _FORMULA.match(text):
            return text
        self._losses.lose(NEUTRALISED)
        return "'" + text

    def _lines(self, rows: list[list[str]]) -> bytes:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        return text.getvalue().encode(errors="replace")
