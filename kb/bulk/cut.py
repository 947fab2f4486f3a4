"""Cuts sorted rows into pieces that one transaction writes, at the same keys as the load before."""

import hashlib
from collections.abc import Generator, Iterable, Sequence
from itertools import chain, islice
from typing import Any, Final, NamedTuple, Protocol

import orjson

Key = tuple[str, ...]

# Rows a transaction. What Neo4j keeps of a transaction until it ends is what its collector works on: the whole of Higgs
# took 66.3 s with 10,000 rows, 60.7 s with 5,000, 56.8 s with 2,500, 58.5 s with 1,250 (one server, in one hour).
PIECE_ROWS: Final = 2_500


class Keyed(Protocol):
    """A row of a part: its key, which the part is sorted by."""

    @property
    def key(self) -> Key:
        """What it is sorted by."""
        ...

    @property
    def said(self) -> tuple[Any, ...]:
        """What its batch is known by."""
        ...


class Bound(NamedTuple):
    """A stored batch: the key of its last row, the hash and number of its rows, whether edges were derived from it."""

    id: str
    hi: Key
    sha256: str
    rows: int
    derived: bool
    touched: tuple[str, ...] = ()


class Piece(NamedTuple):
    """Rows whose keys are behind `lo` and not behind `hi`.

    `is_new`: nothing of the part is stored there. `bound` is the batch that ends at `hi`, if one is stored. A piece
    whose hash is that of its whole batch needs not be sent.
    """

    lo: Key | None
    hi: Key
    rows: Sequence[Any]
    is_new: bool
    bound: Bound | None
    sha256: str

    @property
    def is_stored(self) -> bool:
        """Whether the store holds exactly these rows."""
        return self.bound is not None and self.bound.sha256 == self.sha256 and bool(self.rows)


def cut(rows: Iterable[Keyed], bounds: Sequence[Bound], size: int = PIECE_ROWS) -> Generator[Piece]:
    """The pieces of all rows, which come sorted: cut at the stored bounds, and behind them each `size` rows.

    Between two bounds at most twice `size` rows make a piece, or as many as the stored batch has, so that memory stays
    bounded when a file has grown.
    """
    source = iter(rows)
    waiting = next(source, None)
    lo: Key | None = None
    for bound in bounds:
        taken: list[Keyed] = []
        is_split = False
        while waiting is not None and waiting.key <= bound.hi:
            if len(taken) == max(2 * size, bound.rows):
                yield _piece(lo, taken[-1].key, taken, None, is_new=False)
                lo, taken, is_split = taken[-1].key, [], True
            taken.append(waiting)
            waiting = next(source, None)
        # What is left of a batch that was split has another hash than the batch had.
        yield _piece(lo, bound.hi, taken, bound._replace(sha256="") if is_split else bound, is_new=False)
        lo = bound.hi
    rest = source if waiting is None else chain([waiting], source)
    while taken := list(islice(rest, size)):
        yield _piece(lo, taken[-1].key, taken, None, is_new=True)
        lo = taken[-1].key


def batch_id(dataset: str, part: str, hi: Key) -> str:
    """The id of the batch that ends at a key."""
    return f"{dataset}/{part}/{hashlib.sha256(orjson.dumps(hi)).hexdigest()[:16]}"


def _piece(lo: Key | None, hi: Key, rows: Sequence[Keyed], bound: Bound | None, *, is_new: bool) -> Piece:
    said = orjson.dumps([row.said for row in rows])
    return Piece(lo, hi, rows, is_new, bound, hashlib.sha256(said).hexdigest())
