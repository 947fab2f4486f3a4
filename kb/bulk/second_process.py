"""The second process of an export, which writes some of its parts while the first writes the others."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from threading import Thread
from typing import Any, Final

from kb.errors import KbError
from schema.observations import Dataset

PROGRAM: Final = (sys.executable, "-m", "kb.bulk.offline_parts")


class SecondProcess(AbstractContextManager["SecondProcess"]):
    """It is started before there is something to write, as that takes a second, and is gone when the block ends.

    `told` is called with the rows of each piece that it has written.
    """

    def __init__(self, told: Callable[[int], None]) -> None:
        self._told = told
        self._process: subprocess.Popen[str] | None = None
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed in __exit__
        self._listening = Thread(target=self._listen)
        self._parts: Sequence[str] = ()
        self._arguments: list[str] = []

    @property
    def is_started(self) -> bool:
        """Whether it can be asked."""
        return self._process is not None

    def start(self) -> None:
        """Starts it, once."""
        if self._process is None:
            self._process = subprocess.Popen(
                PROGRAM, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            )  # fmt: skip
            self._listening.start()

    def ask(self, folder: Path, dataset: Dataset, parts: Sequence[str]) -> None:
        """Lets it write parts of the work file in `folder`, which must not change any more where it reads."""
        self._parts = parts
        asked = {"folder": str(folder), "dataset": dataset.model_dump(mode="json"), "parts": parts}
        assert self._process is not None  # noqa: S101 - it was started
        assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
        # Where it has ended already, what it said is told by `finish`.
        with suppress(OSError), self._process.stdin as asking:
            json.dump(asked, asking)

    def finish(self) -> list[str]:
        """Waits for it; returns the arguments that name its files. Raises KbError when it failed."""
        if self._process is None:
            return []
        self._listening.join()
        if self._process.wait():
            self._errors.seek(0)
            said = self._errors.read().decode("utf-8", "replace").strip().splitlines() or ["no word"]
            raise KbError(f"the process that writes {', '.join(self._parts)} failed: {said[-1]}")
        return self._arguments

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._listening.join()
            for pipe in (self._process.stdin, self._process.stdout):
                with suppress(OSError):
                    if pipe is not None:
                        pipe.close()
        self._errors.close()

    def _listen(self) -> None:
        assert self._process is not None  # noqa: S101 - it was started
        lines: Iterable[str] = self._process.stdout or ()
        for line in lines:
            found: Any = json.loads(line)
            if isinstance(found, int):
                self._told(found)
            else:
                self._arguments.extend(found)
