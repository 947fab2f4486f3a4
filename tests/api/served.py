"""A server over real HTTP on a free port of this machine, with the configuration of `python -m api`."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
import uvicorn
from starlette.types import ASGIApp

from api.__main__ import make_config
from api.app import make_app
from api.context import Context
from kb.config import Settings
from kb.store import open_store
from tests.api.cases import load_cases
from tests.conftest import clear


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def embedded_context(
    embedded_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Context]:
    """Both cases on the embedded engine, for what does not depend on the engine. Import it to use it."""
    async with open_store(embedded_settings) as store:
        await clear(store)
        yield await load_cases(store, tmp_path_factory.mktemp("held"))


class _Server(uvicorn.Server):
    """One that leaves the signals to pytest."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@asynccontextmanager
async def serving_at(listener: socket.socket, app: ASGIApp) -> AsyncIterator[None]:
    """A server of `app` on a socket that listens."""
    server = _Server(make_config(app))
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def serving(context: Context, settings: Settings | None = None) -> AsyncIterator[str]:
    """The address of a server over `context`, without a path."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(512)
        async with serving_at(listener, make_app(context, settings)):
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
