"""From the fields a client selected to what is asked of the graph, and to the shape of the answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_directive_values,
    get_named_type,
    print_ast,
)
from graphql.execution.values import VariableValues

from api.bind import Asked, Plan, make_arguments
from api.context import Info
from api.errors import QuestionError
from api.shape import Abstract, Connection, First, Object, Optional, PagePart, Place, Rows, Shape, Slots
from kb.questions import FIELDS
from kb.select import Many, One, Page, Scalar, may_be_claim

# A claim about a claim about a claim: deeper nesting has no reader, and each level multiplies the rows.
MAX_CLAIMS_DEEP: Final = 3
# Lists and objects inside one another; the deepest example has 6. Planning time grows with each.
MAX_ROWS_DEEP: Final = 10

# A claim seen as a thing, by these fields alone, is no nesting of claims.
_OF_ANY_THING: Final = frozenset({"id", "label", "__typename"})

Composite = GraphQLObjectType | GraphQLInterfaceType


def make_plan(info: Info) -> Plan:
    """The plan for the root field that is being resolved; raises QuestionError (TOO_DEEP)."""
    planner = Planner(info.schema, info.fragments, info.variable_values)
    return planner.plan(info.parent_type, info.field_name, info.field_nodes)


def find_names(info: Info) -> dict[str, str]:
    """The client's names for the fields of the object that is being resolved, and what they are."""
    kind = get_named_type(info.return_type)
    assert isinstance(kind, GraphQLObjectType)  # noqa: S101 - asked for objects alone
    parts = Planner(info.schema, info.fragments, info.variable_values).values(kind, info.field_nodes)
    return {part.key: part.name for part in parts if part.name != "__typename"}


class _Depth(NamedTuple):
    rows: int = 0
    claims: int = 0


@dataclass(slots=True)
class _Row:
    """The slots of one row while it is planned. What is asked for twice has one slot."""

    slots: Slots
    asked: list[Asked] = field(default_factory=list[Asked])
    may_be_claim: bool = True
    known: dict[object, tuple[int, Shape | None]] = field(default_factory=dict[object, Any])

    def add(self, key: object, asked: Asked, shape: Shape | None) -> tuple[int, Shape | None]:
        self.asked.append(asked)
        self.known[key] = (self.slots.width, shape)
        self.slots.width += 1
        return self.known[key]


class Planner:
    """Plans the root fields of one operation. Only `@skip` and `@include` are read from the variables."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues | None,
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables
        self._asking: list[Asked] = []
        self._is_searched = False

    def plan(self, parent: GraphQLObjectType, name: str, nodes: Sequence[FieldNode]) -> Plan:
        """The plan for one root field; raises QuestionError (TOO_DEEP)."""
        self._asking, self._is_searched = [], False
        row = _Row(Slots())
        place = self._field(parent, name, nodes, row, _Depth())
        (root,) = row.asked
        return Plan(root, self._asking, place.shape, parent.fields[name].type, is_searched=self._is_searched)

    def _field(
        self, parent: GraphQLObjectType, name: str, nodes: Sequence[FieldNode], row: _Row, depth: _Depth
    ) -> Place:
        """The place of a field in the row of `parent`; adds what it needs to `row`."""
        definition = parent.fields[name]
        piece = FIELDS[parent.name][name]
        opened = get_named_type(definition.type)
        written = ",".join(sorted(print_ast(argument) for argument in nodes[0].arguments or ()))
        if isinstance(piece, Scalar):
            key: object = (piece if row.may_be_claim else piece.on_entity(), written)
        else:
            key = (piece, written, tuple(map(id, nodes)))
        if key in row.known:
            slot, shape = row.known[key]
            return Place("", slot, definition.type, shape)
        asked = Asked(parent.name, name, piece)
        if definition.args:
            asked.arguments = make_arguments(definition, nodes[0])
            asked.number = len(self._asking)
            self._asking.append(asked)
        shape = None
        if isinstance(opened, Composite):
            if isinstance(piece, Page):
                shape = self._connection(asked, opened, nodes, depth)
            else:
                inner = _open_row(opened)
                shape = _fit(piece, self._rows(opened, nodes, inner, self._deeper(opened, depth, nodes)))
                asked.below = inner.asked
        return Place("", row.add(key, asked, shape)[0], definition.type, shape)

    def _rows(
        self, kind: Composite, nodes: Sequence[FieldNode], row: _Row, depth: _Depth
    ) -> Object | Abstract:
        """The shape of a row of `kind`, whose slots it adds."""
        if isinstance(kind, GraphQLObjectType):
            return self._object(kind, nodes, row, depth)
        # Types to which the same fragments apply have the same fields: one shape serves them all.
        conditions = sorted(self._conditions(nodes))
        made: dict[tuple[bool, ...], Object] = {}
        objects: dict[str, Object] = {}
        for concrete in self._schema.get_possible_types(kind):
            applying = tuple(self._applies(name, concrete) for name in conditions)
            if applying not in made:
                made[applying] = self._object(concrete, nodes, row, depth)
            objects[concrete.name] = made[applying]
        return Abstract(objects)

    def _object(
        self, kind: GraphQLObjectType, nodes: Sequence[FieldNode], row: _Row, depth: _Depth
    ) -> Object:
        places: list[Place] = []
        for key, fields in self.collect(kind, nodes).items():
            name = fields[0].name.value
            if name == "__typename":
                places.append(Place(key, None, None, None))
            else:
                places.append(self._field(kind, name, fields, row, depth)._replace(key=key))
        return Object(kind.name, row.slots, places)

    def _connection(
        self, asked: Asked, kind: Composite, nodes: Sequence[FieldNode], depth: _Depth
    ) -> Connection:
        assert isinstance(kind, GraphQLObjectType)  # noqa: S101 - a connection is no interface
        row = _open_row(_node_type(kind))
        asked.rows = False
        parts: list[PagePart] = []
        for key, selected in self.collect(kind, nodes).items():
            name = selected[0].name.value
            match name:
                case "edges":
                    asked.rows = True
                    edges = self._edges(key, kind, selected, row, depth)
                    asked.has_cursors |= any(part.name == "cursor" for part in edges.parts)
                    parts.append(edges)
                case "nodes":
                    asked.rows = True
                    parts.append(PagePart(key, name, row=self._node(kind, selected, row, depth)))
                case "pageInfo":
                    asked.rows = True
                    asked.has_cursors = True
                    parts.append(self._values_of(key, kind, name, selected))
                case "totalCount":
                    asked.total = True
                    parts.append(PagePart(key, name))
                case "searched":
                    self._is_searched = asked.undated = True
                    parts.append(self._values_of(key, kind, name, selected))
                case _:
                    parts.append(PagePart(key, "__typename"))
        asked.below = row.asked
        return Connection(
            kind.name, asked.number, tuple(parts), has_keys=asked.has_cursors, shared=_find_shared(row)
        )

    def _node(
        self, connection: GraphQLObjectType, nodes: Sequence[FieldNode], row: _Row, depth: _Depth
    ) -> Object | Abstract:
        kind = _node_type(connection)
        return self._rows(kind, nodes, row, self._deeper(kind, depth, nodes))

    def _edges(
        self,
        key: str,
        connection: GraphQLObjectType,
        nodes: Sequence[FieldNode],
        row: _Row,
        depth: _Depth,
    ) -> PagePart:
        edge = get_named_type(connection.fields["edges"].type)
        assert isinstance(edge, GraphQLObjectType)  # noqa: S101
        parts: list[PagePart] = []
        for inner, selected in self.collect(edge, nodes).items():
            name = selected[0].name.value
            node = self._node(connection, selected, row, depth) if name == "node" else None
            parts.append(PagePart(inner, name, row=node))
        return PagePart(key, "edges", edge.name, parts=tuple(parts))

    def _values_of(
        self, key: str, parent: GraphQLObjectType, name: str, nodes: Sequence[FieldNode]
    ) -> PagePart:
        kind = get_named_type(parent.fields[name].type)
        assert isinstance(kind, GraphQLObjectType)  # noqa: S101
        return PagePart(key, name, kind.name, parts=self.values(kind, nodes))

    def values(self, kind: GraphQLObjectType, nodes: Sequence[FieldNode]) -> tuple[PagePart, ...]:
        """The plain fields of an object: the client's names for them, and what they are."""
        found: list[PagePart] = []
        for key, fields in self.collect(kind, nodes).items():
            name = fields[0].name.value
            is_typename = name == "__typename"
            found.append(PagePart(key, name, type=None if is_typename else kind.fields[name].type))
        return tuple(found)

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
            fields[0].name.value not in _OF_ANY_THING for fields in self.collect(claim, nodes).values()
        )

    def collect(
        self, kind: GraphQLObjectType, nodes: Sequence[FieldNode | OperationDefinitionNode]
    ) -> dict[str, list[FieldNode]]:
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


def _open_row(kind: Composite) -> _Row:
    slots = Slots(1 if isinstance(kind, GraphQLInterfaceType) else 0)
    return _Row(slots, may_be_claim=may_be_claim(kind.name))


def _find_shared(row: _Row) -> tuple[int, ...]:
    """The slots that all rows of a page may share."""
    first = row.slots.width - len(row.asked)
    return tuple(first + place for place, asked in enumerate(row.asked) if asked.may_be_shared())


def _node_type(connection: GraphQLObjectType) -> Composite:
    found = get_named_type(connection.fields["nodes"].type)
    assert isinstance(found, Composite)  # noqa: S101 - rows are never scalars
    return found


def _fit(piece: One | Many | Scalar, row: Object | Abstract) -> Shape:
    """The shape of what a piece gives: an object, one that may be absent, or a list of them."""
    if isinstance(piece, Many):
        return First(row) if piece.only_one else Rows(row)
    return Optional(row) if isinstance(piece, One) and piece.when is not None else row
