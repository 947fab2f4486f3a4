"""Runs one GraphQL request: parsed and validated once for each text, executed against the store."""

from collections.abc import Mapping
from functools import lru_cache
from inspect import isawaitable
from typing import Any, Final, NamedTuple

from graphql import (
    ASTValidationRule,
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    MaxIntrospectionDepthRule,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    execute,
    get_operation_ast,
    parse,
    specified_rules,
    validate,
)

from api.context import Context
from api.errors import QuestionError, format_error
from api.limits import Limits, check_repeats, check_size, too_deep, too_expensive
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
    operation: OperationDefinitionNode | None = None


async def run(
    context: Context, text: str, variables: Mapping[str, Any] | None = None, operation: str | None = None
) -> Response:
    """The answer to one request; errors are part of it."""
    document, errors = read_document(text, context.limits)
    if document is None:
        return _refuse(errors)
    asked = get_operation_ast(document, operation)
    if asked is None:
        which = f"operationName: {operation!r} is not in the document" if operation else "several operations"
        return _refuse((QuestionError("BAD_REQUEST", f"{which}; name one of them in operationName"),))
    try:
        check_size(SCHEMA, document, asked, variables or {}, context.limits)
    except QuestionError as error:
        return _refuse((error,), asked)
    found = execute(
        SCHEMA,
        document,
        context_value=context,
        variable_values=dict(variables or {}),
        operation_name=operation,
    )
    result: ExecutionResult = await found if isawaitable(found) else found
    if result.data is None and result.errors and all(error.path is None for error in result.errors):
        return _refuse(tuple(result.errors), asked)  # the variables do not fit
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = [format_error(error) for error in result.errors]
    if context.explained is not None:
        body["extensions"] = {"cypher": context.explained}
    return Response(body, is_refused=False, operation=asked)


@lru_cache(maxsize=KNOWN_DOCUMENTS)
def read_document(text: str, limits: Limits) -> Read:
    """The document of a text, when it is valid for our schema and no larger than one may be."""
    if len(text) > limits.document_chars:
        has, most = f"{len(text):,} characters", f"{limits.document_chars:,}"
        return Read(None, (too_expensive("the document", has, most, "send values as variables"),))
    try:
        document = parse(text, max_tokens=limits.tokens)
        check_repeats(document, limits)
        errors = validate(SCHEMA, document, _rules(limits), max_errors=MAX_VALIDATION_ERRORS)
    except RecursionError:
        return Read(None, (too_deep("hundreds of levels", limits),))
    except GraphQLError as error:
        return Read(None, (_name_limit(error, limits),))
    if any("introspection has been disabled" in error.message for error in errors):
        switched_off = "introspection is switched off here; the contract is schema/schema.graphql"
        return Read(None, (QuestionError("FORBIDDEN", switched_off),))
    return Read(None, tuple(errors)) if errors else Read(document)


def _rules(limits: Limits) -> tuple[type[ASTValidationRule], ...]:
    """The rules of the specification; introspection bounded, or switched off."""
    further = MaxIntrospectionDepthRule if limits.is_introspectable else NoSchemaIntrospectionCustomRule
    return (*dict.fromkeys((*specified_rules, further)),)


def _name_limit(error: GraphQLError, limits: Limits) -> GraphQLError:
    """The parser's own limits under their codes; any other error as it is."""
    if "tokens. Parsing aborted" in error.message:
        return too_expensive("the document", f"more than {limits.tokens:,} tokens", f"{limits.tokens:,}")
    if "nested too deeply" in error.message:
        return too_deep("hundreds of levels", limits)
    return error


def _refuse(errors: tuple[GraphQLError, ...], asked: OperationDefinitionNode | None = None) -> Response:
    return Response({"errors": [format_error(error) for error in errors]}, is_refused=True, operation=asked)
