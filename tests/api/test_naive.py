"""A second oracle: the composed statements say what ordinary resolvers, one statement a field, find in the graph."""

from dataclasses import dataclass
from itertools import product

import pytest
import pytest_asyncio

from api.context import Context
from tests.api.documents import Generator
from tests.api.naive.fields import ROOTS, is_covered
from tests.api.naive.resolvers import Naive, compare
from tests.api.naive.values import load_facts, make_values
from tests.kb.invented_dataset import ACCOUNTS, HOLDERS

SEED = 7
# Neo4j plans each new document for a second or more: there are more of them in the long run.
FEW, FEW_ON_NEO4J, MANY = 6, 1, 12


@dataclass
class Asked:
    """The two that are asked, over one store, and what to ask about."""

    context: Context
    naive: Naive
    values: dict[str, list[str]]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def asked(context: Context, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """Over both cases and two invented datasets."""
    await load_facts(context, tmp_path_factory.mktemp("loading"), SEED)
    return Asked(context, Naive(context.store), await make_values(context))


@pytest.mark.parametrize("root", sorted(ROOTS))
async def test_random_documents_say_what_ordinary_resolvers_find(asked: Asked, root: str) -> None:
    is_neo4j = asked.context.store.engine.name == "Neo4j"
    await compare_random(asked, root, SEED, FEW_ON_NEO4J if is_neo4j else FEW)


async def test_an_account_is_found_behind_the_end_where_it_stands(asked: Asked) -> None:
    """A record names the accounts of both its ends together: who was amplified did not amplify."""
    for one, other in product([*ACCOUNTS[:4], HOLDERS[0]], repeat=2):
        for document in (
            f'{{ amplifications(amplifier: "{one}", amplified: "{other}") {{ nodes {{ id }} }} }}',
            f'{{ amplifiers(amplifier: "{one}", of: "{other}") {{ nodes {{ id observed {{ accounts }} }} }} }}',
        ):
            assert await compare(asked.context, asked.naive, document)
    for one in (*ACCOUNTS, *HOLDERS):
        lists = "amplified { nodes { id } } amplifiedBy { nodes { id } }"
        assert await compare(asked.context, asked.naive, f'{{ entity(id: "{one}") {{ {lists} }} }}')


@pytest.mark.long
@pytest.mark.parametrize("root", sorted(ROOTS))
@pytest.mark.parametrize("seed", range(SEED + 1, SEED + 7))
async def test_many_random_documents_say_what_ordinary_resolvers_find(
    asked: Asked, root: str, seed: int
) -> None:
    await compare_random(asked, root, seed, MANY)


async def compare_random(asked: Asked, root: str, seed: int, wanted: int) -> None:
    """Compares so many answers to documents of one question; those that get an error have no data to compare."""
    generator = Generator(
        seed,
        lambda kind, name: name == root if kind == "Query" else is_covered(kind, name),
        asked.values,
    )
    compared = 0
    for _ in range(10 * wanted):
        compared += await compare(asked.context, asked.naive, generator.document())
        if compared == wanted:
            return
    pytest.fail(f"{compared} documents without an error, and not {wanted}")
