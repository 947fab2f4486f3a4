"""CSV as `neo4j-admin database import full` reads it, and the arguments that name the files."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from kb.errors import BadInput, Problem

# Between the values of a list: no text that people write has it.
SEPARATOR: Final = "\x1f"
LIST: Final = "string[]"
OPTIONS: Final = (
    "--id-type=actual", "--input-encoding=UTF-8", "--array-delimiter=U+001F", "--bad-tolerance=0",
)  # fmt: skip
# The tool reads the files in a fifth less time without.
MULTILINE: Final = "--multiline-fields=true"

Columns = Mapping[str, str]
NONE: Final[Columns] = {}


class CsvFile:
    """One file. `is_multiline`: a value that was written has a line break."""

    def __init__(self, file: BinaryIO, header: Sequence[str]) -> None:
        self._file = file
        self._lists = [place for place, column in enumerate(header) if column.endswith(LIST)]
        self.is_multiline = False
        file.write(f"{','.join(header)}\n".encode())

    def write(self, rows: Iterable[Iterable[Any]]) -> None:
        """Lines of values in the order of the header: an empty cell is absent, an empty text is one in quotes."""
        lines = [list(row) for row in rows]
        for place in self._lists:
            for line in lines:
                if line[place] is not None:
                    line[place] = _join(line[place])
        # The JSON of rows is their CSV, and is faster to make than one cell after the other, unless a text has an
        # escape, or in it what stands for an absent value or between two rows.
        made = orjson.dumps(lines)
        absent = sum(line.count(None) for line in lines)
        if b"\\" in made or made.count(b"null") != absent or made.count(b"],[") != len(lines) - 1:
            for line in lines:
                self._write_cells(line)
        else:
            made = made[2:-2].replace(b"],[", b"\n")
            self._file.write((made.replace(b"null", b"") if absent else made) + b"\n")

    def write_packed(self, rows: Sequence[bytes]) -> None:
        """Lines of rows that each are a JSON array of texts and numbers but for its brackets; no column is a list."""
        made = b"\n".join([*rows, b""])
        if b"\\" in made or b"null" in made:
            self.write(orjson.loads(b"[[%b]]" % b"],[".join(rows)))
        else:
            self._file.write(made)

    def _write_cells(self, line: Iterable[Any]) -> None:
        text = ",".join(map(_cell, line))
        self.is_multiline = self.is_multiline or "\n" in text or "\r" in text
        self._file.write(f"{text}\n".encode())


class ImportFiles(AbstractContextManager["ImportFiles"]):
    """The files of an export in a folder; `mark` is part of their names.

    `numbers` are for nodes that have no number yet: a node is known to the tool by a number that no other node has.
    """

    def __init__(self, folder: Path, numbers: Iterator[int], mark: str = "") -> None:
        self.numbers = numbers
        self._folder, self._mark, self._open = folder, mark, ExitStack()
        self._files: list[CsvFile] = []
        self._named: list[str] = []

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def nodes(self, labels: str, columns: Columns) -> CsvFile:
        """A file of nodes: the number of each, and `columns`, which are names with the tool's word for their type."""
        return self._begin("nodes", labels, [":ID"], columns)

    def links(self, kind: str, columns: Columns = NONE) -> CsvFile:
        """A file of relationships: the numbers of the nodes at their ends, and `columns`."""
        return self._begin("relationships", kind, [":START_ID", ":END_ID"], columns)

    def arguments(self) -> Iterator[str]:
        """What names the files to the tool."""
        if any(file.is_multiline for file in self._files):
            yield MULTILINE
        yield from self._named

    def _begin(self, what: str, name: str, ends: list[str], columns: Columns) -> CsvFile:
        file = f"{what}-{name.replace(':', '-')}{self._mark}.csv"
        self._named.append(f"--{what}={name}={file}")
        header = ends + [f"{column}:{kind}" for column, kind in columns.items()]
        opened = CsvFile(self._open.enter_context((self._folder / file).open("wb")), header)
        self._files.append(opened)
        return opened


def type_of(kind: type) -> str:
    """The tool's word for values of a Python type."""
    known: dict[type, str] = {list: LIST, bool: "boolean", int: "long", float: "double"}
    return known.get(kind, "string")


def _join(values: Sequence[str]) -> str:
    if any(SEPARATOR in value for value in values):
        problem = Problem(
            "a list", "has the character U+001F, which separates values", values, "leave it out"
        )
        raise BadInput([problem])
    return SEPARATOR.join(values)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return '"' + str(value).replace('"', '""') + '"'
