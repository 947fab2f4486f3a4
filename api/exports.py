"""Exports over HTTP: the answer to a question as a file that is written while it is read."""

from collections.abc import AsyncGenerator, Generator
from contextlib import AbstractContextManager, aclosing, contextmanager
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.context import Context
from api.errors import from_kb
from api.http_request import JSON, OUTCOME, refuse
from api.limits import BusyError, Turns
from kb.errors import KbError
from kb.export.losses import Losses
from kb.export.run import FORMATS, Asked, check_export, export, make_report
from kb.questions.arguments import BadArgument

# Each holds a page, and some a temporary file; more only wait for one another, and for the questions of others.
MAX_EXPORTS: Final = 4
_STATUS: Final = {"NOT_FOUND": 404, "STORE_UNAVAILABLE": 503, "BUSY": 503, "TIMEOUT": 503, "INTERNAL": 500}


def make_export_route(context: Context, turns: Turns) -> Route:
    """`GET /export/<question>.<format>?<arguments>`; with `report=1` what the file would lose, instead of the file.

    Behind the same guards as any address; each page waits for its turn among the questions of others.
    """
    exports = _Exports(context, turns)
    route = Route("/export/{question}.{format}", exports.answer, methods=["GET"])
    # Not HEAD, which would read everything to send nothing.
    route.methods = {"GET"}
    return route


class _Exports:
    def __init__(self, context: Context, turns: Turns) -> None:
        self._context, self._turns = context, turns
        self._running = 0

    async def answer(self, request: Request) -> Response:
        """The file, or what is wrong with the question."""
        try:
            given = _read_query(request.query_params)
            is_report = given.pop("report", "0") == "1"
            path = request.path_params
            asked = check_export(path["question"], path["format"], given)
            self._check_room()
            return await (self._report(asked) if is_report else self._file(request, asked))
        except KbError as error:
            told = from_kb(error)
            code = str((told.extensions or {})["code"])
            return refuse(request.scope, _STATUS.get(code, 400), code, told.message)
        except BusyError:
            retry = {"Retry-After": str(self._context.limits.retry_after_s)}
            message = "too many questions or exports at once; ask again in a moment"
            return refuse(request.scope, 503, "BUSY", message, headers=retry)

    def _check_room(self) -> None:
        if self._running >= MAX_EXPORTS:
            raise BusyError

    async def _report(self, asked: Asked) -> Response:
        losses = Losses()
        with self._counted():
            async with aclosing(self._chunks(asked, losses)) as chunks:
                async for _chunk in chunks:
                    pass
        return Response(orjson.dumps(make_report(asked, losses)), media_type=JSON)

    async def _file(self, request: Request, asked: Asked) -> Response:
        """Begins only when the first bytes are there, so that what is wrong with the question is told as an error."""
        form = FORMATS[asked.format]
        chunks = self._chunks(asked, Losses())
        with self._counted():
            first = await anext(chunks, b"")
        report = f"{request.url.path}?{urlencode([*request.query_params.multi_items(), ('report', '1')])}"
        headers = {
            "Content-Disposition": f'attachment; filename="{asked.question}.{form.suffix}"',
            "Link": f'<{report}>; rel="describedby"; type="{JSON}"',
        }
        request.scope[OUTCOME] = "OK"
        return _File(first, chunks, self._counted(), headers, form.media_type)

    @contextmanager
    def _counted(self) -> Generator[None]:
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    def _chunks(self, asked: Asked, losses: Losses) -> AsyncGenerator[bytes]:
        return export(self._context.store, asked, losses, self._turns.take)


class _File(StreamingResponse):
    """A file that is written while it is read. It ends when the client leaves, down to the statement that runs.

    An error in the middle ends the connection, so that no part looks like the whole.
    """

    def __init__(
        self,
        first: bytes,
        rest: AsyncGenerator[bytes],
        counted: AbstractContextManager[None],
        headers: dict[str, str],
        media_type: str,
    ) -> None:
        self._rest, self._counted = rest, counted
        super().__init__(_after(first, rest), headers=headers, media_type=media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends it."""
        with self._counted:
            async with aclosing(self._rest):
                await super().__call__(scope, receive, send)


async def _after(first: bytes, rest: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    yield first
    async for chunk in rest:
        yield chunk


def _read_query(query: QueryParams) -> dict[str, Any]:
    """The arguments of the address; raises BadArgument for one that is given twice."""
    found: dict[str, Any] = {}
    for name, value in query.multi_items():
        if name in found:
            raise BadArgument(
                "BAD_ARGUMENT", name[:80], value[:80], "is given twice; write lists with commas"
            )
        found[name] = value
    return found
