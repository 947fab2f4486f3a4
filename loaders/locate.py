"""Finds words in a document of a case, so that nobody counts characters by hand."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from kb.documents import HeldDocuments, context, paragraphs, span_sha256
from kb.errors import BadInput, Problem
from loaders.case.entries import Entry, find_entries
from loaders.case.files import read_texts
from loaders.case.held_text import find_texts_of
from loaders.case.nearest import Nearest, suggestion
from loaders.case.passages import paragraph_of
from loaders.case.problems import Problems, where
from loaders.case.tree import parse_yaml

# Signs that keyboards and typesetters write differently -> one of them.
_LIKE: Final = {
    **dict.fromkeys("“”„‟«»″＂", '"'),
    **dict.fromkeys("‘’‚‛‹›′＇`´", "'"),
    **dict.fromkeys("‐‑‒–—―−", "-"),
}


class Match(NamedTuple):
    """Where words stand in a document, and what stands around them."""

    document: str
    paragraph: int | None
    start: int
    end: int
    prefix: str
    exact: str
    suffix: str

    @property
    def locator(self) -> str:
        """The match as YAML, ready to be copied into a case."""
        fields = f"paragraph: {self.paragraph}, start: {self.start}, end: {self.end}"
        return f"{{document: {self.document}, {fields}, sha256: {span_sha256(self.exact)}}}"


class Located(NamedTuple):
    """What was found: the exact words, else words that differ in signs, spaces or capitals, else how they begin."""

    exact: list[Match]
    near: list[Match]
    beginning: list[Match]


def locate(text: str, document: str, sought: str, *, paragraph: int | None = None) -> Located:
    """Every place of `sought` in the text of `document`, in its paragraph `paragraph` when that is given."""
    spans = paragraphs(text)

    def matches(found: Iterator[tuple[int, int]]) -> list[Match]:
        made = [
            Match(document, paragraph_of(spans, start), start, end, *context(text, start, end))
            for start, end in found
        ]
        return [match for match in made if paragraph is None or match.paragraph == paragraph]

    exact = matches(_find_exact(text, sought))
    if exact:
        return Located(exact, [], [])
    folded, places = _folded(text)
    near = matches(_find_folded(folded, places, _folded(sought)[0].strip()))
    if near:
        return Located([], near, [])
    return Located(
        [], [], _find_beginning(sought, lambda begun: matches(_find_folded(folded, places, begun)))
    )


def read_document_text(folder: Path, document: str, held: HeldDocuments) -> str:
    """The text of a document of the case, shipped or held; the rest of the case may still have problems.

    Raises BadInput when the case does not declare it, or when its text is not here.
    """
    problems = Problems(str(folder))
    entries: list[Entry] = []
    for text in read_texts(folder, problems):
        parsed = parse_yaml(text.text, file=text.name, problems=problems)
        entries += find_entries(parsed.root, text.name, problems)
    documents = [entry for entry in entries if entry.section == "documents"]
    entry = next((entry for entry in documents if entry.id == document), None)
    if entry is None:
        # What keeps a file from being read may be why.
        problems.raise_if_any()
        known = [other.id for other in documents if other.id]
        near = suggestion(Nearest(known).find(document))
        remedy = f"{near}Its documents are {', '.join(known)}" if known else "declare it under documents"
        raise BadInput([Problem(where(str(folder), 0), "the case has no such document", document, remedy)])
    told = Problems(str(folder))
    found = find_texts_of([entry], folder, held, told)[document]
    if found.text is None:
        told.raise_if_any()
        remedy = (
            "hold it: python -m kb documents add FILE; its sha256 under documents must be that of the file"
        )
        what = f"{entry.title}: its text is neither shipped nor held"
        raise BadInput([Problem(where(entry.file, entry.line), what, found.sha256, remedy)])
    return found.text


def _find_exact(text: str, sought: str) -> Iterator[tuple[int, int]]:
    start = text.find(sought)
    while start >= 0:
        yield start, start + len(sought)
        start = text.find(sought, start + 1)


def _find_folded(folded: str, places: Sequence[int], sought: str) -> Iterator[tuple[int, int]]:
    for start, end in _find_exact(folded, sought) if sought else ():
        yield places[start], places[end - 1] + 1


def _find_beginning(sought: str, find: Callable[[str], list[Match]]) -> list[Match]:
    """The places of as many words from the beginning as there are; at least three."""
    parts = _folded(sought)[0].split()
    for count in range(min(len(parts) - 1, 40), 2, -1):
        found = find(" ".join(parts[:count]))
        if found:
            return found
    return []


def _folded(text: str) -> tuple[str, list[int]]:
    """The text without capitals, with one kind of quotes, dashes and spaces; and where each of its signs stands."""
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        plain = " " if sign.isspace() else _LIKE.get(sign) or unicodedata.normalize("NFKD", sign).casefold()
        if plain == " " and signs and signs[-1] == " ":
            continue
        for part in plain:
            signs.append(part)
            places.append(place)
    return "".join(signs), places


def one_line(text: str) -> str:
    """The text with its line ends as spaces and nothing that a terminal would obey."""
    return "".join(sign if sign.isprintable() else "�" for sign in re.sub(r"\s+", " ", text))
