"""Conditions on time: what overlaps a period, what has no date, and what was known at an instant."""

from collections.abc import Mapping
from typing import Any, Final, LiteralString, NamedTuple

from kb.questions.arguments import check_day, check_instant, check_period
from kb.select import Clause
from schema.claims import ClaimStatus


class Days(NamedTuple):
    """How a row keeps its first and its last day; both null when it has no date."""

    first: LiteralString
    last: LiteralString


CLAIM_DAYS: Final = Days("{+n}.earliest", "{+n}.latest")

_CURRENT: Final = (
    Clause("{+n}.known_to IS NULL"),
    Clause("{+n}.status = {value}", ClaimStatus.ACCEPTED.value),
)
# Never shown, whenever they were known: quarantined, or without a reading.
_NEVER: Final = [ClaimStatus.SUGGESTED.value, ClaimStatus.GARBLED.value]


def within(days: Days, arguments: Mapping[str, Any]) -> tuple[Clause, ...]:
    """The conditions of `period` and `validAt`: overlaps it. A side that is open reaches on; no date at all is out."""
    found: list[Clause] = []
    for name, check in (("period", check_period), ("validAt", check_day)):
        if arguments.get(name) is None:
            continue
        bounds = check(name, arguments[name])
        if not found:
            found.append(Clause("(" + days.first + " IS NOT NULL OR " + days.last + " IS NOT NULL)"))
        if bounds.earliest is not None:
            found.append(
                Clause("(" + days.last + " IS NULL OR " + days.last + " >= {value})", bounds.earliest)
            )
        if bounds.latest is not None:
            # 'T~' sorts behind every time of that day, so that an instant of it is not later.
            last_of_day = bounds.latest + "T~"
            found.append(Clause("(" + days.first + " IS NULL OR " + days.first + " <= {value})", last_of_day))
    return tuple(found)


def undated(days: Days) -> Clause:
    """The condition that a row has no date."""
    return Clause(days.first + " IS NULL AND " + days.last + " IS NULL")


def asks_for_time(arguments: Mapping[str, Any]) -> bool:
    """Whether what has no date is left out."""
    return arguments.get("period") is not None or arguments.get("validAt") is not None


def visible(arguments: Mapping[str, Any]) -> tuple[Clause, ...]:
    """The conditions on a claim `{+n}`: current and accepted, of the statuses asked for, or as known at an instant."""
    if arguments.get("knownAt") is not None:
        instant = check_instant("knownAt", arguments["knownAt"])
        return (
            Clause("{+n}.known_from <= {value}", instant),
            Clause("({+n}.known_to IS NULL OR {+n}.known_to > {value})", instant),
            Clause("NOT {+n}.status IN {value}", _NEVER),
        )
    if arguments.get("status") is not None:
        return (Clause("{+n}.status IN {value}", [str(status) for status in arguments["status"]]),)
    return _CURRENT
