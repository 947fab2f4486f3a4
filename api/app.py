"""The web application: GraphQL over HTTP, the page to try it on, its numbers, and whether the server is well."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, Final

import orjson
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from api.context import Context
from api.examples import read_examples
from api.execute import Response as Answered
from api.execute import run
from api.explain import wants_explain
from api.exports import make_export_route
from api.graphiql import CONTENT_SECURITY_POLICY, DIST, is_built
from api.guards import CLIENT_LEFT, OPERATION, AddHeaders, CheckHost, CheckKey, Observe
from api.http_request import (
    GRAPHQL_JSON,
    JSON,
    OUTCOME,
    Asked,
    BadRequestError,
    get_media_type,
    read_request,
    refuse,
)
from api.limits import BusyError, Turns
from api.metrics import Now, write_metrics
from kb.config import Settings
from kb.errors import KbError

# What GraphiQL, Apollo and gql send beyond what browsers allow by themselves.
_CORS_HEADERS: Final = ("Authorization", "Content-Type", "X-Explain")
_OWN_HOSTS: Final = ("localhost", "127.0.0.1", "[::1]")

# Ten times what a small question takes; whoever leaves earlier is noticed then.
WATCH_AFTER_S: Final = 0.05

_NO_PAGE: Final = (
    "The query page has not been built (make graphiql builds it). "
    'Everything else works: POST {"query": "..."} as application/json to this address.\n'
)


def make_app(context: Context, settings: Settings | None = None) -> FastAPI:
    """The application over an open store. It serves this machine's pages from its own files alone."""
    settings = settings or Settings()
    context = replace(context, limits=replace(context.limits, is_introspectable=settings.introspection))
    turns = Turns(context.limits)
    now = Now(turns, context.store)

    async def graphql(request: Request) -> Response:
        if request.method == "GET" and "query" not in request.query_params:
            return _page(request)
        return await _answer(context, turns, request)

    async def ready(_request: Request) -> Response:
        try:
            await context.store.ping()
        except KbError:
            return PlainTextResponse("the database does not answer\n", 503)
        return PlainTextResponse("ready\n")

    async def metrics(_request: Request) -> Response:
        return Response(write_metrics(now), media_type="text/plain; version=0.0.4; charset=utf-8")

    app = FastAPI(
        title="Throughline",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        middleware=_guard(settings),
        exception_handlers={HTTPException: _refuse_address},
    )
    app.router.routes += [
        Route("/", _to_graphql),
        Route("/graphql", graphql, methods=["GET", "POST"]),
        Route("/graphiql/examples.json", _examples),
        Route("/healthz", _alive),
        Route("/readyz", ready),
        Route("/metrics", metrics),
        make_export_route(context, turns),
    ]
    if is_built():
        app.router.routes.append(Mount("/graphiql", StaticFiles(directory=DIST)))
    return app


def _guard(settings: Settings) -> list[Middleware]:
    """What a request passes on its way in, the outermost first."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    hosts = frozenset(settings.allowed_hosts or (*_OWN_HOSTS, host.lower()))
    guards = [Middleware(Observe), Middleware(AddHeaders), Middleware(CheckHost, hosts=hosts)]
    if settings.cors_origins:
        guards.append(
            Middleware(
                CORSMiddleware,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "POST"],
                allow_headers=_CORS_HEADERS,
            )
        )
    if settings.api_keys:
        guards.append(Middleware(CheckKey, hashes=frozenset(settings.api_keys)))
    return guards


async def _refuse_address(request: Request, error: Exception) -> Response:
    """Where nothing is, and what cannot be done there."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it alone
    if error.status_code == 404:
        message = "nothing is at this address; the questions are at /graphql"
        return refuse(request.scope, 404, "NOT_FOUND", message)
    headers = dict(error.headers or {})
    return refuse(request.scope, error.status_code, "BAD_REQUEST", str(error.detail), headers=headers)


async def _to_graphql(_request: Request) -> Response:
    return RedirectResponse("/graphql")


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("alive\n")


async def _examples(_request: Request) -> Response:
    return Response(orjson.dumps([example._asdict() for example in read_examples()]), media_type=JSON)


def _page(request: Request) -> Response:
    accepted = request.headers.get("accept", "*/*")
    if "html" not in accepted and "*/*" not in accepted:
        return refuse(request.scope, 400, "BAD_REQUEST", "query: missing; send ?query=... or POST it")
    if not is_built():
        return PlainTextResponse(_NO_PAGE)
    return FileResponse(
        DIST / "index.html",
        media_type="text/html",
        headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY},
    )


async def _answer(context: Context, turns: Turns, request: Request) -> Response:
    """As the GraphQL-over-HTTP specification has it: its own media type tells a refused request by its status."""
    scope, limits = request.scope, context.limits
    media_type = get_media_type(request)
    if media_type is None:
        return refuse(scope, 406, "BAD_REQUEST", f"Accept: answers are {GRAPHQL_JSON} or {JSON}")
    try:
        asked = await read_request(request, limits)
        if wants_explain(request.headers):
            context = replace(context, explained=[])
        answered = await _while_there(request, _take_turn(context, turns, asked))
    except BadRequestError as error:
        return refuse(scope, error.status, "BAD_REQUEST", str(error), media_type=media_type)
    except BusyError:
        message = f"too many questions at once; ask again in {limits.retry_after_s} s"
        retry = {"Retry-After": str(limits.retry_after_s)}
        return refuse(scope, 503, "BUSY", message, media_type=media_type, headers=retry)
    except ClientDisconnect:
        scope[OUTCOME] = "GONE"
        return Response(status_code=CLIENT_LEFT)
    _tell(scope, answered)
    status = 400 if answered.is_refused and media_type == GRAPHQL_JSON else 200
    return Response(orjson.dumps(answered.body), status, media_type=f"{media_type}; charset=utf-8")


async def _take_turn(context: Context, turns: Turns, asked: Asked) -> Answered:
    async with turns.take():
        return await run(context, asked.query, asked.variables, asked.operation)


async def _while_there(request: Request, work: Coroutine[Any, Any, Answered]) -> Answered:
    """What `work` returns; ends it, down to its statement, when the client leaves (ClientDisconnect).

    Nobody looks whether the client is still there before WATCH_AFTER_S: most answers are out by then, and spare the
    event loop a second task.
    """
    asking = asyncio.current_task()
    assert asking is not None  # noqa: S101 - requests are answered in tasks
    watches: list[asyncio.Task[None]] = []
    has_left = False

    async def await_leaving() -> None:
        nonlocal has_left
        while (await request.receive())["type"] != "http.disconnect":
            pass
        has_left = True
        asking.cancel()

    loop = asyncio.get_running_loop()
    timer = loop.call_later(WATCH_AFTER_S, lambda: watches.append(loop.create_task(await_leaving())))
    try:
        return await work
    except asyncio.CancelledError:
        # When the server stops it cancels as well: then there is a second request to cancel left.
        if has_left and asking.uncancel() == 0:
            raise ClientDisconnect from None
        raise
    finally:
        timer.cancel()
        for watch in watches:
            watch.cancel()


def _tell(scope: Any, answered: Answered) -> None:
    """Leaves the operation and the outcome for the log and the metrics; names come from the document, short."""
    operation = answered.operation
    if operation is not None:
        name = operation.name.value[:64] if operation.name else None
        roots = [
            getattr(getattr(field, "name", None), "value", "") for field in operation.selection_set.selections
        ]
        is_introspection = bool(roots) and all(root.startswith("__") for root in roots)
        scope[OPERATION] = ("introspection" if is_introspection else operation.operation.value, name)
    errors = answered.body.get("errors") or [{"extensions": {"code": "OK"}}]
    scope[OUTCOME] = errors[0]["extensions"]["code"]
