"""JSON lines: one object a row with everything that was read, nested as the API has it."""

from collections.abc import Iterator

import orjson

from kb.export.losses import Losses
from kb.export.pages import Batch, Row
from kb.export.table import say_observed


class JsonLines:
    """One JSON object a line; of a neighbourhood the entities first, then the edges."""

    def __init__(self, question: str, losses: Losses) -> None:
        self._question, self._losses = question, losses

    def begin(self) -> bytes:
        """Nothing: each line stands alone."""
        return b""

    def add(self, batch: Batch) -> bytes:
        """A line for each row."""
        rows: list[Row] = [*batch.entities, *batch.claims]
        for record in batch.records:
            claim = record["claim"]
            rows.append({**record, "sentence": claim["sentence"] if claim else say_observed(record)})
        self._losses.written["lines"] += len(rows)
        return b"".join(orjson.dumps(row) + b"\n" for row in rows)

    def end(self) -> Iterator[bytes]:
        """Nothing."""
        return iter(())

    def close(self) -> None:
        """Nothing is held."""
