"""GEXF 1.3 with time: each edge has the span that a source states or rows show, each node the span of its edges.

What has no date has no span: it is there at every time, as nothing says otherwise.
"""

import json
import tempfile
from collections.abc import Iterator, Mapping
from typing import IO, Any, Final, NamedTuple

from kb.export.graph import EDGE_COLUMNS, NODE_COLUMNS, Edge, Graph, Node
from kb.export.losses import Losses
from kb.export.pages import Batch, Row
from kb.export.table import TEXT, TRUTH, WHOLE
from kb.export.xml_text import as_xml

_KINDS: Final = {TEXT: "string", WHOLE: "long", TRUTH: "boolean"}
_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="http://gexf.net/1.3" version="1.3">\n'
    "<meta><creator>Throughline</creator></meta>\n"
    '<graph mode="dynamic" defaultedgetype="directed" timeformat="dateTime" timerepresentation="interval">\n'
)
UNDATED: Final = "edges without a span, because no date is stated: drawn at every time"
# What is read back of a temporary file at once.
_READ_BYTES: Final = 1 << 20


class _Span(NamedTuple):
    """From the first to the last instant; None on a side that is open. `always`: something of it has no date."""

    first: str | None
    last: str | None
    always: bool = False


class Gexf:
    """GEXF has all nodes before all edges, and a node's span is known at the end: both wait in temporary files."""

    def __init__(self, question: str, losses: Losses) -> None:
        self._losses = losses
        self._graph = Graph(question, losses)
        self._node_columns = {"type": TEXT, **NODE_COLUMNS[question]}
        self._edge_columns: dict[str, str] = dict(EDGE_COLUMNS)
        self._spans: dict[str, _Span] = {}
        # Closed by `close`, whatever happens.
        self._nodes: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self._edges: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115

    def begin(self) -> bytes:
        """The attributes there are."""
        columns = _declare("node", self._node_columns) + _declare("edge", self._edge_columns)
        return (_HEAD + columns).encode()

    def add(self, batch: Batch) -> bytes:
        """Nothing yet."""
        for node in self._graph.nodes(batch):
            self._keep(node)
        for edge in self._graph.edges(batch):
            self._edges.write(self._edge(edge).encode())
            if edge.attributes["layer"] != "ledger":
                for end in (edge.source, edge.target):
                    self._spans[end] = _widen(self._spans.get(end), edge.first, edge.last)
        return b""

    def end(self) -> Iterator[bytes]:
        """The nodes with their spans, then the edges."""
        for node in self._graph.named():
            self._keep(node)
        yield b"<nodes>\n"
        self._nodes.seek(0)
        for line in self._nodes:
            yield self._node(Node(*json.loads(line))).encode()
        yield b"</nodes>\n<edges>\n"
        self._edges.seek(0)
        while chunk := self._edges.read(_READ_BYTES):
            yield chunk
        yield b"</edges>\n</graph>\n</gexf>\n"

    def close(self) -> None:
        """Drops the temporary files."""
        self._nodes.close()
        self._edges.close()

    def _keep(self, node: Node) -> None:
        self._nodes.write(json.dumps(node).encode() + b"\n")

    def _node(self, node: Node) -> str:
        span = self._spans.get(node.id) or _Span(node.first, node.last)
        spells = "" if span.always else _spells(span.first, span.last)
        data = self._data(self._node_columns, {"type": node.type, **node.attributes})
        name = f'id="{as_xml(node.id, self._losses)}" label="{as_xml(node.label, self._losses)}"'
        return f"<node {name}>{data}{spells}</node>\n"

    def _edge(self, edge: Edge) -> str:
        losses = self._losses
        if not (edge.first or edge.last):
            losses.lose(UNDATED)
        ends = f'source="{as_xml(edge.source, losses)}" target="{as_xml(edge.target, losses)}"'
        name = f'id="{as_xml(edge.id, losses)}" {ends} kind="{edge.type}" label="{edge.type}"'
        data = self._data(self._edge_columns, edge.attributes)
        return f"<edge {name}>{data}{_spells(edge.first, edge.last)}</edge>\n"

    def _data(self, columns: Mapping[str, str], values: Row) -> str:
        places = {name: place for place, name in enumerate(columns)}
        found = "".join(
            f'<attvalue for="{places[name]}" value="{as_xml(value, self._losses)}"/>'
            for name, value in values.items()
            if value is not None
        )
        return f"<attvalues>{found}</attvalues>"


def _declare(of: str, columns: Mapping[str, str]) -> str:
    declared = "".join(
        f'<attribute id="{place}" title="{name}" type="{_KINDS[kind]}"/>\n'
        for place, (name, kind) in enumerate(columns.items())
    )
    return f'<attributes class="{of}" mode="static">\n{declared}</attributes>\n'


def _widen(span: _Span | None, first: str | None, last: str | None) -> _Span:
    """The span that holds both; an open side stays open, and something without a date is always there."""
    always = not (first or last)
    if span is None:
        return _Span(first, last, always)
    if span.always or always:
        return _Span(None, None, always=True)
    lower = min(span.first, first) if span.first and first else None
    upper = max(span.last, last) if span.last and last else None
    return _Span(lower, upper, always=not (lower or upper))


def _spells(first: str | None, last: str | None) -> str:
    if not (first or last):
        return ""
    sides: list[str] = []
    if first:
        sides.append(f'start="{_instant(first, "T00:00:00Z")}"')
    if last:
        sides.append(f'end="{_instant(last, "T23:59:59Z")}"')
    return f"<spells><spell {' '.join(sides)}/></spells>"


def _instant(text: str, of_day: str) -> Any:
    return text if "T" in text else text + of_day
