"""Lifts the values in a document into variables, so that documents that differ in values alone share one plan."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    validate_input_literal,
    value_from_ast_untyped,
)

from api.bind import has_variable

# The name of a variable that is ours; a document that has it anywhere is left as it is.
_OURS: Final = "throughlineLifted"
_SCALARS: Final = frozenset({"ID", "String", "Int", "Float", "Boolean"})


class Lifted(NamedTuple):
    """The document with variables in place of its values, and the values. It is not validated yet."""

    text: str
    values: dict[str, Any]


class _Found(NamedTuple):
    argument: ArgumentNode
    type: Any


def lift_values(schema: GraphQLSchema, text: str, document: DocumentNode) -> Lifted | None:
    """What a parsed document asks, apart from the values; None when there is any doubt, or no value.

    Only whole arguments of fields are lifted, and only values that fit where they stand: so the document is valid when
    the lifted one is. The values of directives stay: they decide what is planned.
    """
    operations = [found for found in document.definitions if isinstance(found, OperationDefinitionNode)]
    if len(operations) != 1 or _OURS in text or schema.query_type is None:
        return None
    try:
        found = list(_Walk(schema).document(document))
    except (KeyError, AttributeError, RecursionError):
        return None  # not valid for the schema
    if not found or not all(_fits(each.argument.value, each.type) for each in found):
        return None
    found.sort(key=lambda each: _start(each.argument.value))
    parts: list[str] = []
    values: dict[str, Any] = {}
    at, defined = _place_of_definitions(operations[0])
    cuts: list[tuple[int, int, str]] = []
    definitions: list[str] = []
    for number, (argument, kind) in enumerate(found):
        name = f"{_OURS}{number}"
        values[name] = value_from_ast_untyped(argument.value)
        definitions.append(f"${name}: {kind}")
        cuts.append((_start(argument.value), _end(argument.value), f"${name}"))
    cuts.append((at, at, defined % " ".join(definitions)))
    done = 0
    for start, end, put in sorted(cuts):
        parts += text[done:start], put
        done = end
    return Lifted("".join(parts) + text[done:], values)


def _place_of_definitions(operation: OperationDefinitionNode) -> tuple[int, str]:
    """Where definitions of variables go, and what is written there."""
    start = _start(operation)
    if operation.variable_definitions:
        return _end(operation.variable_definitions[-1]), " %s"
    if start == _start(operation.selection_set):
        return start, "query(%s)"
    return (_end(operation.name) if operation.name else start + len(operation.operation.value)), "(%s)"


def _start(node: Any) -> int:
    return int(node.loc.start)


def _end(node: Any) -> int:
    return int(node.loc.end)


class _Walk:
    """Finds the arguments with a value in them. Raises KeyError or AttributeError for what is not in the schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema

    def document(self, document: DocumentNode) -> Iterator[_Found]:
        """Of the operation and of every fragment."""
        for defined in document.definitions:
            if isinstance(defined, OperationDefinitionNode):
                yield from self._inside(defined.selection_set, self._schema.query_type)
            elif isinstance(defined, FragmentDefinitionNode):
                kind = self._schema.type_map[defined.type_condition.name.value]
                yield from self._inside(defined.selection_set, kind)

    def _inside(self, selections: SelectionSetNode, kind: Any) -> Iterator[_Found]:
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                yield from self._field(selection, kind)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                below = kind if condition is None else self._schema.type_map[condition.name.value]
                yield from self._inside(selection.selection_set, below)
            else:
                assert isinstance(selection, FragmentSpreadNode)  # noqa: S101 - there are three

    def _field(self, node: FieldNode, kind: Any) -> Iterator[_Found]:
        if node.name.value.startswith("__"):
            if node.arguments:
                raise KeyError(node.name.value)  # introspection is not planned
            return
        definition = kind.fields[node.name.value]
        for argument in node.arguments or ():
            if not isinstance(argument.value, NullValueNode) and not has_variable(argument.value):
                yield _Found(argument, definition.args[argument.name.value].type)
        if node.selection_set is not None:
            yield from self._inside(node.selection_set, get_named_type(definition.type))


def _fits(value: Any, kind: Any) -> bool:
    """Whether a value is valid where it stands, by the function that validation uses, and the same as a variable."""
    errors: list[Any] = []
    validate_input_literal(value, kind, lambda error, _path: errors.append(error))
    return not errors and _is_plain(get_named_type(kind), set()) and not _repeats_fields(value)


def _is_plain(kind: Any, seen: set[str]) -> bool:
    """Whether text and variable of a type are read alike: a custom scalar may do as it likes."""
    if isinstance(kind, GraphQLInputObjectType):
        if kind.name in seen:
            return True
        seen.add(kind.name)
        return all(_is_plain(get_named_type(field.type), seen) for field in kind.fields.values())
    return isinstance(kind, GraphQLEnumType) or kind.name in _SCALARS


def _repeats_fields(value: Any) -> bool:
    """Whether an object names a field twice, for which there is a rule of its own."""
    match value:
        case ListValueNode():
            return any(_repeats_fields(each) for each in value.values)
        case ObjectValueNode():
            names = {each.name.value for each in value.fields}
            return len(names) < len(value.fields) or any(_repeats_fields(each.value) for each in value.fields)
        case _:
            return False
