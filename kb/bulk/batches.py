"""The batches of a dataset in the store: what loads have written, by which the next one knows what is there."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, LiteralString

from kb.bulk.claim import SEEN, clock
from kb.bulk.cut import Bound, Piece, batch_id
from kb.store import Store, Transaction

# The part of a dataset that its entities and their names are.
ENTITIES: Final = "Entity"
# The observed edges of a first load: a part until derived edges follow.
EDGES: Final = "AMPLIFIED"
# Stands for counters of edges that come later. A load that was killed before they came is gone on with, perhaps with
# other files: then the counters are counted anew.
COUNTERS: Final = "counters"

_NO_LINKS: Final = frozenset({ENTITIES, EDGES, COUNTERS})

_BATCHES: LiteralString = """
MATCH (b:Batch {dataset: $dataset})
RETURN b.part AS part, b.id AS id, b.hi AS hi, b.sha256 AS sha256, b.rows AS rows, b.derived AS derived,
  coalesce(b.touched, []) AS touched"""
_SAVE_BATCH: LiteralString = "MERGE (b:Batch {id: $id}) SET b += $properties"
_SAVE_BATCH_AND_SEEN: LiteralString = _SAVE_BATCH + " WITH b " + SEEN
_DERIVED: LiteralString = """
MATCH (b:Batch {dataset: $dataset}) WHERE b.derived = false SET b.derived = true, b.touched = []"""
_DROP_PARTS: LiteralString = "MATCH (b:Batch {dataset: $dataset}) WHERE b.part IN $parts DELETE b"
_DROP_EMPTY: LiteralString = "MATCH (b:Batch {dataset: $dataset}) WHERE b.rows = 0 DELETE b"


class Batches:
    """The batches of one dataset: those that were stored when a load began, and notes of those that it writes."""

    def __init__(self, store: Store, dataset: str) -> None:
        self._store, self._dataset = store, dataset
        self.stored: dict[str, list[Bound]] = {}
        """Those of each part as the load found them, sorted."""
        self.is_fresh = True
        """Nothing of the dataset was stored."""
        self.is_first = True
        """No edge had been derived from a row of the dataset."""
        self.must_count = False
        """Counters are not those of the edges there are."""
        self.sent = 0

    async def read(self) -> None:
        """Finds what is stored."""
        for part, key, hi, sha256, rows, derived, touched in await self._store.read(
            _BATCHES, {"dataset": self._dataset}
        ):
            bound = Bound(key, tuple(hi), sha256, rows, derived, tuple(touched))
            self.stored.setdefault(part, []).append(bound)
        for bounds in self.stored.values():
            bounds.sort(key=lambda bound: bound.hi)
        links = [bound for part in self.link_parts() for bound in self.stored[part]]
        self.is_first = not any(bound.derived for bound in links)
        self.is_fresh = not self.stored
        self.must_count = COUNTERS in self.stored

    def link_parts(self) -> list[str]:
        """The types of relationships that something is stored of."""
        return [part for part in self.stored if part not in _NO_LINKS]

    async def record(
        self,
        transaction: Transaction,
        part: str,
        piece: Piece,
        *,
        is_done: bool = True,
        touched: Iterable[str] = (),
    ) -> None:
        """Notes a batch in the transaction that writes it, and that this load is alive."""
        properties = {
            "dataset": self._dataset, "part": part, "hi": list(piece.hi), "rows": len(piece.rows),
            "sha256": piece.sha256 if is_done else "", "derived": part == ENTITIES, "touched": sorted(touched),
        }  # fmt: skip
        key = batch_id(self._dataset, part, piece.hi)
        asked = {"id": key, "properties": properties, "now": clock()}
        await transaction.run(_SAVE_BATCH_AND_SEEN, asked)
        if part == EDGES and not self.is_fresh:
            await self.mark_counters(transaction)
        self.sent += 1

    async def mark_counters(self, transaction: Transaction) -> None:
        """Notes that counters are not those of the edges there are, until this load has come to its end."""
        properties = {
            "dataset": self._dataset, "part": COUNTERS, "hi": [""], "rows": 1, "sha256": "", "derived": False,
        }  # fmt: skip
        key = batch_id(self._dataset, COUNTERS, ("",))
        await transaction.run(_SAVE_BATCH, {"id": key, "properties": properties})

    async def mark_derived(self) -> None:
        """Notes that derived edges have followed all rows."""

        async def work(transaction: Transaction) -> None:
            asked = {"dataset": self._dataset}
            await transaction.run(_DROP_PARTS, {**asked, "parts": [EDGES, COUNTERS]})
            await transaction.run(_DERIVED, asked)

        await self._store.write(work)

    async def finish(self, entities: Sequence[Piece]) -> None:
        """Notes that these pieces of entities are done now, and forgets batches that nothing is left of."""
        for piece in entities:
            key = batch_id(self._dataset, ENTITIES, piece.hi)
            await self._write(_SAVE_BATCH, {"id": key, "properties": {"sha256": piece.sha256}})
        await self._write(_DROP_EMPTY, {"dataset": self._dataset})

    async def _write(self, statement: LiteralString, parameters: dict[str, Any]) -> None:
        await self._store.write(lambda transaction: transaction.run(statement, parameters))
