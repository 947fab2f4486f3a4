"""A second oracle: the composed statements say what ordinary resolvers, one statement a field, find in the graph.

On one engine: that both answer alike is tested for every example in test_both_engines.py.
"""

import orjson
import pytest
from graphql import parse

from api.context import Context
from api.examples import Example, read_examples
from api.execute import run
from tests.api.documents import Generator
from tests.api.naive import Naive, covers, is_covered
from tests.api.served import embedded_context

__all__ = ["embedded_context"]

EXAMPLES = [example for example in read_examples() if covers(parse(example.query))]


async def both(context: Context, query: str) -> tuple[bytes, bytes]:
    ours = await run(context, query)
    assert "errors" not in ours.body, ours.body
    naive = await Naive(context.store).answer(parse(query))
    return orjson.dumps(ours.body["data"]), orjson.dumps(naive)


def test_many_examples_are_covered() -> None:
    assert len(EXAMPLES) >= 40


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
async def test_an_example_says_what_ordinary_resolvers_find(
    embedded_context: Context, example: Example
) -> None:
    ours, naive = await both(embedded_context, example.query)
    assert ours == naive


@pytest.mark.parametrize("seed", [7, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(8, 30))])
async def test_random_documents_say_what_ordinary_resolvers_find(
    embedded_context: Context, seed: int
) -> None:
    """Documents that get an error, such as for an id that is none, have no data to compare."""
    generator = Generator(seed, is_covered)
    compared = 0
    for _ in range(60):
        document = generator.document()
        if covers(parse(document)) and "errors" not in (await run(embedded_context, document)).body:
            ours, naive = await both(embedded_context, document)
            assert ours == naive, document
            compared += 1
    assert compared > 10
