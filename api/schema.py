"""The GraphQL schema: strawberry describes it, and the planned answers are what its fields hand out."""

from typing import Any, Final, cast

import strawberry
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
)
from strawberry.printer import print_schema

from api.context import Context, Info
from api.errors import from_kb
from api.explain import explain
from api.plan import find_names, make_plan
from api.query import Query
from api.shape import TYPE_KEY
from api.types import ENTITY_CLASSES
from kb.checks import run_checks
from kb.errors import KbError
from kb.questions import ask
from kb.questions.health import count_labels


def make_schema() -> tuple[GraphQLSchema, str]:
    """The schema, ready to execute, and its text (the committed contract)."""
    described = strawberry.Schema(query=Query, types=ENTITY_CLASSES)
    schema = described._schema  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - there is no other way to it
    for kind in schema.type_map.values():
        _hand_out(kind)
    for field in _fields(schema, "Query").values():
        field.resolve = _answer
    _fields(schema, "Query")["health"].resolve = _answer_health
    for name, resolve in _HEALTH.items():
        _fields(schema, "Health")[name].resolve = resolve
    return schema, print_schema(described) + "\n"


def _fields(schema: GraphQLSchema, name: str) -> dict[str, GraphQLField]:
    fields: dict[str, GraphQLField] = cast("GraphQLObjectType", schema.type_map[name]).fields
    return fields


def _hand_out(kind: GraphQLNamedType) -> None:
    """Makes the fields of a type read the planned answer instead of what strawberry would call."""
    if kind.name.startswith("__"):
        return
    if isinstance(kind, GraphQLInterfaceType):
        kind.resolve_type = _type_of
    elif isinstance(kind, GraphQLObjectType):
        kind.is_type_of = None
        for field in kind.fields.values():
            field.resolve = _from_answer


def _from_answer(parent: dict[str, Any], info: Info, **_arguments: Any) -> Any:
    return parent[cast("str", info.path.key)]


def _type_of(value: dict[str, Any], *_: Any) -> str:
    return cast("str", value[TYPE_KEY])


async def _answer(_root: Any, info: Info, **_arguments: Any) -> Any:
    """Any root field but health: one plan, one statement, one shape."""
    context: Context = info.context
    name = cast("str", info.path.key)
    try:
        if name in context.answered:
            return context.answered[name].shaped()
        plan = make_plan(info)
        bound = plan.bind(info.variable_values, context.cursors)
        pick = plan.pick(bound)
        if context.explained is not None:
            context.explained.append(explain(name, pick, is_searched=plan.is_searched))
        return plan.shape_answer(await ask(context.store, pick, searched=plan.is_searched), bound)
    except KbError as error:
        raise from_kb(error) from None


def _answer_health(_root: Any, _info: Info) -> Any:
    return {}


def _engine(_health: Any, info: Info) -> str:
    return str(info.context.store.engine.name)


def _version(_health: Any, info: Info) -> str:
    return str(info.context.store.engine.version)


async def _counts(_health: Any, info: Info) -> Any:
    try:
        found = await count_labels(info.context.store)
    except KbError as error:
        raise from_kb(error) from None
    return [_by_client_names(info, {"label": label, "count": count}) for label, count in found.items()]


async def _checks(_health: Any, info: Info) -> Any:
    try:
        found = await run_checks(info.context.store, info.context.held)
    except KbError as error:
        raise from_kb(error) from None
    return [
        _by_client_names(info, {"name": check.name, "says": check.says, "rows": check.count})
        for check in found
    ]


def _by_client_names(info: Info, values: dict[str, Any]) -> dict[str, Any]:
    """`values` under the names that the client chose for them."""
    return {key: values[name] for key, name in find_names(info).items()}


_HEALTH: Final = {"engine": _engine, "version": _version, "counts": _counts, "checks": _checks}

SCHEMA, CONTRACT = make_schema()
