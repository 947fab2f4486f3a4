"""Both shipped cases in a store, for tests that ask about them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from api.context import Context
from api.cursors import Cursors
from api.execute import run
from kb.documents import HeldDocuments
from kb.migrate import migrate
from kb.store import Store
from loaders.run import read_cases, save_read_case
from tests.conftest import clear_data

ROOT = Path(__file__).parent.parent.parent
CASES = (ROOT / "loaders/teaching_case", ROOT / "loaders/xinjiang_2021")
NOW = "2026-11-22T10:00:00Z"


async def load_cases(store: Store, data: Path) -> Context:
    """Migrates the store, saves both cases, and returns what a request has at hand."""
    held = HeldDocuments(data)
    await migrate(store, NOW)
    for read in read_cases(CASES, held):
        await save_read_case(store, read, held=held, now=NOW)
    return Context(store, Cursors(b"a secret for tests alone, 32 b.."), held)


# What the cases were loaded into last, and what the store was then.
_kept: dict[Store, tuple[Context, object]] = {}


async def keep_cases(store: Store, make_folder: Callable[[], Path]) -> Context:
    """As `load_cases`; what a module before loaded is taken as it is when nothing was written since."""
    if store in _kept:
        context, found = _kept[store]
        if found == await _find_state(store):
            store.statements_run = 0
            return context
    await clear_data(store)
    context = await load_cases(store, make_folder())
    store.statements_run = 0
    _kept[store] = context, await _find_state(store)
    return context


async def _find_state(store: Store) -> object:
    """What differs after any write: Neo4j keeps the version in the graph, the embedded engine beside it."""
    counts = (
        "MATCH (n) WITH count(n) AS nodes MATCH ()-[r]->() RETURN nodes, count(r) AS edges",
        "MATCH (m:Migration) WITH m ORDER BY m.id RETURN collect([m.id, m.version]) AS versions",
        "SHOW INDEXES YIELD name RETURN name AS name ORDER BY name",
    )
    found = [await store.read_table(query) for query in counts]
    return [found, await store.read_version() if store.engine.name != "Neo4j" else None]


async def answer(context: Context, query: str, **variables: Any) -> dict[str, Any]:
    """The data that answers a document without an error."""
    response = await run(context, query, variables)
    assert "errors" not in response.body, response.body["errors"]
    found: dict[str, Any] = response.body["data"]
    return found


async def refusal(context: Context, query: str, **variables: Any) -> tuple[str, str]:
    """The code and the message of the one error that a document gets."""
    response = await run(context, query, variables)
    (error,) = response.body["errors"]
    return error["extensions"]["code"], error["message"]


async def count_current(context: Context) -> int:
    """How many claims default answers look at."""
    query = "MATCH (c:Claim) WHERE c.known_to IS NULL AND c.status = 'accepted' RETURN count(c) AS claims"
    return int((await context.store.read(query))[0][0])
