"""A store with both shipped cases, on each engine."""

import pytest
import pytest_asyncio

from api.context import Context
from kb.store import Store
from tests.api.cases import keep_cases


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def context(open_session_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Context:
    """What a request has at hand, over the cases; loaded once for the tests of a module, or for several that read."""
    return await keep_cases(open_session_store, lambda: tmp_path_factory.mktemp("held"))
