"""Names folded for search: one form for every script, the same on both engines."""

import re
import unicodedata

from anyascii import anyascii

# First word of a character's Unicode name -> ISO 15924 code.
_SCRIPTS = {
    "LATIN": "Latn",
    "CJK": "Hani",
    "ARABIC": "Arab",
    "CYRILLIC": "Cyrl",
    "GREEK": "Grek",
    "HEBREW": "Hebr",
    "HANGUL": "Hang",
    "HIRAGANA": "Jpan",
    "KATAKANA": "Jpan",
    "DEVANAGARI": "Deva",
    "THAI": "Thai",
    "TIBETAN": "Tibt",
    "MONGOLIAN": "Mong",
}


def normalise(text: str) -> str:
    """The name in ASCII, without diacritics, lower case, words one space apart; '' when nothing is left."""
    folded = anyascii(unicodedata.normalize("NFKC", text)).casefold()
    return " ".join(re.findall(r"[a-z0-9]+", folded.replace("'", "")))


def find_script(text: str) -> str:
    """ISO 15924 code of the letters in the text; Zyyy when there are none, several, or a script not listed here."""
    found = {
        _SCRIPTS.get(unicodedata.name(letter, "").split(" ")[0], "Zyyy")
        for letter in text
        if letter.isalpha()
    }
    return found.pop() if len(found) == 1 else "Zyyy"
