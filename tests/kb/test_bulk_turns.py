"""Writers of a load in a row: each works while the one before is committed, and none is left behind by a failure."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import pytest

from kb.bulk.turns import Turn, in_turns
from kb.store import Store, Transaction

Save = Callable[[Turn], Coroutine[Any, Any, None]]


class Writers:
    """Writers that each make one node, and what became of them."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.worked: list[str] = []
        self.has_worked: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.has_written: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.goes_on = asyncio.Event()

    async def save(self, name: str, turn: Turn) -> None:
        async def work(transaction: Transaction) -> None:
            await transaction.run("CREATE (:Note {id: $id})", {"id": name})
            self.worked.append(name)
            self.has_worked[name].set()
            if name == "fails":
                raise ValueError(name)

        await turn.write(self.store, work)
        self.has_written[name].set()
        if name == "first":
            await self.goes_on.wait()

    def of(self, name: str) -> Save:
        return partial(self.save, name)

    async def stored(self) -> list[str]:
        return [row[0] for row in await self.store.read("MATCH (n:Note) RETURN n.id AS id ORDER BY id")]

    async def run(self, *names: str) -> None:
        async with in_turns() as turns:
            for name in names:
                await turns.begin(self.of(name), is_alone=False)


async def test_the_second_has_worked_and_commits_once_the_first_is_done(migrated: Store) -> None:
    writers = Writers(migrated)
    async with in_turns() as turns:
        await turns.begin(writers.of("first"), is_alone=False)
        second = asyncio.create_task(turns.begin(writers.of("second"), is_alone=False))
        await writers.has_worked["second"].wait()
        await writers.has_written["first"].wait()
        assert await writers.stored() == ["first"]
        writers.goes_on.set()
        await second
    assert await writers.stored() == ["first", "second"]


async def test_one_that_changes_what_is_there_waits_for_the_one_before(migrated: Store) -> None:
    writers = Writers(migrated)
    async with in_turns() as turns:
        await turns.begin(writers.of("first"), is_alone=False)
        alone = asyncio.create_task(turns.begin(writers.of("alone"), is_alone=True))
        await asyncio.sleep(0.2)
        assert writers.worked == ["first"]
        writers.goes_on.set()
        await alone
        assert await writers.stored() == ["alone", "first"]


async def test_one_lets_go_when_the_one_before_waits_for_it_and_works_again(
    migrated: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.bulk.turns.PATIENCE_S", 0.1)
    writers = Writers(migrated)
    async with in_turns() as turns:
        await turns.begin(writers.of("first"), is_alone=False)
        second = asyncio.create_task(turns.begin(writers.of("second"), is_alone=False))
        await writers.has_worked["second"].wait()
        await asyncio.sleep(0.3)  # it has let go: its work is taken back
        writers.goes_on.set()
        await second
    assert writers.worked == ["first", "second", "second"]
    assert await writers.stored() == ["first", "second"]


async def test_a_failure_is_raised_and_nobody_works_on(migrated: Store) -> None:
    writers = Writers(migrated)
    writers.goes_on.set()
    with pytest.raises(ValueError, match="fails"):
        await writers.run("first", "fails", "never")
    assert writers.worked == ["first", "fails"]
    assert await writers.stored() == ["first"]


async def test_who_is_stopped_leaves_no_transaction(migrated: Store) -> None:
    writers = Writers(migrated)

    loading = asyncio.create_task(writers.run("first", "second"))
    await writers.has_worked["second"].wait()
    await writers.has_written["first"].wait()
    loading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loading
    assert await writers.stored() == ["first"]
