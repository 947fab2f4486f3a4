"""Fills the words of a held document into the passages of the graph, after every hash has been found right."""

from typing import Any, LiteralString, NamedTuple

from kb.documents import HeldFile, context, span_sha256, words
from kb.errors import BadInput, Problem
from kb.store import Store, Transaction

_DOCUMENTS: LiteralString = (
    "MATCH (d:Document {sha256: $sha256}) RETURN d.id AS id, d.held AS held ORDER BY id"
)
_SPANS: LiteralString = """
MATCH (d:Document {sha256: $sha256})<-[:PART_OF]-(p:Passage)
RETURN p.id AS id, p.start AS start, p.end AS end, p.span_sha256 AS span_sha256, p.exact AS exact ORDER BY id"""
_READINGS: LiteralString = """
MATCH (d:Document {sha256: $sha256})-[:HAS_READING]->(g:Reading)
RETURN g.id AS id, g.start AS start, g.end AS end, g.span_sha256 AS span_sha256 ORDER BY id"""
_HOLD: LiteralString = "MATCH (d:Document {sha256: $sha256}) SET d.held = true, d.chars = $chars"
_FILL: LiteralString = """
UNWIND $rows AS row MATCH (p:Passage {id: row[0]}) SET p.prefix = row[1], p.exact = row[2], p.suffix = row[3]"""
_FILL_MENTIONS: LiteralString = """
UNWIND $rows AS row MATCH (p:Passage {id: row[0]})-[m:MENTIONS]->(:Entity) SET m.written = row[2]"""


class Filled(NamedTuple):
    """The documents that have this file, how many passages they have, and how many of them got their words now."""

    documents: list[str]
    passages: int
    changed: int


async def check_spans(store: Store, file: HeldFile) -> None:
    """Raises BadInput naming every passage and reading whose hash is not that of the file's words at its offsets."""
    parameters = {"sha256": file.sha256}
    spans = [row[:4] for row in await store.read(_SPANS, parameters)] + await store.read(
        _READINGS, parameters
    )
    problems = [
        Problem(
            key, f"the words at {start}-{end} do not have the hash of the case", span, "correct the locator"
        )
        for key, start, end, span in spans
        if end > len(file.text) or span_sha256(words(file.text, start, end)) != span
    ]
    if problems:
        raise BadInput(problems)


async def fill_passages(store: Store, file: HeldFile) -> Filled:
    """Writes the words of a held file into the passages of every document with its hash, in one transaction."""
    parameters = {"sha256": file.sha256}
    documents = await store.read(_DOCUMENTS, parameters)
    spans = await store.read(_SPANS, parameters)
    rows: list[list[Any]] = [
        [key, *context(file.text, start, end)]
        for key, start, end, _, exact in spans
        if exact != words(file.text, start, end)
    ]
    if rows or not all(held for _, held in documents):

        async def work(transaction: Transaction) -> None:
            await transaction.run(_HOLD, {**parameters, "chars": file.chars})
            await transaction.run(_FILL, {"rows": rows})
            await transaction.run(_FILL_MENTIONS, {"rows": rows})

        await store.write(work)
    return Filled([row[0] for row in documents], len(spans), len(rows))
