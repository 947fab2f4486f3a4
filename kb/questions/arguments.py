"""What the arguments of questions mean: ids, periods, days, instants and the conditions they become."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, LiteralString, NoReturn

from kb.errors import KbError
from kb.select import Clause
from schema.values import DayBounds, edtf_bounds

# Ids as they are stored: what a case declares carries the case in front.
_ENTITY: Final = re.compile(r"([a-z][a-z0-9_]{0,63}/)?[a-z][a-z0-9_-]*:[^\s|#]{1,200}")
_CLAIM: Final = re.compile(r"[a-z][a-z0-9_]{0,63}/[A-Za-z0-9][A-Za-z0-9_.-]{0,99}(@[1-9]\d{0,5})?")
_PASSAGE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}/[a-z][a-z0-9_-]*:[^\s|#]{1,200}:\d{1,10}-\d{1,10}")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_CASE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")


class BadArgument(KbError):  # noqa: N818 - the names of errors here say what is wrong
    """An argument whose value cannot be used; `code` is one of the API's, `argument` its name."""

    def __init__(self, code: str, argument: str, value: object, remedy: str) -> None:
        super().__init__(f"{argument}: {value!r} {remedy}")
        self.code = code
        self.argument = argument


def _refuse(argument: str, value: object, remedy: str, code: str = "BAD_ARGUMENT") -> NoReturn:
    shown = value if not isinstance(value, str) or len(value) <= 80 else value[:80] + "..."
    raise BadArgument(code, argument, shown, remedy)


def check_entity_id(argument: str, value: str) -> str:
    """`value`, which may be an entity's id; raises BadArgument when no entity can have it."""
    if not _ENTITY.fullmatch(value):
        _refuse(
            argument, value, "cannot be the id of an entity; write for example per:zhang-heqing", "BAD_ID"
        )
    return value


def check_claim_id(argument: str, value: str) -> str:
    """`value`, which may be a claim's id; raises BadArgument when no claim can have it."""
    if not _CLAIM.fullmatch(value):
        _refuse(
            argument, value, "cannot be the id of a claim; write for example xinjiang_2021/C038", "BAD_ID"
        )
    return value


def check_passage_id(argument: str, value: str) -> str:
    """`value`, which may be a passage's id; raises BadArgument when no passage can have it."""
    if not _PASSAGE.fullmatch(value):
        remedy = "cannot be the id of a passage; write for example xinjiang_2021/doc:000:120-180"
        _refuse(argument, value, remedy, "BAD_ID")
    return value


def check_country(argument: str, value: str) -> str:
    """`value`, a code of ISO 3166-1 in capitals; raises BadArgument when it cannot be one."""
    if not _COUNTRY.fullmatch(value):
        _refuse(argument, value, "is not an ISO 3166-1 code in capitals; write for example CN")
    return value


def check_case_id(argument: str, value: str) -> str:
    """`value`, which may be a case's name; raises BadArgument when no case can have it."""
    if not _CASE.fullmatch(value):
        _refuse(argument, value, "cannot be the name of a case; write for example xinjiang_2021", "BAD_ID")
    return value


def check_period(argument: str, value: str) -> DayBounds:
    """The first and last day of an EDTF period; raises BadArgument when it has neither."""
    try:
        bounds = edtf_bounds(value)
    except ValueError:
        bounds = DayBounds(None, None)
    if bounds == (None, None):
        remedy = "is not a period; write it as EDTF, for example 2020-01/2021-08, 2021 or 2021-12-14"
        _refuse(argument, value, remedy, "BAD_PERIOD")
    return bounds


def check_day(argument: str, value: str) -> DayBounds:
    """The day, as a period of one day; raises BadArgument when it is none."""
    if not _DAY.fullmatch(value):
        _refuse(argument, value, "is not a day; write for example 2021-12-14", "BAD_PERIOD")
    return check_period(argument, value)


def check_instant(argument: str, value: str) -> str:
    """The instant; a day means its last second. Raises BadArgument when it is neither."""
    if _DAY.fullmatch(value):
        check_day(argument, value)
        return value + "T23:59:59Z"
    if not _INSTANT.fullmatch(value):
        remedy = "is not an instant in UTC; write for example 2026-11-22T10:00:00Z, or a day"
        _refuse(argument, value, remedy, "BAD_PERIOD")
    return value


def check_count(argument: str, value: int) -> int:
    """The number, which may not be negative."""
    if value < 0:
        _refuse(argument, value, "is negative; write 0 or more")
    return value


def as_text(_argument: str, value: object) -> str:
    """The value as the text that is stored; an enum's value is that text."""
    return str(value)


def as_texts(_argument: str, values: Iterable[object]) -> list[str]:
    """The values as the texts that are stored."""
    return [str(value) for value in values]


def as_lower_case(_argument: str, value: str) -> str:
    """The text in lower case."""
    return value.lower()


def clauses(
    arguments: Mapping[str, Any],
    table: Mapping[str, LiteralString],
    checks: Mapping[str, Callable[[str, Any], Any]],
    *,
    apart_from: Iterable[str] = (),
) -> tuple[Clause, ...]:
    """The conditions of `table` for the arguments that were given, in the order of the table."""
    return tuple(
        Clause(text, checks[name](name, arguments[name]) if name in checks else arguments[name])
        for name, text in table.items()
        if arguments.get(name) is not None and name not in apart_from
    )
