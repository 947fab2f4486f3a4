"""The progress of a load: plain lines without a terminal, a bar on one, each with speed and time left."""

import io
import time

import pytest
from rich.console import Console

from loaders.progress import _Bar, _Lines, make_progress


def test_without_a_terminal_a_line_has_the_speed_and_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    out, seconds = io.StringIO(), iter((0.0, 1.0, 2.0, 4.0, 4.5))
    monkeypatch.setattr(time, "monotonic", lambda: next(seconds))
    lines = _Lines("[pier]", Console(file=out, width=20))
    lines("reading", 0, 4_000)
    lines("reading", 1_000, 4_000)
    lines("reading", 3_000, 4_000)
    lines("writing", 1, None)
    assert out.getvalue().splitlines() == [
        "[pier]: reading 1,000/4,000, 1,000/s, 3 s left",
        "[pier]: reading 3,000/4,000, 1,000/s, 1 s left",
    ]


def test_on_a_terminal_there_is_a_bar_that_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    console = Console(file=out, width=110, force_terminal=True, color_system=None, legacy_windows=False)
    with _Bar("[pier]", console) as shown:
        shown("reading", 500, None)
        shown("writing", 1_000, 4_000)
        shown("writing", 2_000, 4_000)
    assert "[pier]: writing" in out.getvalue()
    assert "2000/4000" in out.getvalue()
    # The last thing is the line being erased.
    assert out.getvalue().endswith("\x1b[2K")


def test_a_log_is_no_terminal() -> None:
    assert isinstance(make_progress("pier"), _Lines)
