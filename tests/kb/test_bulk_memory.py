"""A load by the driver needs no more memory for more rows: the peak of a process that loads a stream."""

import subprocess
import sys
from pathlib import Path

import pytest

from kb.config import Settings
from kb.store import open_store
from tests.conftest import clear_data, process_environ
from tests.kb.test_bulk_killed import own_settings

__all__ = ["own_settings"]

ROOT = Path(__file__).parent.parent.parent
ROWS = (50_000, 100_000, 200_000)
# What may come on top from the fewest rows to the most: SQLite fills its 32 MB, and what Python frees it keeps.
MAX_GROWTH_MB = 40
LOAD = """
import asyncio, os, sys
from kb.bulk.facts import LinkFact, NodeFact, Row
from kb.bulk.load import load_dataset
from kb.config import read_settings
from kb.store import open_store
from tests.kb.invented_dataset import DATASET
from tests.peak import peak_mb

def rows(number):
    for n in range(1, number + 1):
        ends = [f"acct:quayset:{k}" for k in (n // 4, n * 7919 % (n // 4 + 1))]
        nodes = [NodeFact("Account", e, {"name": e, "platform": "quaynet", "pseudonym": e[13:]}) for e in ends]
        yield Row("facts", n, (*nodes, LinkFact("INTERACTED", *ends, {"kind": "reshare", "row": str(n)})))

async def load(number):
    settings = read_settings(os.environ)
    async with open_store(settings) as store:
        before = peak_mb()
        report = await load_dataset(
            store, settings, DATASET, lambda: rows(number), content_sha256=str(number), now="2024-05-01T00:00:00Z")
        assert (report.read, report.used) == (number, number)
        print(peak_mb() - before)

asyncio.run(load(int(sys.argv[1])))
"""


def peak_mb(settings: Settings, number: int) -> float:
    """What a process needs at the most above what it needs with an open store."""
    command = [sys.executable, "-c", LOAD, str(number)]
    loaded = subprocess.run(
        command, cwd=ROOT, env=process_environ(settings), capture_output=True, text=True, check=False
    )
    assert loaded.returncode == 0, loaded.stderr
    return float(loaded.stdout)


@pytest.mark.long
async def test_the_memory_of_a_load_does_not_grow_with_the_number_of_rows(own_settings: Settings) -> None:
    """A quarter as many accounts as rows. The store is open here, so that the embedded engine is not in the process."""
    peaks = []
    async with open_store(own_settings) as store:
        for number in ROWS:
            await clear_data(store)
            peaks.append(peak_mb(own_settings, number))
    told = ", ".join(f"{peak:.0f} MB for {number:,}" for number, peak in zip(ROWS, peaks, strict=True))
    print(f"peak over the start: {told} rows")
    assert max(peaks) - peaks[0] < MAX_GROWTH_MB
