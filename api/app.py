"""The web application: GraphQL over HTTP, the page to try it on, and whether the server is well."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple, cast

import orjson
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from api.context import Context
from api.errors import QuestionError, format_error
from api.examples import read_examples
from api.execute import run
from api.graphiql import CONTENT_SECURITY_POLICY, DIST, is_built
from kb.errors import KbError

JSON: Final = "application/json"
GRAPHQL_JSON: Final = "application/graphql-response+json"
# A document is a few kB; a hundred times that holds the longest list of ids anybody has sent.
MAX_BODY_BYTES: Final = 1024 * 1024

_NO_PAGE: Final = (
    "The query page has not been built (make graphiql builds it). "
    'Everything else works: POST {"query": "..."} as application/json to this address.\n'
)


class _BadRequestError(Exception):
    """The HTTP request does not hold a GraphQL request."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class _Asked(NamedTuple):
    query: str
    variables: dict[str, Any] | None
    operation: str | None


def make_app(context: Context) -> FastAPI:
    """The application over an open store. It serves this machine's pages from its own files alone."""

    async def graphql(request: Request) -> Response:
        if request.method == "GET" and "query" not in request.query_params:
            return _page(request)
        return await _answer(context, request)

    async def ready(_request: Request) -> Response:
        try:
            await context.store.ping()
        except KbError:
            return PlainTextResponse("the database does not answer\n", 503)
        return PlainTextResponse("ready\n")

    app = FastAPI(title="Throughline", docs_url=None, redoc_url=None, openapi_url=None)
    app.router.routes += [
        Route("/", _to_graphql),
        Route("/graphql", graphql, methods=["GET", "POST"]),
        Route("/graphiql/examples.json", _examples),
        Route("/healthz", _alive),
        Route("/readyz", ready),
    ]
    if is_built():
        app.router.routes.append(Mount("/graphiql", StaticFiles(directory=DIST)))
    app.middleware("http")(_add_headers)
    return app


async def _add_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault(
        "Cache-Control", "no-cache" if request.url.path.startswith("/graphiql") else "no-store"
    )
    return response


async def _to_graphql(_request: Request) -> Response:
    return RedirectResponse("/graphql")


async def _alive(_request: Request) -> Response:
    return PlainTextResponse("alive\n")


async def _examples(_request: Request) -> Response:
    return Response(orjson.dumps([example._asdict() for example in read_examples()]), media_type=JSON)


def _page(request: Request) -> Response:
    accepted = request.headers.get("accept", "*/*")
    if "html" not in accepted and "*/*" not in accepted:
        return _error(QuestionError("BAD_REQUEST", "query: missing; send ?query=... or POST it"), 400, JSON)
    if not is_built():
        return PlainTextResponse(_NO_PAGE)
    return FileResponse(
        DIST / "index.html",
        media_type="text/html",
        headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY},
    )


async def _answer(context: Context, request: Request) -> Response:
    """As the GraphQL-over-HTTP specification has it: its own media type tells a refused request by its status."""
    media_type = _media_type(request)
    if media_type is None:
        told = QuestionError("BAD_REQUEST", f"Accept: answers are {GRAPHQL_JSON} or {JSON}")
        return _error(told, 406, JSON)
    try:
        asked = await _read(request)
    except _BadRequestError as error:
        return _error(QuestionError("BAD_REQUEST", str(error)), error.status, media_type)
    answered = await run(context, asked.query, asked.variables, asked.operation)
    status = 400 if answered.is_refused and media_type == GRAPHQL_JSON else 200
    return Response(orjson.dumps(answered.body), status, media_type=f"{media_type}; charset=utf-8")


def _media_type(request: Request) -> str | None:
    accepted = request.headers.get("accept", "*/*")
    if GRAPHQL_JSON in accepted:
        return GRAPHQL_JSON
    return JSON if any(kind in accepted for kind in (JSON, "*/*", "application/*")) else None


def _error(error: QuestionError, status: int, media_type: str) -> Response:
    body = orjson.dumps({"errors": [format_error(error)]})
    return Response(body, status, media_type=f"{media_type}; charset=utf-8")


async def _read(request: Request) -> _Asked:
    if request.method == "GET":
        found: dict[str, Any] = dict(request.query_params)
        if found.get("variables"):
            found["variables"] = _parse(found["variables"], "variables")
        return _check(found)
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != JSON:
        raise _BadRequestError(415, f"Content-Type: write {JSON}")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise _BadRequestError(413, f"body: larger than {MAX_BODY_BYTES:,} bytes; send less")
    posted = _parse(bytes(body), "body")
    if not isinstance(posted, dict):
        raise _BadRequestError(400, 'body: write one JSON object, {"query": "...", "variables": {...}}')
    return _check(cast("dict[str, Any]", posted))


def _parse(text: str | bytes, name: str) -> Any:
    try:
        return orjson.loads(text)
    except json.JSONDecodeError as error:
        raise _BadRequestError(400, f"{name}: is not JSON: {error.msg} at {error.pos}") from error


def _check(found: dict[str, Any]) -> _Asked:
    query, variables, operation = (
        found.get("query"),
        found.get("variables") or None,
        found.get("operationName") or None,
    )
    if not isinstance(query, str) or not query:
        raise _BadRequestError(400, "query: missing; write the GraphQL document as text")
    if variables is not None and not isinstance(variables, dict):
        raise _BadRequestError(400, "variables: write a JSON object")
    if operation is not None and not isinstance(operation, str):
        raise _BadRequestError(400, "operationName: write text")
    if found.get("extensions") is not None and not isinstance(found["extensions"], (dict, str)):
        raise _BadRequestError(400, "extensions: write a JSON object")
    return _Asked(query, variables, operation)
