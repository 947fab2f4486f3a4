"""CSV for `neo4j-admin database import`, and a Cypher script for a database that runs: a zip of both."""

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from typing import IO, Final

from kb.export.graph import EDGE_COLUMNS, NODE_COLUMNS, Edge, Graph, Node
from kb.export.losses import Losses
from kb.export.pages import Batch
from kb.export.table import TEXT, TRUTH, WHOLE
from schema.catalog import ENTITY_TYPES, LABELS, RELATIONSHIP_TYPES, labels_of

_KINDS: Final = {TEXT: "", WHOLE: ":long", TRUTH: ":boolean"}
_READ_BYTES: Final = 1 << 20
_README: Final = """Nodes and relationships for Neo4j.

A database that is not there yet (the files are trusted, so quotes and new lines are read as they are):

    neo4j-admin database import full DATABASE --id-type=string --multiline-fields=true --legacy-style-quoting=false \\
      --nodes=nodes.csv --relationships=relationships.csv

A database that runs: put both files into its import folder, and run import.cypher with cypher-shell.
"""


class AdminCsv:
    """A zip of nodes.csv, relationships.csv, import.cypher and a README; the rows wait in temporary files."""

    def __init__(self, question: str, losses: Losses) -> None:
        self._losses = losses
        self._graph = Graph(question, losses)
        # Our style writes `label` into a claim.
        self._node_columns = {"name": TEXT, "label": TEXT, "type": TEXT, **NODE_COLUMNS[question]}
        self._types: set[str] = set()
        self._labels: set[str] = set()
        # Closed by `close`, whatever happens.
        self._nodes: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self._edges: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115

    def begin(self) -> bytes:
        """Nothing yet."""
        self._nodes.write(_line(["id:ID", ":LABEL", *_typed(self._node_columns)]))
        columns = {name: kind for name, kind in EDGE_COLUMNS.items() if name != "id"}
        self._edges.write(_line([":START_ID", ":END_ID", ":TYPE", "id", *_typed(columns)]))
        return b""

    def add(self, batch: Batch) -> bytes:
        """Nothing yet."""
        for node in self._graph.nodes(batch):
            self._nodes.write(self._node(node))
        for edge in self._graph.edges(batch):
            self._edges.write(self._edge(edge))
        return b""

    def end(self) -> Iterator[bytes]:
        """The zip, as it is packed."""
        for node in self._graph.named():
            self._nodes.write(self._node(node))
        sink = _Drained()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("README.txt", _README)
            packed.writestr("import.cypher", self._script())
            for name, file in (("nodes.csv", self._nodes), ("relationships.csv", self._edges)):
                file.seek(0)
                with packed.open(zipfile.ZipInfo(name), "w", force_zip64=True) as entry:
                    while chunk := file.read(_READ_BYTES):
                        entry.write(chunk)
                        yield sink.take()
        yield sink.take()

    def close(self) -> None:
        """Drops the temporary files."""
        self._nodes.close()
        self._edges.close()

    def _node(self, node: Node) -> bytes:
        is_claim = node.type not in ENTITY_TYPES
        labels = ("Claim",) if is_claim else labels_of(node.type)
        self._labels.update(labels)
        label = node.label if is_claim else None
        values = {**node.attributes, "name": node.label, "label": label, "type": node.type}
        return _line([node.id, ";".join(labels), *(_text(values.get(name)) for name in self._node_columns)])

    def _edge(self, edge: Edge) -> bytes:
        self._types.add(edge.type)
        values = (_text(edge.attributes.get(name)) for name in EDGE_COLUMNS if name != "id")
        return _line([edge.source, edge.target, edge.type, edge.id, *values])

    def _script(self) -> str:
        """LOAD CSV in batches; labels and types come from the catalog alone, so nothing from a source is run."""
        lines = [
            "CREATE CONSTRAINT exported_id IF NOT EXISTS FOR (n:Exported) REQUIRE n.id IS UNIQUE;",
            (
                "LOAD CSV WITH HEADERS FROM 'file:///nodes.csv' AS row CALL (row) {"
                f" MERGE (n:Exported {{id: row.`id:ID`}}) SET n += {_map('row', self._node_columns)} }}"
                " IN TRANSACTIONS OF 1000 ROWS;"
            ),
        ]
        lines += [
            f"MATCH (n:Exported) WHERE n.type IN {sorted(_types_with(label))!r} SET n:{label};"
            for label in sorted(self._labels & LABELS)
        ]
        columns = {name: kind for name, kind in EDGE_COLUMNS.items() if name != "id"}
        lines += [
            "LOAD CSV WITH HEADERS FROM 'file:///relationships.csv' AS row WITH row"
            f" WHERE row.`:TYPE` = '{kind}' CALL (row) {{ MATCH (a:Exported {{id: row.`:START_ID`}})"
            f" MATCH (b:Exported {{id: row.`:END_ID`}}) MERGE (a)-[r:{kind} {{id: row.id}}]->(b)"
            f" SET r += {_map('row', columns)} }} IN TRANSACTIONS OF 1000 ROWS;"
            for kind in sorted(self._types & RELATIONSHIP_TYPES)
        ]
        return "\n".join(lines) + "\n"


def _types_with(label: str) -> set[str]:
    if label == "Claim":
        return {"Claim"}
    return {name for name in ENTITY_TYPES if label in labels_of(name)}


def _map(row: str, columns: Mapping[str, str]) -> str:
    read = {TEXT: "{}", WHOLE: "toInteger({})", TRUTH: "toBoolean({})"}
    pairs = (
        f"`{name}`: {read[kind].format(f'{row}.`{typed}`')}"
        for (name, kind), typed in zip(columns.items(), _typed(columns), strict=True)
    )
    return "{" + ", ".join(pairs) + "}"


def _typed(columns: Mapping[str, str]) -> list[str]:
    return [name + _KINDS[kind] for name, kind in columns.items()]


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value).replace("\0", "\ufffd")


def _line(cells: list[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)
    return text.getvalue().encode(errors="replace")


class _Drained(io.RawIOBase):
    """A sink that cannot be sought in: what was written is taken out piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = bytearray()

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """Keeps `data` until it is taken."""
        self._waiting += data
        return len(data)

    def take(self) -> bytes:
        """What was written since the last time."""
        found = bytes(self._waiting)
        self._waiting.clear()
        return found
