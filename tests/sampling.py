"""A part of a large set in each run, the whole of it in `make test-long`."""

from collections.abc import Collection, Iterable

import pytest


def every(step: int, names: Iterable[str], always: Collection[str] = ()) -> list[object]:
    """Test parameters: each `step`-th and those of `always` run always, the others are marked `long`."""
    return [
        name if not number % step or name in always else pytest.param(name, marks=pytest.mark.long)
        for number, name in enumerate(sorted(names))
    ]
