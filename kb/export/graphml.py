"""GraphML: every node once, every record or role as an edge, with the columns of the tables as typed attributes."""

from collections.abc import Iterator, Mapping
from typing import Final

from kb.export.graph import EDGE_COLUMNS, NODE_COLUMNS, Edge, Graph, Node
from kb.export.losses import Losses
from kb.export.pages import Batch, Row
from kb.export.table import TEXT, TRUTH, WHOLE
from kb.export.xml_text import as_xml

_KINDS: Final = {TEXT: "string", WHOLE: "long", TRUTH: "boolean"}
_HEAD: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
)


class GraphMl:
    """Nodes stand before the edges that need them."""

    def __init__(self, question: str, losses: Losses) -> None:
        self._losses = losses
        self._graph = Graph(question, losses)
        self._node_columns = {"label": TEXT, "type": TEXT, **NODE_COLUMNS[question]}
        self._edge_columns = {"verb": TEXT, **EDGE_COLUMNS}

    def begin(self) -> bytes:
        """The attributes there are."""
        keys = _keys("node", "n_", self._node_columns) + _keys("edge", "e_", self._edge_columns)
        return f'{_HEAD}{keys}<graph id="G" edgedefault="directed">\n'.encode()

    def add(self, batch: Batch) -> bytes:
        """Nodes, then edges."""
        texts = [self._node(node) for node in self._graph.nodes(batch)]
        texts += [self._edge(edge) for edge in self._graph.edges(batch)]
        return "".join(texts).encode()

    def end(self) -> Iterator[bytes]:
        """Claims that were named only, and the end."""
        yield "".join(self._node(node) for node in self._graph.named()).encode()
        yield b"</graph>\n</graphml>\n"

    def close(self) -> None:
        """Nothing is held outside memory."""

    def _node(self, node: Node) -> str:
        data = self._data("n_", {"label": node.label, "type": node.type, **node.attributes})
        return f'<node id="{as_xml(node.id, self._losses)}">{data}</node>\n'

    def _edge(self, edge: Edge) -> str:
        ends = " ".join(
            f'{name}="{as_xml(value, self._losses)}"'
            for name, value in (("id", edge.id), ("source", edge.source), ("target", edge.target))
        )
        attributes = {**edge.attributes, "verb": edge.type, "id": edge.id}
        return f"<edge {ends}>{self._data('e_', attributes)}</edge>\n"

    def _data(self, prefix: str, values: Row) -> str:
        return "".join(
            f'<data key="{prefix}{name}">{as_xml(value, self._losses)}</data>'
            for name, value in values.items()
            if value is not None
        )


def _keys(of: str, prefix: str, columns: Mapping[str, str]) -> str:
    return "".join(
        f'<key id="{prefix}{name}" for="{of}" attr.name="{name}" attr.type="{_KINDS[kind]}"/>\n'
        for name, kind in columns.items()
    )
