"""CSV files of a known shape as rows of named cells."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from kb.errors import BadInput, Problem

# Descriptions of profiles are long, whole files without a quote at their end longer.
MAX_CELL_CHARS: Final = 1 << 20


class Cells(NamedTuple):
    """A data row: its number from 1, its cells by column, and how many cells it has beside them."""

    number: int
    by_column: dict[str, str]
    more: tuple[str, ...]
    """The cells of columns without a name."""


def read_rows(
    path: Path, wanted: Sequence[str], *, delimiter: str = ",", may_be_short: int = 0
) -> Iterator[Cells | int]:
    """The rows of a UTF-8 file with a header; of a row with too few or too many cells only its number.

    A byte order mark and white space around the names of columns are no part of them. Of the named columns only
    those that are `wanted` are handed on. A row may lack the last `may_be_short` cells of the header.
    Raises BadInput when a wanted column is missing or there twice, and when the file is not CSV in UTF-8.
    """
    # Set for the process: the default of 131,072 is for files that anyone may send.
    csv.field_size_limit(MAX_CELL_CHARS)
    number = 0
    with path.open(encoding="utf-8-sig", newline="") as opened:
        reader = csv.reader(opened, delimiter=delimiter, strict=True)
        try:
            header = [name.strip() for name in next(reader, [])]
            places = _find_columns(path, header, wanted)
            nameless = [place for place, name in enumerate(header) if not name]
            for number, cells in enumerate(reader, start=1):
                if not len(header) - may_be_short <= len(cells) <= len(header):
                    yield number
                    continue
                more = tuple(cells[place] for place in nameless if place < len(cells))
                yield Cells(number, {name: cells[place].strip() for name, place in places.items()}, more)
        except UnicodeDecodeError as error:
            raise BadInput(
                [Problem(f"{path}: after row {number}", "is not UTF-8", error.reason, "save it as UTF-8")]
            ) from error
        except csv.Error as error:
            raise BadInput(
                [Problem(f"{path}: after row {number}", "is not CSV", str(error), "get the file anew")]
            ) from error


def _find_columns(path: Path, header: Sequence[str], wanted: Sequence[str]) -> dict[str, int]:
    problems = [
        Problem(
            f"{path}: header",
            "has not once, but so often, the column",
            f"{name}: {header.count(name)}",
            "get the file anew",
        )
        for name in wanted
        if header.count(name) != 1
    ]
    if problems:
        raise BadInput(problems)
    return {name: header.index(name) for name in wanted}
