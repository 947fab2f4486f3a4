"""How values are shown on a page: names, days, numbers and the words for the values of the contract."""

import re
import unicodedata
from typing import Any, Final
from urllib.parse import quote

from markupsafe import Markup, escape

# What turns the direction of text, or is not seen at all: shown by its number, so that no name passes for another.
_UNSEEN: Final = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f"
                            "\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]|[\U000e0000-\U000e007f]")  # fmt: skip
_FOLDERS: Final = {"Claim": "claim", "Document": "document"}
#: The values of the contract that do not read well in small letters.
_WORDS: Final = {
    "ASSERTED": "asserted",
    "POSSIBLE": "possible (“may”)",
    "INTENT": "an intent",
    "CONDITIONAL": "conditional (“if”)",
    "NORMATIVE": "normative (“should”)",
    "PRESUPPOSED": "presupposed",
    "NOT_STATED": "not stated",
    "NONE": "the passage names no voice",
    "EXPLICIT": "the passage names the voice",
    "CARRIED": "the voice is named in a sentence before",
    "OWN": "the document's own voice",
    "IS_A": "is a",
}


def show_name(value: object) -> Markup:
    """A name or text of a source, apart from the direction of what is around it, with unseen characters shown."""
    text = str(value)
    shown = Markup("").join(_show_part(part) for part in _split(text))
    return Markup("<bdi>{}</bdi>").format(shown)


def _split(text: str) -> list[str]:
    return [part for part in re.split(f"({_UNSEEN.pattern})", text) if part]


def _show_part(part: str) -> Markup:
    if not _UNSEEN.fullmatch(part):
        return escape(part)
    number = f"U+{ord(part):04X}"
    named = unicodedata.name(part, "control character").lower()
    return Markup('<span class="unseen" title="{}">{}</span>').format(named, number)


def show_day(value: str | None) -> Markup:
    """A day or instant, which the reader's browser may write as the reader does; periods as they are."""
    if value is None:
        return Markup('<span class="silent">not stated</span>')
    if re.fullmatch(r"\d{4}(-\d\d){0,2}(T[\d:.]+Z)?", value):
        return Markup('<time datetime="{0}">{0}</time>').format(value)
    return Markup("<span>{}</span>").format(value)


def show_number(value: int | float) -> Markup:
    """A number, which the reader's browser may write as the reader does."""
    return Markup('<data value="{}">{}</data>').format(value, f"{value:,}")


def show_word(value: str) -> str:
    """A value of the contract in words."""
    return _WORDS.get(value) or re.sub("(?<=[a-z])(?=[A-Z])|_", " ", value).lower()


def make_address(thing: Any) -> str:
    """The page of an entity, claim or document that has `__typename` and `id`."""
    folder = _FOLDERS.get(thing["__typename"], "entity")
    return make_link(folder, thing["id"])


def make_link(folder: str, identity: str) -> str:
    """The page of a thing in a folder of pages."""
    return f"/{folder}/{quote(identity, safe=':/@~')}"
