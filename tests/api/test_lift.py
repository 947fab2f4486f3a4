"""Documents that differ in values alone share a plan, and each is answered as graphql-core answers that very text."""

import itertools
from dataclasses import replace
from typing import Any

import pytest
from graphql import get_operation_ast, parse

from api.context import Context
from api.examples import read_examples
from api.execute import read_document, run, run_executor
from api.lift import lift_values
from api.metrics import ANSWERED
from api.schema import SCHEMA
from tests.api.documents import Generator
from tests.api.served import embedded_context
from tests.api.test_compiled import as_sent

__all__ = ["embedded_context"]

LIFTED = {
    '{ entity(id: "a:b") { id } }': "query($throughlineLifted0: ID!){ entity(id: $throughlineLifted0) { id } }",
    "query A { claims(first: 2) { totalCount } }": (
        "query A($throughlineLifted0: Int!) { claims(first: $throughlineLifted0) { totalCount } }"
    ),
    "query { claims(first: 2) { totalCount } }": (
        "query($throughlineLifted0: Int!) { claims(first: $throughlineLifted0) { totalCount } }"
    ),
    'query ($n: Int! = 5, ) @a { claims(first: $n, filter: {who: "a:b"}) { totalCount } }': (
        "query ($n: Int! = 5 $throughlineLifted0: ClaimFilter, ) @a "
        "{ claims(first: $n, filter: $throughlineLifted0) { totalCount } }"
    ),
    '# "x"\n{ ...F } fragment F on Query { claims(first: 3) { nodes { id @skip(if: true) } } }': (
        '# "x"\nquery($throughlineLifted0: Int!){ ...F } fragment F on Query '
        "{ claims(first: $throughlineLifted0) { nodes { id @skip(if: true) } } }"
    ),
}


@pytest.mark.parametrize("text", LIFTED)
def test_values_become_variables(text: str) -> None:
    lifted = lift_values(SCHEMA, text, parse(text))
    assert lifted is not None
    assert lifted.text == LIFTED[text]


LEFT = (
    "{ claims { totalCount } }",
    "{ claims(first: null) { totalCount } }",
    '{ claims(first: "2") { totalCount } }',
    "{ claims(first: 2.0) { totalCount } }",
    "{ claims(first: 99999999999) { totalCount } }",
    "{ claims(filter: {who: $who}) { totalCount } }",
    '{ claims(filter: {who: "a:b", who: "a:c"}) { totalCount } }',
    '{ claims(filter: {nobody: "a:b"}) { totalCount } }',
    '{ claims(filter: {verb: "AMPLIFIED"}) { totalCount } }',
    "{ claims(filter: {who: AMPLIFIED}) { totalCount } }",
    "{ entity(id: AMPLIFIED) { id } }",
    '{ nothing(id: "a:b") { id } }',
    '{ entity(id: "a:b", nothing: 2) { id } }',
    'query A { entity(id: "a:b") { id } } query B { __typename }',
    '{ __type(name: "Claim") { name } }',
    'query ($throughlineLifted0: ID!) { entity(id: "a:b") { id } claim(id: $throughlineLifted0) { id } }',
)


@pytest.mark.parametrize("text", LEFT)
def test_what_is_in_doubt_is_left(text: str) -> None:
    assert lift_values(SCHEMA, text, parse(text)) is None


async def ask(context: Context, text: str) -> tuple[bytes, bytes, bool]:
    """The answer when documents of other values were asked, the answer alone, and whether the first was compiled."""
    lifted = lift_values(SCHEMA, text, parse(text))
    if lifted is not None:
        for _ in range(2):
            await run(context, lifted.text, lifted.values)
    before = ANSWERED.labels("compiled")._value.get()
    fast = await run(context, text)
    was_compiled = ANSWERED.labels("compiled")._value.get() > before
    # Where nothing was asked before, graphql-core answers.
    alone = await run(replace(context, limits=replace(context.limits, waiting=next(_NUMBERS))), text)
    return as_sent(fast.body), as_sent(alone.body), was_compiled


@pytest.fixture
def own(embedded_context: Context) -> Context:
    """A context whose documents no other test has asked for: what is kept belongs to the limits."""
    return replace(embedded_context, limits=replace(embedded_context.limits, waiting=next(_NUMBERS)))


_NUMBERS = itertools.count(1_000)


async def test_documents_that_differ_in_values_are_planned_once(own: Context) -> None:
    compiled = []
    for name in ("zhang-heqing", "hua-chunying", "nobody", "zhao-lijian"):
        text = f'{{ entity(id: "per:{name}") {{ id name }} claims(first: {len(name)}) {{ totalCount }} }}'
        before = ANSWERED.labels("compiled")._value.get()
        fast = await run(own, text)
        compiled.append(ANSWERED.labels("compiled")._value.get() > before)
        document, _ = read_document(text, own.limits)
        assert document is not None
        operation = get_operation_ast(document)
        assert operation is not None
        slow = await run_executor(own, document, operation, {}, None)
        assert as_sent(fast.body) == as_sent(slow.body)
    assert compiled == [False, True, True, True]


@pytest.mark.parametrize("example", read_examples(), ids=lambda example: example.name)
async def test_an_example_is_answered_alike(own: Context, example: Any) -> None:
    fast, slow, _ = await ask(own, example.query)
    assert fast == slow


ERRORS = (
    *LEFT,
    '{ entity(id: "two words") { id } }',
    '{\n entity(id: "two words") { id }\n claims(first: 1) { totalCount } }',
    "{ claims(first: 1001) { totalCount } }",
    "{ claims(first: -1) { totalCount } }",
    '{ claims(after: "no cursor") { nodes { id } } }',
    '{ claims(filter: {period: "never"}) { totalCount } }',
    "{ entities(first: 1000) { nodes { claims(first: 1000) { nodes { inside { id } } } } } }",
    "{ a: claims(first: 1) { totalCount } a: claims(first: 2) { totalCount } }",
    "{ a: claims(first: 1) { totalCount } a: claims(first: 1) { nodes { id } } }",
    '{ claims(first: 1) { nodes { id nothing } } entity(id: "a:b") { id } }',
)


@pytest.mark.parametrize("text", ERRORS)
async def test_an_error_speaks_of_the_text_that_was_sent(own: Context, text: str) -> None:
    fast, slow, _ = await ask(own, text)
    assert fast == slow


@pytest.mark.parametrize(
    "seed", [101, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(102, 120))]
)
async def test_random_documents_are_answered_alike(own: Context, seed: int) -> None:
    generator = Generator(seed)
    compiled = 0
    for _ in range(25):
        document = generator.document()
        fast, slow, was_compiled = await ask(own, document)
        assert fast == slow, document
        compiled += was_compiled
    assert compiled > 5
