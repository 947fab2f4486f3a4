"""A store with both shipped cases, on each engine, for exports."""

from pathlib import Path

import pytest
import pytest_asyncio

from api.context import Context
from kb.store import Store
from tests.api.cases import load_cases


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def context(module_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Context:
    """What a request has at hand, over the cases; loaded once for the tests of a module."""
    data: Path = tmp_path_factory.mktemp("held")
    return await load_cases(module_store, data)
