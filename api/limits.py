"""The limits on what one request may ask, and on how many are answered at once; each with its reason."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from api.errors import QuestionError


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one request may ask, and how many are answered at once. Pages hold at most 1,000 rows: api/plan.py."""

    body_bytes: int = 1024 * 1024
    """A document is a few kB; a hundred times that holds the longest list of ids anybody has sent."""
    body_wait_s: float = 10.0
    """1 MB in 10 s is a slow telephone; whoever takes longer holds a connection for nothing."""
    document_chars: int = 32_768
    """The longest example has 4 kB. What was read is kept for the next time: 256 documents of this size are 8 MB."""
    tokens: int = 2_000
    """The introspection query of GraphiQL has 163, the longest example 400. Validation takes up to 0.4 s at 2,000."""
    repeats: int = 20
    """One field selected 300 times in one place took 0.6 s to validate, as all pairs are compared."""
    depth: int = 32
    """10 lists and objects inside one another (api/plan.py), of which a connection takes three: edges, node, field."""
    fields: int = 500
    """Fragments written out; the longest example has 104. 482 in nested lists took 6 s to plan in the database."""
    root_fields: int = 20
    """Each is a statement of its own, and all of a request run at once; the database has 100 connections."""
    cost: int = 50_000
    """Objects that the answer could hold, made at 10,000 to 30,000 a second; the costliest example has 23,541."""
    running: int = 8
    """Requests answered at once. Each works on this process's one processor; more only wait for one another."""
    waiting: int = 64
    """Requests that wait for their turn: at 20 ms a question the last is answered after a second or two."""
    wait_s: float = 10.0
    """Nobody looks at a page longer; then 503 with Retry-After."""
    retry_after_s: int = 2
    is_introspectable: bool = True
    """KB_INTROSPECTION: the contract is public, and GraphiQL and every client generator ask for it."""


# A list without `first` is complete; most have one to three rows, the longest of the shipped cases 13.
LIST_ROWS: Final = 3
# The standing checks read the whole store: ten of them fill a request.
CHECKS_COST: Final = 5_000
# The whole contract takes 0.1 s of the processor; four times in one request is more than any tool asks.
INTROSPECTION_COST: Final = 10_000

_PAGES: Final = ("first", "limit")
# As MAX_FIRST in api/plan.py.
MAX_PAGE: Final = 1_000


class Size(NamedTuple):
    """What a selection comes to: fields with fragments written out, levels, and the objects of its answer."""

    fields: int = 0
    depth: int = 0
    cost: int = 0


def check_size(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
    limits: Limits,
) -> None:
    """Raises TOO_DEEP or TOO_EXPENSIVE with the number, before anything is asked. The document is valid."""
    measured = _Measure(schema, document, operation, variables)
    try:
        roots = measured.root_fields(operation.selection_set)
        size = measured.selection(operation.selection_set, schema.query_type, None)
    except RecursionError:
        raise too_deep("hundreds of levels", limits) from None
    if roots > limits.root_fields:
        raise too_expensive("the document", f"{roots:,} root fields", f"{limits.root_fields:,}")
    if size.depth > limits.depth:
        raise too_deep(f"{size.depth} levels", limits)
    if size.fields > limits.fields:
        raise too_expensive(
            "the document", f"{size.fields:,} fields, fragments written out", f"{limits.fields:,}"
        )
    if size.cost > limits.cost:
        raise too_expensive(
            "the answer", f"up to {size.cost:,} objects", f"{limits.cost:,}", "ask for smaller pages"
        )


def check_repeats(document: DocumentNode, limits: Limits) -> None:
    """Raises TOO_EXPENSIVE for what validation would compare with itself for seconds."""
    waiting = [
        found.selection_set
        for found in document.definitions
        if isinstance(found, (OperationDefinitionNode, FragmentDefinitionNode))
    ]
    while waiting:
        seen: dict[str, int] = {}
        for selection in waiting.pop().selections:
            if isinstance(selection, FieldNode):
                name = (selection.alias or selection.name).value
                seen[name] = seen.get(name, 0) + 1
                if seen[name] > limits.repeats:
                    raise too_expensive(
                        f"{name}:", "the same field again and again", f"{limits.repeats:,} times"
                    )
            inner = getattr(selection, "selection_set", None)
            if inner is not None:
                waiting.append(inner)


def too_expensive(what: str, has: str, most: str, remedy: str = "ask in several requests") -> QuestionError:
    """The error for a request that is too large; `has` holds the number that it comes to."""
    return QuestionError("TOO_EXPENSIVE", f"{what} has {has}; {most} is the most: {remedy}")


def too_deep(found: str, limits: Limits) -> QuestionError:
    """The error for a document that nests too far."""
    remedy = "take ids, and ask on from them"
    return QuestionError("TOO_DEEP", f"the document nests {found} deep; {limits.depth} is the most: {remedy}")


class _Measure:
    """Adds up a valid document. Each fragment is added up once for each type and page it is used in."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._fragments = {
            found.name.value: found
            for found in document.definitions
            if isinstance(found, FragmentDefinitionNode)
        }
        self._variables = dict(variables)
        for defined in operation.variable_definitions or ():
            name = defined.variable.name.value
            if name not in variables and isinstance(defined.default_value, IntValueNode):
                self._variables[name] = int(defined.default_value.value)
        self._known: dict[tuple[int, str, int | None], Size] = {}
        self._roots: dict[int, int] = {}

    def root_fields(self, selections: SelectionSetNode) -> int:
        """How many fields of the operation itself ask something, fragments written out."""
        if id(selections) not in self._roots:
            self._roots[id(selections)] = sum(
                selection.name.value != "__typename"
                if isinstance(selection, FieldNode)
                else self.root_fields(self._inside(selection))
                for selection in selections.selections
            )
        return self._roots[id(selections)]

    def selection(self, selections: SelectionSetNode, kind: Any, page: int | None) -> Size:
        """What is selected on one object of `kind`; `page` is how many rows its `edges` or `nodes` have."""
        key = (id(selections), kind.name, page)
        if key not in self._known:
            sizes = [self._selected(selection, kind, page) for selection in selections.selections]
            self._known[key] = Size(
                sum(size.fields for size in sizes),
                max((size.depth for size in sizes), default=0),
                sum(size.cost for size in sizes),
            )
        return self._known[key]

    def _selected(self, selection: Any, kind: Any, page: int | None) -> Size:
        if isinstance(selection, FieldNode):
            return self._field(selection, kind, page)
        inside = selection
        if isinstance(selection, FragmentSpreadNode):
            inside = self._fragments[selection.name.value]
        condition = inside.type_condition
        applied = self._schema.type_map[condition.name.value] if condition else kind
        return self.selection(inside.selection_set, applied, page)

    def _field(
        self, node: FieldNode, kind: GraphQLObjectType | GraphQLInterfaceType, page: int | None
    ) -> Size:
        name = node.name.value
        if name.startswith("__"):
            # Validation bounds how deep these nest.
            return Size(1, 1, 0 if name == "__typename" else INTROSPECTION_COST)
        definition = kind.fields[name]
        if node.selection_set is None:
            return Size(1, 1, 0)
        rows = page if page is not None and name in ("edges", "nodes") else self._rows(definition)
        inner_kind = get_named_type(definition.type)
        inner = self.selection(node.selection_set, inner_kind, self._page(node, definition))
        cost = CHECKS_COST if (kind.name, name) == ("Health", "checks") else rows * (1 + inner.cost)
        return Size(1 + inner.fields, 1 + inner.depth, cost)

    def _inside(self, selection: Any) -> SelectionSetNode:
        if isinstance(selection, FragmentSpreadNode):
            return self._fragments[selection.name.value].selection_set
        found: SelectionSetNode = selection.selection_set
        return found

    def _rows(self, definition: GraphQLField) -> int:
        return LIST_ROWS if is_list_type(get_nullable_type(definition.type)) else 1

    def _page(self, node: FieldNode, definition: GraphQLField) -> int | None:
        """How many rows the lists directly inside a field have, when an argument of the field says so."""
        for argument in _PAGES:
            if argument in definition.args:
                given = next(
                    (each.value for each in node.arguments or () if each.name.value == argument), None
                )
                asked = self._number(given, definition.args[argument].default_value)
                # The planner refuses a page that is larger, and says so better.
                return min(max(0, asked), MAX_PAGE)
        return None

    def _number(self, given: Any, default: Any) -> int:
        found = default
        if isinstance(given, IntValueNode):
            found = int(given.value)
        elif isinstance(given, VariableNode):
            found = self._variables.get(given.name.value, default)
        # What is no number is refused before anything is asked.
        return int(found) if isinstance(found, (int, float)) and abs(found) < 2**31 else 0


class BusyError(Exception):
    """More requests than are answered at once and may wait; try again after `retry_after_s`."""


class Turns:
    """Lets so many requests be answered at once, and so many wait."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._free = asyncio.Semaphore(limits.running)
        self.running = 0
        self.waiting = 0

    def take(self) -> "Turns":
        """Holds a turn inside `async with`; raises BusyError when too many wait already, or after `wait_s`."""
        return self

    async def __aenter__(self) -> None:
        if self._free.locked():
            await self._wait()
        else:
            await self._free.acquire()  # at once
        self.running += 1

    async def __aexit__(self, *_: object) -> None:
        self.running -= 1
        self._free.release()

    async def _wait(self) -> None:
        if self.waiting >= self._limits.waiting:
            raise BusyError
        self.waiting += 1
        try:
            async with asyncio.timeout(self._limits.wait_s):
                await self._free.acquire()
        except TimeoutError:
            raise BusyError from None
        finally:
            self.waiting -= 1
