"""Checked value types: ids, dates with their wording, counts with their hedge, countries, handles, locators."""

import calendar
import re
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, NamedTuple

import iso3166
from edtf import parse_edtf
from edtf.parser.edtf_exceptions import EDTFParseException
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)


class Value(BaseModel):
    """A frozen value that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


# A prefix, a colon, and no white space: 'per:zhang-heqing', 'acct:twitter:id:12'. The bound keeps keys indexable
# (Neo4j range indexes refuse keys beyond about 8 kB).
ENTITY_ID = r"^[a-z][a-z0-9_-]*:[^\s/|#]{1,200}$"
# No colon, so that a claim can never be mistaken for an entity: 'C038'.
CLAIM_ID = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$"
CASE_ID = r"^[a-z][a-z0-9_]{0,63}$"

EntityId = Annotated[str, StringConstraints(pattern=ENTITY_ID)]
ClaimId = Annotated[str, StringConstraints(pattern=CLAIM_ID)]
CaseId = Annotated[str, StringConstraints(pattern=CASE_ID)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


def _check_instant(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(
            "is not an instant of the calendar; write for example 2026-11-22T10:00:00Z"
        ) from error
    return text


def _check_day(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError as error:
        raise ValueError("is not a day of the calendar; write for example 2021-12-14") from error
    return text


# Instants are stored as text that sorts: ISO 8601 in UTC, to the second or finer, ending in Z.
INSTANT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$"
Instant = Annotated[str, StringConstraints(pattern=INSTANT), AfterValidator(_check_instant)]
DAY = r"^\d{4}-\d\d-\d\d$"
Day = Annotated[str, StringConstraints(pattern=DAY), AfterValidator(_check_day)]
# The largest whole number that JSON readers keep exact (2^53 - 1); both engines hold it as an integer.
MAX_NUMBER: Final = 9_007_199_254_740_991


def _check_country(code: str) -> str:
    found = iso3166.countries_by_alpha2.get(code)
    if found is None:
        raise ValueError("is not an ISO 3166-1 alpha-2 code in capitals; write for example CN, AU or GB")
    return code


Country = Annotated[str, AfterValidator(_check_country), Field(description="ISO 3166-1 alpha-2 code")]


def _check_handle(handle: str) -> str:
    if not re.fullmatch(r"[^\s@/]{1,100}", handle) or handle != handle.lower():
        raise ValueError("is not a handle; write it in lower case, without @, spaces or slashes")
    return handle


Handle = Annotated[str, AfterValidator(_check_handle), Field(description="lower case, without @")]


class DayBounds(NamedTuple):
    """The first and the last day that a date can mean, ISO 8601; None where it has no bound or none is known."""

    earliest: str | None
    latest: str | None


# No date or period of a person's making is longer; a set of thousands of years would take the parser minutes.
MAX_EDTF_CHARS: Final = 100
_NOT_EDTF: Final = "is not an EDTF date; write for example 2021-12-14, 2021-12, 2021 or 2020-01/2021-08"
_PLAIN: Final = re.compile(r"(?!0000)([0-9]{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12][0-9]|3[01]))?)?")


@lru_cache(maxsize=10_000)
def edtf_bounds(text: str) -> DayBounds:
    """Day bounds of an EDTF text (ISO 8601-2, levels 0 to 2); raises ValueError when it is not EDTF.

    A side that is open or unknown ('/2018', '../2018'), or a year that is not given ('XXXX-12-16'), has no bound.
    """
    plain = _plain_bounds(text)
    if plain is not None:
        return plain
    if len(text) > MAX_EDTF_CHARS:
        raise ValueError(f"is longer than {MAX_EDTF_CHARS} characters; write a shorter date or period")
    try:
        parsed: Any = parse_edtf(text)
    except (EDTFParseException, RecursionError) as error:
        raise ValueError(_NOT_EDTF) from error
    if re.match(r"^[X\d]*X[X\d]*-\d\d-\d\d$|^XXXX", text):
        return DayBounds(None, None)
    sides = text.split("/")
    if len(sides) == 2 and (sides[0] in ("", "..") or sides[1] in ("", "..")):
        # An open side is a float infinity to the parser, which then knows neither: ask the closed side alone.
        closed = [None if side in ("", "..") else edtf_bounds(side) for side in sides]
        return DayBounds(closed[0].earliest if closed[0] else None, closed[1].latest if closed[1] else None)
    return _in_order(DayBounds(_iso_day(parsed.lower_strict), _iso_day(parsed.upper_strict)))


def _plain_bounds(text: str) -> DayBounds | None:
    """As `edtf_bounds`, for days, months, years and intervals of these: 1,000 times as fast as the parser."""
    matches = [_PLAIN.fullmatch(side) for side in text.split("/")]
    if len(matches) > 2 or not all(matches):
        return None
    spans = [_plain_span(*match.groups()) for match in matches if match]
    return _in_order(DayBounds(spans[0][0], spans[-1][1]))


def _plain_span(year: str, month: str | None, day: str | None) -> tuple[str, str]:
    try:
        first = date(int(year), int(month or 1), int(day or 1))
    except ValueError as error:
        raise ValueError(_NOT_EDTF) from error
    last_month = int(month or 12)
    last_day = int(day) if day else calendar.monthrange(first.year, last_month)[1]
    return first.isoformat(), date(first.year, last_month, last_day).isoformat()


def _iso_day(bound: Callable[[], Any]) -> str | None:
    try:
        parsed = bound()
        return date(parsed.tm_year, parsed.tm_mon, parsed.tm_mday).isoformat()
    except (TypeError, AttributeError):
        # The open end of a set ('[..1760-12-03]') is a float infinity to the parser.
        return None
    except (ValueError, OverflowError, RecursionError) as error:
        raise ValueError("lies outside the years 1 to 9999; write it as text instead") from error


def _in_order(bounds: DayBounds) -> DayBounds:
    if bounds.earliest and bounds.latest and bounds.earliest > bounds.latest:
        raise ValueError("ends before it begins; write the earlier date first")
    return bounds


def _check_edtf(text: str) -> str:
    edtf_bounds(text)
    return text


Edtf = Annotated[
    str,
    StringConstraints(strip_whitespace=True),
    AfterValidator(_check_edtf),
    Field(description="EDTF date or interval (ISO 8601-2)"),
]


class DateBasis(StrEnum):
    """Where a date comes from."""

    STATED = "stated"
    INFERRED = "inferred"
    NOT_STATED = "not_stated"


class When(Value):
    """A date as it is worded, as EDTF, and what it rests on. Silence is `not_stated`, never a guess."""

    edtf: Edtf | None = Field(
        default=None, description="the date or period as EDTF; absent when it is not stated"
    )
    text: Label | None = Field(default=None, description="the literal wording, for example “on Tuesday”")
    basis: DateBasis = Field(default=DateBasis.STATED, description="stated, inferred or not_stated")
    reason: Text | None = Field(
        default=None, description="how it was inferred; required when basis is inferred"
    )

    @model_validator(mode="after")
    def _agree(self) -> "When":
        if self.basis is DateBasis.NOT_STATED and self.edtf is not None:
            raise ValueError(f"has edtf {self.edtf} and basis not_stated; give one of the two")
        if self.basis is not DateBasis.NOT_STATED and self.edtf is None:
            raise ValueError("has no edtf; give it, or say basis: not_stated")
        if self.basis is DateBasis.INFERRED and self.reason is None:
            raise ValueError("is inferred without a reason; add reason: how it follows")
        return self

    @property
    def bounds(self) -> DayBounds:
        """Day bounds for filtering; both None when the date is not stated."""
        return edtf_bounds(self.edtf) if self.edtf else DayBounds(None, None)


class Count(Value):
    """A count as text with its hedge; the numbers are for filtering and sorting only."""

    text: Label = Field(description="the count with its hedge, ready to show: “at least 56 times”")
    min: Annotated[int, Field(ge=0, le=MAX_NUMBER)] | None = Field(
        default=None, description="lower bound; absent when none is stated"
    )
    max: Annotated[int, Field(ge=0, le=MAX_NUMBER)] | None = Field(
        default=None, description="upper bound; absent when none is stated"
    )
    unit: Label | None = Field(
        default=None, description="what is counted, in the plural: “posts”, “times”, “people”"
    )

    @model_validator(mode="after")
    def _agree(self) -> "Count":
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"has min {self.min} above max {self.max}; swap them")
        written = {int(digits.replace(",", "")) for digits in re.findall(r"\d[\d,]*", self.text)}
        bounds = {number for number in (self.min, self.max) if number is not None}
        if written and bounds and not written & bounds:
            raise ValueError(
                f"says “{self.text}”, but neither min nor max is a number of it; make them agree"
            )
        return self


class Locator(Value):
    """Where words stand in a document: Unicode code points over the file as held, 0-based, end exclusive."""

    document: EntityId = Field(description="a document of this case")
    paragraph: Annotated[int, Field(ge=1, le=MAX_NUMBER)] = Field(description="paragraph, counted from 1")
    start: Annotated[int, Field(ge=0, le=MAX_NUMBER)] = Field(description="offset of the first code point")
    end: Annotated[int, Field(ge=1, le=MAX_NUMBER)] = Field(description="offset behind the last code point")
    sha256: Sha256 = Field(description="SHA-256 of the words, UTF-8; `python -m loaders locate` prints it")

    @model_validator(mode="after")
    def _agree(self) -> "Locator":
        if self.start >= self.end:
            raise ValueError(
                f"starts at {self.start} and ends at {self.end}; the end is exclusive and lies behind the start"
            )
        return self


class Attribution(StrEnum):
    """How a passage names the voice of a claim."""

    EXPLICIT = "explicit"
    CARRIED = "carried"
    NONE = "none"
    OWN = "own"


def _as_false(value: object) -> object:
    # Case files are read as text, and a literal is not converted.
    return False if value == "false" else value


Never = Annotated[Literal[False], BeforeValidator(_as_false)]
