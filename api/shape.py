"""What a plan says of the shape of an answer, and the shaping of its rows for graphql-core, which reads dicts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from graphql import GraphQLOutputType

from api.cursors import Cursors
from api.errors import bad_cursor

# Where a row of an interface keeps its type. No field can be named so: a GraphQL name has no space.
TYPE_KEY: Final = " type"


@dataclass(slots=True)
class Slots:
    """How many slots a row has; the first of an interface's is its type."""

    width: int = 0


class Place(NamedTuple):
    """A field of the answer: the client's name for it, its slot, its GraphQL type and its shape (None: as it is).

    `__typename` has no slot.
    """

    key: str
    slot: int | None
    type: GraphQLOutputType | None
    shape: "Shape | None"


class Object(NamedTuple):
    """A row of one type."""

    name: str
    slots: Slots
    places: list[Place]


class Abstract(NamedTuple):
    """A row whose first slot is its type."""

    objects: Mapping[str, Object]


class Optional(NamedTuple):
    """Whether a row is there, and behind that its slots."""

    row: "Object | Abstract"


class First(NamedTuple):
    """A list of one row at most."""

    row: "Object | Abstract"


class Rows(NamedTuple):
    """A whole list."""

    row: "Object | Abstract"


class PagePart(NamedTuple):
    """A field of a connection: the client's name, what it is, and what is inside.

    Inside `nodes` is a row; inside `edges` are parts named `node` and `cursor`; inside `pageInfo` and `searched` are
    parts that are values, of their type.
    """

    key: str
    name: str
    type_name: str = ""
    type: GraphQLOutputType | None = None
    row: "Object | Abstract | None" = None
    parts: "tuple[PagePart, ...]" = ()


class Connection(NamedTuple):
    """A page: its parent, its rows, its total, its undated, and what its rows share. `number` is its place in `Bound`.

    With `has_keys` a row is a pair of its sort keys and itself. `shared` are the slots that rows may share: they are
    null then, and stand in the page in this order.
    """

    type_name: str
    number: int
    parts: tuple[PagePart, ...]
    has_keys: bool = True
    shared: tuple[int, ...] = ()


Shape = Object | Abstract | Optional | First | Rows | Connection


@dataclass(frozen=True, slots=True)
class List:
    """What one request says of a page: how its cursors are bound, where it begins, and the modalities looked at."""

    cursors: Cursors
    binding: str
    first: int
    after_parent: str | None
    modalities: Sequence[str] | None


@dataclass(slots=True)
class Bound:
    """What one request brings to a plan; the numbers are filled in when the answer is there."""

    arguments: list[Mapping[str, Any]] = field(default_factory=list[Mapping[str, Any]])
    lists: list[List | None] = field(default_factory=list["List | None"])
    after: list[tuple[Any, ...] | None] = field(default_factory=list["tuple[Any, ...] | None"])
    documents: int = 0
    claims: int = 0
    datasets: int = 0


def shape_value(shape: Shape | None, value: Any, bound: Bound) -> Any:
    """The value as graphql-core completes it; raises BAD_CURSOR when a page begins behind a row of another parent."""
    match shape:
        case None:
            return value
        case Object() | Abstract():
            return _shape_row(shape, value, bound)
        case Optional():
            return _shape_row(shape.row, value[1:], bound) if value[0] else None
        case First():
            return _shape_row(shape.row, value[0], bound) if value else None
        case Rows():
            return [_shape_row(shape.row, row, bound) for row in value]
        case Connection():
            return _shape_page(shape, value, bound)


def _shape_row(shape: Object | Abstract | None, row: Sequence[Any], bound: Bound) -> dict[str, Any]:
    if isinstance(shape, Abstract):
        made = _shape_row(shape.objects[row[0]], row, bound)
        made[TYPE_KEY] = row[0]
        return made
    made = {}
    if shape is not None:
        made[TYPE_KEY] = shape.name
        for place in shape.places:
            if place.slot is not None:
                made[place.key] = shape_value(place.shape, row[place.slot], bound)
    return made


def _shape_page(shape: Connection, slots: Sequence[Any], bound: Bound) -> dict[str, Any]:
    parent, rows, total, undated, shared = slots
    found = bound.lists[shape.number]
    assert found is not None  # noqa: S101 - every connection has one
    if found.after_parent is not None and found.after_parent != parent:
        raise bad_cursor()
    has_next = len(rows or ()) > found.first
    rows = (rows or ())[: found.first]
    if not shape.has_keys:
        rows = [((), row) for row in rows]
    for slot, value in zip(shape.shared, shared, strict=False):
        for _, row in rows:
            row[slot] = value
    made: dict[str, Any] = {}
    for part in shape.parts:
        match part.name:
            case "nodes":
                made[part.key] = [_shape_row(part.row, row, bound) for _, row in rows]
            case "edges":
                made[part.key] = [_shape_edge(part, found, parent, edge, bound) for edge in rows]
            case "totalCount":
                made[part.key] = total
            case "pageInfo":
                made[part.key] = _by_names(part, _page_info(found, parent, rows, has_next=has_next))
            case "searched":
                made[part.key] = _by_names(part, _searched(found, undated, bound))
            case _:
                pass  # __typename
    return made


def _shape_edge(part: PagePart, found: List, parent: str, edge: Any, bound: Bound) -> dict[str, Any]:
    keys, row = edge
    return {
        inner.key: found.cursors.make(found.binding, parent, keys)
        if inner.name == "cursor"
        else _shape_row(inner.row, row, bound)
        for inner in part.parts
        if inner.name != "__typename"
    }


def _page_info(found: List, parent: str, rows: Sequence[Any], *, has_next: bool) -> dict[str, Any]:
    ends = (rows[0][0], rows[-1][0]) if rows else (None, None)
    start, end = (None if keys is None else found.cursors.make(found.binding, parent, keys) for keys in ends)
    return {
        "hasNextPage": has_next,
        "hasPreviousPage": found.after_parent is not None,
        "startCursor": start,
        "endCursor": end,
    }


def _searched(found: List, undated: int | None, bound: Bound) -> dict[str, Any]:
    return {
        "documents": bound.documents,
        "claims": bound.claims,
        "datasets": bound.datasets,
        "undatedExcluded": undated or 0,
        "modalities": found.modalities,
    }


def _by_names(part: PagePart, values: Mapping[str, Any]) -> dict[str, Any]:
    return {inner.key: values[inner.name] for inner in part.parts if inner.name != "__typename"}
