"""Who is answered at all: the host names of this server, and API keys where they are asked for."""

import hashlib
import hmac
import logging
import time
from collections.abc import Iterable
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import internal
from api.explorer.pages import PAGES
from api.http_request import OUTCOME, read_header, refuse
from api.logs import ACCESS, log_access
from api.metrics import count_request

HEALTH: Final = frozenset({"/healthz", "/readyz"})
#: The addresses that a log line names; any other text in its place would be a stranger's.
KNOWN_PATHS: Final = (
    HEALTH
    | {"/graphql", "/graphiql/examples.json", "/metrics"}
    | {page.path for page in PAGES if "{" not in page.path}
)
_FOLDERS: Final = (
    "/graphiql/",
    "/explorer/",
    "/export/",
    *(page.path.partition("{")[0] for page in PAGES if "{" in page.path),
)
#: Where the GraphQL handler leaves the kind and the name of the operation.
OPERATION: Final = "throughline.operation"
CLIENT_LEFT: Final = 499


# They hold no data, and browsers ask each time whether they changed.
_FILES: Final = ("/graphiql", "/explorer/")
_NO_SNIFF: Final = (b"x-content-type-options", b"nosniff")
_NO_REFERRER: Final = (b"referrer-policy", b"no-referrer")
_NO_STORE: Final = (b"cache-control", b"no-store")
_NO_CACHE: Final = (b"cache-control", b"no-cache")


class Guard:
    """Counts and logs each request, answers to this server's host names alone, and for a mistake of ours.

    Tells browsers to guess no types, tell no addresses and keep no answers. A page elsewhere cannot make its own name
    point here: the name in Host would be another.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app, self._hosts = app, hosts
        self._is_any = "*" in hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI call."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = CLIENT_LEFT

        async def add(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _protect(scope, message.get("headers", ()))
            await send(message)

        try:
            if self._is_any or scope["path"] in HEALTH or _name_host(scope) in self._hosts:
                await self._app(scope, receive, add)
            else:
                told = f"Host: {_name_host(scope)[:100]!r} is not a name of this server; add it to KB_ALLOWED_HOSTS"
                await refuse(scope, 403, "FORBIDDEN", told)(scope, receive, add)
        except Exception as error:  # noqa: BLE001 - nothing of ours may reach a client
            mistake = internal(error)
            if status == CLIENT_LEFT:  # nothing was sent yet
                await refuse(scope, 500, "INTERNAL", mistake.message)(scope, receive, add)
        finally:
            _note(scope, status, time.perf_counter() - began)


def _protect(scope: Scope, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    protected = [*headers, _NO_SNIFF, _NO_REFERRER]
    if not any(name == b"cache-control" for name, _ in protected):
        protected.append(_NO_CACHE if scope["path"].startswith(_FILES) else _NO_STORE)
    return protected


def _name_host(scope: Scope) -> str:
    """The name in a Host header, in small letters; an IPv6 address keeps its brackets."""
    name = read_header(scope, b"host").strip().lower()
    if name.startswith("["):
        return name.partition("]")[0] + "]"
    return name.partition(":")[0].removesuffix(".")


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
    return next((f"{folder}*" for folder in _FOLDERS if path.startswith(folder)), "(other)")


class CheckKey:
    """Lets in whoever sends a key whose hash is known; what holds no data stays open."""

    def __init__(self, app: ASGIApp, hashes: frozenset[str]) -> None:
        self._app, self._hashes = app, sorted(hashes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI call."""
        if scope["type"] != "http" or _is_open(scope) or self._knows(scope):
            await self._app(scope, receive, send)
            return
        message = "Authorization: no API key, or none that is known here; send Authorization: Bearer KEY"
        answer = refuse(scope, 401, "UNAUTHENTICATED", message, headers={"WWW-Authenticate": "Bearer"})
        await answer(scope, receive, send)

    def _knows(self, scope: Scope) -> bool:
        scheme, _, key = read_header(scope, b"authorization").partition(" ")
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
    return is_page or path in HEALTH or path.startswith(("/graphiql/", "/explorer/"))
