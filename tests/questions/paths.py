"""Paths into an answer, such as `claims.nodes[id=xinjiang_2021/C013].count.text`."""

import re
from collections.abc import Iterator
from typing import Any

_STEP = re.compile(r"(?P<name>\w+)(?:\[(?P<pick>[^\]]*)\])?(?:\.|$)")
# The level, scope and sentence of a contest belong to whoever contests: they are no part of the answer itself.
_CONTESTS = "disputedBy"


def find_at(answer: Any, path: str) -> Any:
    """What stands at a path: `[2]` the third, `[*]` of each (a list), `[key=text]` the only one with that text.

    Raises KeyError, IndexError, TypeError or ValueError where the path leads nowhere.
    """
    step = _STEP.match(path)
    if step is None:
        raise ValueError(f"{path!r} is no path")
    found, rest = answer[step["name"]], path[step.end() :]
    pick = step["pick"]
    if pick == "*":
        return [_find_rest(each, rest) for each in found]
    if pick is not None and "=" in pick:
        key, text = pick.split("=", 1)
        (found,) = [each for each in found if str(find_at(each, key)) == text]
    elif pick is not None:
        found = found[int(pick)]
    return _find_rest(found, rest)


def _find_rest(found: Any, rest: str) -> Any:
    return find_at(found, rest) if rest else found


def find_objects(answer: Any) -> Iterator[dict[str, Any]]:
    """Every object of an answer, contests left out with all that stands below `disputedBy`."""
    if isinstance(answer, dict):
        yield answer
        for field, value in answer.items():
            if field != _CONTESTS:
                yield from find_objects(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from find_objects(value)


def find_values(answer: Any) -> Iterator[tuple[str, Any]]:
    """Every text, number and null of an answer with the name of its field, contests left out."""
    for found in find_objects(answer):
        for field, value in found.items():
            if field != _CONTESTS:
                for each in value if isinstance(value, list) else [value]:
                    if not isinstance(each, dict):
                        yield field, each
