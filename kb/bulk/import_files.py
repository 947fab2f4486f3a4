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
    "--id-type=string", "--input-encoding=UTF-8", "--array-delimiter=U+001F", "--bad-tolerance=0",
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

    def write(self, values: Iterable[Any]) -> None:
        """A line of the values in the order of the header: an empty cell is absent, an empty text is one in quotes."""
        row = list(values)
        for place in self._lists:
            if row[place] is not None:
                row[place] = _join(row[place])
        # The JSON of a row is its CSV unless it has an escape or the word for an absent value, and is faster to make
        # than one cell after the other.
        line = orjson.dumps(row)[1:-1]
        absent = row.count(None)
        if b"\\" in line or line.count(b"null") != absent:
            text = ",".join(map(_cell, row))
            self.is_multiline = self.is_multiline or "\n" in text or "\r" in text
            line = text.encode()
        elif absent:
            line = line.replace(b"null", b"")
        self._file.write(line + b"\n")


class ImportFiles(AbstractContextManager["ImportFiles"]):
    """The files of an export in a folder; `mark` is part of their names."""

    def __init__(self, folder: Path, mark: str = "") -> None:
        self._folder, self._mark, self._open = folder, mark, ExitStack()
        self._files: list[CsvFile] = []
        self._named: list[str] = []

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def nodes(self, labels: str, group: str, columns: Columns) -> CsvFile:
        """A file of nodes whose `id` is unique in `group`; `columns` are names with the tool's word for their type."""
        typed = {**columns, "id": f"ID({group})"}
        return self._begin("nodes", labels, [f"{name}:{kind}" for name, kind in typed.items()])

    def links(self, kind: str, groups: tuple[str, str], columns: Columns = NONE) -> CsvFile:
        """A file of relationships between nodes of two groups."""
        ends = [f":START_ID({groups[0]})", f":END_ID({groups[1]})"]
        return self._begin("relationships", kind, [*ends, *(f"{name}:{of}" for name, of in columns.items())])

    def arguments(self) -> Iterator[str]:
        """What names the files to the tool."""
        if any(file.is_multiline for file in self._files):
            yield MULTILINE
        yield from self._named

    def _begin(self, what: str, name: str, header: Sequence[str]) -> CsvFile:
        file = f"{what}-{name.replace(':', '-')}{self._mark}.csv"
        self._named.append(f"--{what}={name}={file}")
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
