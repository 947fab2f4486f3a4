"""Loads a dataset: makes the store hold exactly what its rows say, in batches that a killed load goes on from."""

import asyncio
import contextlib
import itertools
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Any, LiteralString, NamedTuple

from kb.amplified import EdgesStoredError, create_first, find_channel_kinds, mend_counters
from kb.bulk.batches import COUNTERS, EDGES, ENTITIES, Batches
from kb.bulk.claim import claim_load
from kb.bulk.counting import Counters
from kb.bulk.cut import PIECE_ROWS, Keyed, Piece, cut
from kb.bulk.facts import Row
from kb.bulk.follow import (
    ANY,
    HOLDING,
    ROWS,
    derive_touched,
    find_touched,
    spread_touched,
    touch_shared,
    touch_stored,
)
from kb.bulk.links import Changes, save_links
from kb.bulk.nodes import DROP_KEYS, drop_nodes, save_nodes
from kb.bulk.own_edges import count_own_edges, own_edges, touch_others
from kb.bulk.staging import Staging, rare_collections
from kb.bulk.turns import Turn, in_turns
from kb.config import Settings
from kb.errors import BadInput, Problem
from kb.store import Store, Transaction
from schema.observations import Dataset

Progress = Callable[[str, int, int | None], None]

_DATASET: LiteralString = "MATCH (d:Dataset {id: $dataset}) RETURN d.case AS case, d.content_sha256 AS sha256"
_BEGIN: LiteralString = "MERGE (d:Dataset {id: $dataset}) SET d += $properties REMOVE d.content_sha256"
_FINISH: LiteralString = """
MATCH (d:Dataset {id: $dataset}) SET d.content_sha256 = $sha256
WITH d OPTIONAL MATCH (d)-[:LOADED_BY]->(before:Run) WITH d, count(before) AS number
CREATE (d)-[:LOADED_BY]->(r:Run) SET r = $run, r.id = $dataset + '/' + toString(number + 1),
    r.label = $dataset + ', run ' + toString(number + 1)"""


@dataclass
class LoadReport:
    """What a load read and changed. `read` is `used` and all of `skipped` together; the rest counts nodes and edges."""

    read: int = 0
    used: int = 0
    skipped: dict[str, int] = field(default_factory=dict)
    created: int = 0
    updated: int = 0
    removed: int = 0
    derived: int = 0
    seconds: float = 0.0
    unchanged: bool = False
    batches_sent: int = 0

    @property
    def rows_changed(self) -> int:
        """Nodes and relationships that were created, changed or removed, derived ones included."""
        return self.created + self.updated + self.removed + self.derived


async def load_dataset(
    store: Store,
    settings: Settings,
    dataset: Dataset,
    rows: Callable[[], Iterable[Row]] | Iterable[Row],
    *,
    content_sha256: str,
    now: str,
    reject: Callable[[Row], None] = lambda _row: None,
    progress: Progress = lambda _stage, _done, _total: None,
) -> LoadReport:
    """Makes the store hold exactly what `rows` say for `dataset`; a load that was killed is gone on with.

    `rows` are asked for only when the files are not the ones that were loaded last (`content_sha256`). `reject` takes
    each row that was skipped, `progress` the stage, how much of it is done, and how much there is when that is known.
    Raises BadInput for facts that do not fit, StoreBusy when another load is running, and the errors of Store.write.
    """
    began_s = time.monotonic()
    stored = await store.read(_DATASET, {"dataset": dataset.id})
    if stored and stored[0][0] is not None:
        raise BadInput([Problem(dataset.id, "is a dataset of the case", stored[0][0], "choose another id")])
    if stored and stored[0][1] == content_sha256:
        return LoadReport(unchanged=True, seconds=time.monotonic() - began_s)
    async with claim_load(store, dataset.id):
        loading = _Loading(store, dataset, now, progress)
        with rare_collections(), Staging(settings.data / "loads" / f"{dataset.id}.sqlite") as staging:
            source = rows() if callable(rows) else rows
            counted = await asyncio.to_thread(
                staging.fill, source, reject, lambda read: progress("reading", read, None)
            )
            await asyncio.to_thread(staging.check_ends)
            report = await loading.save(staging)
        report.read, report.used, report.skipped = counted
        if report.read != report.used + sum(report.skipped.values()):
            raise AssertionError(
                f"{dataset.id}: {report.read} rows read, {report.used} used, {report.skipped}"
            )
        report.seconds = round(time.monotonic() - began_s, 3)
        await loading.finish(report, content_sha256)
    return report


class _Ready(NamedTuple):
    """A piece of a part that is to be saved, and the counters of its entities."""

    part: str
    piece: Piece
    counters: Counters


class _Loading:
    """One load, from the work file to the store."""

    def __init__(self, store: Store, dataset: Dataset, now: str, progress: Progress) -> None:
        self._store, self._dataset, self._now, self._progress = store, dataset, now, progress
        self._report = LoadReport()
        self._batches = Batches(store, dataset.id)

    async def save(self, staging: Staging) -> LoadReport:
        """Writes what differs; what a killed load has written is found by its batches."""
        asked = {
            "dataset": self._dataset.id,
            "properties": self._dataset.model_dump(mode="json", exclude_none=True),
        }
        await self._write(_BEGIN, asked)
        await self._batches.read()
        if self._batches.is_fresh:
            await self._store.write(self._batches.mark_counters)
            await touch_stored(self._store, staging)
            kinds = await find_channel_kinds(self._store)
            await asyncio.to_thread(touch_others, staging)
            await asyncio.to_thread(count_own_edges, staging, kinds)
            self._progress(COUNTERS, staging.count_entities(), None)
        unfinished, gone = await self._save_entities(staging)
        await self._save_links(staging)
        await self._derive(staging)
        await self._drop(gone)
        await self._batches.finish(unfinished)
        self._report.batches_sent = self._batches.sent
        return self._report

    async def finish(self, report: LoadReport, content_sha256: str) -> None:
        """Records the run, after which the same files are known to be loaded."""
        run = {
            "source": self._dataset.id, "at": self._now, "content_sha256": content_sha256,
            "rows_changed": report.rows_changed, "rows_read": report.read, "rows_used": report.used,
            "skipped": [f"{reason}: {number}" for reason, number in sorted(report.skipped.items())],
            "created": report.created, "updated": report.updated, "removed": report.removed,
            "seconds": report.seconds,
        }  # fmt: skip
        await self._write(_FINISH, {"dataset": self._dataset.id, "sha256": content_sha256, "run": run})

    async def _save_entities(self, staging: Staging) -> tuple[list[Piece], list[str]]:
        """Writes entities and names; returns the pieces that are not done, and the ids that have to go first."""
        unfinished: list[Piece] = []
        gone: list[str] = []

        async def save(ready: _Ready, turn: Turn) -> None:
            piece = ready.piece
            if piece.is_stored:
                return
            # Where nothing was stored before, nothing is looked for, but when somebody else has come in between.
            new = self._batches.is_fresh and not staging.has_touched(HOLDING, piece.rows[0].id, piece.hi[0])
            attempts = itertools.count()

            async def work(transaction: Transaction) -> tuple[Changes, list[str]]:
                are_new = new and next(attempts) == 0
                changes, left = await save_nodes(
                    transaction, self._dataset.id, piece, ready.counters, are_new=are_new
                )
                await self._batches.record(transaction, ENTITIES, piece, is_done=not left)
                return changes, left

            changes, left = await turn.write(self._store, work)
            self._count(changes)
            gone.extend(left)
            if left and piece.rows:
                unfinished.append(piece)

        ready = self._cut({ENTITIES: staging.nodes}, staging.counting.counters)
        await self._save_pieces(ready, {ENTITIES: staging.count_entities()}, save)
        return unfinished, gone

    async def _save_links(self, staging: Staging) -> None:
        """Writes the relationships part by part, and takes away those of parts that the rows have no longer."""

        async def save(ready: _Ready, turn: Turn) -> None:
            part, piece, _ = ready
            if piece.is_stored and (piece.bound is None or piece.bound.derived):
                return
            left = set(piece.bound.touched if piece.bound else ())
            kept = frozenset(left)
            if not piece.is_stored:

                async def work(transaction: Transaction) -> Changes:
                    changes = await save_links(transaction, self._dataset.id, part, piece)
                    touched = _texts(find_touched(part, changes.left))
                    await self._batches.record(transaction, part, piece, touched=touched.union(kept))
                    return changes

                changes = await turn.write(self._store, work)
                self._count(changes)
                left |= _texts(find_touched(part, changes.left))
            for text in left:
                what, _, key = text.partition(" ")
                staging.touch(what, [key])
            # A first load makes the edges of accounts from the work file.
            if not (self._batches.is_first and part in ("INTERACTED", "ON")):
                for what, keys in find_touched(part, ((link.start, link.end) for link in piece.rows)).items():
                    staging.touch(what, keys)

        totals = staging.parts()
        gone = [part for part in self._batches.link_parts() if part not in totals]
        ready = self._cut({part: partial(staging.links, part) for part in (*totals, *gone)})
        await self._save_pieces(ready, totals, save)

    async def _derive(self, staging: Staging) -> None:
        """Lets derived edges follow. A load that was killed before it got here finds the same to do."""
        if self._batches.is_first:
            await touch_shared(self._store, staging, self._dataset.id)
        await spread_touched(self._store, staging)
        if self._batches.is_first:
            await self._save_own_edges(staging)
        total = staging.count_touched()
        changed = await derive_touched(
            self._store, staging, self._dataset.id, lambda done: self._progress("derived edges", done, total)
        )
        self._report.derived += changed.total

        if self._batches.must_count:
            await mend_counters(self._store, self._dataset.id)
        await self._batches.mark_derived()

    async def _save_own_edges(self, staging: Staging) -> None:
        """Writes the edges that the work file alone decides; where others are stored, their starts are noted."""

        async def save(ready: _Ready, turn: Turn) -> None:
            piece = ready.piece
            if piece.is_stored:
                return
            is_written = False
            if piece.is_new:

                async def work(transaction: Transaction) -> None:
                    lo = piece.lo or ("", "")
                    await create_first(
                        transaction,
                        self._dataset.id,
                        piece.rows,
                        behind=(lo[0], lo[1]),
                        is_fresh=self._batches.is_fresh,
                    )
                    await self._batches.record(transaction, EDGES, piece)

                with contextlib.suppress(EdgesStoredError):
                    await turn.write(self._store, work)
                    is_written = True
                self._batches.must_count |= not (is_written and self._batches.is_fresh)
            if is_written:
                self._report.derived += len(piece.rows)
            else:
                staging.touch(ROWS, {edge.start for edge in piece.rows})

        edges = partial(own_edges, staging, self._dataset.id, ANY)
        await self._save_pieces(self._cut({EDGES: edges}), {}, save)
        # Somebody may have come to hold or to use an account since its edges were counted.
        self._batches.must_count |= (
            self._batches.is_fresh and self._report.derived != staging.counting.count_pairs()
        )

    async def _save_pieces(
        self,
        pieces: Generator[_Ready],
        totals: Mapping[str, int],
        save: Callable[[_Ready, Turn], Coroutine[Any, Any, None]],
    ) -> None:
        """Saves one piece after the other, each while the one before is committed and the next is made ready.

        `totals` has how many rows a part has, where that is known.
        """
        waiting = asyncio.create_task(asyncio.to_thread(next, pieces, None))
        done: Counter[str] = Counter()

        def tell(part: str, rows: int) -> None:
            done[part] += rows
            self._progress(part, done[part], totals.get(part))

        try:
            async with in_turns() as turns:
                begun: tuple[str, int] | None = None
                while (ready := await waiting) is not None:
                    waiting = asyncio.create_task(asyncio.to_thread(next, pieces, None))
                    await turns.begin(partial(save, ready), is_alone=not ready.piece.is_new)
                    if begun is not None:
                        tell(*begun)
                    begun = ready.part, len(ready.piece.rows)
            if begun is not None:
                tell(*begun)
        finally:
            await asyncio.wait([waiting])
            pieces.close()

    def _cut(
        self,
        parts: Mapping[str, Callable[[], Generator[Keyed]]],
        count: Callable[[str, str], Counters] = lambda _lo, _hi: {},
    ) -> Generator[_Ready]:
        """The pieces of parts, whose rows come sorted; `count` has the counters of entities between two ids."""
        for part, make_rows in parts.items():
            with closing(make_rows()) as rows:
                for piece in cut(rows, self._batches.stored.get(part, ())):
                    counters = count(piece.rows[0].key[0], piece.hi[0]) if piece.rows else {}
                    yield _Ready(part, piece, counters)

    async def _drop(self, gone: list[str]) -> None:
        for start in range(0, len(gone), PIECE_ROWS):

            async def work(transaction: Transaction, start: int = start) -> int:
                return await drop_nodes(transaction, self._dataset.id, gone[start : start + PIECE_ROWS])

            self._report.removed += await self._store.write(work)
        asked = {"dataset": self._dataset.id, "limit": PIECE_ROWS}
        while (await self._write(DROP_KEYS, asked))[0][0]:
            pass

    def _count(self, changes: Changes) -> None:
        self._report.created += changes.created
        self._report.updated += changes.updated
        self._report.removed += changes.removed

    async def _write(self, statement: LiteralString, parameters: dict[str, Any]) -> list[list[Any]]:
        return await self._store.write(lambda transaction: transaction.run(statement, parameters))


def _texts(touched: dict[str, set[str]]) -> set[str]:
    """What was touched, as a batch keeps it."""
    return {f"{what} {key}" for what, keys in touched.items() for key in keys}
