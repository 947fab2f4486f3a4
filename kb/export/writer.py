"""What every format does: takes batches one by one and gives the bytes that are ready."""

from collections.abc import Iterator
from typing import Protocol

from kb.export.pages import Batch


class Writer(Protocol):
    """A file that is being written. Bytes come in the order of the file; nothing is kept that grows with its rows."""

    def begin(self) -> bytes:
        """How the file begins."""
        ...

    def add(self, batch: Batch) -> bytes:
        """What of the file is ready when the batch is known; may be empty."""
        ...

    def end(self) -> Iterator[bytes]:
        """The rest of the file."""
        ...

    def close(self) -> None:
        """Lets go of temporary files, whether the file is whole or not."""
        ...
