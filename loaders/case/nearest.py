"""What a person probably meant: the names that are nearest to one that does not exist."""

import difflib
import re
from collections.abc import Collection
from typing import Final

# Comparing letter by letter takes 0.1 ms a name: a large case gets the quick comparison only.
MAX_COMPARED: Final = 500
# After so many different unknown names the file is another case's; looking further would take minutes.
MAX_LOOKED_UP: Final = 200


class Nearest:
    """Finds names that are spelt nearly like another one.

    It lives as long as one case is read: after `most` different unknown names it looks no further. One that outlives
    a case has the names of the format, which are few, and no such limit.
    """

    def __init__(self, names: Collection[str], *, most: int | None = MAX_LOOKED_UP) -> None:
        self._names = names
        self._most = most
        self._by_norm: dict[str, list[str]] = {}
        self._found: dict[str, tuple[str, ...]] = {}

    def find(self, unknown: str) -> tuple[str, ...]:
        """Up to three names, the nearest first; empty when none is near."""
        found = self._found.get(unknown)
        if found is not None:
            return found
        if self._most is not None and len(self._found) >= self._most:
            return ()
        found = self._look_up(unknown)
        if len(self._found) < MAX_LOOKED_UP:
            self._found[unknown] = found
        return found

    def _look_up(self, unknown: str) -> tuple[str, ...]:
        if not self._by_norm:
            for name in self._names:
                self._by_norm.setdefault(_norm(name), []).append(name)
        # The same but for capitals, signs or the prefix before the colon.
        same = self._by_norm.get(_norm(unknown), [])[:3]
        if same or len(self._names) > MAX_COMPARED or len(unknown) > 250:
            return tuple(same)
        lowered = {name.lower(): name for name in self._names}
        close = difflib.get_close_matches(unknown.lower(), lowered, n=3, cutoff=0.7)
        return tuple(lowered[name] for name in close)


def suggestion(names: tuple[str, ...]) -> str:
    """“did you mean a, b or c? ”, or nothing."""
    if not names:
        return ""
    listed = ", ".join(names[:-1]) + (" or " if len(names) > 1 else "") + names[-1]
    return f"did you mean {listed}? "


def _norm(name: str) -> str:
    tail = name.rsplit(":", 1)[-1]
    return re.sub(r"[\W_]", "", tail).casefold()
