"""Invented interactions of skewed degree beside the shipped case, loaded as any dataset: `python -m bench.generate`.

The loader derives the observed edges and the counters, so that they have the form that every other dataset gives. What
was loaded stays in the work folder: a second run finds it, and one that was killed goes on where it was.
"""

import argparse
import asyncio
import hashlib
import random
import sys
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from kb.bulk.facts import LinkFact, Row
from kb.bulk.load import LoadReport, load_dataset
from kb.config import Settings
from kb.errors import KbError
from kb.migrate import migrate
from kb.store import STARTING_WAIT_S, open_store
from loaders.accounts import make_platform, make_pseudonymous_account, on_platform
from loaders.run import run_cases
from schema.observations import Dataset
from tests.neo4j_server import Neo4jServer, Neo4jUnavailableError

ROOT: Final = Path(__file__).parent.parent
WORK: Final = ROOT / ".bench"
CASE: Final = ROOT / "loaders" / "xinjiang_2021"
DATASET: Final = Dataset(
    id="bench", title="Invented interactions", publisher="bench/generate.py", licence="CC0-1.0"
)
# As many channels as a question can be asked about in turn.
PLATFORMS: Final = tuple(f"benchnet{number}" for number in range(16))
# Counted up when make_rows gives other rows: then what is in the work folder is loaded anew.
ROWS_VERSION: Final = 1
BEGIN: Final = datetime(2024, 1, 1, tzinfo=UTC)
# Reads are timed on a database whose pages are in memory; the store of a million interactions is some 500 MB.
NEO4J_SETTINGS: Final = {"server.memory.pagecache.size": "1g"}


# A page of the busiest actors took longer than the 300 s of a default on a machine that others used as well.
WRITE_TIMEOUT_S: Final = 1_800.0


class Size(NamedTuple):
    """How much is invented. The seed decides every row."""

    accounts: int = 100_000
    interactions: int = 1_000_000
    seed: int = 7


def make_rows(size: Size) -> Iterator[Row]:
    """One row for each account, then one for each interaction: the same size gives the same rows.

    Few accounts act much and very few are acted on much: the busiest gets one interaction of 18.
    """
    chance = random.Random(size.seed)
    for number in range(size.accounts):
        platform = PLATFORMS[number % len(PLATFORMS)]
        account = make_pseudonymous_account(DATASET.id, platform, str(number))
        yield Row(
            "invented",
            number + 1,
            (make_platform(platform), account, on_platform(account, str(number + 1))),
        )
    for number in range(size.accounts + 1, size.accounts + size.interactions + 1):
        source = int(size.accounts * chance.random() ** 3)
        target = int(size.accounts * chance.random() ** 4)
        kind = chance.choices(("reshare", "quote", "mention"), (80, 10, 10))[0]
        at = BEGIN + timedelta(seconds=chance.randrange(365 * 86_400))
        said = {"kind": kind, "at": at.strftime("%Y-%m-%dT%H:%M:%SZ"), "row": str(number)}
        yield Row("invented", number, (LinkFact("INTERACTED", account_id(source), account_id(target), said),))


def account_id(number: int) -> str:
    """The id of an invented account."""
    return f"acct:{DATASET.id}:{number}"


async def fill(settings: Settings, size: Size) -> LoadReport:
    """Makes the store that `settings` name hold the shipped case and the invented interactions."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    await run_cases([CASE], settings, now=now, tell=_tell)
    async with open_store(settings, wait_s=STARTING_WAIT_S) as store:
        await migrate(store, now)
        told = ""

        def progress(stage: str, done: int, total: int | None) -> None:
            nonlocal told
            # One line for each tenth: the output of a benchmark is read in a log as well.
            line = f"  {stage}: {done * 10 // total * 10} %" if total else f"  {stage}"
            if line != told:
                told = line
                _tell(line)

        content_sha256 = hashlib.sha256(f"{ROWS_VERSION} {tuple(size)}".encode()).hexdigest()
        return await load_dataset(
            store,
            settings,
            DATASET,
            lambda: make_rows(size),
            content_sha256=content_sha256,
            now=now,
            progress=progress,
        )


@asynccontextmanager
async def filled_neo4j(size: Size, work: Path = WORK) -> AsyncGenerator[tuple[Neo4jServer, Settings]]:
    """A Neo4j that runs until the block ends, with the data of this size. Raises Neo4jUnavailableError, KbError."""
    home = work / f"neo4j-{size.accounts}-{size.interactions}-{size.seed}"
    with Neo4jServer(home=home, settings=NEO4J_SETTINGS, is_short_lived=False) as server:
        settings = Settings(
            neo4j_uri=server.uri,
            neo4j_user=server.user,
            neo4j_password=server.password,
            data=home / "kb",
            write_timeout_s=WRITE_TIMEOUT_S,
        )
        await fill(settings, size)
        yield server, settings


async def filled_embedded(size: Size, work: Path = WORK) -> Settings:
    """The settings of an embedded engine that holds the data of this size."""
    settings = Settings(data=work / f"embedded-{size.accounts}-{size.interactions}-{size.seed}")
    await fill(settings, size)
    return settings


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


async def _generate(engine: str, size: Size) -> None:
    began_s = time.monotonic()
    if engine == "embedded":
        await filled_embedded(size)
    else:
        async with filled_neo4j(size):
            pass
    print(f"{engine}: {size.accounts:,} accounts, {size.interactions:,} interactions of seed {size.seed}")
    print(f"in {WORK} after {time.monotonic() - began_s:.1f} s")


def main() -> int:
    """Fills the store of the benchmark, or finds it filled."""
    parser = argparse.ArgumentParser(prog="python -m bench.generate", description=__doc__)
    parser.add_argument("--engine", choices=["neo4j", "embedded"], default="neo4j")
    for name, default in Size()._asdict().items():
        parser.add_argument(f"--{name}", type=int, default=default, help=f"{default:,} by default")
    arguments = parser.parse_args()
    size = Size(arguments.accounts, arguments.interactions, arguments.seed)
    if min(size.accounts, size.interactions) < 1:
        parser.error("--accounts and --interactions: give at least 1")
    try:
        asyncio.run(_generate(arguments.engine, size))
    except (KbError, Neo4jUnavailableError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
