"""Two loads at once, as two processes: one of them is refused with who is loading, and nothing is mixed."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kb.bulk.claim import let_others_end
from kb.bulk.load import load_dataset
from kb.config import Settings
from kb.derive import find_stale
from kb.errors import StoreBusy
from kb.store import Store, open_store
from tests.conftest import clear_data, process_environ
from tests.kb.invented_dataset import DATASET, dump, make_rows
from tests.kb.loading_process import NOW, draw_facts
from tests.kb.test_bulk_killed import own_settings

__all__ = ["own_settings"]

ROOT = Path(__file__).parent.parent.parent
# A load of 700 rows takes some seconds; more is a load that waits for what never comes.
PATIENCE_S = 120


def start(settings: Settings, number: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.kb.loading_process", str(number)]
    return subprocess.Popen(
        command, env=process_environ(settings), cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )  # fmt: skip


async def load(store: Store, settings: Settings, number: int) -> Any:
    rows = make_rows(draw_facts(number))
    await load_dataset(store, settings, DATASET, rows, content_sha256=str(number), now=NOW)
    return await dump(store)


async def test_a_load_in_the_middle_of_another_is_refused_and_the_other_comes_to_its_end(
    own_settings: Settings,
) -> None:
    async with open_store(own_settings) as store:
        await clear_data(store)
        first = start(own_settings, 1)
        assert first.stdout is not None
        assert first.stdout.readline().startswith("reading")
        # It stands still while it is asked for: the second cannot come too late.
        first.send_signal(signal.SIGSTOP)
        try:
            second = start(own_settings, 2)
            _, told = second.communicate(timeout=PATIENCE_S)
        finally:
            first.send_signal(signal.SIGCONT)
        _, problem = first.communicate(timeout=PATIENCE_S)
        assert (first.returncode, problem) == (0, "")
        assert second.returncode == 1
        assert f"StoreBusy: {DATASET.id} is being loaded since" in told
        assert f"by process {first.pid} on" in told
        both = await dump(store)
        await clear_data(store)
        assert await load(store, own_settings, 1) == both


async def test_of_two_loads_that_start_together_each_is_done_or_refused(own_settings: Settings) -> None:
    async with open_store(own_settings) as store:
        await clear_data(store)
        outcomes = race(own_settings)
        assert any(code == 0 for code, _ in outcomes), outcomes
        for code, told in outcomes:
            assert not code or told.strip().splitlines()[-1].startswith("kb.errors.StoreBusy: "), told
        after = await load(store, own_settings, 2)
        assert await find_stale(store) == []
        assert await store.read("MATCH (l:Load) RETURN l.id AS id") == []
        await clear_data(store)
        assert await load(store, own_settings, 2) == after


async def test_of_two_loads_without_a_server_that_start_together_none_takes_the_engine_from_the_other(
    tmp_path: Path,
) -> None:
    settings = Settings(data=tmp_path / "kb")
    outcomes = race(settings)
    assert any(code == 0 for code, _ in outcomes), outcomes
    for code, told in outcomes:
        assert not code or told.strip().splitlines()[-1].startswith("kb.errors.StoreBusy: "), told
    async with open_store(settings) as store:
        assert await find_stale(store) == []
        assert await store.read("MATCH (l:Load) RETURN l.id AS id") == []


async def test_a_refused_load_keeps_its_engine_up_for_the_one_that_runs(tmp_path: Path) -> None:
    """The engine runs in this process, which would end first."""
    settings = Settings(data=tmp_path / "kb")
    told: list[str] = []
    async with open_store(settings) as store:
        running = start(settings, 1)
        assert running.stdout is not None
        assert running.stdout.readline().startswith("reading")
        try:
            with pytest.raises(StoreBusy, match="is being loaded since"):
                await load(store, settings, 2)
        finally:
            await let_others_end(store, told.append)
    _, problem = running.communicate(timeout=PATIENCE_S)
    assert (running.returncode, problem) == (0, "")
    assert [line.split(" is ")[0] for line in told] == [DATASET.id]


def race(settings: Settings) -> list[tuple[int, str]]:
    """Starts two loads together; how each ended and what it said of problems."""
    loads = [start(settings, number) for number in (1, 2)]
    told = [each.communicate(timeout=PATIENCE_S)[1] for each in loads]
    return [(each.returncode, problem) for each, problem in zip(loads, told, strict=True)]
