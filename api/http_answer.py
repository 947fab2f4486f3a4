"""Answers questions over HTTP, as plain ASGI: the layers of a framework cost as much as a small answer."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple, TypeVar

import orjson
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from api.context import Context
from api.errors import QuestionError
from api.etags import Etags, is_named
from api.execute import Response, refuse_question, run
from api.explain import wants_explain
from api.guards import CLIENT_LEFT, OPERATION
from api.http_request import (
    GRAPHQL_JSON,
    JSON,
    OUTCOME,
    Asked,
    BadRequestError,
    get_media_type,
    read_address,
    read_asked,
    read_headers,
    read_posted,
    refuse,
)
from api.limits import BusyError, Turns
from api.trusted import Trusted

T = TypeVar("T")

PATH: Final = "/graphql"
# Ten times what a small question takes; whoever leaves earlier is noticed then.
WATCH_AFTER_S: Final = 0.05

# To be kept, and asked for again each time. Other answers may not be kept at all.
_REVALIDATE: Final = (b"cache-control", b"private, no-cache")
_BY_MEDIA_TYPE: Final = (b"vary", b"Accept")
# It tells of files beside the store as well.
_UNTAGGED: Final = "health"


def is_question(scope: Scope) -> bool:
    """Whether a request asks something; without `query` and `extensions` a GET of the same address is for the page."""
    if scope["type"] != "http" or scope["path"] != PATH:
        return False
    if scope["method"] == "GET":
        return b"=" in scope["query_string"] and not read_address(scope).keys().isdisjoint(
            ("query", "extensions")
        )
    return bool(scope["method"] == "POST")


class _Answer(NamedTuple):
    """An answer and its tag; without one it may not be kept. None in its place: the client has it already."""

    response: Response | None
    etag: str | None = None


class Questions:
    """The ASGI application for what `is_question` lets through."""

    def __init__(self, context: Context, turns: Turns, trusted: Trusted) -> None:
        self._context, self._turns, self._trusted = context, turns, trusted
        self._etags = Etags(context)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As the GraphQL-over-HTTP specification has it: its own media type tells a refused request by its status."""
        limits, headers = self._context.limits, read_headers(scope)
        media_type = get_media_type(headers.get("accept", "*/*"))
        if media_type is None:
            told = f"Accept: answers are {GRAPHQL_JSON} or {JSON}"
            await refuse(scope, 406, "BAD_REQUEST", told)(scope, receive, send)
            return
        try:
            if scope["method"] == "GET":
                work = self._answer_address(scope, headers, media_type)
            else:
                asked = await read_posted(headers.get("content-type", ""), receive, limits)
                work = self._answer_posted(headers, asked)
            response, etag = await while_there(receive, work)
        except BadRequestError as error:
            refused = refuse(scope, error.status, "BAD_REQUEST", str(error), media_type=media_type)
            await refused(scope, receive, send)
        except QuestionError as error:
            await _respond(scope, send, media_type, refuse_question(error), None)
        except BusyError:
            told = f"too many questions at once; ask again in {limits.retry_after_s} s"
            retry = {"Retry-After": str(limits.retry_after_s)}
            refused = refuse(scope, 503, "BUSY", told, media_type=media_type, headers=retry)
            await refused(scope, receive, send)
        except ClientDisconnect:
            scope[OUTCOME] = "GONE"
            await _send(send, CLIENT_LEFT, media_type, b"")
        else:
            await _respond(scope, send, media_type, response, etag)

    async def _answer_posted(self, headers: Mapping[str, str], asked: Asked) -> _Answer:
        text = self._trusted.find(asked)
        async with self._turns.take():
            return _Answer(await run(self._told(headers), text, asked.variables, asked.operation))

    async def _answer_address(self, scope: Scope, headers: Mapping[str, str], media_type: str) -> _Answer:
        """As `_answer_posted`; and nothing when the client has the answer already, which one look-up tells."""
        asked = read_asked(read_address(scope))
        text = self._trusted.find(asked)
        async with self._turns.take():
            etag = None
            if _UNTAGGED not in text and not wants_explain(headers):
                etag = await self._etags.make(scope["query_string"], media_type)
            if etag is not None and is_named(etag, headers.get("if-none-match", "")):
                return _Answer(None, etag)
            response = await run(self._told(headers), text, asked.variables, asked.operation)
        return _Answer(response, None if "errors" in response.body else etag)

    def _told(self, headers: Mapping[str, str]) -> Context:
        return replace(self._context, explained=[]) if wants_explain(headers) else self._context


async def _respond(
    scope: Scope, send: Send, media_type: str, response: Response | None, etag: str | None
) -> None:
    headers = [] if etag is None else [(b"etag", etag.encode()), _REVALIDATE, _BY_MEDIA_TYPE]
    if response is None:
        scope[OUTCOME] = "UNCHANGED"
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    _tell(scope, response)
    status = 400 if response.is_refused and media_type == GRAPHQL_JSON else 200
    await _send(send, status, media_type, orjson.dumps(response.body), *headers)


async def _send(send: Send, status: int, media_type: str, body: bytes, *further: tuple[bytes, bytes]) -> None:
    headers = [
        (b"content-length", b"%d" % len(body)),
        (b"content-type", b"%s; charset=utf-8" % media_type.encode()),
        *further,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def while_there(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
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
        while (await receive())["type"] != "http.disconnect":
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


def _tell(scope: Scope, answered: Response) -> None:
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
