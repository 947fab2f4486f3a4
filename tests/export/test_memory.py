"""An export of a million edges stays under 500 MB of the process that makes it."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
import pytest_asyncio

from kb.config import Settings
from kb.store import Store, Transaction, open_store
from tests.conftest import clear_data, process_environ

ROOT = Path(__file__).parent.parent.parent
EDGES = 1_000_000
ACCOUNTS = 100_000
BATCH = 20_000
MAX_BYTES = 500 * 1024 * 1024
# 535 s for GEXF on two busy processors.
PATIENCE_S = 3_600

MAKE_ACCOUNTS = """UNWIND range($from, $to) AS i
CREATE (:Entity:Account {id: 'acct:invented:' + toString(i), type: 'Account', name: 'Account ' + toString(i),
  canonical: 'acct:invented:' + toString(i)})"""
MAKE_EDGES = """UNWIND range($from, $to) AS i
MATCH (a:Entity {id: 'acct:invented:' + toString(i % $accounts)})
MATCH (b:Entity {id: 'acct:invented:' + toString((i * 7 + 1) % $accounts)})
CREATE (a)-[:AMPLIFIED {id: 'edge:' + toString(i), basis: 'observed', count: '1 reshare held', count_min: 1,
  dataset: 'invented', first: '2024-01-01T00:00:00Z', last: '2024-01-02T00:00:00Z'}]->(b)"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def million(neo4j_settings: Settings) -> AsyncIterator[Store]:
    """A Neo4j with a million observed edges: the embedded engine runs inside the process that would be measured."""
    async with open_store(neo4j_settings) as store:
        await clear_data(store)
        for statement, number in ((MAKE_ACCOUNTS, ACCOUNTS), (MAKE_EDGES, EDGES)):
            for start in range(0, number, BATCH):
                rows = {"from": start, "to": start + BATCH - 1, "accounts": ACCOUNTS}
                await store.write(partial(run_in, statement, rows))
        yield store
        await clear_data(store)


async def run_in(statement: Any, parameters: dict[str, Any], transaction: Transaction) -> None:
    await transaction.run(statement, parameters)


@pytest.mark.long
@pytest.mark.parametrize("form", ["csv", "gexf"])
async def test_a_million_edges_stay_under_500_mb(
    million: Store, neo4j_settings: Settings, tmp_path: Path, form: str
) -> None:
    out = tmp_path / "out"
    command = [sys.executable, "-m", "kb", "export", "--format", form, "--out", str(out), "basis=observed"]
    began = time.monotonic()
    most, told = await asyncio.to_thread(run_and_watch, command, process_environ(neo4j_settings))
    seconds = time.monotonic() - began
    print(
        f"{form}: peak {most / 1e6:.0f} MB, {seconds:.0f} s, file {out.stat().st_size / 1e6:.0f} MB; {told}"
    )
    assert f"{EDGES:,} " in told
    assert most < MAX_BYTES


def run_and_watch(command: list[str], environ: dict[str, str]) -> tuple[int, str]:
    """The most memory that the process had, in bytes, and what it told."""
    with subprocess.Popen(
        command, env=environ, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        watched = psutil.Process(process.pid)
        most = 0
        ends = time.monotonic() + PATIENCE_S
        while process.poll() is None and time.monotonic() < ends:
            most = max(most, watched.memory_info().rss)
            time.sleep(0.05)
        if process.poll() is None:
            process.kill()
        told, _ = process.communicate()
    assert process.returncode == 0, told
    return most, told
