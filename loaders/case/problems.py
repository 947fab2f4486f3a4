"""The problems of a case, collected while it is read and told all at once."""

import reprlib
from typing import Final

from kb.errors import BadInput, Problem

# More than this is one mistake repeated; the rest is counted.
MAX_PROBLEMS: Final = 10_000
# A value longer than this says no more, and a file may hold one of 10 MB.
MAX_VALUE_CHARS: Final = 120


class Problems:
    """Collects problems by file and line, and raises them in that order."""

    def __init__(self, case: str) -> None:
        self._case = case
        self._found: list[tuple[str, int, Problem]] = []
        self._more = 0

    def __len__(self) -> int:
        return len(self._found) + self._more

    @property
    def full(self) -> bool:
        """True when no further one is kept, so that looking for more can stop."""
        return len(self._found) >= MAX_PROBLEMS

    def add(self, file: str, line: int, what: str, value: object, remedy: str) -> None:
        """Notes a problem at `file:line`; line 0 means the whole file."""
        if self.full:
            self._more += 1
            return
        self._found.append((file, line, Problem(where(file, line), what, shortened(value), remedy)))

    def extend(self, error: BadInput) -> None:
        """Takes over the problems of something that was refused as a whole."""
        for problem in error.problems:
            self._found.append((problem.where, 0, problem))

    def raise_if_any(self) -> None:
        """Raises BadInput with everything that was found, sorted by file and line."""
        if not self._found:
            return
        told = [problem for _, _, problem in sorted(self._found, key=lambda found: found[:2])]
        if self._more:
            told.append(
                Problem(self._case, "has more problems", f"at least {self._more}", "correct these first")
            )
        raise BadInput(told)


def where(file: str, line: int) -> str:
    """`file:line`, fit for a terminal whatever the file is called."""
    name = file if file.isprintable() else ascii(file)
    return f"{name}:{line}" if line else name


def shortened(value: object) -> object:
    """The value as problems show it: long texts are cut, mappings and lists are shown by their beginning."""
    if isinstance(value, str):
        return value if len(value) <= MAX_VALUE_CHARS else value[: MAX_VALUE_CHARS - 1] + "…"
    if isinstance(value, dict):
        return shortened(
            "{" + ", ".join(f"{key}: {_brief(part)}" for key, part in list(value.items())[:3]) + "}"
        )
    if isinstance(value, list):
        return shortened("[" + ", ".join(_brief(part) for part in value[:3]) + "]")
    return value


def _brief(value: object) -> str:
    if isinstance(value, str):
        return value[:40]
    return "{...}" if isinstance(value, dict) else "[...]" if isinstance(value, list) else reprlib.repr(value)
