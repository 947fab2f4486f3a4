"""The progress of a load on stderr: a bar with rows a second and the time left, or plain lines without a terminal."""

import time
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Final, Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

# Without a terminal a line every two seconds shows life and fills no log.
PLAIN_LINE_EVERY_S: Final = 2.0


class Shown(Protocol):
    """Takes the progress of one load."""

    def __call__(self, stage: str, done: int, total: int | None, /) -> None:
        """`done` of `total` of a stage; the total is None when nobody knows it yet."""
        ...


def make_progress(title: str) -> "AbstractContextManager[Shown]":
    """Shows the progress of one load on stderr: a bar on a terminal, a line now and then elsewhere."""
    console = Console(stderr=True)
    return _Bar(title, console) if console.is_terminal else _Lines(title, console)


class _Speed(ProgressColumn):
    """Rows a second, as the bar measures it."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="progress.data.speed")


class _Bar(AbstractContextManager["Shown"]):
    """A bar that is gone when all is loaded; each stage has its own speed and time left."""

    def __init__(self, title: str, console: Console) -> None:
        # A title is a name that somebody chose: markup in it is text.
        columns = (
            TextColumn(f"{title}: {{task.description}}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            _Speed(),
            TimeRemainingColumn(),
        )
        self._progress = Progress(*columns, console=console, transient=True)
        self._stage = ""
        self._task = self._progress.add_task("comparing", total=None)

    def __enter__(self) -> Shown:
        self._progress.start()
        return self

    def __call__(self, stage: str, done: int, total: int | None, /) -> None:
        if stage != self._stage:
            # Without a reset the speed of the stage before would tell the time left of this one.
            self._progress.reset(self._task, total=total, description=stage)
            self._stage = stage
        self._progress.update(self._task, completed=done, total=total)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()


class _Lines(AbstractContextManager["Shown"]):
    """A line when the last one is old."""

    def __init__(self, title: str, console: Console) -> None:
        self._title = title
        self._console = console
        self._told_at = self._began_at = time.monotonic()
        self._stage = ""
        self._before = 0

    def __enter__(self) -> Shown:
        return self

    def __call__(self, stage: str, done: int, total: int | None, /) -> None:
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._began_at, self._before = stage, now, done
        if now - self._told_at >= PLAIN_LINE_EVERY_S:
            self._told_at = now
            line = f"{self._title}: {stage} {done:,}{'' if total is None else f'/{total:,}'}"
            line += _speed_and_time_left(done - self._before, now - self._began_at, done, total)
            self._console.print(line, markup=False, highlight=False, soft_wrap=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


def _speed_and_time_left(new: int, seconds: float, done: int, total: int | None) -> str:
    if new <= 0 or seconds <= 0:
        return ""
    speed = new / seconds
    left = "" if total is None or total < done else f", {(total - done) / speed:,.0f} s left"
    return f", {speed:,.0f}/s{left}"
