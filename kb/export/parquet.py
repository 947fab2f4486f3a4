"""Parquet for data frames: the columns of the CSV with their types, and texts as they are."""

import io
from collections.abc import Iterator
from typing import Any, Final

from kb.errors import KbError
from kb.export.losses import Losses
from kb.export.pages import Batch
from kb.export.table import COLUMNS, TEXT, TRUTH, WHOLE, flatten

_MISSING: Final = (
    "parquet: the format needs pyarrow, which is larger than all the rest and not installed here; "
    "install it with .venv/bin/pip install --require-hashes -r requirements-parquet.lock, or take csv or jsonl"
)


class Parquet:
    """One row group a page, compressed; raises KbError when pyarrow is not installed."""

    def __init__(self, question: str, losses: Losses) -> None:
        try:
            # Here, so that nobody else waits for it or needs it.
            import pyarrow as pa  # noqa: PLC0415
            import pyarrow.parquet as pq  # noqa: PLC0415
        except ImportError as error:
            raise KbError(_MISSING) from error
        self._question, self._losses = question, losses
        kinds: dict[str, Any] = {TEXT: pa.string(), WHOLE: pa.int64(), TRUTH: pa.bool_()}
        self._schema: Any = pa.schema([(name, kinds[kind]) for name, kind in COLUMNS[question].items()])
        self._pyarrow: Any = pa
        self._sink = io.BytesIO()
        self._writer: Any = pq.ParquetWriter(_Counting(self._sink), self._schema, compression="zstd")

    def begin(self) -> bytes:
        """The magic number."""
        return self._take()

    def add(self, batch: Batch) -> bytes:
        """A row group."""
        rows = list(flatten(self._question, batch))
        self._losses.written["rows"] += len(rows)
        if rows:
            self._writer.write_table(self._pyarrow.Table.from_pylist(rows, schema=self._schema))
        return self._take()

    def end(self) -> Iterator[bytes]:
        """The footer."""
        self._writer.close()
        yield self._take()

    def close(self) -> None:
        """Nothing is held outside memory."""
        self._sink.close()

    def _take(self) -> bytes:
        found = self._sink.getvalue()
        self._sink.seek(0)
        self._sink.truncate()
        return found


class _Counting(io.RawIOBase):
    """A sink that knows how much went through it, whatever was taken out in the meantime."""

    def __init__(self, sink: io.BytesIO) -> None:
        super().__init__()
        self._sink, self._position = sink, 0

    def writable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """How many bytes went through."""
        return self._position

    def write(self, data: Any) -> int:
        """Passes `data` on."""
        written = self._sink.write(bytes(data))
        self._position += written
        return written
