"""Instants as the model writes them: ISO 8601, UTC, ending in Z."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

# Without a zone, which would be told with every instant and is UTC in all of them: half the time.
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001


# Rows that follow one another often tell one second: two of three in the Higgs file.
@lru_cache(maxsize=1024)
def instant_of_unix(seconds: int) -> str:
    """The instant this many seconds after 1970 began; raises ValueError when there is no such day in a calendar."""
    try:
        return (_EPOCH + timedelta(seconds=seconds)).isoformat() + "Z"
    except OverflowError as error:
        raise ValueError(str(error)) from error
