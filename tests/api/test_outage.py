"""A Neo4j that goes away and comes back under load: STORE_UNAVAILABLE, then answers, without a restart of ours."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio

from api.context import Context
from kb.config import Settings
from kb.store import open_store
from tests.api.cases import load_cases
from tests.api.served import serving
from tests.neo4j_server import Neo4jServer

QUERY = '{ amplifications(amplifier: "per:zhang-heqing") { nodes { count { text } } } }'
ASKERS = 4
# A stop takes a second, a start 8 to 22 s and several times that on a busy machine.
WITHIN_S = 120


@pytest.fixture(scope="module")
def own_neo4j(neo4j_server: Neo4jServer) -> Iterator[Neo4jServer]:
    """A Neo4j that only this module stops; asked for after the shared one, which tells whether one can run."""
    with Neo4jServer(heap_mb=512) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def loaded(own_neo4j: Neo4jServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Context]:
    settings = Settings(
        neo4j_uri=own_neo4j.uri,
        neo4j_password=own_neo4j.password,
        data=tmp_path_factory.mktemp("no-data"),
    )
    async with open_store(settings) as store:
        yield await load_cases(store, tmp_path_factory.mktemp("held"))


class Load:
    """Askers that never stop asking, and what they are told."""

    def __init__(self, address: str) -> None:
        self._address = address
        self.told: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.news = asyncio.Event()
        self.is_over = False

    async def ask(self) -> None:
        async with httpx.AsyncClient(timeout=WITHIN_S) as client:
            while not self.is_over:
                answer = await client.post(f"{self._address}/graphql", json={"query": QUERY})
                self.statuses[answer.status_code] += 1
                errors = answer.json().get("errors")
                self.told[errors[0]["extensions"]["code"] if errors else "OK"] += 1
                assert "at least 56 times" in answer.text or errors
                self.news.set()
                await asyncio.sleep(0.05)

    async def wait_for(self, outcome: str) -> None:
        """Returns after the askers were told `outcome` ten times more."""
        enough = self.told[outcome] + 10
        async with asyncio.timeout(WITHIN_S):
            while self.told[outcome] < enough:
                self.news.clear()
                await self.news.wait()


async def test_a_store_that_goes_away_and_comes_back_needs_no_restart(
    loaded: Context, own_neo4j: Neo4jServer
) -> None:
    async with serving(loaded) as address, httpx.AsyncClient() as client:
        load = Load(address)
        askers = [asyncio.create_task(load.ask()) for _ in range(ASKERS)]
        await load.wait_for("OK")
        await asyncio.to_thread(own_neo4j.stop)
        await load.wait_for("STORE_UNAVAILABLE")
        assert (await client.get(f"{address}/readyz", timeout=60)).status_code == 503
        assert (await client.get(f"{address}/healthz")).status_code == 200
        await asyncio.to_thread(own_neo4j.start)
        await load.wait_for("OK")
        assert (await client.get(f"{address}/readyz", timeout=60)).status_code == 200
        assert not any(asker.done() for asker in askers), askers
        load.is_over = True
        await asyncio.gather(*askers)
        # Not TIMEOUT either: a Neo4j that stops ends what runs with the code of a time limit.
        assert set(load.told) == {"OK", "STORE_UNAVAILABLE"}
        assert set(load.statuses) == {200}
        metrics = (await client.get(f"{address}/metrics")).text
        assert 'throughline_requests_total{operation="query",outcome="STORE_UNAVAILABLE"}' in metrics
