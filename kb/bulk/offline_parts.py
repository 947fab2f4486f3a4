"""Writes parts of a dataset as files for the import tool, each with its batches.

`python -m kb.bulk.offline_parts` is the second process of an export: it reads from stdin what to write, tells on stdout
how many rows it has written, and at last the arguments that name its files.
"""

import json
import sqlite3
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from kb.amplified import PROPERTIES
from kb.bulk.cut import Keyed, batch_id, cut
from kb.bulk.follow import ANY
from kb.bulk.import_files import LIST, ImportFiles, type_of
from kb.bulk.load import EDGES, ENTITIES
from kb.bulk.nodes import make_properties
from kb.bulk.own_edges import own_edges
from kb.bulk.staging import StagedNode, Staging, rare_collections
from kb.bulk.table_rows import OBSERVED
from kb.names import HEAD_CHARS, make_keys, make_name
from schema.catalog import labels_of
from schema.observations import Dataset

WORK_FILE: Final = "staging.sqlite"
# In the names of the files of the second process.
SECOND: Final = "-2"

# The properties of an observed edge in the order in which they are written.
_EDGE_COLUMNS: Final = {
    **dict.fromkeys(PROPERTIES, "string"),
    **dict.fromkeys(("count_min", "undated", "bounds_unknown"), "long"),
    **dict.fromkeys(("from_accounts", "to_accounts"), LIST),
    "basis": "string",
    "unit": "string",
}
_EDGE_SAYS: Final = ("observed", "interactions")
_BATCH_COLUMNS: Final = {
    "id": "", "dataset": "string", "part": "string", "hi": LIST, "sha256": "string", "rows": "long",
    "derived": "boolean",
}  # fmt: skip


class PartWriter:
    """Writes parts of a dataset from its work file; `progress` takes the rows of each piece that is written."""

    def __init__(
        self, files: ImportFiles, dataset: Dataset, staging: Staging, progress: Callable[[int], None]
    ) -> None:
        self._files, self._dataset, self._staging, self._progress = files, dataset, staging, progress
        self._batches = files.nodes("Batch", "Batch", _BATCH_COLUMNS)

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
                self._batches.write(
                    (key, self._dataset.id, part, piece.hi, piece.sha256, number, part == ENTITIES)
                )
                self._progress(number)

    def _write_entities(self) -> None:
        dataset = self._dataset.id
        columns: dict[str, dict[str, str]] = {}
        for kind, properties in self._staging.shown.items():
            ours = make_properties(dataset, StagedNode("", kind, {}, []))
            types = {**properties, **{name: type(value) for name, value in ours.items()}}
            columns[kind] = {name: type_of(found) for name, found in types.items()}
        # What is counted is done by accounts, to accounts.
        columns.get("Account", {}).update(dict.fromkeys(self._staging.counter_names(), "long"))
        opened = {
            kind: (self._files.nodes(":".join(labels_of(kind)), "Entity", found), list(found))
            for kind, found in columns.items()
        }
        with _Names(self._files, dataset) as names:
            for nodes in self._pieces(ENTITIES, self._staging.nodes()):
                counters = self._staging.counters(nodes[0].id, nodes[-1].id)
                for node in nodes:
                    given = make_properties(dataset, node) | counters.get(node.id, {})
                    file, columns_of_file = opened[node.type]
                    file.write(map(given.get, columns_of_file))
                    for written in dict.fromkeys(node.names):
                        names.write(node.id, written)

    def _write_edges(self) -> None:
        """Those that a load of this dataset into an empty store makes of its work file alone.

        Not those of accounts that somebody holds or that posted something, and of whoever acted on a held one: the load
        makes them. See `kb/bulk/follow.py`.
        """
        file = self._files.links("AMPLIFIED", ("Entity", "Entity"), _EDGE_COLUMNS)
        for edges in self._pieces(EDGES, own_edges(self._staging, self._dataset.id, ANY)):
            for edge in edges:
                file.write((edge.start, edge.end, *edge.values, *_EDGE_SAYS))

    def _write_links(self, part: str) -> None:
        names, dataset = OBSERVED[part], self._dataset.id
        columns = dict.fromkeys((*names, "dataset"), "string")
        file = self._files.links(part, ("Entity", "Entity"), columns)
        for links in self._pieces(part, self._staging.links(part)):
            for link in links:
                file.write((link.start, link.end, *map(link.properties.get, names), dataset))


class _Names:
    """Names, and each key that they are found by once, in bounded memory."""

    def __init__(self, files: ImportFiles, dataset: str) -> None:
        self._files, self._dataset = files, dataset
        self._names = files.nodes("Name", "Name", dict.fromkeys(make_name("x", "x", "x"), "string"))
        self._named = files.links("NAMED", ("Entity", "Name"))
        self._found_as = files.links("FOUND_AS", ("Name", "NameKey"))
        # A file that SQLite makes and takes away by itself.
        self._keys = sqlite3.connect("", isolation_level=None)
        self._keys.executescript(
            "PRAGMA journal_mode = OFF; CREATE TABLE key (key TEXT PRIMARY KEY) WITHOUT ROWID; BEGIN"
        )

    def __enter__(self) -> "_Names":
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        with closing(self._keys):
            if failed is None:
                self._write_keys()

    def write(self, entity: str, written: str) -> None:
        name, keys = make_name(entity, written, self._dataset), make_keys(written)
        self._names.write(name.values())
        self._named.write((entity, name["id"]))
        self._keys.executemany("INSERT OR IGNORE INTO key VALUES (?)", ((key,) for key in keys))
        for key in keys:
            self._found_as.write((name["id"], f"{self._dataset}#{key}"))

    def _write_keys(self) -> None:
        columns = {"id": "", "key": "string", "head": "string", "source": "string"}
        file = self._files.nodes("NameKey", "NameKey", columns)
        for (key,) in self._keys.execute("SELECT key FROM key ORDER BY key"):
            file.write((f"{self._dataset}#{key}", key, key[:HEAD_CHARS], self._dataset))


def main() -> None:
    """Writes what stdin asks for: `folder`, `dataset`, `parts`."""
    asked = json.load(sys.stdin)
    folder, dataset = Path(asked["folder"]), Dataset.model_validate(asked["dataset"])
    with rare_collections(), Staging(folder / WORK_FILE, is_filled=True) as staging:
        with ImportFiles(folder, SECOND) as files:
            writer = PartWriter(files, dataset, staging, lambda rows: print(rows, flush=True))
            for part in asked["parts"]:
                writer.write(part)
        print(json.dumps(list(files.arguments())))


if __name__ == "__main__":
    main()
