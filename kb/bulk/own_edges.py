"""Observed edges of a first load, made from its work file alone while the store writes: nothing has to be read back."""

from collections.abc import Callable, Generator
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import orjson

from kb.amplified import PROPERTIES, NewEdge
from kb.bulk.staging import Staging
from kb.observed import AMPLIFYING, add_up

_GIVEN: Final[Callable[[dict[str, Any]], tuple[Any, ...]]] = itemgetter(*PROPERTIES)


def own_edges(staging: Staging, dataset: str, but: str) -> Generator[NewEdge]:
    """The observed edges of accounts that nobody holds and no other source uses, sorted by start and end.

    Of accounts only, not of posts: who posted a post may be told by another dataset. `but` is the way in which all
    others were touched, see `kb/bulk/follow.py`: those behind an account that somebody holds, or another source uses.
    """
    with closing(staging.acts(but)) as acts:
        for start, rows in groupby(acts, key=itemgetter(0)):
            channel: str | None = None
            for end, again in groupby(rows, key=itemgetter(2)):
                seen: dict[str, tuple[str, str | None]] = {}
                for _, part, _, row, properties in again:
                    if part == "ON":
                        # Sorted: the first of several.
                        channel = channel or end
                        continue
                    given = orjson.loads(properties)
                    if given["kind"] in AMPLIFYING:
                        seen.setdefault(row, (given["kind"], given.get("at")))
                if seen:
                    found = add_up(start, end, channel, dataset, list(seen.values()))
                    yield NewEdge(start, end, list(_GIVEN(found)))
