"""The worked examples say what ordinary resolvers, one statement a field, find in the graph.

On one engine: that both answer alike is tested for every example in test_both_engines.py.
"""

import pytest
from graphql import parse

from api.context import Context
from api.examples import Example, read_examples
from tests.api.naive.fields import covers
from tests.api.naive.resolvers import Naive, compare
from tests.api.served import embedded_context

__all__ = ["embedded_context"]  # the fixture

EXAMPLES = [example for example in read_examples() if covers(parse(example.query))]


def test_most_examples_are_covered() -> None:
    assert len(EXAMPLES) >= 48


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
async def test_an_example_says_what_ordinary_resolvers_find(
    embedded_context: Context, example: Example
) -> None:
    assert await compare(embedded_context, Naive(embedded_context.store), example.query)
