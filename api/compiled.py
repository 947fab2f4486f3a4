"""Answers operations without graphql-core: their plans are kept, and their rows shaped by code written for them."""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Undefined,
    VariableNode,
    get_nullable_type,
    get_variable_values,
    is_non_null_type,
    type_from_ast,
)
from graphql.execution.values import VariableValues

from api.bind import Plan
from api.compile import Shaper, SurpriseError, compile_shaper
from api.context import Answered, Context
from api.limits import check_size
from api.plan import Planner
from api.shape import Bound
from kb.errors import KbError
from kb.questions import FIELDS, Answer, ask_composed
from kb.select import Statement

# What the planner cannot plan: graphql-core answers operations with one of these.
_UNPLANNED: Final = frozenset({"health", "__schema", "__type"})
# Of one document: which of its @skip and @include hold, and which sizes of pages were found not to be too large.
MAX_VARIANTS: Final = 16
MAX_SIZES: Final = 256
_SIMPLE: Final = {"ID": str, "String": str, "Boolean": bool, "Int": int}
_INT: Final = range(-(2**31), 2**31)


class NotCompiledError(Exception):
    """Graphql-core has to answer; `answered` is what was found already, by the client's names of the root fields."""

    def __init__(self, answered: Mapping[str, Answered] | None = None) -> None:
        super().__init__()
        self.answered = answered or {}


class _Root(NamedTuple):
    """A root field: the client's name, its plan and its code; without a plan it is `__typename`."""

    key: str
    plan: Plan | None
    shaper: Shaper | None


class _Ready(NamedTuple):
    plan: Plan
    bound: Bound
    statement: Statement


@dataclass(slots=True)
class _Found(Answered):
    """What the store said to one root field."""

    plan: Plan
    bound: Bound
    answer: Answer | KbError

    def shaped(self) -> Any:
        if isinstance(self.answer, KbError):
            raise self.answer
        return self.plan.shape_answer(self.answer, self.bound)


class _Variable(NamedTuple):
    """A variable of a type whose values need no work: they are taken as they are."""

    name: str
    type: type
    is_non_null: bool


@dataclass(slots=True)
class Operation:
    """One operation of a valid document, with what was compiled of it."""

    schema: GraphQLSchema
    document: DocumentNode
    node: OperationDefinitionNode
    is_planned: bool = True
    _fragments: dict[str, FragmentDefinitionNode] = field(default_factory=dict[str, FragmentDefinitionNode])
    _switches: tuple[str, ...] = ()
    _sizes: tuple[str, ...] = ()
    _simple: tuple[_Variable, ...] | None = ()
    _roots: dict[tuple[Any, ...], tuple[_Root, ...] | None] = field(default_factory=dict[Any, Any])
    _fitting: set[tuple[Any, ...]] = field(default_factory=set[tuple[Any, ...]])

    def __post_init__(self) -> None:
        self._fragments = {
            found.name.value: found
            for found in self.document.definitions
            if isinstance(found, FragmentDefinitionNode)
        }
        self._switches, self._sizes = self._find_variables()
        self._simple = self._find_simple()

    def check_size(self, context: Context, variables: Mapping[str, Any]) -> None:
        """Raises TOO_DEEP or TOO_EXPENSIVE; works it out once for each set of page sizes."""
        sizes = tuple(variables.get(name, Undefined) for name in self._sizes)
        if (
            all(type(size) is int or size is Undefined for size in sizes)
            and (context.limits, sizes) in self._fitting
        ):
            return
        check_size(self.schema, self.document, self.node, variables, context.limits)
        if len(self._fitting) >= MAX_SIZES:
            self._fitting.clear()
        if all(type(size) is int or size is Undefined for size in sizes):
            self._fitting.add((context.limits, sizes))

    def prepare(self) -> None:
        """Compiles the operation, unless @skip or @include depend on variables."""
        if not self._switches:
            with contextlib.suppress(NotCompiledError):
                self._compile(VariableValues({}, {}))

    async def answer(self, context: Context, raw: Mapping[str, Any]) -> dict[str, Any]:
        """The data of the answer; raises NotCompiledError when there is any doubt about it."""
        if not self.is_planned or context.explained is not None:
            raise NotCompiledError
        try:
            variables = self._coerce(raw)
            roots = self._compile(variables)
            asked = [_bind(context, root, variables) for root in roots]
        except (GraphQLError, KbError) as error:
            raise NotCompiledError from error
        if len(asked) == 1:
            answers = [await _ask(context, asked[0])]
        else:
            answers = await asyncio.gather(*(_ask(context, each) for each in asked))
        try:
            return {root.key: _shape(root, found) for root, found in zip(roots, answers, strict=True)}
        except Exception as error:
            known = {root.key: found for root, found in zip(roots, answers, strict=True) if found is not None}
            raise NotCompiledError(known) from error

    def _coerce(self, raw: Mapping[str, Any]) -> VariableValues:
        if self._simple is not None:
            found: dict[str, Any] = {}
            for name, kind, is_non_null in self._simple:
                value = raw.get(name, Undefined)
                if value is Undefined or (value is None and is_non_null):
                    break
                if value is not None and (type(value) is not kind or (kind is int and value not in _INT)):
                    break
                found[name] = value
            else:
                return VariableValues({}, found)
        # One error is enough to know that graphql-core has to tell them: 100,000 of them took 13 s to make.
        definitions = self.node.variable_definitions or ()
        coerced = get_variable_values(self.schema, definitions, dict(raw), max_errors=1)
        if not isinstance(coerced, VariableValues):
            raise NotCompiledError
        return coerced

    def _compile(self, variables: VariableValues) -> tuple[_Root, ...]:
        key = tuple(variables.coerced.get(name) for name in self._switches)
        if key not in self._roots:
            if len(self._roots) >= MAX_VARIANTS:
                self._roots.clear()
            self._roots[key] = self._compile_roots(variables)
        roots = self._roots[key]
        if roots is None:
            raise NotCompiledError
        return roots

    def _compile_roots(self, variables: VariableValues) -> tuple[_Root, ...] | None:
        query = self.schema.query_type
        assert query is not None  # noqa: S101 - ours has one
        planner = Planner(self.schema, self._fragments, variables)
        roots: list[_Root] = []
        try:
            for key, nodes in planner.collect(query, [self.node]).items():
                name = nodes[0].name.value
                if name in _UNPLANNED:
                    return None
                if name == "__typename":
                    roots.append(_Root(key, None, None))
                else:
                    plan = planner.plan(query, name, nodes)
                    roots.append(_Root(key, plan, compile_shaper(plan.shape, plan.type)))
        except (SurpriseError, GraphQLError):
            return None
        return tuple(roots)

    def _find_variables(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The variables of @skip and @include, and those that say how large pages are."""
        switches: set[str] = set()
        sizes: set[str] = set()
        for selection in self._selections(self.node.selection_set, set()):
            for directive in selection.directives or ():
                switches.update(_variables(directive.arguments))
            if isinstance(selection, FieldNode):
                pages = [each for each in selection.arguments or () if each.name.value in ("first", "limit")]
                sizes.update(_variables(pages))
        return tuple(sorted(switches)), tuple(sorted(sizes))

    def _selections(self, selections: SelectionSetNode, seen: set[str]) -> "list[Any]":
        found: list[Any] = []
        for selection in selections.selections:
            found.append(selection)
            inside: SelectionSetNode | None = None
            if isinstance(selection, FragmentSpreadNode):
                if selection.name.value not in seen:
                    seen.add(selection.name.value)
                    inside = self._fragments[selection.name.value].selection_set
            elif isinstance(selection, (FieldNode, InlineFragmentNode)):
                inside = selection.selection_set
            if inside is not None:
                found.extend(self._selections(inside, seen))
        return found

    def _find_simple(self) -> tuple[_Variable, ...] | None:
        found: list[_Variable] = []
        for defined in self.node.variable_definitions or ():
            kind: Any = type_from_ast(self.schema, defined.type)
            named: Any = get_nullable_type(kind)
            if getattr(named, "name", None) not in _SIMPLE:
                return None
            found.append(_Variable(defined.variable.name.value, _SIMPLE[named.name], is_non_null_type(kind)))
        return tuple(found)


def _variables(arguments: Any) -> set[str]:
    return {each.value.name.value for each in arguments or () if isinstance(each.value, VariableNode)}


def _bind(context: Context, root: _Root, variables: VariableValues) -> _Ready | None:
    if root.plan is None:
        return None
    bound = root.plan.bind(variables, context.cursors)
    return _Ready(root.plan, bound, root.plan.statement(bound))


async def _ask(context: Context, ready: _Ready | None) -> _Found | None:
    if ready is None:
        return None
    plan, bound, statement = ready
    try:
        found = await ask_composed(context.store, FIELDS["Query"][plan.root.field], statement)
    except KbError as error:
        return _Found(plan, bound, error)
    return _Found(plan, bound, found)


def _shape(root: _Root, found: _Found | None) -> Any:
    if found is None or root.shaper is None:
        return "Query"
    answer = found.answer
    if isinstance(answer, KbError):
        raise answer
    bound = found.bound
    bound.documents, bound.claims, bound.datasets = answer.documents, answer.claims, answer.datasets
    return root.shaper(answer.value, bound)
