"""From the fields a client selected to what is asked of the graph, and to the shape of the answer."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionSetNode,
    get_argument_values,
    get_directive_values,
    get_named_type,
)

from api import shape
from api.context import Info
from api.cursors import Cursors
from api.errors import QuestionError
from kb.questions import FIELDS, Answer
from kb.select import Many, One, Page, Pick, Scalar

MAX_FIRST: Final = 1_000
# A claim about a claim about a claim: deeper nesting has no reader, and each level multiplies the rows.
MAX_CLAIMS_DEEP: Final = 3
# Lists and objects inside one another; the deepest example has 6. Planning time grows with each.
MAX_ROWS_DEEP: Final = 10

# A claim seen as a thing, by these fields alone, is no nesting of claims.
_OF_ANY_THING: Final = frozenset({"id", "label", "__typename"})

Composite = GraphQLObjectType | GraphQLInterfaceType


class Plan(NamedTuple):
    """What to ask, and how to shape the answer."""

    root: Pick
    is_searched: bool
    shape: Callable[[Answer], Any]


def make_plan(info: Info, cursors: Cursors) -> Plan:
    """The plan for the root field that is being resolved.

    Raises QuestionError (BAD_CURSOR, TOO_DEEP, BAD_ARGUMENT) and, for the values of arguments, BadArgument.
    """
    planner = _Planner(info, cursors)
    slots = _Slots()
    place = planner.field(info.parent_type, info.field_name, info.field_nodes, slots, _Depth())
    (root,) = slots.picks
    inner = place.shape

    def shape_answer(answer: Answer) -> Any:
        planner.searched.documents, planner.searched.claims = answer.documents, answer.claims
        planner.searched.datasets = answer.datasets
        return answer.value if inner is None else inner(answer.value)

    return Plan(root, planner.is_searched, shape_answer)


def find_names(info: Info, cursors: Cursors) -> dict[str, str]:
    """The client's names for the fields of the object that is being resolved, and what they are."""
    kind = get_named_type(info.return_type)
    assert isinstance(kind, GraphQLObjectType)  # noqa: S101 - asked for objects alone
    return _Planner(info, cursors).names(kind, info.field_nodes)


class _Depth(NamedTuple):
    rows: int = 0
    claims: int = 0


@dataclass(slots=True)
class _Slots:
    """The slots of one row. What is asked for twice has one slot."""

    offset: int = 0
    picks: list[Pick] = field(default_factory=list[Pick])
    known: dict[object, tuple[int, shape.Shape | None]] = field(default_factory=dict[object, Any])

    def add(self, key: object, pick: Pick, inner: shape.Shape | None) -> tuple[int, shape.Shape | None]:
        self.picks.append(pick)
        self.known[key] = (self.offset + len(self.picks) - 1, inner)
        return self.known[key]


class _Planner:
    def __init__(self, info: Info, cursors: Cursors) -> None:
        self._schema: GraphQLSchema = info.schema
        self._fragments = info.fragments
        self._variables = info.variable_values
        self._cursors = cursors
        self.searched = shape.Searched()
        self.is_searched = False

    def field(
        self, parent: GraphQLObjectType, name: str, nodes: Sequence[FieldNode], slots: _Slots, depth: _Depth
    ) -> shape.Place:
        """The place of a field in the row of `parent`; adds what it needs to `slots`."""
        definition = parent.fields[name]
        arguments = get_argument_values(definition, nodes[0], self._variables)
        piece = FIELDS[parent.name][name]
        below = () if isinstance(piece, Scalar) else tuple(map(id, nodes))
        key = (piece, _as_text(name, arguments), below)
        if key in slots.known:
            return shape.Place("", *slots.known[key])
        pick = Pick(parent.name, name, arguments)
        opened = get_named_type(definition.type)
        if not isinstance(opened, Composite):
            return shape.Place("", *slots.add(key, pick, None))
        if isinstance(piece, Page):
            return shape.Place("", *slots.add(key, pick, self._connection(piece, pick, opened, nodes, depth)))
        inner_slots = self._open_row(opened)
        inner = self._rows(opened, nodes, inner_slots, self._deeper(opened, depth, nodes))
        pick.picks = inner_slots.picks
        return shape.Place("", *slots.add(key, pick, _fit(piece, inner)))

    def _open_row(self, kind: Composite) -> _Slots:
        return _Slots(offset=1 if isinstance(kind, GraphQLInterfaceType) else 0)

    def _rows(self, kind: Composite, nodes: Sequence[FieldNode], slots: _Slots, depth: _Depth) -> shape.Shape:
        """The shape of a row of `kind`, whose slots it adds."""
        if isinstance(kind, GraphQLObjectType):
            return self._object(kind, nodes, slots, depth)
        # Types to which the same fragments apply have the same fields: one shape serves them all.
        conditions = sorted(self._conditions(nodes))
        made: dict[tuple[bool, ...], shape.Shape] = {}
        shapes: dict[str, shape.Shape] = {}
        for concrete in self._schema.get_possible_types(kind):
            applying = tuple(self._applies(name, concrete) for name in conditions)
            if applying not in made:
                made[applying] = self._object(concrete, nodes, slots, depth)
            shapes[concrete.name] = made[applying]
        return shape.make_abstract(shapes)

    def _object(
        self, kind: GraphQLObjectType, nodes: Sequence[FieldNode], slots: _Slots, depth: _Depth
    ) -> shape.Shape:
        places: list[shape.Place] = []
        for key, fields in self._collect(kind, nodes).items():
            name = fields[0].name.value
            if name != "__typename":
                places.append(self.field(kind, name, fields, slots, depth)._replace(key=key))
        return shape.make_object(places, kind.name)

    def _connection(
        self, page: Page, pick: Pick, kind: Composite, nodes: Sequence[FieldNode], depth: _Depth
    ) -> shape.Shape:
        assert isinstance(kind, GraphQLObjectType)  # noqa: S101 - a connection is no interface
        found = self._list(pick)
        slots = self._open_row(self._node_type(kind))
        pick.rows = False
        fields: dict[str, shape.PageField] = {}
        for key, selected in self._collect(kind, nodes).items():
            match selected[0].name.value:
                case "edges":
                    pick.rows = True
                    fields[key] = self._edges(kind, selected, slots, found, depth)
                case "nodes":
                    pick.rows = True
                    fields[key] = shape.make_nodes(self._node(kind, selected, slots, depth))
                case "pageInfo":
                    pick.rows = True
                    fields[key] = shape.make_page_info(found, self._names(kind, "pageInfo", selected))
                case "totalCount":
                    pick.total = True
                    fields[key] = _total
                case "searched":
                    self.is_searched = True
                    pick.undated = True
                    names = self._names(kind, "searched", selected)
                    modalities = page.find(pick.arguments).modalities
                    fields[key] = shape.make_searched(self.searched, modalities, names)
                case _:
                    pass  # __typename
        pick.picks = slots.picks
        return shape.make_connection(found, fields)

    def _list(self, pick: Pick) -> shape.List:
        """Reads `first` and `after`, and binds the cursors of the list to everything else."""
        first = pick.arguments.get("first", 0)
        if not 0 <= first <= MAX_FIRST:
            remedy = f"write 0 to {MAX_FIRST:,}, and go on with after: endCursor"
            raise QuestionError("BAD_ARGUMENT", f"first: {first} is outside what one page holds; {remedy}")
        others = {name: value for name, value in pick.arguments.items() if name not in ("first", "after")}
        binding = f"{pick.type}.{pick.field}{_as_text(pick.field, others)}"
        pick.first = first
        after = pick.arguments.get("after")
        after_parent = None
        if after is not None:
            after_parent, pick.after = self._cursors.read(binding, after)
        return shape.List(self._cursors, binding, first, after_parent)

    def _node_type(self, connection: GraphQLObjectType) -> Composite:
        found = get_named_type(connection.fields["nodes"].type)
        assert isinstance(found, Composite)  # noqa: S101 - rows are never scalars
        return found

    def _node(
        self, connection: GraphQLObjectType, nodes: Sequence[FieldNode], slots: _Slots, depth: _Depth
    ) -> shape.Shape:
        kind = self._node_type(connection)
        return self._rows(kind, nodes, slots, self._deeper(kind, depth, nodes))

    def _edges(
        self,
        connection: GraphQLObjectType,
        nodes: Sequence[FieldNode],
        slots: _Slots,
        found: shape.List,
        depth: _Depth,
    ) -> shape.PageField:
        edge = get_named_type(connection.fields["edges"].type)
        assert isinstance(edge, GraphQLObjectType)  # noqa: S101
        inner: dict[str, shape.Shape] = {}
        cursors: list[str] = []
        for key, selected in self._collect(edge, nodes).items():
            match selected[0].name.value:
                case "node":
                    inner[key] = self._node(connection, selected, slots, depth)
                case "cursor":
                    cursors.append(key)
                case _:
                    pass  # __typename
        return shape.make_edges(found, inner, cursors)

    def _names(self, parent: GraphQLObjectType, name: str, nodes: Sequence[FieldNode]) -> dict[str, str]:
        kind = get_named_type(parent.fields[name].type)
        assert isinstance(kind, GraphQLObjectType)  # noqa: S101
        return self.names(kind, nodes)

    def names(self, kind: GraphQLObjectType, nodes: Sequence[FieldNode]) -> dict[str, str]:
        """The client's names for the plain fields of an object, and what they are."""
        collected = {key: fields[0].name.value for key, fields in self._collect(kind, nodes).items()}
        return {key: name for key, name in collected.items() if name != "__typename"}

    def _deeper(self, kind: Composite, depth: _Depth, nodes: Sequence[FieldNode]) -> _Depth:
        is_claim = kind.name == "Claim" or (kind.name == "Thing" and self._looks_into_claims(nodes))
        deeper = _Depth(depth.rows + 1, depth.claims + is_claim)
        where = nodes[0].name.value
        if deeper.claims > MAX_CLAIMS_DEEP:
            raise QuestionError(
                "TOO_DEEP",
                f"{where}: claims nest at most {MAX_CLAIMS_DEEP} deep; take the id here and ask for claim(id: ...)",
            )
        if deeper.rows > MAX_ROWS_DEEP:
            raise QuestionError(
                "TOO_DEEP",
                f"{where}: lists and objects nest at most {MAX_ROWS_DEEP} deep; take the id here and ask on from it",
            )
        return deeper

    def _looks_into_claims(self, nodes: Sequence[FieldNode]) -> bool:
        claim = self._schema.type_map["Claim"]
        assert isinstance(claim, GraphQLObjectType)  # noqa: S101
        return any(
            fields[0].name.value not in _OF_ANY_THING for fields in self._collect(claim, nodes).values()
        )

    def _collect(self, kind: GraphQLObjectType, nodes: Sequence[FieldNode]) -> dict[str, list[FieldNode]]:
        """The fields that are selected on an object of `kind`, by the client's name."""
        found: dict[str, list[FieldNode]] = {}
        for node in nodes:
            if node.selection_set:
                for selected in self._selected(node.selection_set, kind, set()):
                    key = selected.alias.value if selected.alias else selected.name.value
                    found.setdefault(key, []).append(selected)
        return found

    def _selected(
        self, selections: SelectionSetNode, kind: GraphQLObjectType, seen: set[str]
    ) -> Iterator[FieldNode]:
        for selection in selections.selections:
            if self._is_left_out(selection):
                continue
            if isinstance(selection, FieldNode):
                yield selection
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                if condition is None or self._applies(condition.name.value, kind):
                    yield from self._selected(selection.selection_set, kind, seen)
            elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                seen.add(selection.name.value)
                fragment = self._fragments[selection.name.value]
                if self._applies(fragment.type_condition.name.value, kind):
                    yield from self._selected(fragment.selection_set, kind, seen)

    def _is_left_out(self, selection: Any) -> bool:
        if not selection.directives:
            return False
        skip = get_directive_values(GraphQLSkipDirective, selection, self._variables)
        include = get_directive_values(GraphQLIncludeDirective, selection, self._variables)
        return bool(skip and skip["if"]) or bool(include and not include["if"])

    def _conditions(self, nodes: Sequence[FieldNode]) -> set[str]:
        """The type conditions of the fragments in a selection."""
        found: set[str] = set()
        seen: set[str] = set()
        waiting = [node.selection_set for node in nodes if node.selection_set]
        while waiting:
            for selection in waiting.pop().selections:
                if isinstance(selection, InlineFragmentNode):
                    if selection.type_condition is not None:
                        found.add(selection.type_condition.name.value)
                    waiting.append(selection.selection_set)
                elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in seen:
                    seen.add(selection.name.value)
                    fragment = self._fragments[selection.name.value]
                    found.add(fragment.type_condition.name.value)
                    waiting.append(fragment.selection_set)
        return found

    def _applies(self, condition: str, kind: GraphQLObjectType) -> bool:
        named = self._schema.type_map[condition]
        if named is kind:
            return True
        return isinstance(named, GraphQLInterfaceType) and self._schema.is_sub_type(named, kind)


def _fit(piece: One | Many | Scalar, inner: shape.Shape) -> shape.Shape:
    """The shape of what a piece gives: an object, one that may be absent, or a list of them."""
    if isinstance(piece, Many):
        return shape.make_first(inner) if piece.only_one else shape.make_list(inner)
    return shape.make_optional(inner) if isinstance(piece, One) and piece.when is not None else inner


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


def _total(page: shape.Page) -> int | None:
    return page.total
