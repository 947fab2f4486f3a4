"""GraphML, GEXF and CSV for neo4j-admin: read back by other programs with equal counts."""

import csv
import io
import xml.etree.ElementTree as ET
import zipfile
from typing import Any

import networkx as nx
import pytest
import pytest_asyncio

from api.context import Context
from kb.export.gexf import Gexf
from kb.export.graphml import GraphMl
from kb.export.losses import Losses
from kb.export.pages import Batch
from tests.api.served import embedded_context
from tests.export.test_tables import HOSTILE, exported, hostile_entity, read_csv

__all__ = ["embedded_context"]  # the fixture


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def context(embedded_context: Context) -> Context:
    """Both cases; that both engines give the same rows is what the tests of the tables show."""
    return embedded_context


# networkx 3.4 reads GEXF up to 1.2, which has what is used here under another namespace, and of its time formats those
# that it takes for text.
NEWER = {
    b'xmlns="http://gexf.net/1.3" version="1.3"': b'xmlns="http://www.gexf.net/1.2draft" version="1.2"',
    b'timeformat="dateTime"': b'timeformat="date"',
}
GEXF = {"g": "http://gexf.net/1.3"}

ASKED = [
    ("amplifications", {}),
    ("claims", {}),
    ("claims", {"verb": "AMPLIFIED"}),
    ("entities", {}),
    ("neighbourhood", {"id": "per:daro-minwen", "hops": "2"}),
]


def read_gexf(content: bytes) -> Any:
    for newer, older in NEWER.items():
        assert newer in content
        content = content.replace(newer, older)
    return nx.read_gexf(io.BytesIO(content))


def read_graphml(content: bytes) -> Any:
    return nx.read_graphml(io.BytesIO(content), force_multigraph=True)


@pytest.mark.parametrize(("question", "given"), ASKED)
async def test_networkx_reads_as_many_nodes_and_edges_as_the_report_tells(
    context: Context, question: str, given: dict[str, str]
) -> None:
    rows = read_csv((await exported(context, question, "csv", **given))[0])
    for form, read in (("graphml", read_graphml), ("gexf", read_gexf)):
        content, report = await exported(context, question, form, **given)
        graph = read(content)
        written = {"edges": 0, **report["written"]}
        assert (graph.number_of_nodes(), graph.number_of_edges()) == (written["nodes"], written["edges"])
        if question in ("amplifications", "neighbourhood"):
            without = sum(lost["number"] for lost in report["lost"] if "without an edge" in lost["what"])
            assert graph.number_of_edges() + without == len(rows)
        if question == "claims":
            assert {row["id"] for row in rows} <= set(graph.nodes)


async def test_an_edge_has_its_hedge_voice_reply_and_layer(context: Context) -> None:
    graph = read_graphml((await exported(context, "amplifications", "graphml"))[0])
    edges = [data for *_, data in graph.edges(data=True)]
    assert all(edge["layer"].startswith("derived") and edge["count"] for edge in edges)
    reported = [edge for edge in edges if edge["basis"] == "reported"]
    assert reported
    assert all(edge["said_by"] and edge["sentence"] and edge["replies"] for edge in reported)


async def test_gexf_has_spans_that_are_stated_and_nodes_that_hold_their_edges(context: Context) -> None:
    content, report = await exported(context, "amplifications", "gexf")
    root = ET.fromstring(content)  # noqa: S314 - our own file
    (graph,) = root.findall("g:graph", GEXF)
    assert (graph.get("mode"), graph.get("timeformat")) == ("dynamic", "dateTime")
    edges = root.findall(".//g:edge", GEXF)
    spans = {edge.get("id"): edge.findall("g:spells/g:spell", GEXF) for edge in edges}
    undated = sum(not found for found in spans.values())
    assert 0 < undated < len(edges)
    assert {
        "what": "edges without a span, because no date is stated: drawn at every time",
        "number": undated,
    } in report["lost"]
    rows = {row["id"]: row for row in read_csv((await exported(context, "amplifications", "csv"))[0])}
    for key, found in spans.items():
        row = rows[str(key)]
        first = row["first"] or (row["earliest"] if row["date_basis"] == "stated" else "")
        assert [spell.get("start", "")[:10] for spell in found] == (
            [first[:10]] if first else [""] * len(found)
        )
    nodes = {node.get("id"): node.find("g:spells/g:spell", GEXF) for node in root.findall(".//g:node", GEXF)}
    for edge in edges:
        for end in (nodes[edge.get("source")], nodes[edge.get("target")]):
            own = edge.find("g:spells/g:spell", GEXF)
            if end is not None:
                assert own is not None
                assert end.get("start", "") <= own.get("start", "")


@pytest.mark.parametrize(("kind", "read"), [(GraphMl, read_graphml), (Gexf, read_gexf)])
def test_hostile_names_are_data(kind: Any, read: Any) -> None:
    losses = Losses()
    writer = kind("entities", losses)
    content = writer.begin() + writer.add(Batch(entities=[hostile_entity(name) for name in HOSTILE]))
    graph = read(content + b"".join(writer.end()))
    writer.close()
    names = [data["label"] for _, data in graph.nodes(data=True)]
    gone = str.maketrans(dict.fromkeys("\0\x1b\ud800", "\ufffd"))
    assert names == [name.translate(gone) for name in HOSTILE]
    assert losses.report()["lost"] == [
        {"what": "characters that XML cannot hold, written as U+FFFD", "number": 3}
    ]


async def test_the_zip_for_neo4j_has_each_node_and_each_edge_between_two_of_them(context: Context) -> None:
    for question in ("amplifications", "claims"):
        content, report = await exported(context, question, "admin-csv")
        files = zipfile.ZipFile(io.BytesIO(content))
        nodes, edges = (
            list(csv.DictReader(io.StringIO(files.read(name).decode(), newline="")))
            for name in ("nodes.csv", "relationships.csv")
        )
        assert {"nodes": len(nodes), "edges": len(edges)} == report["written"]
        ids = {node["id:ID"] for node in nodes}
        assert len(ids) == len(nodes) > 5
        assert {edge[":START_ID"] for edge in edges} | {edge[":END_ID"] for edge in edges} <= ids
        assert all(node[":LABEL"].split(";")[0] in ("Entity", "Claim") for node in nodes)
        assert "CREATE CONSTRAINT" in files.read("import.cypher").decode()
