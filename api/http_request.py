"""What a GraphQL request says over HTTP, by the GraphQL-over-HTTP specification."""

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, cast
from urllib.parse import parse_qsl

import orjson
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope

from api.errors import QuestionError, format_error
from api.limits import Limits

JSON: Final = "application/json"
GRAPHQL_JSON: Final = "application/graphql-response+json"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
#: Where the handlers of one request leave its outcome for the log and the metrics.
OUTCOME: Final = "throughline.outcome"


class BadRequestError(Exception):
    """The HTTP request does not hold a GraphQL request."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Asked(NamedTuple):
    """A document or its hash, its variables, and which of its operations."""

    query: str | None
    variables: dict[str, Any] | None
    operation: str | None
    sha256: str | None = None


def read_header(scope: Scope, name: bytes, default: str = "") -> str:
    """The first header of a name, which is in small letters."""
    for key, value in scope["headers"]:
        if key == name:
            found: str = value.decode("latin-1")
            return found
    return default


def read_headers(scope: Scope) -> dict[str, str]:
    """All headers; of a name that comes twice, the first."""
    return {key.decode("latin-1"): value.decode("latin-1") for key, value in reversed(list(scope["headers"]))}


def read_address(scope: Scope) -> dict[str, str]:
    """What stands behind the question mark; of a name that comes twice, the last."""
    return dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))


def get_media_type(accepted: str) -> str | None:
    """The media type of the answer that a client accepts, or None."""
    if accepted == "*/*":
        return JSON
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


def read_asked(parameters: Mapping[str, str]) -> Asked:
    """What is asked in an address; raises BadRequestError."""
    found: dict[str, Any] = dict(parameters)
    for name in ("variables", "extensions"):
        if found.get(name):
            found[name] = _parse(found[name], name)
    return _check(found)


async def read_posted(content_type: str, receive: Receive, limits: Limits) -> Asked:
    """What is asked in a body; raises BadRequestError, ClientDisconnect."""
    if content_type != JSON and content_type.partition(";")[0].strip().lower() != JSON:
        raise BadRequestError(415, f"Content-Type: write {JSON}")
    posted = _parse(await _read_body(receive, limits), "body")
    if not isinstance(posted, dict):
        raise BadRequestError(400, 'body: write one JSON object, {"query": "...", "variables": {...}}')
    return _check(cast("dict[str, Any]", posted))


async def _read_body(receive: Receive, limits: Limits) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(limits.body_wait_s):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientDisconnect
                body += message.get("body", b"")
                if len(body) > limits.body_bytes:
                    raise BadRequestError(413, f"body: larger than {limits.body_bytes:,} bytes; send less")
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        raise BadRequestError(408, f"body: not here after {limits.body_wait_s:g} s; send it again") from None


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
    if extensions is not None and not isinstance(extensions, dict):
        raise BadRequestError(400, "extensions: write a JSON object")
    sha256 = _read_hash(cast("dict[str, Any]", extensions or {}))
    if not (isinstance(query, str) or (query is None and sha256 is not None)):
        raise BadRequestError(400, "query: missing; write the GraphQL document as text")
    if variables is not None and not isinstance(variables, dict):
        raise BadRequestError(400, "variables: write a JSON object")
    if operation is not None and not isinstance(operation, str):
        raise BadRequestError(400, "operationName: write text")
    return Asked(query, cast("dict[str, Any] | None", variables), operation, sha256)


def _read_hash(extensions: dict[str, Any]) -> str | None:
    persisted = extensions.get("persistedQuery")
    if persisted is None:
        return None
    found = cast("dict[str, Any]", persisted).get("sha256Hash") if isinstance(persisted, dict) else None
    if not isinstance(found, str) or _SHA256.fullmatch(found) is None:
        raise BadRequestError(
            400, "extensions.persistedQuery.sha256Hash: write 64 hexadecimal digits in small letters"
        )
    return found
