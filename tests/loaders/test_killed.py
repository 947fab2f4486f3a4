"""A loader that is killed half way leaves the case whole or not there at all."""

import asyncio
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kb.config import Settings
from kb.store import Store, open_store
from tests.conftest import clear_data, process_environ

ROOT = Path(__file__).parent.parent.parent
CASE = ROOT / "loaders" / "teaching_case"
NODES = "MATCH (n) WHERE NOT n:Migration RETURN count(n) AS nodes"
RELATIONSHIPS = "MATCH ()-[r]->() RETURN count(r) AS relationships"


def start(environ: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "loaders", "run", str(CASE)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, env=environ, cwd=ROOT, **quiet)  # type: ignore[call-overload,no-any-return]


async def size(store: Store) -> tuple[int, int]:
    return (await store.read(NODES))[0][0], (await store.read(RELATIONSHIPS))[0][0]


async def kill_rounds(settings: Settings, rounds: int, seed: int) -> list[tuple[int, int]]:
    """Sizes of the store after each kill at a random instant of a first load, and behind them that of a whole load."""
    environ = process_environ(settings)
    instants = random.Random(seed)
    began = time.monotonic()
    start(environ).wait()
    lasts_s = time.monotonic() - began
    async with open_store(settings) as store:
        whole = await size(store)
    sizes = []
    for _ in range(rounds):
        async with open_store(settings) as store:
            await clear_data(store)
        loader = start(environ)
        await asyncio.sleep(lasts_s * instants.uniform(0.3, 1.0))
        loader.kill()
        loader.wait()
        async with open_store(settings) as store:
            sizes.append(await size(store))
    return [*sizes, whole]


@pytest.mark.parametrize("rounds", [2, pytest.param(30, marks=pytest.mark.long)])
async def test_a_killed_load_is_whole_or_not_there(tmp_path: Path, rounds: int) -> None:
    *sizes, whole = await kill_rounds(Settings(data=tmp_path / "kb"), rounds, seed=rounds)
    assert whole > (100, 300)
    assert set(sizes) <= {(0, 0), whole}
    if rounds > 2:
        print(
            f"{rounds} kills of the embedded load: {sizes.count(whole)} whole, {sizes.count((0, 0))} nothing"
        )


@pytest.mark.long
async def test_a_killed_load_into_neo4j_is_whole_or_not_there(neo4j_settings: Settings) -> None:
    async with open_store(neo4j_settings) as store:
        await clear_data(store)
    *sizes, whole = await kill_rounds(neo4j_settings, 15, seed=os.getpid())
    assert set(sizes) <= {(0, 0), whole}
    print(f"15 kills of the load into Neo4j: {sizes.count(whole)} whole, {sizes.count((0, 0))} nothing")
