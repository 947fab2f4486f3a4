"""What a search costs among many names: `python -m bench.search [--names N]`, on the store of NEO4J_URI or KB_DATA.

Invented officials are loaded as a dataset, then found by a whole name, a first word and a misspelt name. What is told
is the time on the clock, the median of some rounds, whose first is not counted; the store should be an empty one.
"""

import argparse
import asyncio
import os
import random
import statistics
import time
from collections.abc import Iterator

from api.context import Context
from api.cursors import Cursors
from api.execute import run
from kb.bulk.facts import NodeFact, Row
from kb.bulk.load import load_dataset
from kb.config import read_settings
from kb.documents import HeldDocuments
from kb.migrate import migrate
from kb.store import open_store
from schema.observations import Dataset

NAMES = 100_000
ROUNDS = 15
SEED = 11
NOW = "2024-01-01T00:00:00Z"
DATASET = Dataset(id="bench_names", title="Invented names", publisher="bench", licence="CC0-1.0")
QUERY = "query ($search: String!) { entities(search: $search, first: 10) { nodes { id name } } }"


def make_names(number: int) -> list[str]:
    """Two-word names of invented syllables; most first words come hundreds of times."""
    chance = random.Random(SEED)
    syllables = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "il")]
    first = ["".join(chance.choices(syllables, k=2)).title() for _ in range(max(number // 300, 20))]
    return [
        f"{chance.choice(first)} {''.join(chance.choices(syllables, k=4)).title()}" for _ in range(number)
    ]


def rows_of(names: list[str]) -> Iterator[Row]:
    for number, name in enumerate(names, 1):
        yield Row("names", number, (NodeFact("Official", f"per:bench-{number}", {"name": name}, (name,)),))


async def measure(number: int) -> None:
    names = make_names(number)
    whole = names[number // 2]
    middle = len(whole) - 3
    searches = {
        "a whole name": whole,
        "a first word": whole.split()[0],
        "a misspelt name": f"{whole[:middle]}q{whole[middle + 1 :]}",
    }
    settings = read_settings(os.environ)
    settings.data.mkdir(parents=True, exist_ok=True)
    async with open_store(settings, wait_s=60) as store:
        await migrate(store, NOW)
        await load_dataset(
            store, settings, DATASET, lambda: rows_of(names), content_sha256=str(number), now=NOW
        )
        context = Context(store, Cursors(b"a secret for benchmarks, 32 b..."), HeldDocuments(settings.data))
        for title, search in searches.items():
            took = []
            for _ in range(ROUNDS + 1):
                began_s = time.monotonic()
                answer = await run(context, QUERY, {"search": search})
                took.append(time.monotonic() - began_s)
            found = answer.body["data"]["entities"]["nodes"]
            if not any(node["name"] == whole for node in found) and title != "a first word":
                raise SystemExit(f"{whole} was not found by {search}")
            print(
                f"{number:,} names, {store.engine.name}, {title}: {statistics.median(took[1:]) * 1000:.1f} ms"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=NAMES)
    asyncio.run(measure(parser.parse_args().names))
