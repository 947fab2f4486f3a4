"""Derived edges follow a load: which accounts are behind the rows that changed, and their edges made anew."""

from collections.abc import AsyncIterator, Callable, Iterable
from typing import Final, LiteralString

from kb.amplified import PAGE_ACTORS, Changed, derive_actors
from kb.bulk.staging import Staging
from kb.observed import find_acting_into, find_actors, find_sharers
from kb.store import Store, Transaction

# What a change of rows touches.
ROWS: Final = "rows"  # an account some of whose rows in this dataset changed
POST: Final = "post"  # a post whose author, or what it shares, changed
HOLDING: Final = "holding"  # an account whose holder or platform changed
ACTOR: Final = "actor"  # who held it before
ANY: Final = "any"  # an account whose edges of all datasets are to be made anew

# For each part: what its start and its end touch.
_TOUCHES: Final[dict[str, tuple[str | None, str | None]]] = {
    "INTERACTED": (ROWS, None),
    "SHARES": (POST, None),
    "POSTED": (ANY, POST),
    "HELD_BY": (HOLDING, ACTOR),
    "ON": (HOLDING, None),
}
# An account that other sources use has rows of theirs.
_SHARED: LiteralString = """
MATCH (a:Account) WHERE a.id > $after AND $dataset IN a.sources AND size(a.sources) > 1
RETURN a.id AS id ORDER BY id LIMIT $limit"""

_ENTITIES: LiteralString = "MATCH (e:Entity) RETURN count(e) AS entities"
_NEXT_ENTITIES: LiteralString = """
MATCH (e:Entity) WHERE e.id > $after RETURN e.id AS id ORDER BY id LIMIT $limit"""
_STORED: LiteralString = "UNWIND $ids AS id MATCH (a:Entity {id: id}) RETURN a.id AS id"


def find_touched(part: str, ends: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """What rows of a part touch, by the way in which they do; `ends` are their start and end."""
    found: dict[str, set[str]] = {}
    for pair in ends:
        for what, key in zip(_TOUCHES.get(part, (None, None)), pair, strict=True):
            if what is not None:
                found.setdefault(what, set()).add(key)
    return found


async def touch_stored(store: Store, staging: Staging) -> None:
    """Notes what of the work file the store has already, before any of it is written."""
    ((entities,),) = await store.read(_ENTITIES)
    if entities < staging.count_entities():
        async for page in _pages(store, _NEXT_ENTITIES):
            staging.touch(HOLDING, staging.known(page))
        return
    for ids in staging.ids(PAGE_ACTORS):
        staging.touch(HOLDING, [row[0] for row in await store.read(_STORED, {"ids": ids})])


async def touch_shared(store: Store, staging: Staging, dataset: str) -> None:
    """Notes the accounts of a dataset that other sources use."""
    async for page in _pages(store, _SHARED, dataset=dataset):
        staging.touch(HOLDING, page)


async def _pages(store: Store, statement: LiteralString, **asked: str) -> AsyncIterator[list[str]]:
    """The ids that a statement finds behind `after`, in their order, page by page."""
    after = ""
    while page := [
        row[0] for row in await store.read(statement, {**asked, "after": after, "limit": PAGE_ACTORS})
    ]:
        yield page
        after = page[-1]


async def spread_touched(store: Store, staging: Staging) -> None:
    """Notes everyone behind posts and holdings that were noted."""
    # An author or an origin that this dataset shows is that of what other datasets show shared.
    for posts in staging.touched(POST, PAGE_ACTORS):
        staging.touch(ANY, await find_sharers(store.read, posts))
    for accounts in staging.touched(HOLDING, PAGE_ACTORS):
        staging.touch(ANY, {*accounts, *await find_acting_into(store.read, accounts)})


async def derive_touched(
    store: Store, staging: Staging, dataset: str, progress: Callable[[int], None]
) -> Changed:
    """Makes the edges anew of everyone behind what was noted, a page in each transaction."""
    changed, done = Changed(), 0
    for what, only in ((ROWS, dataset), (ANY, None), (ACTOR, None)):
        for page in staging.touched(what, PAGE_ACTORS):

            async def work(
                transaction: Transaction, page: list[str] = page, only: str | None = only
            ) -> Changed:
                return await derive_actors(transaction, await find_actors(transaction.run, page), only)

            changed = changed.plus(await store.write(work))
            done += len(page)
            progress(done)
    return changed
