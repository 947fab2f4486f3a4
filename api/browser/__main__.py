"""Serves Neo4j Browser for the store, with the guide and the style: `python -m api.browser`."""

import argparse
import asyncio
import os
import socket
import sys
from contextlib import AsyncExitStack
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware

from api.__main__ import Server, make_config, open_listener
from api.browser.kit import ROUTES
from api.browser.page import find_jar, make_routes, make_settings
from api.guards import Guard
from kb.config import Settings, read_settings
from kb.embedded import open_embedded
from kb.errors import KbError

PORT = 7480
#: Neo4j Browser loads a guide from `localhost` alone, never from the number of the same address.
HOST = "localhost"
_LISTEN = "127.0.0.1"


class Login(NamedTuple):
    """Where the page connects, and with what: host and port of Bolt, the database, who, and the password to type."""

    scheme: str
    bolt: str
    database: str
    user: str
    password: str
    is_embedded: bool


def make_browser(login: Login | None, port: int) -> Starlette:
    """The page for a database, with the kit beside it; without `login` the kit alone."""
    guard = Middleware(Guard, hosts=frozenset({HOST, _LISTEN}))
    if login is None:
        return Starlette(routes=ROUTES, middleware=[guard])
    told = make_settings(f"http://{HOST}:{port}/kit", is_embedded=login.is_embedded)
    routes = make_routes(find_jar(), login.bolt, write_begin(login), told)
    return Starlette(routes=routes, middleware=[guard])


def write_begin(login: Login) -> str:
    """The query of the page's address: which database, and who."""
    dbms = quote(f"{login.scheme}://{login.user}@{login.bolt}", safe="")
    return f"dbms={dbms}&db={quote(login.database)}"


async def _find_login(settings: Settings, opened: AsyncExitStack) -> Login:
    if settings.neo4j_uri is not None:
        parts = urlsplit(settings.neo4j_uri)
        bolt = parts.netloc if parts.port else f"{parts.netloc}:7687"
        told = "as in NEO4J_PASSWORD"
        return Login(
            parts.scheme, bolt, settings.neo4j_database, settings.neo4j_user, told, is_embedded=False
        )
    endpoint = await opened.enter_async_context(open_embedded(settings))
    # Who may read only: nothing typed into the page changes a case.
    reader = endpoint.reader
    return Login(
        "bolt",
        urlsplit(endpoint.uri).netloc,
        endpoint.database,
        reader.user,
        reader.password,
        is_embedded=True,
    )


async def _serve(settings: Settings, port: int, *, is_kit_alone: bool) -> None:
    async with AsyncExitStack() as opened:
        listener = opened.enter_context(_listen(port))
        login = None if is_kit_alone else await _find_login(settings, opened)
        app = make_browser(login, port)
        where = f"http://{HOST}:{port}"
        print(f"Guide, style, queries: {where}/kit/guide.html, throughline.grass, queries.zip")
        if login is not None:
            print(f"Neo4j Browser: {where}/  user {login.user}, password {login.password}")
        sys.stdout.flush()
        await Server(make_config(app)).serve(sockets=[listener])


def _listen(port: int) -> socket.socket:
    try:
        return open_listener(_LISTEN, port)
    except OSError as error:
        raise KbError(
            f"--port: cannot listen on {port}: {error.strerror}; choose another, for example {port + 1}"
        ) from error


def read_port(text: str) -> int:
    """A port from 1 to 65535; raises what argparse tells the person who typed another text."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65_536):
        raise argparse.ArgumentTypeError(f"{text!r} is no port; write a number from 1 to 65535")
    return int(text)


def main() -> int:
    """Runs until Ctrl-C or SIGTERM; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m api.browser", description=__doc__)
    parser.add_argument(
        "--port", type=read_port, default=PORT, help=f"where it answers; {PORT} when left out"
    )
    parser.add_argument("--kit", action="store_true", help="guide, style and queries alone, without the page")
    asked = parser.parse_args()
    try:
        asyncio.run(_serve(read_settings(os.environ), asked.port, is_kit_alone=asked.kit))
    except KbError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
