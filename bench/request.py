"""What one request costs the thread that answers: `python -m bench.request` (`--profile`: and where it goes).

The application is called as uvicorn calls it, without a socket, over the shipped case on the embedded engine, whose own
threads are not counted: the numbers are the work of the API and the driver, and hold on a machine that is shared.
"""

import argparse
import asyncio
import cProfile
import json
import pstats
import tempfile
import time
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message
from uvicorn.loops.auto import auto_loop_factory

from api.app import make_app
from api.context import Context
from api.cursors import Cursors
from bench.graphql import OURS
from kb.config import Settings
from kb.documents import HeldDocuments
from kb.migrate import migrate
from kb.store import open_store
from loaders.run import read_cases, save_read_case

ROOT = Path(__file__).parent.parent
CASE = ROOT / "loaders" / "xinjiang_2021"
# Name of a question -> its document and variables; `point` and `headline` are those of `bench.graphql`.
QUESTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "bare": ("{ __typename }", {}),
    "point": (OURS["point"], {"id": "per:zhang-heqing"}),
    "headline": (OURS["headline"], {"id": "per:zhang-heqing"}),
    "rows": (
        "query ($n: Int) { claims(first: $n) { nodes { id kind text verb who { id label } } } }",
        {"n": 100},
    ),
}


async def ask(app: ASGIApp, query: str, variables: dict[str, Any]) -> bytes:
    """One request, as uvicorn hands it over."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "query_string": b"",
        "root_path": "",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 50000),
        "headers": [
            (b"host", b"127.0.0.1:8000"),
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ],
        "state": {},
    }
    parts: list[bytes] = []

    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        if not messages:
            await asyncio.Event().wait()  # the client stays
        return messages.pop()

    async def send(message: Message) -> None:
        parts.append(message.get("body", b""))

    await app(scope, receive, send)
    return b"".join(parts)


async def cost_us(app: ASGIApp, name: str, times: int) -> float:
    began_s = time.thread_time()
    for _ in range(times):
        await ask(app, *QUESTIONS[name])
    return (time.thread_time() - began_s) / times * 1e6


async def measure(times: int, rounds: int, *, is_profiled: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder) / "kb")
        held = HeldDocuments(settings.data)
        async with open_store(settings) as store:
            await migrate(store, "2026-11-22T10:00:00Z")
            for read in read_cases([CASE], held):
                await save_read_case(store, read, held=held, now="2026-11-22T10:00:00Z")
            app = make_app(Context(store, Cursors(b"s" * 32), held), settings)
            for name, question in QUESTIONS.items():
                for _ in range(50):
                    answer = json.loads(await ask(app, *question))
                    assert "errors" not in answer, answer
                found = [await cost_us(app, name, times) for _ in range(rounds)]
                print(f"{name}: {min(found):,.0f} us (least of {rounds} rounds of {times})", flush=True)
                if is_profiled:
                    profile = cProfile.Profile()
                    profile.enable()
                    await cost_us(app, name, times)
                    profile.disable()
                    pstats.Stats(profile).sort_stats("cumulative").print_stats(70)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    with asyncio.Runner(loop_factory=auto_loop_factory()) as runner:
        runner.run(measure(arguments.times, arguments.rounds, is_profiled=arguments.profile))


if __name__ == "__main__":
    main()
