"""Writes the function that shapes the rows of one plan: plain code, without a decision that can be made beforehand.

The only names of a client that get into the code are response keys, as quoted strings; they are checked again here.
"""

import re
from collections.abc import Callable
from typing import Any, Final, cast

from graphql import (
    GraphQLEnumType,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
)

from api.cursors import Cursors
from api.shape import Abstract, Bound, Connection, First, Object, Optional, PagePart, Place, Rows, Shape

Shaper = Callable[[Any, Bound], Any]
"""From the value of a root field to what JSON is written from. Raises anything for rows that do not fit the schema."""

# Fragments on several types are written out for each; code of this size takes 0.2 s to compile.
MAX_LINES: Final = 20_000
_NAME: Final = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")
_CHECKS: Final = {
    "String": "type({0}) is not str",
    "ID": "type({0}) is not str",
    "Int": "type({0}) is not int or not -2147483648 <= {0} <= 2147483647",
    "Boolean": "type({0}) is not bool",
    "Float": "type({0}) is not float or {0} - {0} != 0",
}


class SurpriseError(Exception):
    """A row has what the schema does not allow there, or a plan what cannot be compiled."""


def compile_shaper(shape: Shape | None, kind: Any) -> Shaper:
    """The function that shapes a root field of the type `kind`; raises SurpriseError when it would be too long."""
    writer = _Writer()
    try:
        found = writer.value(shape, kind, "value", 1)
        lines = ["def shaper(value, bound):", *writer.lines, f"    return {found}"]
        code = compile("\n".join(lines), "<shaper>", "exec")
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise SurpriseError("the selection nests too deeply to be compiled") from error
    exec(code, writer.names)  # noqa: S102 - written here, of the names checked above
    return cast("Shaper", writer.names["shaper"])


class _Writer:
    """Lines of code, and what their names stand for."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.names: dict[str, Any] = {"Surprise": SurpriseError, "sign": Cursors.make}
        self._enums: dict[str, str] = {}
        # The name of what rows of a page share, by its shape and slot.
        self._shared: dict[tuple[int, int | None], str] = {}
        self._made = 0

    def value(self, shape: Shape | None, kind: Any, found: str, depth: int) -> str:
        """Writes what makes a value of `found`; the expression that it is then."""
        match shape:
            case None:
                return self._leaf(kind, found, depth)
            case Object() | Abstract():
                return self._row(shape, found, depth)
            case Optional():
                return self._maybe(shape.row, kind, (f"{found}[0]", found), depth, is_behind=True)
            case First():
                return self._maybe(shape.row, kind, (found, f"{found}[0]"), depth)
            case Rows():
                return self._many(shape.row, found, "", depth)
            case Connection():
                return self._page(shape, found, depth)

    def _maybe(
        self,
        shape: Object | Abstract,
        kind: Any,
        found: tuple[str, str],
        depth: int,
        *,
        is_behind: bool = False,
    ) -> str:
        made, (there, row) = self._new(), found
        self._write(depth, f"if {there}:")
        self._write(depth + 1, f"{made} = {self._row(shape, row, depth + 1, is_behind=is_behind)}")
        self._write(depth, "else:")
        self._write(depth + 1, "raise Surprise" if is_non_null_type(kind) else f"{made} = None")
        return made

    def _many(self, shape: Object | Abstract | None, found: str, keys: str, depth: int) -> str:
        made, row = self._new(), self._new()
        self._write(depth, f"{made} = []")
        self._write(depth, f"for {keys}{row} in {found}:")
        self._write(depth + 1, f"{made}.append({self._row(shape, row, depth + 1)})")
        return made

    def _row(
        self, shape: Object | Abstract | None, found: str, depth: int, *, is_behind: bool = False
    ) -> str:
        """With `is_behind` the slots stand behind another value."""
        found = f"_, {{}} = {found}" if is_behind else f"{{}} = {found}"
        match shape:
            case Object():
                slots = [self._new() for _ in range(shape.slots.width)]
                if slots:
                    self._write(depth, found.format(f"{', '.join(slots)},"))
                return self._object(shape, slots, repr(shape.name), depth)
            case Abstract():
                return self._abstract(shape, found, depth)
            case None:
                raise SurpriseError

    def _abstract(self, shape: Abstract, found: str, depth: int) -> str:
        made = self._new()
        objects = {id(each): each for each in shape.objects.values()}
        width = next(iter(objects.values())).slots.width
        slots = [self._new() for _ in range(width)]
        self._write(depth, found.format(f"{', '.join(slots)},"))
        for key, each in objects.items():
            of_it = self._new()
            self.names[of_it] = frozenset(name for name, other in shape.objects.items() if id(other) == key)
            self._write(depth, f"{'if' if key == next(iter(objects)) else 'elif'} {slots[0]} in {of_it}:")
            self._write(depth + 1, f"{made} = {self._object(each, slots, slots[0], depth + 1)}")
        self._write(depth, "else:")
        self._write(depth + 1, "raise Surprise")
        return made

    def _object(self, shape: Object, slots: list[str], type_name: str, depth: int) -> str:
        items: list[str] = []
        for place in shape.places:
            if place.slot is None or place.type is None:
                items.append(f"{_quoted(place.key)}: {type_name}")
            else:
                made = self._shared_or_own(place, slots[place.slot], depth)
                items.append(f"{_quoted(place.key)}: {made}")
        return "{" + ", ".join(items) + "}"

    def _shared_or_own(self, place: Place, slot: str, depth: int) -> str:
        """A value of a row, or that which all rows of the page share."""
        shared = self._shared.get((id(place.shape), place.slot))
        if shared is None:
            return self.value(place.shape, place.type, slot, depth)
        made = self._new()
        self._write(depth, f"if {slot} is None: {made} = {shared}")
        self._write(depth, "else:")
        self._write(depth + 1, f"{made} = {self.value(place.shape, place.type, slot, depth + 1)}")
        return made

    def _leaf(self, kind: Any, found: str, depth: int) -> str:
        inner: Any = get_nullable_type(kind)
        if is_list_type(inner):
            return self._leaves(inner.of_type, found, is_null=not is_non_null_type(kind), depth=depth)
        if isinstance(inner, GraphQLEnumType):
            known = f"{self._enum(inner)}[{found}]"
            return known if is_non_null_type(kind) else f"(None if {found} is None else {known})"
        check = _CHECKS[inner.name].format(found)
        unless = "" if is_non_null_type(kind) else f"{found} is not None and "
        self._write(depth, f"if {unless}({check}): raise Surprise")
        return found

    def _leaves(self, kind: Any, found: str, *, is_null: bool, depth: int) -> str:
        made, each = self._new(), self._new()
        if is_null:
            self._write(depth, f"if {found} is None: {made} = None")
            self._write(depth, "else:")
        else:
            self._write(depth, "if True:")
        self._write(depth + 1, f"if type({found}) not in (list, tuple): raise Surprise")
        self._write(depth + 1, f"{made} = []")
        self._write(depth + 1, f"for {each} in {found}:")
        self._write(depth + 2, f"{made}.append({self._leaf(kind, each, depth + 2)})")
        return made

    def _enum(self, kind: GraphQLEnumType) -> str:
        if kind.name not in self._enums:
            self._enums[kind.name] = self._new()
            known = {value.value: name for name, value in kind.values.items()}
            self.names[self._enums[kind.name]] = known
        return self._enums[kind.name]

    def _page(self, shape: Connection, found: str, depth: int) -> str:
        parent, rows, total, undated, shared, page, more = (self._new() for _ in range(7))
        self._write(depth, f"{parent}, {rows}, {total}, {undated}, {shared} = {found}")
        self._write(depth, f"{page} = bound.lists[{shape.number}]")
        behind = f"{page}.after_parent"
        self._write(depth, f"if {behind} is not None and {behind} != {parent}: raise Surprise")
        self._write(depth, f"if {rows} is None: {rows} = []")
        self._write(depth, f"{more} = len({rows}) > {page}.first")
        self._write(depth, f"if {more}: {rows} = {rows}[:{page}.first]")
        self._share(shape, shared, depth)
        items: list[str] = []
        for part in shape.parts:
            match part.name:
                case "nodes":
                    made = self._many(part.row, rows, "_, " if shape.has_keys else "", depth)
                case "edges":
                    made = self._edges(part, rows, page, parent, depth, has_keys=shape.has_keys)
                case "totalCount":
                    self._write(depth, f"if {_CHECKS['Int'].format(total)}: raise Surprise")
                    made = total
                case "pageInfo":
                    made = self._page_info(part, rows, page, parent, more, depth)
                case "searched":
                    made = self._searched(part, page, undated, depth)
                case _:
                    made = repr(shape.type_name)
            items.append(f"{_quoted(part.key)}: {made}")
        return "{" + ", ".join(items) + "}"

    def _share(self, shape: Connection, shared: str, depth: int) -> None:
        """Writes what makes, once, the values that all rows of a page share."""
        for place in _places(shape):
            if place.slot not in shape.shared or (id(place.shape), place.slot) in self._shared:
                continue
            made = self._new()
            self._write(depth, f"{made} = None")
            self._write(depth, f"if {shared}:")
            found = f"{shared}[{shape.shared.index(place.slot)}]"
            self._write(depth + 1, f"{made} = {self.value(place.shape, place.type, found, depth + 1)}")
            self._shared[id(place.shape), place.slot] = made

    def _edges(self, part: PagePart, rows: str, page: str, parent: str, depth: int, *, has_keys: bool) -> str:
        made, keys, row = self._new(), self._new(), self._new()
        self._write(depth, f"{made} = []")
        self._write(depth, f"for {f'{keys}, ' if has_keys else ''}{row} in {rows}:")
        items: list[str] = []
        for inner in part.parts:
            if inner.name == "node":
                value = self._row(inner.row, row, depth + 1)
            else:
                value = _cursor(page, parent, keys) if inner.name == "cursor" else repr(part.type_name)
            items.append(f"{_quoted(inner.key)}: {value}")
        self._write(depth + 1, f"{made}.append({{{', '.join(items)}}})")
        return made

    def _page_info(self, part: PagePart, rows: str, page: str, parent: str, more: str, depth: int) -> str:
        values = {
            "hasNextPage": more,
            "hasPreviousPage": f"{page}.after_parent is not None",
            "startCursor": f"{_cursor(page, parent, f'{rows}[0][0]')} if {rows} else None",
            "endCursor": f"{_cursor(page, parent, f'{rows}[-1][0]')} if {rows} else None",
        }
        return self._by_names(part, values, depth)

    def _searched(self, part: PagePart, page: str, undated: str, depth: int) -> str:
        values = {
            "documents": "bound.documents",
            "claims": "bound.claims",
            "datasets": "bound.datasets",
            "undatedExcluded": f"{undated} or 0",
            "modalities": f"{page}.modalities",
        }
        return self._by_names(part, values, depth)

    def _by_names(self, part: PagePart, values: dict[str, str], depth: int) -> str:
        items: list[str] = []
        for inner in part.parts:
            if inner.type is None:
                items.append(f"{_quoted(inner.key)}: {part.type_name!r}")
            else:
                made = self._new()
                self._write(depth, f"{made} = {values[inner.name]}")
                items.append(f"{_quoted(inner.key)}: {self._leaf(inner.type, made, depth)}")
        return "{" + ", ".join(items) + "}"

    def _new(self) -> str:
        self._made += 1
        return f"v{self._made}"

    def _write(self, depth: int, line: str) -> None:
        if len(self.lines) > MAX_LINES:
            raise SurpriseError("the selection is too long to be compiled")
        self.lines.append("    " * depth + line)


def _places(shape: Connection) -> list[Place]:
    """The fields of the rows of a page, in `nodes` and in `edges`."""
    rows = [part.row for outer in shape.parts for part in (outer, *outer.parts) if part.row is not None]
    objects = [
        each for row in rows for each in (row.objects.values() if isinstance(row, Abstract) else (row,))
    ]
    return [place for each in objects for place in each.places]


def _cursor(page: str, parent: str, keys: str) -> str:
    return f"sign({page}.cursors, {page}.binding, {parent}, {keys})"


def _quoted(key: str) -> str:
    if _NAME.fullmatch(key) is None:
        raise SurpriseError(f"{key!r} is no GraphQL name")
    return repr(key)
