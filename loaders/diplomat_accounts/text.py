"""Texts of the files made readable: names that were encoded twice, days, values that are missing."""

import re
from datetime import date
from typing import Final

# What the files write where there is nothing.
MISSING: Final = frozenset({"", "NA"})
_DAY: Final = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")


def repair(text: str) -> str:
    """The text as it was before its UTF-8 was read as Windows-1252 and encoded once more; else the same text.

    “CÃ´te d'Ivoire” is “Côte d'Ivoire”. A text that was encoded once cannot be read as UTF-8 again and stays.
    """
    if text.isascii():
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def read_day(text: str) -> str | None:
    """The day of a date written dd/mm/yyyy as ISO 8601; None for any other text, whatever day it may mean."""
    found = _DAY.fullmatch(text)
    if found is None:
        return None
    day, month, year = (int(part) for part in found.groups())
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def or_none(text: str) -> str | None:
    """The text on one line; None where it says that the value is missing."""
    return None if text in MISSING else " ".join(text.split())
