"""A load of a dataset that is killed at any moment is gone on with, and ends in the graph of one that was not."""

import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from kb.bulk.load import load_dataset
from kb.config import Settings
from kb.derive import find_stale
from kb.store import Store, open_store
from tests.conftest import clear_data, process_environ
from tests.kb.invented_dataset import DATASET, dump, make_rows
from tests.kb.loading_process import NOW, draw_facts

ROOT = Path(__file__).parent.parent.parent
# A load says at least so many words; the last are those of derivation.
STEPS = 14


@pytest.fixture(params=["embedded", "neo4j"])
def own_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """A store that nobody holds open: the embedded engine dies with the process that is killed."""
    if request.param == "embedded":
        return Settings(data=tmp_path / "kb")
    found: Settings = request.getfixturevalue("neo4j_settings")
    return found


def kill_at(settings: Settings, number: int, step: int, wait_s: float) -> None:
    """Loads a dataset in a process and kills it `wait_s` after its `step`-th word."""
    command = [sys.executable, "-m", "tests.kb.loading_process", str(number)]
    with subprocess.Popen(
        command, env=process_environ(settings), cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as loading:
        assert loading.stdout is not None
        for said, _line in enumerate(loading.stdout, 1):
            if said == step:
                time.sleep(wait_s)
                loading.kill()
                break
        else:
            assert loading.wait() == 0, "a load that says less comes to its end"


async def load(store: Store, settings: Settings, number: int) -> Any:
    rows = make_rows(draw_facts(number))
    await load_dataset(store, settings, DATASET, rows, content_sha256=str(number), now=NOW)
    return await dump(store)


@pytest.mark.parametrize("rounds", [2, pytest.param(20, marks=pytest.mark.long)])
async def test_a_killed_load_is_gone_on_with_and_ends_in_the_same_graph(
    own_settings: Settings, rounds: int
) -> None:
    """Every other round kills the load of a changed dataset over the one before."""
    async with open_store(own_settings) as store:
        await clear_data(store)
        fresh = await load(store, own_settings, 1)
        await clear_data(store)
    draw = random.Random(rounds)
    partial = 0
    for turn in range(rounds):
        is_reload = turn % 2 == 1
        async with open_store(own_settings) as store:
            await clear_data(store)
            if is_reload:
                await load(store, own_settings, 2)
        for _ in range(draw.choice([1, 2]) if rounds > 2 else 1):
            kill_at(own_settings, 1, draw.randrange(1, STEPS), draw.uniform(0, 0.05))
        async with open_store(own_settings) as store:
            partial += await dump(store) != fresh
            assert await load(store, own_settings, 1) == fresh, f"round {turn}"
            assert await find_stale(store) == []
            assert await store.read("MATCH (l:Load) RETURN l.id AS id") == []
    assert partial, "some kill hit a load that was not done"
