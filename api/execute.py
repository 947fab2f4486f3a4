"""Runs one GraphQL request: parsed and validated once for each text, executed against the store."""

from collections.abc import Mapping
from functools import lru_cache
from inspect import isawaitable
from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    execute,
    get_operation_ast,
    parse,
    validate,
)

from api.context import Context
from api.errors import QuestionError, format_error
from api.schema import SCHEMA

# Documents that clients send again and again; each holds some 50 kB.
KNOWN_DOCUMENTS: Final = 256
# The most that is reported of one document; more helps nobody.
MAX_VALIDATION_ERRORS: Final = 20


class Read(NamedTuple):
    """A document, or what is wrong with it."""

    document: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()


class Response(NamedTuple):
    """What is sent. `is_refused`: nothing was run, because the request itself does not fit."""

    body: dict[str, Any]
    is_refused: bool


async def run(
    context: Context, text: str, variables: Mapping[str, Any] | None = None, operation: str | None = None
) -> Response:
    """The answer to one request; errors are part of it."""
    document, errors = read_document(text)
    if document is None:
        return _refuse(errors)
    if get_operation_ast(document, operation) is None:
        which = f"operationName: {operation!r} is not in the document" if operation else "several operations"
        return _refuse((QuestionError("BAD_REQUEST", f"{which}; name one of them in operationName"),))
    found = execute(
        SCHEMA,
        document,
        context_value=context,
        variable_values=dict(variables or {}),
        operation_name=operation,
    )
    result: ExecutionResult = await found if isawaitable(found) else found
    if result.data is None and result.errors and all(error.path is None for error in result.errors):
        return _refuse(tuple(result.errors))  # the variables do not fit
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = [format_error(error) for error in result.errors]
    return Response(body, is_refused=False)


@lru_cache(maxsize=KNOWN_DOCUMENTS)
def read_document(text: str) -> Read:
    """The document of a text, when it is valid for our schema."""
    try:
        document = parse(text)
    except GraphQLError as error:
        return Read(None, (error,))
    errors = validate(SCHEMA, document, max_errors=MAX_VALIDATION_ERRORS)
    return Read(None, tuple(errors)) if errors else Read(document)


def _refuse(errors: tuple[GraphQLError, ...]) -> Response:
    return Response({"errors": [format_error(error) for error in errors]}, is_refused=True)
