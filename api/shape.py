"""From positional nested lists to what GraphQL hands out: dicts keyed by the names the client chose."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from api.cursors import Cursors
from api.errors import bad_cursor

Shape = Callable[[Any], Any]

# Where a row of an interface keeps its type. No field can be named so: a GraphQL name has no space.
TYPE_KEY: Final = " type"


class Place(NamedTuple):
    """A field of the answer: the client's name for it, its slot in the row, and its shape (None: as it is)."""

    key: str
    slot: int
    shape: Shape | None


def make_object(places: Sequence[Place], type_name: str) -> Shape:
    """Shapes a row into a dict."""
    plain = [(place.key, place.slot) for place in places if place.shape is None]
    shaped = [(place.key, place.slot, place.shape) for place in places if place.shape is not None]

    def shape(row: Sequence[Any]) -> dict[str, Any]:
        made: dict[str, Any] = {TYPE_KEY: type_name}
        for key, slot in plain:
            made[key] = row[slot]
        for key, slot, inner in shaped:
            made[key] = inner(row[slot])
        return made

    return shape


def make_abstract(shapes: Mapping[str, Shape]) -> Shape:
    """Shapes a row whose first slot is its type, by the shape of that type."""

    def shape(row: Sequence[Any]) -> dict[str, Any]:
        made: dict[str, Any] = shapes[row[0]](row)
        made[TYPE_KEY] = row[0]
        return made

    return shape


def make_optional(inner: Shape) -> Shape:
    """Shapes a pair of whether a row is there, and the row."""
    return lambda pair: inner(pair[1]) if pair[0] else None


def make_first(inner: Shape) -> Shape:
    """Shapes the row of a list of one at most."""
    return lambda rows: inner(rows[0]) if rows else None


def make_list(inner: Shape) -> Shape:
    """Shapes each row of a list."""
    return lambda rows: [inner(row) for row in rows]


@dataclass(slots=True)
class Searched:
    """How much there was to look at; filled in when the answer is there."""

    documents: int = 0
    claims: int = 0
    datasets: int = 0


@dataclass(frozen=True, slots=True)
class List:
    """What the fields of a connection are made from: how its cursors are bound, and where the page begins."""

    cursors: Cursors
    binding: str
    first: int
    after_parent: str | None


class Page(NamedTuple):
    """A page as the fields of a connection read it; `rows` are pairs of sort keys and slots."""

    parent: str
    rows: Sequence[tuple[Sequence[Any], Sequence[Any]]]
    has_next: bool
    total: int | None
    undated: int | None


PageField = Callable[[Page], Any]


def make_connection(found: List, fields: Mapping[str, PageField]) -> Shape:
    """Shapes a page; raises BAD_CURSOR when it begins behind a row of another parent."""

    def shape(slots: Sequence[Any]) -> dict[str, Any]:
        parent, rows, total, undated = slots
        if found.after_parent is not None and found.after_parent != parent:
            raise bad_cursor()
        rows = rows or ()
        page = Page(parent, rows[: found.first], len(rows) > found.first, total, undated)
        return {key: field(page) for key, field in fields.items()}

    return shape


def make_nodes(inner: Shape) -> PageField:
    """The rows of a page without their edges."""
    return lambda page: [inner(slots) for _, slots in page.rows]


def make_edges(found: List, nodes: Mapping[str, Shape], cursors: Sequence[str]) -> PageField:
    """The edges of a page: each node under the names in `nodes`, each cursor under those in `cursors`."""

    def shape(page: Page) -> list[dict[str, Any]]:
        edges: list[dict[str, Any]] = []
        for keys, slots in page.rows:
            edge = {name: inner(slots) for name, inner in nodes.items()}
            if cursors:
                cursor = found.cursors.make(found.binding, page.parent, keys)
                edge.update(dict.fromkeys(cursors, cursor))
            edges.append(edge)
        return edges

    return shape


def make_page_info(found: List, names: Mapping[str, str]) -> PageField:
    """What is before and behind a page; `names` maps the client's names to the fields of PageInfo."""

    def shape(page: Page) -> dict[str, Any]:
        ends = (page.rows[0][0], page.rows[-1][0]) if page.rows else (None, None)
        start, end = (
            None if keys is None else found.cursors.make(found.binding, page.parent, keys) for keys in ends
        )
        values = {
            "hasNextPage": page.has_next,
            "hasPreviousPage": found.after_parent is not None,
            "startCursor": start,
            "endCursor": end,
        }
        return {name: values[field] for name, field in names.items()}

    return shape


def make_searched(
    searched: Searched, modalities: Sequence[str] | None, names: Mapping[str, str]
) -> PageField:
    """What was looked at; `names` maps the client's names to the fields of Searched."""

    def shape(page: Page) -> dict[str, Any]:
        values: dict[str, Any] = {
            "documents": searched.documents,
            "claims": searched.claims,
            "datasets": searched.datasets,
            "undatedExcluded": page.undated or 0,
            "modalities": modalities,
        }
        return {name: values[field] for name, field in names.items()}

    return shape
