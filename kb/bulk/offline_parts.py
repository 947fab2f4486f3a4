"""Writes parts of a dataset as files for the import tool, each with its batches.

`python -m kb.bulk.offline_parts` is the second process of an export: it reads from stdin what to write, tells on stdout
how many rows it has written, and at last the arguments that name its files.
"""

import json
import sqlite3
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any, Final

import orjson

from kb.amplified import PROPERTIES
from kb.bulk.batches import EDGES, ENTITIES
from kb.bulk.cut import PIECE_ROWS, Keyed, batch_id, cut
from kb.bulk.follow import ANY
from kb.bulk.import_files import LIST, ImportFiles, type_of
from kb.bulk.nodes import make_properties
from kb.bulk.own_edges import own_edges
from kb.bulk.staged import StagedNode
from kb.bulk.staging import Staging, rare_collections
from kb.bulk.table_rows import OBSERVED
from kb.names import HEAD_CHARS, make_keys, make_name
from schema.catalog import labels_of
from schema.observations import Dataset

WORK_FILE: Final = "staging.sqlite"
# In the names of the files of the second process.
SECOND: Final = "-2"

# The properties of an observed edge in the order in which they are written. The last of PROPERTIES are the accounts
# behind its ends: edges that `own_edges` makes run between accounts, and have none.
_WRITTEN: Final = PROPERTIES[: PROPERTIES.index("from_accounts")]
_EDGE_COLUMNS: Final = {
    **dict.fromkeys(_WRITTEN, "string"),
    **dict.fromkeys(("count_min", "undated", "bounds_unknown"), "long"),
    "basis": "string",
    "unit": "string",
}
_EDGE_SAYS: Final = ("observed", "interactions")
_BATCH_COLUMNS: Final = {
    "id": "string", "dataset": "string", "part": "string", "hi": LIST, "sha256": "string", "rows": "long",
    "derived": "boolean",
}  # fmt: skip


def free_numbers(staging: Staging, *, is_second: bool = False) -> Iterator[int]:
    """Numbers that no entity has, every second for each of the two processes."""
    return count(staging.count_entities() + is_second, 2)


class PartWriter:
    """Writes parts of a dataset from its work file; `progress` takes the rows of each piece that is written."""

    def __init__(
        self, files: ImportFiles, dataset: Dataset, staging: Staging, progress: Callable[[int], None]
    ) -> None:
        self._files, self._dataset, self._staging, self._progress = files, dataset, staging, progress
        self._batches = files.nodes("Batch", _BATCH_COLUMNS)

    def write(self, part: str) -> None:
        """Writes the entities with their names, the observed edges, or the relationships of a type."""
        if part == ENTITIES:
            self._write_entities()
        elif part == EDGES:
            self._write_edges()
        else:
            self._write_links(part)

    def _pieces(self, part: str, rows: Generator[Keyed]) -> Iterator[list[Any]]:
        """The rows piece by piece; each is noted as a batch of a load."""
        with closing(rows):
            for piece in cut(rows, ()):
                yield list(piece.rows)
                key = batch_id(self._dataset.id, part, piece.hi)
                number = len(piece.rows)
                batch = (key, self._dataset.id, part, piece.hi, piece.sha256, number, part == ENTITIES)
                self._batches.write([(next(self._files.numbers), *batch)])
                self._progress(number)

    def _write_entities(self) -> None:
        dataset = self._dataset.id
        columns: dict[str, dict[str, str]] = {}
        for kind, properties in self._staging.shown.items():
            ours = make_properties(dataset, StagedNode("", kind, {}, []))
            types = {**properties, **{name: type(value) for name, value in ours.items()}}
            columns[kind] = {name: type_of(found) for name, found in types.items()}
        # What is counted is done by accounts, to accounts.
        columns.get("Account", {}).update(dict.fromkeys(self._staging.counting.counter_names(), "long"))
        opened = {
            kind: self._files.nodes(":".join(labels_of(kind)), found) for kind, found in columns.items()
        }
        numbers = count()
        with _Names(self._files, dataset) as names:
            for nodes in self._pieces(ENTITIES, self._staging.nodes()):
                counters = self._staging.counting.counters(nodes[0].id, nodes[-1].id)
                rows: dict[str, list[list[Any]]] = {}
                for node in nodes:
                    given = make_properties(dataset, node) | counters.get(node.id, {})
                    number = next(numbers)
                    rows.setdefault(node.type, []).append([number, *map(given.get, columns[node.type])])
                    for written in dict.fromkeys(node.names):
                        names.write(node.id, number, written)
                for kind, found in rows.items():
                    opened[kind].write(found)

    def _write_edges(self) -> None:
        """Those that a load of this dataset into an empty store makes of its work file alone.

        Not those of accounts that somebody holds or that posted something, and of whoever acted on a held one: the load
        makes them. See `kb/bulk/follow.py`.
        """
        file = self._files.links("AMPLIFIED", _EDGE_COLUMNS)
        edges = own_edges(self._staging, self._dataset.id, ANY, are_numbered=True)
        for piece in self._pieces(EDGES, edges):
            file.write((*edge.ends, *edge.values[: len(_WRITTEN)], *_EDGE_SAYS) for edge in piece)

    def _write_links(self, part: str) -> None:
        columns = dict.fromkeys((*OBSERVED[part], "dataset"), "string")
        file, dataset = self._files.links(part, columns), orjson.dumps(self._dataset.id)
        for links in self._pieces(part, self._staging.links(part, are_numbered=True)):
            file.write_packed([b"%d,%d,%b,%b" % (*link.ends, link.packed[1:-1], dataset) for link in links])


class _Names:
    """Names, and each key that they are found by once, in bounded memory."""

    def __init__(self, files: ImportFiles, dataset: str) -> None:
        self._files, self._dataset = files, dataset
        self._names = files.nodes("Name", dict.fromkeys(make_name("x", "x", "x"), "string"))
        self._named = files.links("NAMED")
        self._found_as = files.links("FOUND_AS")
        # A file that SQLite makes and takes away by itself.
        self._keys = sqlite3.connect("", isolation_level=None)
        self._keys.executescript(
            "PRAGMA journal_mode = OFF; CREATE TABLE key (key TEXT PRIMARY KEY, number INTEGER) WITHOUT ROWID; BEGIN"
        )

    def __enter__(self) -> "_Names":
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        with closing(self._keys):
            if failed is None:
                self._write_keys()

    def write(self, entity: str, entity_number: int, written: str) -> None:
        number = next(self._files.numbers)
        self._names.write([(number, *make_name(entity, written, self._dataset).values())])
        self._named.write([(entity_number, number)])
        self._found_as.write((number, self._number_of(key)) for key in make_keys(written))

    def _number_of(self, key: str) -> int:
        for (known,) in self._keys.execute("SELECT number FROM key WHERE key = ?", (key,)):
            return int(known)
        number = next(self._files.numbers)
        self._keys.execute("INSERT INTO key VALUES (?, ?)", (key, number))
        return number

    def _write_keys(self) -> None:
        file = self._files.nodes("NameKey", dict.fromkeys(("id", "key", "head", "source"), "string"))
        keys = self._keys.execute("SELECT number, key FROM key ORDER BY key")
        while some := keys.fetchmany(PIECE_ROWS):
            file.write(
                (number, f"{self._dataset}#{key}", key, key[:HEAD_CHARS], self._dataset)
                for number, key in some
            )


def main() -> None:
    """Writes what stdin asks for: `folder`, `dataset`, `parts`."""
    asked = json.load(sys.stdin)
    folder, dataset = Path(asked["folder"]), Dataset.model_validate(asked["dataset"])
    with rare_collections(), Staging(folder / WORK_FILE, is_filled=True) as staging:
        with ImportFiles(folder, free_numbers(staging, is_second=True), SECOND) as files:
            writer = PartWriter(files, dataset, staging, lambda rows: print(rows, flush=True))
            for part in asked["parts"]:
                writer.write(part)
        print(json.dumps(list(files.arguments())))


if __name__ == "__main__":
    main()
