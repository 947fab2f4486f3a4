"""The objects of a FollowTheMoney or STIX file, each with what it says in one line."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import orjson

from kb.documents import decode_utf8, read_regular_file
from kb.errors import BadInput, Problem

# A person reads every suggestion: more is no list to read, and another program's export to be cut first.
MAX_OBJECTS: Final = 5_000
MAX_BYTES: Final = 10 * 1024 * 1024
# They describe the file, and nothing in the world.
_ABOUT_THE_FILE: Final = frozenset({"extension-definition", "marking-definition", "language-content"})
# Where an object says what it is about: the two ends of a link, or whatever a note is on.
_ENDS: Final = (("subject", "object"), ("source_ref", "target_ref"))
_ON: Final = ("entity", "object_refs")
_DATES: Final = (("startDate", "endDate"), ("start_time", "stop_time"))


class Suggestion(NamedTuple):
    """An object: its place in the file, what it says, and its own text."""

    place: str
    says: str
    text: str


class Objects(NamedTuple):
    """The suggestions of a file, and how many objects were left out because they describe the file itself."""

    suggestions: list[Suggestion]
    left_out: int


def read_objects(path: Path) -> Objects:
    """Every object of a file: FollowTheMoney entities one a line, or one STIX bundle.

    Raises BadInput with every line or object that is none, and for a file that is too large to be read by a person.
    """
    content = read_regular_file(path, MAX_BYTES)
    decode_utf8(content, name=str(path))
    found = _bundle(path, content) or _lines(path, content)
    problems = [
        Problem(place, "is no object with an id and a schema or type", _short(each), "mend or drop it")
        for place, each in found
        if not _is_object(each)
    ]
    if not found:
        problems.append(
            Problem(str(path), "holds no object", "", "give FollowTheMoney JSON lines or a STIX bundle")
        )
    if len(found) > MAX_OBJECTS:
        remedy = f"a person has to read each: give at most {MAX_OBJECTS:,}"
        problems = [Problem(str(path), "holds too many objects", len(found), remedy)]
    if problems:
        raise BadInput(problems[:100])
    names = {each["id"]: _name(each) for _place, each in found}
    told = [(place, each) for place, each in found if each.get("type") not in _ABOUT_THE_FILE]
    return Objects(
        [Suggestion(place, _say(each, names), orjson.dumps(each).decode()) for place, each in told],
        len(found) - len(told),
    )


def _bundle(path: Path, content: bytes) -> list[tuple[str, Any]] | None:
    """The objects of a STIX bundle; None when the file is none."""
    try:
        read: Any = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(read, dict) or read.get("type") != "bundle":
        return None
    objects: Any = read.get("objects", [])
    if not isinstance(objects, list):
        raise BadInput([Problem(str(path), "has objects that are no list", _short(objects), "write a list")])
    return [(f"{path}: object {number}", each) for number, each in enumerate(objects, 1)]


def _lines(path: Path, content: bytes) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    problems: list[Problem] = []
    for number, line in enumerate(content.split(b"\n"), 1):
        if line.strip():
            try:
                found.append((f"{path}:{number}", orjson.loads(line)))
            except orjson.JSONDecodeError as error:
                problems.append(
                    Problem(f"{path}:{number}", f"is no JSON ({error.msg})", _short(line), "mend it")
                )
    if problems:
        raise BadInput(problems[:100])
    return found


def _is_object(each: Any) -> bool:
    return (
        isinstance(each, dict)
        and isinstance(each.get("id"), str)
        and isinstance(each.get("schema", each.get("type")), str)
        and isinstance(each.get("properties", {}), dict)
    )


def _say(each: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """What an object says in one line: its kind, its ends or its name, its dates, and its own words."""
    values = {**each, **each.get("properties", {})}
    kind = _first(values.get("role")) or values.get("relationship_type") or each.get("schema") or each["type"]
    words = " ".join(_texts(values.get("description")) or _texts(values.get("content")))
    dates = next((" to ".join(_texts(values.get(n))[0] for n in pair if _texts(values.get(n))) for pair in _DATES
                  if any(_texts(values.get(name)) for name in pair)), "")  # fmt: skip
    ends = next((pair for pair in _ENDS if any(name in values for name in pair)), None)
    if ends is not None:
        said = " → ".join(_named(values.get(name), names) for name in ends)
    else:
        on = [name for name in _ON if name in values]
        said = _named(values[on[0]], names) if on else _name(each)
    return f"{kind}: {said}{f' ({dates})' if dates else ''}{f': {words}' if words else ''}"


def _named(refs: Any, names: Mapping[str, str]) -> str:
    return ", ".join(names.get(ref, ref) for ref in _texts(refs)) or "not stated"


def _name(each: Mapping[str, Any]) -> str:
    values = {**each, **each.get("properties", {})}
    keys = ("name", "display_name", "title", "username", "user_id", "value", "id")
    return next(_texts(values.get(key))[0] for key in keys if _texts(values.get(key)))


def _texts(value: Any) -> list[str]:
    values = cast("Sequence[Any]", value) if isinstance(value, list) else [value]
    return [each for each in values if isinstance(each, str) and each.strip()]


def _first(value: Any) -> str | None:
    return next(iter(_texts(value)), None)


def _short(value: Any) -> str:
    return str(value)[:80]
