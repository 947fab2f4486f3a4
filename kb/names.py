"""Names folded for search: one form for every script, the same on both engines, and the keys that find it.

Databases split and fold words in ways of their own, so we do it here, with anyascii. A name is found by equality and
by beginning over its keys (a range index on both engines); a misspelling by asking for each text one edit away.
"""

import re
import unicodedata
from typing import Final, NamedTuple

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

# Keys are no longer than this; the name itself is compared whole.
MAX_KEY_CHARS: Final = 48
# Keys are looked up by so many of their first characters, by equality: see schema/migrations/0008.
HEAD_CHARS: Final = 4
# A name of more words is a title: it is found by its words and from its beginning, not from each word on.
MAX_TAIL_WORDS: Final = 8
# Shorter words are one edit away from too many others: `lina` from 25 of 1,000 common given names, `li` from all.
MIN_MISSPELT_CHARS: Final = 4
# Fewer consonants say too little: `mr` is Omar, Mir and Amr.
MIN_CONSONANTS: Final = 4
# Stands before the consonants of a name, so that nobody can type such a key.
CONSONANTS: Final = "~"

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
# Written without spaces, each character a word or a syllable of one.
_SYLLABIC: Final = re.compile("([\u3400-\u9fff\uf900-\ufaff\uac00-\ud7a3\U00020000-\U0003ffff])")
_ARABIC: Final = re.compile("[\u0600-\u06ff\u0750-\u077f]")
_ARABIC_WORD: Final = re.compile("[\u0600-\u06ff\u0750-\u077f]+")
# Letters of Uyghur that Arabic has not. In it U+0649 is i anywhere; in Arabic it is a, and stands last in a word.
_UYGHUR: Final = re.compile("[\u06d5\u06c7\u06c6\u06c8\u06cb\u06d0\u06ad\u06be]|^\u0626[\u0627\u0648\u0649]")
_UYGHUR_LETTERS: Final = str.maketrans(
    {"\u0627": "a", "\u0649": "i", "\u0626": "", "\u06d5": "e", "\u06c6": "o", "\u06c8": "u", "\u06d0": "e",
     "\u06cb": "w", "\u06ad": "ng"}
)  # fmt: skip


def normalise(text: str) -> str:
    """The name in ASCII, without diacritics, lower case, words one space apart; '' when nothing is left."""
    return _fold(unicodedata.normalize("NFKC", text))


def split_words(text: str) -> list[str]:
    """The words of the folded name; each character of Chinese and each syllable of Korean is a word."""
    return _fold(_SYLLABIC.sub(r" \1 ", unicodedata.normalize("NFKC", text))).split()


def _keep(text: str) -> str:
    """A text of which folding leaves nothing, as a key: no key of consonants begins as it does."""
    return unicodedata.normalize("NFKC", text).casefold().replace(CONSONANTS, "-")


def _fold(text: str) -> str:
    folded = anyascii(_ARABIC_WORD.sub(lambda found: _fold_uyghur(found[0]), text)).casefold()
    return " ".join(re.findall(r"[a-z0-9]+", folded.replace("'", "")))


def _fold_uyghur(word: str) -> str:
    if _UYGHUR.search(word):
        return word.translate(_UYGHUR_LETTERS)
    return re.sub("\u0649(?=.)", "i", word)


def find_consonants(folded: str) -> str:
    """The consonants of a folded name, doubled ones once: what Arabic writes of it; '' when there are too few."""
    bare = re.sub(r"(.)\1+", r"\1", re.sub("[aeiouwy ]", "", folded))
    return bare if len(bare) >= MIN_CONSONANTS else ""


def make_keys(written: str) -> list[str]:
    """The texts that find a name: each of its words, what it is from each word on, and its consonants in Arabic."""
    words = split_words(written) or [_keep(written)]
    starts = range(len(words)) if len(words) <= MAX_TAIL_WORDS else (0,)
    keys = {"".join(words[start:])[:MAX_KEY_CHARS] for start in starts}
    keys |= {word[:MAX_KEY_CHARS] for word in words}
    if _ARABIC.search(written) and (consonants := find_consonants("".join(words))):
        keys.add(CONSONANTS + consonants[:MAX_KEY_CHARS])
    return sorted(keys)


def make_name(entity: str, written: str, source: str, script: str | None = None) -> dict[str, str]:
    """The properties of the Name of an entity as a case or dataset writes it."""
    norm = normalise(written) or written.casefold()
    return {
        "id": f"{entity}#{written}#{source}", "label": written, "written": written,
        "script": script or find_script(written), "norm": norm, "words": " ".join(split_words(written)) or norm,
        "source": source,
    }  # fmt: skip


def find_one_edit_away(word: str) -> list[str]:
    """Every text that one letter left out, added, exchanged or two swapped makes of a word; not the word."""
    splits = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    found = {left + right[1:] for left, right in splits if right}
    found |= {left + letter + right for left, right in splits for letter in _LETTERS}
    found |= {left + letter + right[1:] for left, right in splits if right for letter in _LETTERS}
    found |= {left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1}
    return sorted(found - {word})


class Search(NamedTuple):
    """What a person who types a text looks for.

    `written` is the text, `handle` the same as a handle, `whole` the text folded and without spaces, `start` and
    `longest` what keys begin with, `words` what a name must have; `near` are pairs of the misspellings of one word
    and the words that must be there as they are.
    """

    written: str
    handle: str
    whole: str
    start: str
    longest: str
    words: list[str]
    near: list[list[list[str]]]


def make_search(text: str) -> Search:
    """What to look for when a person types `text`, which holds more than spaces."""
    written = unicodedata.normalize("NFKC", text.strip())
    words = split_words(written) or [_keep(written)]
    whole = "".join(words)
    near: list[list[list[str]]] = []
    if MIN_MISSPELT_CHARS <= len(whole) <= MAX_KEY_CHARS:
        near.append([find_one_edit_away(whole), []])
    if 1 < len(words) <= MAX_TAIL_WORDS:
        near += [
            [find_one_edit_away(word), words[:place] + words[place + 1 :]]
            for place, word in enumerate(words)
            if MIN_MISSPELT_CHARS <= len(word) <= MAX_KEY_CHARS
        ]
    if consonants := find_consonants(whole):
        near.append([[CONSONANTS + consonants[:MAX_KEY_CHARS]], []])
    return Search(
        written=written,
        handle="@" + written.removeprefix("@").lower(),
        whole=whole,
        start=whole[:MAX_KEY_CHARS],
        longest=max(words, key=len)[:MAX_KEY_CHARS],
        words=words,
        near=near,
    )


def find_script(text: str) -> str:
    """ISO 15924 code of the letters in the text; Zyyy when there are none, several, or a script not listed here."""
    found = {
        _SCRIPTS.get(unicodedata.name(letter, "").split(" ")[0], "Zyyy")
        for letter in text
        if letter.isalpha()
    }
    return found.pop() if len(found) == 1 else "Zyyy"
