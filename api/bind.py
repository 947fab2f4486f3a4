"""What one request brings to a plan that is kept: the values of its arguments, its pages and its cursors."""

import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any, Final, LiteralString

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLOutputType,
    ListValueNode,
    ObjectValueNode,
    VariableNode,
    get_argument_values,
    is_non_null_type,
    is_required_argument,
)
from graphql.execution.values import VariableValues

from api.cursors import Cursors
from api.errors import QuestionError
from api.shape import Bound, List, Shape, shape_value
from kb.questions import FIELDS, Answer
from kb.select import Field, Many, Page, Pick, Statement, compose, read_parameters

MAX_FIRST: Final = 1_000
# A question has few texts: one for each set of arguments that is given. More than this is no pattern.
MAX_TEXTS: Final = 64

Arguments = Callable[[VariableValues], Mapping[str, Any]]


@dataclasses.dataclass(slots=True)
class Asked:
    """A field that was asked for. `number` is its place among those with arguments; -1: it has none."""

    type: str
    field: str
    piece: Field
    arguments: Arguments | None = None
    number: int = -1
    below: "list[Asked]" = dataclasses.field(default_factory=list["Asked"])
    rows: bool = True
    total: bool = False
    undated: bool = False
    has_cursors: bool = False

    def may_be_shared(self) -> bool:
        """Whether all rows of a page may have it in common."""
        return isinstance(self.piece, Many) and self.piece.same is not None

    def has_parameters(self) -> bool:
        """Whether its Cypher, or that of what is below it, has parameters."""
        is_own = self.number >= 0 or self.may_be_shared()
        return is_own or any(asked.has_parameters() for asked in self.below)


@dataclasses.dataclass(slots=True)
class Plan:
    """What to ask for one root field, and the shape of the answer. The texts that were composed are kept."""

    root: Asked
    asking: list[Asked]
    shape: Shape | None
    type: GraphQLOutputType
    is_searched: bool
    texts: dict[tuple[object, ...], LiteralString] = dataclasses.field(
        default_factory=dict[tuple[object, ...], Any]
    )
    _spare: Asked | None = None

    def bind(self, variables: VariableValues, cursors: Cursors) -> Bound:
        """The arguments of one request; raises QuestionError (BAD_CURSOR, BAD_ARGUMENT), BadArgument."""
        bound = Bound()
        for asked in self.asking:
            assert asked.arguments is not None  # noqa: S101 - that is why it stands here
            arguments = asked.arguments(variables)
            _check_text(asked.field, arguments)
            bound.arguments.append(arguments)
            found, after = (None, None)
            if isinstance(asked.piece, Page):
                found, after = _read_page(asked, asked.piece, arguments, cursors)
            bound.lists.append(found)
            bound.after.append(after)
        return bound

    def shape_answer(self, answer: Answer, bound: Bound) -> Any:
        """The answer for graphql-core; raises BAD_CURSOR when a page begins behind a row of another parent."""
        bound.documents, bound.claims, bound.datasets = answer.documents, answer.claims, answer.datasets
        return shape_value(self.shape, answer.value, bound)

    def pick(self, bound: Bound) -> Pick:
        """The whole of what is asked for, as the graph is asked for it."""
        return _pick(self.root, bound)

    def statement(self, bound: Bound) -> Statement:
        """What is sent. Composed once for each pattern of arguments: values are parameters.

        Raises BadArgument.
        """
        if self._spare is None:
            self._spare = _prune(self.root)
        pattern, parameters = read_parameters(FIELDS, _pick(self._spare, bound))
        text = self.texts.get(pattern)
        if text is None:
            composed = compose(FIELDS, self.pick(bound), searched=self.is_searched)
            if len(self.texts) >= MAX_TEXTS:
                self.texts.clear()
            text = self.texts[pattern] = composed.text
        return Statement(text, parameters)


def _pick(asked: Asked, bound: Bound) -> Pick:
    found = Pick(
        asked.type,
        asked.field,
        bound.arguments[asked.number] if asked.number >= 0 else {},
        [_pick(below, bound) for below in asked.below],
        asked.rows,
        asked.total,
        asked.undated,
        asked.has_cursors,
    )
    page = bound.lists[asked.number] if asked.number >= 0 else None
    if page is not None:
        found.first = page.first
        found.after = bound.after[asked.number]
    return found


def _prune(asked: Asked) -> Asked:
    """The same without what has no parameters."""
    below = [_prune(each) for each in asked.below if each.has_parameters()]
    return Asked(
        asked.type,
        asked.field,
        asked.piece,
        asked.arguments,
        asked.number,
        below,
        asked.rows,
        asked.total,
        asked.undated,
    )


def _read_page(
    asked: Asked, page: Page, arguments: Mapping[str, Any], cursors: Cursors
) -> tuple[List, tuple[Any, ...] | None]:
    """Reads `first` and `after`, and binds the cursors of the list to everything else."""
    first = arguments.get("first", 0)
    if not 0 <= first <= MAX_FIRST:
        remedy = f"write 0 to {MAX_FIRST:,}, and go on with after: endCursor"
        raise QuestionError("BAD_ARGUMENT", f"first: {first} is outside what one page holds; {remedy}")
    after = arguments.get("after")
    binding, after_parent, behind = "", None, None
    if asked.has_cursors or after is not None:
        others = {name: value for name, value in arguments.items() if name not in ("first", "after")}
        binding = f"{asked.type}.{asked.field}{_as_text(asked.field, others)}"
    if after is not None:
        after_parent, behind = cursors.read(binding, after)
    modalities = page.find(arguments).modalities if asked.undated else None
    return List(cursors, binding, first, after_parent, modalities), behind


def make_arguments(definition: GraphQLField, node: FieldNode) -> Arguments:
    """Reads the arguments of a field from the variables of a request, as graphql-core does, and faster."""
    varying = [argument for argument in node.arguments or () if has_variable(argument.value)]
    if not varying:
        constant = get_argument_values(definition, node)
        return lambda _variables: constant
    names = {argument.name.value: argument.value for argument in varying}
    if not all(isinstance(value, VariableNode) for value in names.values()):
        return lambda variables: get_argument_values(definition, node, variables)
    # What the field has when none of the variables is there; what must be there then is left out.
    optional = {
        name: argument
        for name, argument in definition.args.items()
        if name not in names or not is_required_argument(argument)
    }
    fixed = [argument for argument in node.arguments or () if argument.name.value not in names]
    constant = get_argument_values(
        GraphQLField(definition.type, optional), FieldNode(name=node.name, arguments=tuple(fixed))
    )
    read: list[tuple[str, str, bool, bool]] = []
    for name, value in names.items():
        argument = definition.args[name]
        variable = value.name.value if isinstance(value, VariableNode) else ""
        is_non_null, is_required = is_non_null_type(argument.type), is_required_argument(argument)
        read.append((argument.out_name or name, variable, is_non_null, is_required))

    def read_arguments(variables: VariableValues) -> Mapping[str, Any]:
        found = dict(constant)
        for name, variable, is_non_null, is_required in read:
            if variable in variables.coerced:
                value = variables.coerced[variable]
                if value is None and is_non_null:
                    return get_argument_values(definition, node, variables)  # which raises
                found[name] = value
            elif is_required:
                return get_argument_values(definition, node, variables)  # which raises
        return found

    return read_arguments


def has_variable(value: Any) -> bool:
    """Whether the value of an argument depends on a variable."""
    match value:
        case VariableNode():
            return True
        case ListValueNode():
            return any(has_variable(each) for each in value.values)
        case ObjectValueNode():
            return any(has_variable(each.value) for each in value.fields)
        case _:
            return False


def _check_text(name: str, arguments: Mapping[str, Any]) -> None:
    """Raises BAD_ARGUMENT for a text that cannot be sent."""
    for value in arguments.values():
        if isinstance(value, str):
            if value.isascii():
                continue
        elif value is None or isinstance(value, int):
            continue
        _as_text(name, arguments)
        return


def _as_text(name: str, arguments: Mapping[str, Any]) -> str:
    """The arguments as one text, the same for the same values."""
    text = json.dumps(arguments, sort_keys=True, ensure_ascii=False, default=str)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise QuestionError(
            "BAD_ARGUMENT", f"{name}: a text holds half a character; send valid Unicode"
        ) from error
    return text
