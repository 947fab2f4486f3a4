"""Locators: each inside its document, in its paragraph, and over the words that its hash stands for."""

import bisect
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from kb.documents import paragraphs, span_sha256, words
from loaders.case.entries import Entry
from loaders.case.held_text import DocumentText
from loaders.case.problems import Problems, where
from loaders.case.tree import Fields, find_fields

LOCATORS: Final = (("claims", ("shown_in",)), ("readings", ("at",)), ("entities", ("mentions",)))
# Hashing every span of one length in an article takes 10 ms; a case whose offsets are all wrong needs few hints.
MAX_SEARCHED_CHARS: Final = 2_000_000


class Span(NamedTuple):
    """A locator as it was written, and where."""

    entry: Entry
    loc: tuple[int | str, ...]
    document: str
    paragraph: int
    start: int
    end: int
    sha256: str

    @property
    def place(self) -> str:
        """`file:line` of the locator."""
        return where(self.entry.file, self.entry.line_at(self.loc))


def check_passages(
    entries: Sequence[Entry], documents: Mapping[str, DocumentText], problems: Problems
) -> None:
    """Tells every locator that is not what the document shows, as far as the document is known."""
    checker = _Checker(documents, problems)
    for section, path in LOCATORS:
        for entry in entries:
            if entry.section == section:
                checker.check(entry, path)


class _Checker:
    def __init__(self, documents: Mapping[str, DocumentText], problems: Problems) -> None:
        self._documents = documents
        self._problems = problems
        self._paragraphs: dict[str, list[tuple[int, int]]] = {}
        self._spans: dict[tuple[str, int, int], Span] = {}
        self._room = MAX_SEARCHED_CHARS

    def check(self, entry: Entry, path: tuple[str, ...]) -> None:
        here: set[tuple[str, int, int]] = set()
        for span in _spans(entry, path):
            key = (span.document, span.start, span.end)
            if key in here:
                self._tell(
                    span, "start", "the same words are there twice", f"{span.start}-{span.end}", "remove one"
                )
                continue
            here.add(key)
            self._check_same(span, self._spans.setdefault(key, span))
            document = self._documents.get(span.document)
            if document is not None:
                self._check_in(span, document)

    def _check_same(self, span: Span, first: Span) -> None:
        """Two locators of one span must agree, also when nobody here has the document."""
        if span.sha256 != first.sha256:
            remedy = f"{first.place} says {first.sha256}; correct one of them"
            self._tell(span, "sha256", "the same words have another hash elsewhere", span.sha256, remedy)
        if span.paragraph != first.paragraph:
            remedy = f"{first.place} says {first.paragraph}; correct one of them"
            self._tell(
                span, "paragraph", "the same words have another paragraph elsewhere", span.paragraph, remedy
            )

    def _check_in(self, span: Span, document: DocumentText) -> None:
        chars = len(document.text) if document.text is not None else document.chars
        if chars is not None and span.end > chars:
            remedy = (
                f"{span.document} has {chars} code points; find the words with `python -m loaders locate`"
            )
            self._tell(span, "end", "lies outside the document", span.end, remedy)
        elif document.text is not None:
            self._check_paragraph(span, document.text)
            self._check_words(span, document.text)

    def _check_paragraph(self, span: Span, text: str) -> None:
        if span.document not in self._paragraphs:
            self._paragraphs[span.document] = paragraphs(text)
        number = paragraph_of(self._paragraphs[span.document], span.start)
        if number != span.paragraph:
            remedy = (
                f"offset {span.start} is in paragraph {number}"
                if number
                else f"offset {span.start} is between paragraphs"
            )
            self._tell(span, "paragraph", "is not the paragraph of the words", span.paragraph, remedy)

    def _check_words(self, span: Span, text: str) -> None:
        exact = words(text, span.start, span.end)
        found = span_sha256(exact)
        if found == span.sha256:
            return
        elsewhere = self._find_words(span, text)
        if elsewhere is None:
            hint = f"“{_brief(exact)}” stands there, with {found}; correct the hash or the offsets"
        else:
            number = paragraph_of(self._paragraphs[span.document], elsewhere)
            end = elsewhere + span.end - span.start
            hint = f"these words stand at paragraph: {number}, start: {elsewhere}, end: {end}"
        self._tell(span, "sha256", "is not the hash of the words there", span.sha256, hint)

    def _find_words(self, span: Span, text: str) -> int | None:
        """Where words of this length and hash begin, None when nowhere or when too much was searched already."""
        length = span.end - span.start
        self._room -= len(text)
        if self._room < 0 or length > 2_000:
            return None
        return next(
            (
                start
                for start in range(len(text) - length + 1)
                if span_sha256(text[start : start + length]) == span.sha256
            ),
            None,
        )

    def _tell(self, span: Span, field: str, what: str, value: object, remedy: str) -> None:
        line = span.entry.line_at((*span.loc, field))
        names = ".".join(part for part in (*span.loc, field) if isinstance(part, str))
        self._problems.add(span.entry.file, line, f"{span.entry.title}: {names} {what}", value, remedy)


def paragraph_of(spans: Sequence[tuple[int, int]], offset: int) -> int | None:
    """The number of the paragraph that has the code point at `offset`, from 1; None between paragraphs."""
    index = bisect.bisect_right(spans, offset, key=lambda span: span[0]) - 1
    return index + 1 if index >= 0 and offset < spans[index][1] else None


def _spans(entry: Entry, path: tuple[str, ...]) -> Iterator[Span]:
    """The locators of an entry that are whole; the models tell what is wrong with the others."""
    for fields, loc in find_fields(entry.raw, path):
        numbers = [_number(fields, name) for name in ("paragraph", "start", "end")]
        document, sha256 = fields.get("document"), fields.get("sha256")
        if (
            None in numbers
            or not isinstance(document, str)
            or not isinstance(sha256, str)
            or len(sha256) != 64
        ):
            continue
        paragraph, start, end = (number or 0 for number in numbers)
        if start < end:
            yield Span(entry, loc, document, paragraph, start, end, sha256)


def _number(fields: Fields, name: str) -> int | None:
    written = fields.get(name)
    # Longer numbers are refused by the models.
    return (
        int(written)
        if isinstance(written, str) and written.isascii() and written.isdigit() and len(written) < 16
        else None
    )


def _brief(exact: str) -> str:
    return exact if len(exact) <= 80 else exact[:79] + "…"
