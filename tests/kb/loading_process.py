"""A process that loads an invented dataset in many small batches and tells each step: to be killed half way."""

import asyncio
import os
import random
import sys

import kb.amplified
import kb.bulk.cut
import kb.bulk.follow
from kb.bulk.claim import let_others_end
from kb.bulk.load import load_dataset
from kb.config import read_settings
from kb.migrate import migrate
from kb.store import open_store
from tests.kb.invented_dataset import DATASET, HOLDERS, Facts, make_rows

NOW = "2024-05-01T00:00:00Z"
BATCH_ROWS = 100


def draw_facts(number: int) -> Facts:
    """A dataset of some 700 rows; those of two numbers have about half of their rows in common."""
    common, own = random.Random(0), random.Random(number)

    def account(draw: random.Random) -> str:
        return f"acct:quayset:{draw.randrange(80)}"

    def time(draw: random.Random) -> str | None:
        return draw.choice([None, f"2024-0{draw.randrange(1, 7)}-15T00:00:00Z"])

    def interactions(draw: random.Random, rows: int) -> list[tuple[str, str, str, str | None]]:
        kinds = ["reshare", "quote", "mention"]
        return [(account(draw), account(draw), draw.choice(kinds), time(draw)) for _ in range(rows)]

    posts = {f"post:quayset:{n}": account(own) for n in range(60)}
    names = sorted(posts)
    return Facts(
        interactions=[*interactions(common, 200), *interactions(own, 200)],
        holdings=[(account(own), own.choice(HOLDERS), "2024-02-01", None) for _ in range(10)],
        authors=posts,
        shares=[(own.choice(names), own.choice(names), "reshare", time(own)) for _ in range(60)],
        on_platform=frozenset(account(own) for _ in range(60)),
    )


async def _load(number: int) -> None:
    settings = read_settings(os.environ)
    async with open_store(settings) as store:
        await migrate(store, NOW)
        try:
            await load_dataset(
                store, settings, DATASET, make_rows(draw_facts(number)), content_sha256=str(number), now=NOW,
                progress=lambda stage, done, _total: print(stage, done, flush=True),
            )  # fmt: skip
        finally:
            await let_others_end(store, lambda told: print(told, flush=True))


if __name__ == "__main__":
    # What a load binds at its definition has to be made small where it is kept.
    kb.bulk.cut.cut.__defaults__ = (BATCH_ROWS,)
    for module in (kb.amplified, kb.bulk.follow):
        vars(module)["PAGE_ACTORS"] = 30
    asyncio.run(_load(int(sys.argv[1])))
