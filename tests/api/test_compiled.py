"""A compiled answer is the answer of graphql-core, to the byte, errors included."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, LiteralString

import orjson
import pytest

from api.compiled import NotCompiledError
from api.context import Context
from api.cursors import Cursors
from api.examples import read_examples
from api.execute import KNOWN_DOCUMENTS, Documents, find_document, run, run_executor
from api.limits import Limits
from kb.documents import HeldDocuments
from kb.store import Store
from tests.api.documents import Generator

ODD: dict[str, tuple[str, dict[str, Any]]] = {
    "aliases, fragments and types": (
        """query ($id: ID!) { __typename first: entity(id: $id) { ...E } claims(first: 2) { __typename edges {
        __typename cursor node { __typename who { __typename label ... on Claim { verb } ...E } } }
        pageInfo { __typename hasNextPage endCursor startCursor } totalCount
        searched { __typename modalities documents undatedExcluded } } }
        fragment E on Entity { __typename id name ... on Official { country } names { written } }""",
        {"id": "per:zhang-heqing"},
    ),
    "a second page": (
        """query ($first: Int = 1) { claims(first: $first, filter: {verb: AMPLIFIED}) { nodes { id } } }""",
        {"first": 3},
    ),
    "nothing": ("""query ($id: ID!) { entity(id: $id) { id } }""", {"id": "per:nobody"}),
    "a bad id": ("""query ($id: ID!) { entity(id: $id) { id } }""", {"id": "two words"}),
    "no id": ("""query ($id: ID!) { entity(id: $id) { id } }""", {}),
    "null for an id": ("""query ($id: ID!) { entity(id: $id) { id } }""", {"id": None}),
    "a number for an id": ("""query ($id: ID!) { entity(id: $id) { id } }""", {"id": 5}),
    "a page too large": ("""query ($n: Int) { claims(first: $n) { nodes { id } } }""", {"n": 1001}),
    "no page": ("""query ($n: Int) { claims(first: $n) { nodes { id } } }""", {}),
    "null for a page": ("""query ($n: Int) { claims(first: $n) { nodes { id } } }""", {"n": None}),
    "a bad cursor": ("""query ($c: String) { claims(after: $c) { nodes { id } } }""", {"c": "x"}),
    "half a character": ("""query ($s: String) { entities(search: $s) { nodes { id } } }""", {"s": "\ud800"}),
    "one of two fails": (
        "query ($p: String) { a: claims(first: 1) { nodes { id } } b: claims(filter: {period: $p}) { totalCount } }",
        {"p": "never"},
    ),
    "left out": (
        """query ($no: Boolean!) { claims(first: 1) { nodes { id @skip(if: $no) text @include(if: $no) } } }""",
        {"no": True},
    ),
    "an enum": (
        """query ($b: Basis) { amplifications(basis: $b) { nodes { id basis modality } } }""",
        {"b": "OBSERVED"},
    ),
    "no enum": ("""query ($b: Basis) { amplifications(basis: $b) { nodes { id } } }""", {"b": "NONE"}),
}


async def both(context: Context, query: str, variables: Mapping[str, Any]) -> tuple[bytes, bytes, bool]:
    """The answer by compiled plans (graphql-core where they cannot), by graphql-core, and whether it was compiled."""
    for _ in range(2):
        known = find_document(query, context.limits)
    asked = known.operation(None)
    assert known.document is not None
    assert asked is not None
    try:
        await asked.answer(context, variables)
        compiled = True
    except NotCompiledError:
        compiled = False
    fast = await run(context, query, variables)
    slow = await run_executor(context, known.document, asked.node, variables, None)
    return as_sent(fast.body), as_sent(slow.body), compiled


def as_sent(body: Any) -> bytes:
    """As it is sent, but for the id under which an error of ours stands in the log."""
    return re.sub(rb"under [0-9a-f]{8}", b"", orjson.dumps(body))


@pytest.mark.parametrize("example", read_examples(), ids=lambda example: example.name)
async def test_an_example_is_answered_alike(context: Context, example: Any) -> None:
    fast, slow, compiled = await both(context, example.query, {})
    assert fast == slow
    assert compiled == ("health" not in example.query)


SHARED = """query ($of: ID, $basis: Basis, $first: Int) {
  amplifications(channel: $of, basis: $basis, first: $first) {
    totalCount
    nodes { id channel { id ... on Entity { label } few: claims(first: 1) { totalCount nodes { id } } } }
    edges { cursor node { id channel { name more: claims(first: 2) { nodes { id } } } } }
  }
}"""


async def test_what_all_rows_of_a_page_share_is_what_each_of_them_has(context: Context) -> None:
    variables: dict[str, Any] = {"basis": "OBSERVED", "first": 100}
    fast, slow, compiled = await both(context, SHARED, variables)
    assert (fast, compiled) == (slow, True)
    every = orjson.loads(fast)["data"]["amplifications"]
    channels = {row["channel"]["id"] for row in every["nodes"] if row["channel"]}
    assert channels
    for channel in channels:
        fast, slow, compiled = await both(context, SHARED, {**variables, "of": channel})
        assert (fast, compiled) == (slow, True)
        found = orjson.loads(fast)["data"]["amplifications"]
        of_it = [row for row in every["nodes"] if (row["channel"] or {}).get("id") == channel]
        assert found["nodes"] == of_it
        assert found["totalCount"] == len(of_it)
        nodes = [edge["node"] for edge in every["edges"] if edge["node"]["channel"]]
        assert [edge["node"] for edge in found["edges"]] == [
            node for node in nodes if node["id"] in {row["id"] for row in of_it}
        ]


@pytest.mark.parametrize("name", ODD)
async def test_what_is_odd_is_answered_alike(context: Context, name: str) -> None:
    fast, slow, _ = await both(context, *ODD[name])
    assert fast == slow


# What no loader writes: a name that is missing, values of the wrong type, words that are in no vocabulary.
_TAMPER: LiteralString = """
CREATE (:Entity:Person {id: 'per:nameless', type: 'Person'})
CREATE (:Entity:Person {id: 'per:number', type: 'Person', name: 5})
CREATE (:Entity:Person {id: 'per:truth', type: 'Person', name: true})
CREATE (:Entity {id: 'per:nothing', type: 'Nonsense', name: 'x'})
CREATE (:Claim {id: 'c/1', case: 'c', status: 'accepted', kind: 'no kind', contested: 'yes', version: 3000000000})
CREATE (:Run {id: 'run:1', at: 'x', seconds: 'long', skipped: [1, 2], rows_read: 1.5})
"""
SURPRISES = (
    *(
        f'{{ entity(id: "per:{name}") {{ id name __typename }} }}'
        for name in ("nameless", "number", "truth", "nothing")
    ),
    *(
        f"{{ claims {{ nodes {{ id {name} }} }} }}"
        for name in ("kind", "contested", "version", "text", "documents")
    ),
    *(f"{{ runs {{ nodes {{ id {name} }} }} }}" for name in ("seconds", "skipped", "rowsRead", "source")),
)


async def test_rows_that_do_not_fit_get_the_errors_of_graphql_core(migrated: Store) -> None:
    await migrated.write(lambda transaction: transaction.run(_TAMPER))
    context = Context(migrated, Cursors(b"s" * 32), HeldDocuments(Path()))
    for query in SURPRISES:
        fast, slow, compiled = await both(context, query, {})
        assert fast == slow
        assert not compiled, query
        before = migrated.statements_run
        await run(context, query)
        assert migrated.statements_run == before + 1, "the same rows are used"


async def test_a_document_is_compiled_when_it_comes_again() -> None:
    query = '{ entity(id: "a:b") { id } } # again'
    assert [find_document(query, Limits()).is_known for _ in range(3)] == [False, True, True]


def test_what_is_asked_once_pushes_nothing_out() -> None:
    documents = Documents(Limits())
    kept = [documents.find("{ claims { totalCount } }") for _ in range(2)][1]
    for number in range(KNOWN_DOCUMENTS + 10):
        documents.find(f"{{ claims {{ totalCount }} }} # {number}")
    assert documents.find("{ claims { totalCount } }") is kept


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 40))])
async def test_random_documents_are_answered_alike(context: Context, seed: int) -> None:
    """Of one seed are 25 documents. Most are compiled; the others are too large, or ask what cannot be."""
    generator = Generator(seed)
    compiled = 0
    for _ in range(25):
        document = generator.document()
        fast, slow, was_compiled = await both(context, document, {})
        assert fast == slow, document
        compiled += was_compiled
    assert compiled > 5
