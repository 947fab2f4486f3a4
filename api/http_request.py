"""What a GraphQL request says over HTTP, by the GraphQL-over-HTTP specification."""

import asyncio
import json
from typing import Any, Final, NamedTuple, cast

import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.errors import QuestionError, format_error
from api.limits import Limits

JSON: Final = "application/json"
GRAPHQL_JSON: Final = "application/graphql-response+json"
#: Where the handlers of one request leave its outcome for the log and the metrics.
OUTCOME: Final = "throughline.outcome"


class BadRequestError(Exception):
    """The HTTP request does not hold a GraphQL request."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Asked(NamedTuple):
    """A document, its variables, and which of its operations."""

    query: str
    variables: dict[str, Any] | None
    operation: str | None


def get_media_type(request: Request) -> str | None:
    """The media type of the answer that a client accepts, or None."""
    accepted = request.headers.get("accept", "*/*")
    if GRAPHQL_JSON in accepted:
        return GRAPHQL_JSON
    return JSON if any(kind in accepted for kind in (JSON, "*/*", "application/*")) else None


def refuse(
    scope: Any,
    status: int,
    code: str,
    message: str,
    *,
    media_type: str = JSON,
    headers: dict[str, str] | None = None,
) -> Response:
    """An answer without data: one error with its code."""
    scope[OUTCOME] = code
    body = orjson.dumps({"errors": [format_error(QuestionError(code, message))]})
    return Response(body, status, headers, media_type=f"{media_type}; charset=utf-8")


async def read_request(request: Request, limits: Limits) -> Asked:
    """What is asked in the address (GET) or the body (POST); raises BadRequestError."""
    if request.method == "GET":
        found: dict[str, Any] = dict(request.query_params)
        for name in ("variables", "extensions"):
            if found.get(name):
                found[name] = _parse(found[name], name)
        return _check(found)
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != JSON:
        raise BadRequestError(415, f"Content-Type: write {JSON}")
    posted = _parse(await _read_body(request, limits), "body")
    if not isinstance(posted, dict):
        raise BadRequestError(400, 'body: write one JSON object, {"query": "...", "variables": {...}}')
    return _check(cast("dict[str, Any]", posted))


async def _read_body(request: Request, limits: Limits) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(limits.body_wait_s):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limits.body_bytes:
                    raise BadRequestError(413, f"body: larger than {limits.body_bytes:,} bytes; send less")
    except TimeoutError:
        raise BadRequestError(408, f"body: not here after {limits.body_wait_s:g} s; send it again") from None
    return bytes(body)


def _parse(text: str | bytes, name: str) -> Any:
    try:
        return orjson.loads(text)
    except json.JSONDecodeError as error:
        raise BadRequestError(400, f"{name}: is not JSON: {error.msg} at {error.pos}") from error


def _check(found: dict[str, Any]) -> Asked:
    # Some clients send an empty list or an empty text where they have nothing to say.
    query, variables, operation, extensions = (
        None if found.get(name) in ("", []) else found.get(name)
        for name in ("query", "variables", "operationName", "extensions")
    )
    if not isinstance(query, str):
        raise BadRequestError(400, "query: missing; write the GraphQL document as text")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequestError(400, "variables: write a JSON object")
    if operation is not None and not isinstance(operation, str):
        raise BadRequestError(400, "operationName: write text")
    if extensions is not None and not isinstance(extensions, dict):
        raise BadRequestError(400, "extensions: write a JSON object")
    return Asked(query, cast("dict[str, Any] | None", variables), operation)
