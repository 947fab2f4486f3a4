"""Answers questions over HTTP, as plain ASGI: the layers of a framework cost as much as a small answer."""

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, Final

import orjson
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from api.context import Context
from api.execute import Response, run
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

PATH: Final = "/graphql"
# Ten times what a small question takes; whoever leaves earlier is noticed then.
WATCH_AFTER_S: Final = 0.05


def is_question(scope: Scope) -> bool:
    """Whether a request asks something; without `query` a GET of the same address is for the page."""
    if scope["type"] != "http" or scope["path"] != PATH:
        return False
    if scope["method"] == "GET":
        return b"=" in scope["query_string"] and "query" in read_address(scope)
    return bool(scope["method"] == "POST")


class Questions:
    """The ASGI application for what `is_question` lets through."""

    def __init__(self, context: Context, turns: Turns) -> None:
        self._context, self._turns = context, turns

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
                asked = read_asked(read_address(scope))
            else:
                asked = await read_posted(headers.get("content-type", ""), receive, limits)
            context = replace(self._context, explained=[]) if wants_explain(headers) else self._context
            answered = await _while_there(receive, self._take_turn(context, asked))
        except BadRequestError as error:
            refused = refuse(scope, error.status, "BAD_REQUEST", str(error), media_type=media_type)
            await refused(scope, receive, send)
        except BusyError:
            told = f"too many questions at once; ask again in {limits.retry_after_s} s"
            retry = {"Retry-After": str(limits.retry_after_s)}
            refused = refuse(scope, 503, "BUSY", told, media_type=media_type, headers=retry)
            await refused(scope, receive, send)
        except ClientDisconnect:
            scope[OUTCOME] = "GONE"
            await _send(send, CLIENT_LEFT, media_type, b"")
        else:
            _tell(scope, answered)
            status = 400 if answered.is_refused and media_type == GRAPHQL_JSON else 200
            await _send(send, status, media_type, orjson.dumps(answered.body))

    async def _take_turn(self, context: Context, asked: Asked) -> Response:
        async with self._turns.take():
            return await run(context, asked.query, asked.variables, asked.operation)


async def _send(send: Send, status: int, media_type: str, body: bytes) -> None:
    headers = [
        (b"content-length", b"%d" % len(body)),
        (b"content-type", b"%s; charset=utf-8" % media_type.encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _while_there(receive: Receive, work: Coroutine[Any, Any, Response]) -> Response:
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
