"""Instants as the model writes them: ISO 8601, UTC, ending in Z."""

from datetime import UTC, datetime


def instant_of_unix(seconds: int) -> str:
    """The instant this many seconds after 1970 began; raises ValueError when there is no such day in a calendar."""
    try:
        # Without its offset, which is +00:00. strftime takes three times as long.
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")[:19] + "Z"
    except (OverflowError, OSError) as error:
        raise ValueError(str(error)) from error
