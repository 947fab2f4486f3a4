"""`python -m api` answers, says where, and stops when it is asked to."""

import asyncio
import os
import re
import shlex
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from api.context import Context
from tests.api.cases import ROOT

START_TIMEOUT_S = 60


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def start(environ: dict[str, str], port: int) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api", cwd=ROOT, env=environ | {"PORT": str(port)}, stdout=PIPE, stderr=PIPE
    )


@asynccontextmanager
async def serving(environ: dict[str, str], port: int) -> AsyncIterator[tuple[Process, str]]:
    """A server that answers, and what it printed to say so."""
    process = await start(environ, port)
    assert process.stdout is not None
    try:
        said = ""
        async with asyncio.timeout(START_TIMEOUT_S):
            while "curl" not in said:
                line = (await process.stdout.readline()).decode()
                assert line, (await process.communicate())[1].decode()
                said += line
        yield process, said
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_says_where_it_answers_and_stops_cleanly(
    context: Context, environ: dict[str, str], number: signal.Signals
) -> None:
    del context  # the cases are loaded
    port = free_port()
    async with serving(environ | {"KB_LOG_LEVEL": "WARNING"}, port) as (process, said):
        assert f"opens at http://127.0.0.1:{port}/ (" in said
        (command,) = re.findall(r"^ +(curl .*)$", said, flags=re.MULTILINE)
        words = shlex.split(command)
        body = words[words.index("-d") + 1]
        async with httpx.AsyncClient() as client:
            answer = await client.post(words[2], content=body, headers={"Content-Type": "application/json"})
        assert "at least 56 times" in answer.text
        process.send_signal(number)
        out, err = await asyncio.wait_for(process.communicate(), START_TIMEOUT_S)
        assert (process.returncode, err.decode()) == (0, "")
        assert out.decode().endswith("Stopped.\n")


async def test_a_taken_port_is_named_with_a_way_out(environ: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = await start(environ, port)
        _, err = await process.communicate()
    assert process.returncode == 1
    assert err.decode().startswith(
        f"PORT: port {port} on 127.0.0.1 is taken by another program; choose another"
    )


async def test_an_empty_store_says_how_to_load_a_case(tmp_path: os.PathLike[str]) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("NEO4J_", "KB_"))}
    process = await start(environ | {"KB_DATA": str(tmp_path)}, free_port())
    _, err = await process.communicate()
    assert process.returncode == 1
    assert "python -m loaders run" in err.decode()
