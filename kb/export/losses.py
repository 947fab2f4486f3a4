"""What an export could not take along: how many of each, for the report beside the file."""

from collections import Counter
from typing import Any


class Losses:
    """Counts what was written, and what the format cannot hold; nothing is lost without being counted here."""

    def __init__(self) -> None:
        self.written: Counter[str] = Counter()
        self._lost: Counter[str] = Counter()

    def lose(self, what: str, number: int = 1) -> None:
        """Notes that `number` of `what` are not in the file, or only as text."""
        if number:
            self._lost[what] += number

    def report(self) -> dict[str, Any]:
        """What was written and what was lost, ready for JSON; an empty list of losses says that nothing was."""
        return {
            "written": dict(sorted(self.written.items())),
            "lost": [{"what": what, "number": number} for what, number in sorted(self._lost.items())],
        }
