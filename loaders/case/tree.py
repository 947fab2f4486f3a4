"""YAML text as plain values that know their lines; every scalar stays text as it was written."""

import bisect
import re
from array import array
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple, TypeAlias

import yaml

from loaders.case.problems import Problems

Value: TypeAlias = "str | Fields | Items | None"

# The format nests four deep (section, entry, list, locator); the rest is room for mistakes. Flow brackets cost the
# parser time that grows with the square of their depth: 200,000 of them took 90 s.
MAX_DEPTH: Final = 20
# Only a mistake has more keys than the longest entry; then their lines are kept, or each would search for its own.
LARGE_MAPPING: Final = 50
_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
# What YAML's own rules leave out of a stream.
_NOT_YAML: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Line ends to YAML 1.1 and to no editor.
_ODD_BREAKS: Final = re.compile("[\x85\u2028\u2029]")


class Fields(dict[str, "Value"]):
    """A YAML mapping; `lines` are those of its keys, in their order."""

    __slots__ = ("_line_of", "line", "lines", "whole")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines = array("I")
        self._line_of: dict[str, int] = {}
        self.whole = True
        """False when something in it was refused, so that what is missing is no further problem."""

    def line_of(self, key: str) -> int:
        """The line of a key that is there."""
        if len(self) <= LARGE_MAPPING:
            return self.lines[list(self).index(key)]
        if len(self._line_of) != len(self):
            self._line_of = dict(zip(self, self.lines, strict=False))
        return self._line_of[key]


class Items(list["Value"]):
    """A YAML sequence; `lines` are those of its items."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines = array("I")


class Parsed(NamedTuple):
    """The top level of a file, None when it has none; `complete` is False when reading had to stop before its end."""

    root: Value
    complete: bool


def line_at(value: Value, loc: tuple[int | str, ...]) -> int:
    """The line of the innermost part of `loc` that was written."""
    line = value.line if isinstance(value, (Fields, Items)) else 0
    for part in loc:
        if isinstance(value, Fields) and isinstance(part, str) and part in value:
            line, value = value.line_of(part), value[part]
        elif isinstance(value, Items) and isinstance(part, int) and part < len(value):
            line, value = value.lines[part], value[part]
        else:
            break
    return line


def find_texts(
    value: Value, path: tuple[str, ...], loc: tuple[int | str, ...] = ()
) -> Iterator[tuple[str, tuple[int | str, ...]]]:
    """Every text at the end of `path`, with its own loc; lists on the way are walked through."""
    if isinstance(value, Items):
        for number, item in enumerate(value):
            yield from find_texts(item, path, (*loc, number))
    elif path:
        if isinstance(value, Fields) and path[0] in value:
            yield from find_texts(value[path[0]], path[1:], (*loc, path[0]))
    elif isinstance(value, str):
        yield value, loc


def find_fields(
    value: Value, path: tuple[str, ...], loc: tuple[int | str, ...] = ()
) -> Iterator[tuple[Fields, tuple[int | str, ...]]]:
    """Every mapping at the end of `path`, with its own loc; lists on the way are walked through."""
    if isinstance(value, Items):
        for number, item in enumerate(value):
            yield from find_fields(item, path, (*loc, number))
    elif isinstance(value, Fields):
        if not path:
            yield value, loc
        elif path[0] in value:
            yield from find_fields(value[path[0]], path[1:], (*loc, path[0]))


def parse_yaml(text: str, *, file: str, problems: Problems) -> Parsed:
    """The content of one file. What is refused is told in `problems` and left out.

    Refused are anchors, aliases, merge keys and tags, duplicate keys, a second document, control characters, keys
    that are no text, and nesting beyond MAX_DEPTH.
    """
    text = text.removeprefix("\ufeff")
    if _tell_characters(text, file, problems):
        return Parsed(None, complete=False)
    builder = _Builder(file, problems, _line_counter(text))
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except _StopReadingError:
        return Parsed(builder.without_the_open_entry(), complete=False)
    except yaml.MarkedYAMLError as error:
        _tell_syntax(error, file, problems, builder.line_of)
        return Parsed(builder.without_the_open_entry(), complete=False)
    except yaml.YAMLError as error:
        problems.add(file, 1, "is not YAML", str(error), "correct it")
        return Parsed(builder.without_the_open_entry(), complete=False)
    return Parsed(builder.root, complete=True)


class _StopReadingError(Exception):
    """The rest of the file cannot be understood; the problem has been told."""


class _Open(NamedTuple):
    """A collection that has begun."""

    value: Fields | Items
    # Of a mapping: the key whose value comes next, once it is known; empty while a key comes next.
    key: list[tuple[str | None, int]]


class _Builder:
    """Takes YAML events and builds the tree as they come, so that an error keeps what was read before it."""

    def __init__(self, file: str, problems: Problems, line_of: Callable[[Any], int]) -> None:
        self.root: Value = None
        self.line_of = line_of
        self._file = file
        self._problems = problems
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_marks(event)
            self._put(self._scalar(event), event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._refuse_marks(event)
            line = self.line_of(event.start_mark)
            fresh = Fields(line) if isinstance(event, yaml.MappingStartEvent) else Items(line)
            self._put(fresh, event)
            self._open.append(_Open(fresh, []))
            if len(self._open) > MAX_DEPTH:
                remedy = "the format needs four levels; close the brackets or correct the indentation"
                self._stop(event, "nests too deep", f"{MAX_DEPTH} levels", remedy)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            self._open.pop()
        elif isinstance(event, yaml.AliasEvent):
            self._take_alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._stop(event, "begins a second YAML document", "---", "put it into a file of its own")

    def without_the_open_entry(self) -> Value:
        """What was read, without the entry that was being read when it stopped: half of it may be missing."""
        if isinstance(self.root, Fields) and len(self._open) > 1:
            section = self._open[1].value
            if isinstance(section, Items) and len(self._open) > 2:
                section.pop()
                section.lines.pop()
            elif isinstance(section, Fields):
                section.whole = False
        return self.root

    def _put(self, value: Value, event: Any) -> None:
        line = self.line_of(event.start_mark)
        if not self._open:
            self.root = value
            return
        into, key = self._open[-1]
        if isinstance(into, Items):
            into.append(value)
            into.lines.append(line)
        elif not key:
            key.append((self._key(value, event, into), line))
        else:
            name, key_line = key.pop()
            if name is not None:
                into[name] = value
                into.lines.append(key_line)

    def _key(self, value: Value, event: Any, into: Fields) -> str | None:
        """The key, or None when it is refused and its value is to be left out."""
        if value is None:
            self._tell(event, "has an empty key", "", "write `key: value`")
        elif not isinstance(value, str):
            self._stop(event, "has a key that is no text", "", "write `key: value`")
        elif value == "<<" and event.implicit[0]:
            self._tell(event, "has a merge key", value, "write out what it stands for")
            self._mark_partial()
        elif value in into:
            first = f"remove one of the two; the other is in line {into.line_of(value)}"
            self._tell(event, "has a key twice", value, first)
        else:
            return value
        return None

    def _scalar(self, event: yaml.ScalarEvent) -> str | None:
        text: str = event.value
        if event.implicit[0] and text in _NULLS:
            return None
        control = _CONTROL.search(text)
        if control:
            self._tell(event, "has a control character", control[0], "remove it")
        return text

    def _take_alias(self, event: yaml.AliasEvent) -> None:
        self._tell(event, "has an alias", f"*{event.anchor}", "write out what it stands for")
        self._mark_partial()
        if self._open:
            into, key = self._open[-1]
            if isinstance(into, Fields):
                if key:
                    key.pop()
                else:
                    key.append((None, 0))

    def _mark_partial(self) -> None:
        for opened in self._open[1:]:
            if isinstance(opened.value, Fields):
                opened.value.whole = False

    def _refuse_marks(self, event: Any) -> None:
        if event.anchor is not None:
            self._tell(event, "has an anchor", f"&{event.anchor}", "remove it; the format has no aliases")
        if event.tag is not None:
            self._tell(event, "has a tag", event.tag, "remove it; every value is read as text")

    def _tell(self, event: Any, what: str, value: str, remedy: str) -> None:
        self._problems.add(self._file, self.line_of(event.start_mark), what, value, remedy)

    def _stop(self, event: Any, what: str, value: str, remedy: str) -> None:
        self._tell(event, what, value, remedy)
        raise _StopReadingError


def _line_counter(text: str) -> Callable[[Any], int]:
    """How the line of a mark is found: as the parser counts, unless it would count lines that no editor shows."""
    if not _ODD_BREAKS.search(text):
        return lambda mark: int(mark.line) + 1
    ends = [match.start() for match in re.finditer(r"\r\n|\r|\n", text)]
    return lambda mark: bisect.bisect_left(ends, mark.index) + 1


def _tell_characters(text: str, file: str, problems: Problems) -> bool:
    """Tells each line with characters that YAML does not allow; True when there is one."""
    line, seen_to, told_line = 1, 0, 0
    for match in _NOT_YAML.finditer(text):
        line += text.count("\n", seen_to, match.start())
        seen_to = match.start()
        if line != told_line:
            problems.add(file, line, "has a control character", match[0], "remove it")
            told_line = line
    return told_line > 0


# What libyaml says -> what a person can do about it. The first that fits is taken.
_SYNTAX: Final = (
    ("unexpected end of stream", "a quotation mark or bracket is never closed", "close it"),
    (
        "mapping values are not allowed",
        "a colon stands where none can be",
        "put the text in quotes, or indent it",
    ),
    ("could not find expected ':'", "a key has no colon", "write `key: value`"),
    ("did not find expected ',' or ']'", "a list in square brackets is not closed", "add the comma or ]"),
    ("did not find expected ',' or '}'", "a mapping in braces is not closed", "add the comma or }"),
    ("did not find expected '-'", "the indentation does not fit", "align it with the lines above"),
    ("did not find expected key", "the indentation does not fit", "align it with the lines above"),
    ("block sequence entries are not allowed", "a list begins where none can", "put it on a line of its own"),
    (
        "did not find expected <document start>",
        "something follows the end of the content",
        "correct the line",
    ),
    ("escape", "has a backslash that means nothing", "double it, or use single quotes"),
    ("anchor", "an anchor or alias has no name", "remove it; the format has no aliases"),
)


def _tell_syntax(
    error: yaml.MarkedYAMLError, file: str, problems: Problems, line_of: Callable[[Any], int]
) -> None:
    mark = error.problem_mark or error.context_mark
    said = error.problem or "it cannot be understood"
    what, remedy = f"is not YAML: {said}", "correct it"
    if "cannot start any token" in said:
        what, remedy = (
            "begins with a character that YAML reserves",
            "indent with spaces, or put the text in quotes",
        )
    for part, known, known_remedy in _SYNTAX:
        if part in said:
            what, remedy = known, known_remedy
            break
    if said == "found unexpected end of stream":
        mark = error.context_mark or mark
    line = line_of(mark) if mark is not None else 1
    problems.add(file, line, what, f"column {mark.column + 1}" if mark is not None else "", remedy)
