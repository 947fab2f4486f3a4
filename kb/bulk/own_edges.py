"""Observed edges of a first load, made from its work file alone while the store writes: nothing has to be read back."""

from collections.abc import Callable, Generator, Mapping
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from kb.amplified import PROPERTIES, NewEdge
from kb.bulk.follow import ANY, HOLDING
from kb.bulk.staging import Staging
from kb.observed import add_up

_GIVEN: Final[Callable[[dict[str, Any]], tuple[Any, ...]]] = itemgetter(*PROPERTIES)


def touch_others(staging: Staging) -> None:
    """Touches whose edges `own_edges` will not make in a first load, as ANY.

    Before this the accounts are touched as HOLDING that the store has already.
    """
    staging.touch_ends("POSTED", ANY)
    staging.touch_ends("HELD_BY", HOLDING)
    staging.touch_acting_into(HOLDING, ANY)


def count_own_edges(staging: Staging, kinds: Mapping[str, str]) -> None:
    """Counts, for their ends, the edges that `own_edges` will make in a first load, once the others were touched.

    `kinds`: the sorts of the channels that the store has; those of the work file come on top.
    """
    known = {key: kind for key, kind in kinds.items() if kind}
    staging.counting.count(ANY, staging.channel_kinds() | known)


def own_edges(staging: Staging, dataset: str, but: str, *, are_numbered: bool = False) -> Generator[NewEdge]:
    """The observed edges of accounts that nobody holds and no other source uses, sorted by start and end.

    Of accounts only, not of posts: who posted a post may be told by another dataset. `but` is the way in which all
    others were touched, see `kb/bulk/follow.py`: those behind an account that somebody holds, or another source uses.
    `are_numbered`: they have the numbers of their ends.
    """
    with (
        closing(staging.acts(but, are_numbered=are_numbered)) as acts,
        closing(staging.channels()) as channels,
    ):
        standing = next(channels, None)
        for (start, end, ends), rows in groupby(acts, key=itemgetter(0, 1, 5)):
            # Both come sorted by the account.
            while standing is not None and standing[0] < start:
                standing = next(channels, None)
            channel = standing[1] if standing is not None and standing[0] == start else None
            seen: dict[str, tuple[str, str | None]] = {}
            for _, _, row, kind, at, _ in rows:
                seen.setdefault(row, (kind, at))
            found = add_up(start, end, channel, dataset, list(seen.values()))
            yield NewEdge(start, end, list(_GIVEN(found)), ends)
