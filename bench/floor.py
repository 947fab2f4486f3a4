"""The floor: statements sent by the bare driver, without HTTP, JSON or GraphQL; one process, as a server is one."""

import asyncio
import json
import os
import random
import sys
import time
from typing import Any

from neo4j import READ_ACCESS, AsyncDriver, AsyncGraphDatabase, Query

from kb.store import literal


async def _ask_until(driver: AsyncDriver, work: dict[str, Any], seed: int, ends_s: float) -> list[float]:
    """Asks with parameters of the list in random order until the time is over; seconds of each."""
    chance = random.Random(seed)
    took: list[float] = []
    query = Query(literal(work["statement"]), timeout=30.0)
    while (began_s := time.perf_counter()) < ends_s:
        async with driver.session(
            database=work["database"], default_access_mode=READ_ACCESS, fetch_size=-1
        ) as session:
            result = await session.run(query, chance.choice(work["parameters"]))
            await result.values()
        took.append(time.perf_counter() - began_s)
    return took


async def _measure(work: dict[str, Any]) -> dict[str, float]:
    driver = AsyncGraphDatabase.driver(
        os.environ["NEO4J_URI"],
        auth=(os.environ["NEO4J_USER"], os.environ["NEO4J_PASSWORD"]),
        notifications_min_severity="OFF",
        telemetry_disabled=True,
    )
    async with driver:
        await _ask_until(driver, work, 0, time.perf_counter() + 0.2)
        began_s, cpu_s = time.perf_counter(), time.process_time()
        ends_s = began_s + work["seconds"]
        each = await asyncio.gather(
            *(_ask_until(driver, work, n, ends_s) for n in range(work["connections"]))
        )
        wall_s, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_s
    took = sorted(second for one in each for second in one)
    return {
        "requests": len(took),
        "seconds": wall_s,
        "p50_ms": took[len(took) // 2] * 1_000,
        "p99_ms": took[len(took) * 99 // 100] * 1_000,
        "cpu_s": cpu_s,
    }


def main() -> None:
    """Reads from its input what to ask and how long, and prints what it measured."""
    print(json.dumps(asyncio.run(_measure(json.load(sys.stdin)))))


if __name__ == "__main__":
    main()
