"""Time as it is asked for: what overlaps a period or a day, and what has no date."""

from collections.abc import Mapping
from typing import Any

from schema.values import DayBounds, edtf_bounds


def asks_for_time(asked: Mapping[str, Any]) -> bool:
    """Whether what has no date is left out."""
    return any(asked.get(name) is not None for name in ("period", "validAt", "at"))


def overlaps(first: str | None, last: str | None, asked: Mapping[str, Any]) -> bool:
    """Whether days or instants reach into what is asked for; a side that is not known reaches on."""
    wanted = [edtf_bounds(asked[name]) for name in ("period", "validAt", "at") if asked.get(name) is not None]
    return not wanted or (not is_undated(first, last) and all(_meets(first, last, each) for each in wanted))


def is_undated(first: str | None, last: str | None) -> bool:
    """Whether there is no date at all."""
    return first is None and last is None


def _meets(first: str | None, last: str | None, asked: DayBounds) -> bool:
    begins_in_time = first is None or asked.latest is None or first[:10] <= asked.latest
    ends_in_time = last is None or asked.earliest is None or last[:10] >= asked.earliest
    return begins_in_time and ends_in_time
