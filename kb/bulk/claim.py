"""One load at a time: who is loading is written in the store, and a claim whose process has ended is taken over."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime, timedelta
from typing import Final, LiteralString

from kb.embedded import process_start
from kb.errors import StoreBusy, StoreConflict
from kb.store import Store, Transaction

# A load on another host that has written nothing for so long has ended: a batch takes a second or two.
SILENT_S: Final = 600

# A load in the engine of this process is asked for so often whether it has ended.
WAIT_POLL_S: Final = 0.5

_FIND: LiteralString = (
    "MATCH (l:Load {id: 'running'}) RETURN l.dataset AS dataset, l.by AS by, l.since AS since, l.seen AS seen"
)
_CLAIM: LiteralString = "CREATE (l:Load {id: 'running', dataset: $dataset, by: $by, since: $now, seen: $now})"
_RELEASE: LiteralString = "MATCH (l:Load {id: 'running', by: $by}) DELETE l"
SEEN: LiteralString = "MATCH (l:Load {id: 'running'}) SET l.seen = $now"


def clock() -> str:
    """Now, as an instant in UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextlib.asynccontextmanager
async def claim_load(store: Store, dataset: str) -> AsyncGenerator[None]:
    """Holds the store's one load until the block ends; raises StoreBusy when another process has it."""
    host, pid = socket.gethostname(), os.getpid()
    by = f"{host}:{pid}:{process_start(pid)}"
    await _take(store, dataset, by)
    try:
        yield
    finally:
        with contextlib.suppress(StoreConflict):
            await store.write(lambda transaction: transaction.run(_RELEASE, {"by": by}))


async def let_others_end(store: Store, tell: Callable[[str], None]) -> None:
    """Returns when no other load uses the engine that runs in this process, and ends with it; `tell` says why it waits.

    Where the engine runs elsewhere it returns at once.
    """
    is_told = False
    while store.owns_engine and (running := await store.read(_FIND)):
        dataset, other, since, seen = running[0]
        if _has_ended(other, seen):
            return
        if not is_told:
            tell(
                f"{dataset} is being loaded since {since}, by an engine that runs here: this process ends with it"
            )
            is_told = True
        await asyncio.sleep(WAIT_POLL_S)


async def _take(store: Store, dataset: str, by: str) -> None:
    async def work(transaction: Transaction) -> None:
        for running, other, since, seen in await transaction.run(_FIND):
            if other != by and not _has_ended(other, seen):
                host, pid, _ = other.split(":", 2)
                raise StoreBusy(
                    f"{running} is being loaded since {since} by process {pid} on {host}; wait for it, or end it"
                )
            await transaction.run(_RELEASE, {"by": other})
        await transaction.run(_CLAIM, {"dataset": dataset, "by": by, "now": clock()})

    try:
        await store.write(work)
    except StoreConflict as error:
        raise StoreBusy("another load has just begun; wait for it, then run this one again") from error


def _has_ended(by: str, seen: str) -> bool:
    host, pid, started = by.split(":", 2)
    if host == socket.gethostname():
        return process_start(int(pid)) != started
    return datetime.fromisoformat(seen) < datetime.now(UTC) - timedelta(seconds=SILENT_S)
