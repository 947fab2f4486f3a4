"""Runs one GraphQL request: parsed and validated once for each text, executed against the store."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
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

from api.compiled import NotCompiledError, Operation
from api.context import Context
from api.errors import QuestionError, format_error
from api.lift import Lifted, lift_values
from api.limits import Limits, check_repeats, too_deep, too_expensive
from api.metrics import count_answer
from api.schema import SCHEMA

# Documents that clients send again and again; each holds some 50 kB.
KNOWN_DOCUMENTS: Final = 256
# Hashes of documents that were asked once.
SEEN_DOCUMENTS: Final = 4_096
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
    documents = _documents(context.limits)
    if documents.is_new(text):
        lifted = documents.find_lifted(text)
        if lifted is not None:
            try:
                return await _answer_lifted(context, lifted, variables or {}, operation)
            except NotCompiledError as error:
                # Errors speak of the document as it was sent.
                context = replace(context, answered=error.answered)
    found = documents.find(text)
    if found.document is None:
        return _refuse(found.errors)
    asked = found.operation(operation)
    if asked is None:
        which = f"operationName: {operation!r} is not in the document" if operation else "several operations"
        return _refuse((QuestionError("BAD_REQUEST", f"{which}; name one of them in operationName"),))
    given = variables or {}
    try:
        asked.check_size(context, given)
    except QuestionError as error:
        return _refuse((error,), asked.node)
    if found.is_known:
        try:
            data = await asked.answer(context, given)
        except NotCompiledError as error:
            count_answer("executor")
            context = replace(context, answered=error.answered or context.answered)
        else:
            count_answer("compiled")
            return Response({"data": data}, is_refused=False, operation=asked.node)
    else:
        count_answer("first")
    return await run_executor(context, found.document, asked.node, given, operation)


async def _answer_lifted(
    context: Context, lifted: "LiftedDocument", given: Mapping[str, Any], operation: str | None
) -> Response:
    asked = lifted.known.operation(operation)
    if asked is None:
        raise NotCompiledError
    variables = {**given, **lifted.values}
    try:
        asked.check_size(context, variables)
    except QuestionError as error:
        raise NotCompiledError from error
    data = await asked.answer(context, variables)
    count_answer("compiled")
    return Response({"data": data}, is_refused=False, operation=asked.node)


async def run_executor(
    context: Context,
    document: DocumentNode,
    asked: OperationDefinitionNode,
    variables: Mapping[str, Any],
    operation: str | None,
) -> Response:
    """The answer as graphql-core makes it."""
    pending = execute(
        SCHEMA,
        document,
        context_value=context,
        variable_values=dict(variables),
        operation_name=operation,
    )
    result: ExecutionResult = await pending if isawaitable(pending) else pending
    if result.data is None and result.errors and all(error.path is None for error in result.errors):
        return _refuse(tuple(result.errors), asked)  # the variables do not fit
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body["errors"] = [format_error(error) for error in result.errors]
    if context.explained is not None:
        body["extensions"] = {"cypher": context.explained}
    return Response(body, is_refused=False, operation=asked)


class Known:
    """A document that was read, with what was compiled of its operations; `is_known`: it was asked before."""

    def __init__(self, read: Read, *, is_known: bool) -> None:
        self.document, self.errors = read
        self.is_known = is_known
        self._operations: dict[str | None, Operation] = {}

    def operation(self, name: str | None) -> Operation | None:
        """The operation of that name, or the only one."""
        if name not in self._operations and self.document is not None:
            node = get_operation_ast(self.document, name)
            if node is None:
                return None
            # The only operation is asked for by its name, and without one.
            made = next((each for each in self._operations.values() if each.node is node), None)
            self._operations[name] = made or Operation(SCHEMA, self.document, node)
        return self._operations.get(name)

    def prepare(self) -> None:
        """Compiles the operations, where @skip and @include do not depend on variables."""
        for node in self.document.definitions if self.document is not None else ():
            if isinstance(node, OperationDefinitionNode):
                found = self.operation(node.name.value if node.name is not None else None)
                if found is not None:
                    found.prepare()


class LiftedDocument(NamedTuple):
    """What is kept of all documents that differ in values alone, and the values of this one."""

    known: Known
    values: dict[str, Any]


class Documents:
    """The documents that were asked more than once, the least recently asked forgotten first.

    One that is asked for the first time leaves its hash alone, so that texts that never come again push nothing out.
    Documents that differ in values alone are one, from the second on: one that is new is answered as they were.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._kept: dict[str, Known] = {}
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._once: OrderedDict[int, None] = OrderedDict()

    def keep(self, text: str) -> Known:
        """As `find`, for a text that is never forgotten; compiles what does not depend on variables."""
        found = self._kept[text] = Known(read_document(text, self._limits), is_known=True)
        found.prepare()
        return found

    def is_new(self, text: str) -> bool:
        """Whether a text was not asked before, as far as is remembered."""
        return text not in self._kept and text not in self._known and hash(text) not in self._once

    def find_lifted(self, text: str) -> LiftedDocument | None:
        """What is kept of the documents that differ from this new one in values alone; None: it has to be read."""
        lifted = _lift(text, self._limits)
        if lifted is None or self.is_new(lifted.text):
            if lifted is not None:
                self._remember(lifted.text)
            return None
        known = self.find(lifted.text)
        if known.document is None:
            return None
        self._remember(text)
        return LiftedDocument(known, lifted.values)

    def find(self, text: str) -> Known:
        """The document of a text, read when it is not known."""
        kept = self._kept.get(text)
        if kept is not None:
            return kept
        known = self._known.get(text)
        if known is not None:
            self._known.move_to_end(text)
            return known
        is_known = hash(text) in self._once
        found = Known(read_document(text, self._limits), is_known=is_known)
        if is_known:
            self._known[text] = found
            if len(self._known) > KNOWN_DOCUMENTS:
                self._known.popitem(last=False)
        else:
            self._remember(text)
        return found

    def _remember(self, text: str) -> None:
        self._once[hash(text)] = None
        if len(self._once) > SEEN_DOCUMENTS:
            self._once.popitem(last=False)


@lru_cache(maxsize=8)
def _documents(limits: Limits) -> Documents:
    return Documents(limits)


def keep_document(text: str, limits: Limits) -> Known:
    """Reads and compiles a document that is never forgotten."""
    return _documents(limits).keep(text)


def find_document(text: str, limits: Limits) -> Known:
    """The document of a text, and what is kept of it for servers with these limits."""
    return _documents(limits).find(text)


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


def _lift(text: str, limits: Limits) -> Lifted | None:
    """As `lift_values`, for a text; None also when it cannot be read, which whoever reads it says better."""
    if len(text) > limits.document_chars:
        return None
    try:
        return lift_values(SCHEMA, text, parse(text, max_tokens=limits.tokens))
    except (GraphQLError, RecursionError):
        return None


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


def refuse_question(error: QuestionError) -> Response:
    """The answer to a request that is not run."""
    return _refuse((error,))


def _refuse(errors: tuple[GraphQLError, ...], asked: OperationDefinitionNode | None = None) -> Response:
    return Response({"errors": [format_error(error) for error in errors]}, is_refused=True, operation=asked)
