"""Two writers in a row: one works while what the other wrote is committed.

Half of what Neo4j does for a batch is its commit, on which the next batch need not wait. Two that commit at once are
another thing: they wait for one another's relationships and end in deadlocks.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

from kb.store import Store, Transaction

T = TypeVar("T")

# A commit takes a second or two. Where it waits for what the next writer holds, that one lets go after this long.
PATIENCE_S: Final = 10.0


class Turn:
    """One writer's place: `worked` once only its commit is left, for which it waits for `before` to be done."""

    def __init__(self, before: asyncio.Future[None] | None) -> None:
        self._before = before
        self.worked = asyncio.Event()

    async def write(self, store: Store, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """As `store.write`, committed behind the writer before; raises what that does."""

        async def wait(transaction: Transaction) -> T:
            found = await work(transaction)
            self.worked.set()
            if self._before is not None and not self._before.done():
                await asyncio.wait([self._before], timeout=PATIENCE_S)
                if not self._before.done():
                    raise _LetGoError
            return found

        try:
            return await store.write(wait)
        except _LetGoError:
            assert self._before is not None  # noqa: S101 - it was waited for
            await asyncio.wait([self._before])
            return await store.write(work)


class _LetGoError(Exception):
    """The writer before does not come to its end, perhaps for what this one holds."""


class Turns:
    """Begins one writer after the other; two are at work at most."""

    def __init__(self) -> None:
        self._at_work: list[asyncio.Task[None]] = []

    async def begin(self, save: Callable[[Turn], Coroutine[Any, Any, None]], *, is_alone: bool) -> None:
        """Begins a writer, and returns when its commit is all that is left; raises what it or the one before raised.

        `is_alone`: not before the one before is done, and until it is done itself. What it deletes or changes is locked
        while it works, and a commit might wait for that.
        """
        if is_alone:
            await self.end()
        turn = Turn(self._at_work[-1] if self._at_work else None)
        began = asyncio.create_task(save(turn))
        self._at_work.append(began)
        worked = asyncio.create_task(turn.worked.wait())
        try:
            await asyncio.wait([began, worked], return_when=asyncio.FIRST_COMPLETED)
        finally:
            worked.cancel()
        await self.end(but=0 if is_alone or began.done() else 1)

    async def end(self, but: int = 0) -> None:
        """Waits for all writers `but` so many of the last; raises what they raised."""
        while len(self._at_work) > but:
            await self._at_work[0]
            self._at_work.pop(0)

    async def cancel(self) -> None:
        """Ends who is still at work; its transaction is taken back."""
        for task in self._at_work:
            task.cancel()
        await asyncio.gather(*self._at_work, return_exceptions=True)


@asynccontextmanager
async def in_turns() -> AsyncGenerator[Turns]:
    """Writers none of which is at work any more when the block ends."""
    turns = Turns()
    try:
        yield turns
        await turns.end()
    finally:
        await turns.cancel()
