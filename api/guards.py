"""Who is answered at all: the host names of this server, and API keys where they are asked for."""

import hashlib
import hmac
import logging
import time
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import internal
from api.http_request import OUTCOME, refuse
from api.logs import ACCESS, log_access
from api.metrics import count_request

HEALTH: Final = frozenset({"/healthz", "/readyz"})
#: The addresses that a log line names; any other text in its place would be a stranger's.
KNOWN_PATHS: Final = HEALTH | {"/", "/graphql", "/graphiql/examples.json", "/metrics"}
#: Where the GraphQL handler leaves the kind and the name of the operation.
OPERATION: Final = "throughline.operation"
CLIENT_LEFT: Final = 499


class Observe:
    """Counts and logs each request, and answers for a mistake of ours without its details."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = CLIENT_LEFT

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as error:  # noqa: BLE001 - nothing of ours may reach a client
            told = internal(error)
            if status == CLIENT_LEFT:  # nothing was sent yet
                await refuse(scope, 500, "INTERNAL", told.message)(scope, receive, watch)
        finally:
            _note(scope, status, time.perf_counter() - began)


def _note(scope: Scope, status: int, seconds: float) -> None:
    kind, name = scope.get(OPERATION, (None, None))
    outcome = scope.get(OUTCOME)
    path = scope["path"]
    if path == "/graphql" and (kind or outcome):
        count_request(kind or "none", outcome or "OK", seconds)
    if not ACCESS.isEnabledFor(logging.INFO):
        return
    log_access(
        {
            "method": scope["method"] if scope["method"] in ("GET", "POST", "OPTIONS", "HEAD") else "(other)",
            "path": path if path in KNOWN_PATHS else _folder(path),
            "status": status,
            "ms": round(seconds * 1000, 1),
            "operation": kind,
            "name": name,
            "outcome": outcome,
        }
    )


def _folder(path: str) -> str:
    return next((f"{folder}*" for folder in ("/graphiql/", "/export/") if path.startswith(folder)), "(other)")


class AddHeaders:
    """Tells browsers to guess no types, tell no addresses and keep no answers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI call."""

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "no-referrer"
                cache = "no-cache" if scope["path"].startswith("/graphiql") else "no-store"
                headers.setdefault("Cache-Control", cache)
            await send(message)

        await self._app(scope, receive, add if scope["type"] == "http" else send)


class CheckHost:
    """Answers to the host names of this server alone: a page elsewhere cannot make its own name point here."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app, self._hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI call."""
        if scope["type"] != "http" or scope["path"] in HEALTH or "*" in self._hosts:
            await self._app(scope, receive, send)
            return
        host = _without_port(Headers(scope=scope).get("host", ""))
        if host in self._hosts:
            await self._app(scope, receive, send)
            return
        message = f"Host: {host[:100]!r} is not a name of this server; add it to KB_ALLOWED_HOSTS"
        await refuse(scope, 403, "FORBIDDEN", message)(scope, receive, send)


def _without_port(host: str) -> str:
    """The name in a Host header, in small letters; an IPv6 address keeps its brackets."""
    name = host.strip().lower()
    if name.startswith("["):
        return name.partition("]")[0] + "]"
    return name.partition(":")[0].removesuffix(".")


class CheckKey:
    """Lets in whoever sends a key whose hash is known; what holds no data stays open."""

    def __init__(self, app: ASGIApp, hashes: frozenset[str]) -> None:
        self._app, self._hashes = app, sorted(hashes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI call."""
        if scope["type"] != "http" or _is_open(scope) or self._knows(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        message = "Authorization: no API key, or none that is known here; send Authorization: Bearer KEY"
        answer = refuse(scope, 401, "UNAUTHENTICATED", message, headers={"WWW-Authenticate": "Bearer"})
        await answer(scope, receive, send)

    def _knows(self, headers: Headers) -> bool:
        scheme, _, key = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return False
        found = hash_key(key.strip())
        # All are compared, and each in a time that does not depend on where they differ.
        return sum(hmac.compare_digest(found, known) for known in self._hashes) > 0


def hash_key(key: str) -> str:
    """The hash that KB_API_KEYS holds. Keys are 256 random bits (`python -m api.keys`), so one round is enough."""
    return hashlib.sha256(key.encode()).hexdigest()


def _is_open(scope: Any) -> bool:
    path = scope["path"]
    is_page = path == "/graphql" and scope["method"] == "GET" and not scope["query_string"]
    return is_page or path in HEALTH or path == "/" or path.startswith("/graphiql/")
