"""The web application: GraphQL over HTTP, pages to read and to ask on, its numbers, and whether it is well."""

from dataclasses import replace
from typing import Final

import orjson
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

from api.browser.kit import ROUTES as KIT_ROUTES
from api.context import Context
from api.examples import read_examples
from api.explorer.routes import Explorer
from api.exports import make_export_route
from api.graphiql import CONTENT_SECURITY_POLICY, DIST, is_built
from api.guards import CheckKey, Guard
from api.http_answer import PATH, Questions, is_question
from api.http_request import JSON, refuse
from api.limits import Turns
from api.metrics import Now, write_metrics
from api.trusted import Trusted, read_documents
from kb.config import Settings
from kb.errors import KbError

# What GraphiQL, Apollo and gql send beyond what browsers allow by themselves.
_CORS_HEADERS: Final = ("Authorization", "Content-Type", "If-None-Match", "X-Explain")
_OWN_HOSTS: Final = ("localhost", "127.0.0.1", "[::1]")

_NO_PAGE: Final = (
    "The query page has not been built (make graphiql builds it). "
    'Everything else works: POST {"query": "..."} as application/json to this address.\n'
)


class App(FastAPI):
    """FastAPI, with a way past all of its layers for questions."""

    def __init__(self, questions: ASGIApp, guards: list[Middleware]) -> None:
        super().__init__(
            title="Throughline",
            docs_url=None,
            redoc_url=None,
            openapi_url=None,
            middleware=guards,
        )
        for guard, arguments, named in reversed(guards):
            questions = guard(questions, *arguments, **named)
        self._questions = questions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI call."""
        if is_question(scope):
            await self._questions(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


def make_app(context: Context, settings: Settings | None = None) -> FastAPI:
    """The application over an open store. It serves this machine's pages from its own files alone."""
    settings = settings or Settings()
    context = replace(context, limits=replace(context.limits, is_introspectable=settings.introspection))
    turns = Turns(context.limits)
    now = Now(turns, context.store)

    async def ready(_request: Request) -> Response:
        try:
            await context.store.ping()
        except KbError:
            return PlainTextResponse("the database does not answer\n", 503)
        return PlainTextResponse("ready\n")

    async def metrics(_request: Request) -> Response:
        return Response(write_metrics(now), media_type="text/plain; version=0.0.4; charset=utf-8")

    trusted = Trusted(read_documents(settings.data), context.limits, only=settings.trusted_only)
    explorer = Explorer(context, turns, trusted)

    async def refuse_address(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code == 404 and explorer.has(request.url.path):
            return explorer.refuse_address(request)
        return await _refuse_address(request, error)

    app = App(Questions(context, turns, trusted), _guard(settings))
    app.add_exception_handler(HTTPException, refuse_address)
    app.router.routes += [
        Route(PATH, _page, methods=["GET", "POST"]),
        Route("/graphiql/examples.json", _examples),
        Route("/healthz", _alive),
        Route("/readyz", ready),
        Route("/metrics", metrics),
        make_export_route(context, turns),
        *explorer.make_routes(),
        *KIT_ROUTES,
    ]
    if is_built():
        app.router.routes.append(Mount("/graphiql", StaticFiles(directory=DIST)))
    return app


def _guard(settings: Settings) -> list[Middleware]:
    """What a request passes on its way in, the outermost first."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    hosts = frozenset(settings.allowed_hosts or (*_OWN_HOSTS, host.lower()))
    guards = [Middleware(Guard, hosts=hosts)]
    if settings.cors_origins:
        guards.append(
            Middleware(
                CORSMiddleware,
                allow_origins=settings.cors_origins,
                allow_methods=["GET", "POST"],
                allow_headers=_CORS_HEADERS,
                expose_headers=("ETag",),
            )
        )
    if settings.api_keys:
        guards.append(Middleware(CheckKey, hashes=frozenset(settings.api_keys)))
    return guards


async def _refuse_address(request: Request, error: Exception) -> Response:
    """Where nothing is, and what cannot be done there."""
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for it alone
    if error.status_code == 404:
        message = "nothing is at this address; the pages begin at /, the questions are at /graphql"
        return refuse(request.scope, 404, "NOT_FOUND", message)
    headers = dict(error.headers or {})
    return refuse(request.scope, error.status_code, "BAD_REQUEST", str(error.detail), headers=headers)


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("alive\n")


async def _examples(_request: Request) -> Response:
    return Response(orjson.dumps([example._asdict() for example in read_examples()]), media_type=JSON)


async def _page(request: Request) -> Response:
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
