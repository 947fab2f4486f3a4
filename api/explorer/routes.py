"""The pages over HTTP: an address becomes the variables of a document, its answer a page."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final, cast
from urllib.parse import quote, urlencode

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from api.context import Context
from api.execute import Response as Answered
from api.execute import run
from api.explorer import CONTENT_SECURITY_POLICY, FOLDER, STATIC
from api.explorer.drawn import WIDTH, make_flow, make_relays
from api.explorer.pages import (
    PAGES,
    BadAddressError,
    Export,
    Page,
    read_address,
    read_document,
    read_variables,
)
from api.explorer.words import make_address, make_link, show_day, show_name, show_number, show_word
from api.graphiql import is_built
from api.guards import CLIENT_LEFT
from api.http_answer import while_there
from api.http_request import OUTCOME
from api.limits import BusyError, Turns
from api.trusted import Trusted

#: Of what can be exported, the formats that a page offers; docs/exports.md has them all.
FORMATS: Final = ("csv", "jsonl", "graphml", "gexf", "stix", "prov")
_STATUS: Final = {"NOT_FOUND": 404, "STORE_UNAVAILABLE": 503, "BUSY": 503, "TIMEOUT": 503, "INTERNAL": 500}
_HEADERS: Final = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
#: Asks for the Cypher behind a page instead of its text.
CYPHER: Final = "cypher"
FILES: Final = "/explorer"
_FOLDERS: Final = {path.split("/")[1] for path in (FILES, *(page.path for page in PAGES))} - {""}
#: Of an address where nothing is, so much is shown.
MAX_SHOWN: Final = 200


class ProblemError(Exception):
    """Why there is no page: a status, a code of api/errors.py and what to do."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def make_environment() -> Environment:
    """The templates, which escape everything; a name that is not there is an error."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "name": show_name,
        "day": show_day,
        "number": show_number,
        "word": show_word,
        "address": make_address,
    }
    # Typed by what Jinja has there of its own.
    known = cast("dict[str, Any]", environment.globals)
    known.update(
        link=make_link,
        by_label=_by_label,
        make_flow=make_flow,
        make_relays=make_relays,
        flow_width=WIDTH,
    )
    return environment


class Explorer:
    """The pages of one server. They offer no question that it refuses."""

    def __init__(self, context: Context, turns: Turns, trusted: Trusted) -> None:
        self._context, self._turns, self._trusted = context, turns, trusted
        # Asked once: the library is served by the application that is made beside this, or not at all.
        self._can_draw = is_built()
        self._templates = make_environment()

    def make_routes(self) -> list[BaseRoute]:
        """A route for each page, and for the files that they share."""
        routes: list[BaseRoute] = [
            Route(page.path, self._make_endpoint(page), name=page.name) for page in PAGES
        ]
        return [*routes, Mount(FILES, StaticFiles(directory=STATIC))]

    def has(self, path: str) -> bool:
        """Whether an address is below one of a page, or of the files that pages share."""
        return path.split("/")[1] in _FOLDERS

    def refuse_address(self, request: Request) -> Response:
        """The page that says that nothing is at an address."""
        path = request.url.path
        shown = path if len(path) <= MAX_SHOWN else path[:MAX_SHOWN] + "..."
        message = f"nothing is at {shown}; look for a name instead"
        return self._refuse(request, ProblemError(404, "NOT_FOUND", message))

    def _make_endpoint(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        """The function that answers one page."""

        async def answer(request: Request) -> Response:
            return await self._answer(page, request)

        return answer

    async def _answer(self, page: Page, request: Request) -> Response:
        try:
            variables = _read_request(page, request)
            asked = {name: value for name, value in variables.items() if name not in page.own}
            if any(each.is_needed and each.name not in variables for each in read_variables(page.name)):
                return self._render(request, page, variables, asked, data=None)
            is_cypher = request.query_params.get(CYPHER) == "1"
            context = replace(self._context, explained=[]) if is_cypher else self._context
            body = await self._ask(request, page, asked, context)
            _check_there(page, body["data"], variables)
            if is_cypher:
                statements = body["extensions"]["cypher"]
                return self._render(request, page, variables, asked, template="cypher", statements=statements)
            return self._render(request, page, variables, asked, data=body["data"])
        except ProblemError as problem:
            return self._refuse(request, problem)
        except ClientDisconnect:
            request.scope[OUTCOME] = "GONE"
            return Response(status_code=CLIENT_LEFT)

    async def _ask(
        self, request: Request, page: Page, asked: Mapping[str, Any], context: Context
    ) -> dict[str, Any]:
        """The whole answer to the page's document; raises ProblemError when it is an error.

        Ends it when the reader leaves (ClientDisconnect).
        """
        try:
            response = await while_there(request.receive, self._take_turn(context, page, asked))
        except BusyError:
            raise ProblemError(503, "BUSY", "too many questions at once; reload in a moment") from None
        if "errors" in response.body:
            first = response.body["errors"][0]
            code = first["extensions"]["code"]
            raise ProblemError(_STATUS.get(code, 400), code, first["message"])
        return response.body

    async def _take_turn(self, context: Context, page: Page, asked: Mapping[str, Any]) -> Answered:
        async with self._turns.take():
            return await run(context, read_document(page.name), asked)

    def _render(
        self,
        request: Request,
        page: Page,
        variables: Mapping[str, Any],
        asked: Mapping[str, Any],
        *,
        template: str | None = None,
        **further: Any,
    ) -> Response:
        own = {name: value for name, value in variables.items() if name not in request.path_params}
        path = quote(request.url.path, safe="/:@~")
        address = _join(path, own)
        document = read_document(page.name)
        given = {each.name: variables.get(each.name) for each in read_variables(page.name)}
        given |= {name: variables.get(name) for name in page.own}
        question = {"query": document, "variables": orjson.dumps(asked).decode()}
        text = self._templates.get_template(f"{template or page.name}.html").render(
            page=page.name,
            given=given,
            asked=asked,
            address=address,
            permalink=f"{request.url.scheme}://{request.url.netloc}{address}",
            read_on=datetime.now(UTC).date().isoformat(),
            cypher_address=_join(path, {**own, CYPHER: "1"}),
            json_address=f"/graphql?{urlencode(question)}" if self._trusted.answers(document) else None,
            can_ask=self._trusted.answers_any,
            document=document,
            exports=[(each.question, _export_addresses(each, variables)) for each in page.exports],
            options={each.name: each.values for each in read_variables(page.name)},
            can_draw=self._can_draw,
            next_page=lambda cursor: _join(path, {**own, "after": cursor}),  # pyright: ignore[reportUnknownLambdaType]
            **further,
        )
        request.scope[OUTCOME] = "OK"
        return HTMLResponse(text, headers=_HEADERS)

    def _refuse(self, request: Request, problem: ProblemError) -> Response:
        request.scope[OUTCOME] = problem.code
        text = self._templates.get_template("problem.html").render(problem=problem, page="problem")
        headers = {**_HEADERS, "Retry-After": str(self._context.limits.retry_after_s)}
        return HTMLResponse(text, problem.status, headers if problem.status == 503 else _HEADERS)


def _read_request(page: Page, request: Request) -> dict[str, object]:
    """The variables of a request's address; raises ProblemError when they are none."""
    given = [*request.path_params.items(), *request.query_params.multi_items()]
    try:
        variables = read_address(page, [each for each in given if each[0] != CYPHER])
    except BadAddressError as error:
        raise ProblemError(400, "BAD_ARGUMENT", str(error)) from None
    if not request.path_params.keys() <= variables.keys():
        raise ProblemError(404, "NOT_FOUND", "the address lacks an id; look for a name instead")
    return variables


def _check_there(page: Page, data: Mapping[str, Any], variables: Mapping[str, Any]) -> None:
    """Raises ProblemError when a page has not what it is about; of a list, when that has not the id of the address."""
    if page.about is None:
        return
    found = data[page.about]
    if isinstance(found, dict) and "nodes" in found:
        found = next((each for each in found["nodes"] if each["id"] == variables["id"]), None)
    if found is None:
        message = "nothing that is held here has this id; look for its name instead"
        raise ProblemError(404, "NOT_FOUND", message)


def _by_label(counts: list[dict[str, Any]]) -> dict[str, int]:
    return {each["label"]: each["count"] for each in counts}


def _join(path: str, parameters: Mapping[str, Any]) -> str:
    """An address with its parameters in the order of their names, so that one view has one address."""
    pairs = [
        (name, ("true" if one else "false") if isinstance(one, bool) else one)
        for name, value in sorted(parameters.items())
        for one in (value if isinstance(value, list) else [value])
    ]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _export_addresses(export: Export, variables: Mapping[str, Any]) -> list[tuple[str, str]]:
    arguments = {
        argument: ",".join(value) if isinstance(value := variables[variable], list) else value
        for argument, variable in export.arguments.items()
        if variable in variables
    }
    return [(form, _join(f"/export/{export.question}.{form}", arguments)) for form in FORMATS]
