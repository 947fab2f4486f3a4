"""A CSV file comes back as it was written, and what is none is refused."""

import csv
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.errors import BadInput
from loaders import csv_rows
from loaders.csv_rows import Cells, read_rows

# White space around a cell is no part of it, and a lone surrogate is no character of UTF-8.
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")).map(str.strip)
TABLES = st.lists(st.tuples(CELLS, CELLS, CELLS))


@settings(deadline=None)
@given(
    TABLES, st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n"]), st.sampled_from(["utf-8", "utf-8-sig"])
)
def test_what_was_written_is_read(
    rows: list[tuple[str, str, str]], delimiter: str, ending: str, encoding: str
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        with path.open("w", encoding=encoding, newline="") as opened:
            # Without QUOTE_ALL Python writes a lone carriage return bare, which ends a row for every reader.
            writer = csv.writer(opened, delimiter=delimiter, lineterminator=ending, quoting=csv.QUOTE_ALL)
            writer.writerows([("a", "other", " b "), *rows])
        found = list(read_rows(path, ("b", "a"), delimiter=delimiter))
    assert found == [Cells(n, {"b": b, "a": a}, ()) for n, (a, _, b) in enumerate(rows, start=1)]


def test_rows_with_other_numbers_of_cells_are_told_by_number(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,b,\n1,2,x\n1\n1,2\n1,2,3,4\n\n", "utf-8")
    assert list(read_rows(path, ("a",))) == [Cells(1, {"a": "1"}, ("x",)), 2, 3, 4, 5]
    assert list(read_rows(path, ("a",), may_be_short=1))[2] == Cells(3, {"a": "1"}, ())


def test_a_cell_without_an_end_is_not_read_to_the_end_of_the_world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_rows, "MAX_CELL_CHARS", 1_000)
    path = tmp_path / "rows.csv"
    path.write_text('a\n1\n"' + "x" * 2_000, "utf-8")
    with pytest.raises(BadInput, match="after row 1: is not CSV, 'field larger than field limit"):
        list(read_rows(path, ("a",)))
