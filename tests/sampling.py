"""A part of a large set in each run, the whole of it in `make test-long`."""

from collections.abc import Iterable

import pytest


def every(step: int, names: Iterable[str]) -> list[object]:
    """Test parameters: each `step`-th runs always, the others are marked `long`."""
    return [
        name if not number % step else pytest.param(name, marks=pytest.mark.long)
        for number, name in enumerate(sorted(names))
    ]
