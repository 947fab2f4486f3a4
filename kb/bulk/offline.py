"""Writes a dataset as files for `neo4j-admin database import full`, the fastest way into an empty Neo4j.

The files hold what the rows say, the edges that follow from them alone, and the batches that a load would have written.
A load of the dataset afterwards finds every batch stored, sends none, and does what is left, as after a load that was
killed: the edges of accounts that somebody holds, and of posts.
"""

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, TextIO

from kb.bulk.cut import batch_id, cut
from kb.bulk.facts import Row
from kb.bulk.load import EDGES, ENTITIES
from kb.bulk.nodes import make_properties
from kb.bulk.offline_edges import COLUMNS, edge_values, edges_alone
from kb.bulk.staging import OBSERVED, Counted, StagedNode, Staging, rare_collections
from kb.errors import BadInput, Problem
from kb.names import HEAD_CHARS, make_keys, make_name
from schema.catalog import labels_of
from schema.observations import Dataset

# Between the values of a list: no text that people write has it.
SEPARATOR: Final = "\x1f"
ARGUMENTS: Final = "import.args"
_OPTIONS: Final = (
    "--id-type=string", "--input-encoding=UTF-8", "--multiline-fields=true", "--array-delimiter=U+001F",
    "--bad-tolerance=0",
)  # fmt: skip
# What a name is found by, noted in the work file so that each is written once.
_KEY: Final = "key"
_PAGE_KEYS: Final = 10_000

Columns = dict[str, str]


def export_bulk(
    dataset: Dataset,
    rows: Iterable[Row],
    folder: Path,
    *,
    reject: Callable[[Row], None] = lambda _row: None,
    progress: Callable[[str, int, int | None], None] = lambda _stage, _done, _total: None,
) -> Counted:
    """Writes `folder`, which is not there yet: CSV files and `import.args`, which names them. All of it, or nothing.

    Memory stays bounded whatever the number of rows. Raises BadInput for a folder that is there, and for rows as
    `load_dataset` does.
    """
    if folder.exists():
        raise BadInput([Problem("--out", "is there already", str(folder), "name a folder that is not")])
    part = folder.with_name(f"{folder.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
    except OSError as error:
        problem = Problem(
            "--out", f"cannot be made: {error.strerror}", str(folder), "name a folder you may write"
        )
        raise BadInput([problem]) from error
    try:
        with rare_collections(), Staging(part / "staging.sqlite") as staging:
            counted = staging.fill(rows, reject, lambda read: progress("reading", read, None))
            with _Folder(part) as files:
                _write_dataset(files, dataset, staging, progress)
        part.rename(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return counted


class _Folder:
    """The files of an export, and the arguments that name them."""

    def __init__(self, path: Path) -> None:
        self._path, self._open = path, ExitStack()
        self._arguments: list[str] = [*_OPTIONS]

    def __enter__(self) -> "_Folder":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()
        (self._path / ARGUMENTS).write_text("".join(f"{line}\n" for line in self._arguments), "utf-8")

    def nodes(self, labels: str, group: str, columns: Columns) -> TextIO:
        """A file of nodes whose `id` is unique in `group`."""
        typed = {**columns, "id": f"ID({group})"}
        return self._begin("nodes", labels, [f"{name}:{kind}" for name, kind in typed.items()])

    def links(self, kind: str, groups: tuple[str, str], columns: Mapping[str, str] = {}) -> TextIO:
        """A file of relationships between nodes of two groups."""
        ends = [f":START_ID({groups[0]})", f":END_ID({groups[1]})"]
        typed = [f"{name}:{kind_of_value}" for name, kind_of_value in columns.items()]
        return self._begin("relationships", kind, [*ends, *typed])

    def _begin(self, what: str, name: str, header: Sequence[str]) -> TextIO:
        file = f"{what}-{name.replace(':', '-')}.csv"
        self._arguments.append(f"--{what}={name}={file}")
        opened = (self._path / file).open("w", encoding="utf-8", newline="")
        self._open.enter_context(opened)
        opened.write(f"{','.join(header)}\n")
        return opened


def _write_dataset(
    files: _Folder, dataset: Dataset, staging: Staging, progress: Callable[[str, int, int | None], None]
) -> None:
    properties = dataset.model_dump(mode="json", exclude_none=True)
    _write(files.nodes("Dataset", "Dataset", dict.fromkeys(properties, "string")), properties.values())
    batches = files.nodes(
        "Batch", "Batch",
        {"id": "", "dataset": "string", "part": "string", "hi": "string[]", "sha256": "string", "rows": "long",
         "derived": "boolean"},
    )  # fmt: skip

    counters: dict[str, dict[str, int]] = {}

    def pieces(rows: Iterator[Any], part: str) -> Iterator[Any]:
        total = None if part == EDGES else staging.count(None if part == ENTITIES else part)
        done = 0
        for piece in cut(rows, ()):
            if part == ENTITIES:
                counters.clear()
                counters.update(staging.counters(piece.rows[0].id, piece.hi[0]))
            yield from piece.rows
            key = batch_id(dataset.id, part, piece.hi)
            is_derived = part == ENTITIES
            _write(
                batches, (key, dataset.id, part, list(piece.hi), piece.sha256, len(piece.rows), is_derived)
            )
            done += len(piece.rows)
            progress(part, done, total)

    # First: the counters of an entity stand in its own line.
    amplified = files.links("AMPLIFIED", ("Entity", "Entity"), COLUMNS)
    for edge in pieces(edges_alone(staging, dataset.id), EDGES):
        _write(amplified, [edge.start, edge.end, *edge_values(edge)])
    columns = _find_columns(dataset, staging.as_read())
    # What is counted is done by accounts, to accounts.
    columns.get("Account", {}).update(dict.fromkeys(staging.counter_names(), "long"))
    entities = {
        kind: files.nodes(":".join(labels_of(kind)), "Entity", found) for kind, found in columns.items()
    }
    names = files.nodes("Name", "Name", dict.fromkeys(make_name("x", "x", "x"), "string"))
    named = files.links("NAMED", ("Entity", "Name"))
    found_as = files.links("FOUND_AS", ("Name", "NameKey"))
    for node in pieces(staging.nodes(), ENTITIES):
        given = {**make_properties(dataset.id, node), **counters.get(node.id, {})}
        _write(entities[node.type], [given.get(name) for name in columns[node.type]])
        for written in dict.fromkeys(node.names):
            name, keys = make_name(node.id, written, dataset.id), make_keys(written)
            _write(names, name.values())
            _write(named, (node.id, name["id"]))
            staging.touch(_KEY, keys)
            for key in keys:
                _write(found_as, (name["id"], f"{dataset.id}#{key}"))
    name_keys = files.nodes(
        "NameKey", "NameKey", {"id": "", "key": "string", "head": "string", "source": "string"}
    )
    for page in staging.touched(_KEY, _PAGE_KEYS):
        for key in page:
            _write(name_keys, (f"{dataset.id}#{key}", key, key[:HEAD_CHARS], dataset.id))
    for part in staging.parts():
        opened = files.links(
            part, ("Entity", "Entity"), dict.fromkeys((*OBSERVED[part], "dataset"), "string")
        )
        for link in pieces(staging.links(part), part):
            values = [link.properties.get(name) for name in OBSERVED[part]]
            _write(opened, [link.start, link.end, *values, dataset.id])


def _find_columns(dataset: Dataset, nodes: Iterator[StagedNode]) -> dict[str, Columns]:
    """For each type of entity the properties that one of them has, with the import tool's word for what they are."""
    columns: dict[str, Columns] = {}
    for node in nodes:
        known = columns.setdefault(node.type, {})
        for name, value in make_properties(dataset.id, node).items():
            if name not in known:
                known[name] = _type_of(value)
    return columns


def _type_of(value: Any) -> str:
    if isinstance(value, list):
        return "string[]"
    kinds: dict[type, str] = {bool: "boolean", int: "long", float: "double"}
    return kinds.get(type(value), "string")


def _write(file: TextIO, values: Iterable[Any]) -> None:
    """A line of CSV: an empty cell is an absent value, an empty text is one in quotes."""
    # Most are texts without a quote: a function for each took an eighth of the time.
    cells = [f'"{value}"' if type(value) is str and '"' not in value else _cell(value) for value in values]
    file.write(f"{','.join(cells)}\n")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        if any(SEPARATOR in item for item in value):
            raise BadInput(
                [Problem("a list", "has the character U+001F, which separates values", value, "leave it out")]
            )
        value = SEPARATOR.join(value)
    return '"' + str(value).replace('"', '""') + '"'
