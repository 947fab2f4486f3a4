"""Composes one Cypher statement from literals: the picked fields of a root, as one record of positional nested lists.

A field of the API is a small piece of data beside the question it belongs to (`kb/questions/`): an expression, an
object on the same row, a list, or a page of a longer list. In the templates of a piece `{n}` is the node of the row
that the field belongs to, and `{c}`, `{e}`, `{a}`, `{b}`, `{r}` are other variables of that row; a plus sign (`{+n}`)
marks the row that the piece opens, and `{value}` an argument. Every row has a number of its own, counted in the order
of the selection, and every argument is a parameter: the same selection gives the same text, which the database has
planned before. A piece refers to its own row and to the one it opens only: the embedded engine loses others.
"""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, LiteralString, NamedTuple


class Clause(NamedTuple):
    """A condition; `{value}` in it stands for `value`."""

    text: LiteralString
    value: object = None


class Step(NamedTuple):
    """MATCH or WITH clauses, then the conditions on what they bind.

    `values` are further values and what stands for them in the text, for example `{whole}`. Those of a root that are
    named `{root.whole}` stand for the same parameter in every piece of the statement.
    """

    text: LiteralString
    where: tuple[Clause, ...] = ()
    value: object = None
    values: tuple[tuple[LiteralString, object], ...] = ()


class Key(NamedTuple):
    """What a page is sorted by; never null, so that a page can go on behind it."""

    expression: LiteralString
    descending: bool = False


class Part(NamedTuple):
    """One way to find rows. `binds` are the variables of the row that it finds, `nulls` those that it has not.

    `shared` is the same for all its rows. Neo4j takes rows in the order of an index over several properties only when
    they are sorted by all of them: by this first; `value` is what it is. `late` finds what `nulls` names for the rows
    of the page alone, when there is one part.
    """

    steps: tuple[Step, ...]
    binds: tuple[LiteralString, ...] = ("{+n}",)
    nulls: tuple[LiteralString, ...] = ()
    keys: tuple[Key, ...] = (Key("{+n}.id"),)
    distinct: bool = False
    shared: LiteralString | None = None
    value: object = None
    late: LiteralString | None = None


class Wanted(NamedTuple):
    """The rows of a page: its parts in their order, and the same for what has no date and was left out for that."""

    parts: tuple[Part, ...]
    undated: tuple[Part, ...] = ()
    modalities: tuple[str, ...] | None = None


class Scalar(NamedTuple):
    """A value of the row. `without` is a variable, and what is simpler to say of a row that has it not.

    CLAIM_ROW stands for the node of a row that may be a claim.
    """

    expression: LiteralString
    without: tuple[LiteralString, LiteralString] | None = None

    def on_entity(self) -> "Scalar":
        """The same on rows that are no claims: what is said alike there is the same value."""
        if self.without is None or self.without[0] != CLAIM_ROW:
            return self
        return Scalar(self.without[1])


class One(NamedTuple):
    """An object on a row that is there already; with `when`, its values stand behind whether that holds.

    `without` is a variable, and what `when` is for a row that has it not.
    """

    type: str
    node: LiteralString = "{n}"
    when: LiteralString | None = None
    without: tuple[LiteralString, LiteralString] | None = None


class Many(NamedTuple):
    """A whole list, sorted; with `only_one` a list of one at most.

    `argument` names what `{value}` stands for, and `check` raises when it cannot be used. `find` makes the text of a
    root from its arguments instead of `match`. What stands in `guard` is given to `refuse`, which raises when the
    answer was left out because it would have cost too much.

    `without` is a variable, and what `match` is for a row that has it not. `same` is what the list hangs on alone, and
    how it is found from that `{value}`: where all rows of a page share it, it is found once.
    """

    type: str
    match: LiteralString
    order: LiteralString = "{+n}.id"
    binds: LiteralString = "{+n}"
    only_one: bool = False
    argument: str | None = None
    check: Callable[[Mapping[str, Any]], None] | None = None
    find: Callable[[Mapping[str, Any]], Step] | None = None
    guard: LiteralString | None = None
    refuse: Callable[[Any], None] | None = None
    without: tuple[LiteralString, LiteralString] | None = None
    same: tuple[LiteralString, LiteralString] | None = None


class Page(NamedTuple):
    """A page of a list that can grow. `parent` is the id of the row it belongs to; its cursors are bound to it."""

    type: str
    find: Callable[[Mapping[str, Any]], Wanted]
    parent: LiteralString = "''"
    node: LiteralString = "{+n}"


Field = Scalar | One | Many | Page
FieldTable = Mapping[str, Mapping[str, Field]]


@dataclasses.dataclass(slots=True)
class Pick:
    """A field that was asked for: where it is defined, its arguments, and what was picked below it.

    The rest is for a Page alone: whether rows, the total, the undated and the keys of each row are wanted, the most
    rows, and the keys of the row behind which the page begins.
    """

    type: str
    field: str
    arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict[str, Any])
    picks: "list[Pick]" = dataclasses.field(default_factory=list["Pick"])
    rows: bool = True
    total: bool = False
    undated: bool = False
    keys: bool = True
    first: int = 0
    after: tuple[Any, ...] | None = None


class Statement(NamedTuple):
    """What is sent. Its one record holds the answer and, when asked for, how much there was to look at."""

    text: LiteralString
    parameters: dict[str, Any]


# These slots stand first in every row of one of these types: its `__typename`.
ABSTRACT: Final[Mapping[str, Scalar]] = {
    "Thing": Scalar("coalesce({n}.type, 'Claim')"),
    "Entity": Scalar("{n}.type"),
}

# What there was to look at: documents that passages were taken from, current claims and datasets in the store. One
# count each a statement.
SEARCHED: Final[LiteralString] = (
    ", COUNT { MATCH (d:Document) WHERE EXISTS { (d)<-[:PART_OF]-(:Passage) }"
    " RETURN d } AS documents"
    ", COUNT { MATCH (c:Claim) WHERE c.known_to IS NULL AND c.status = 'accepted' RETURN c } AS claims"
    ", COUNT { MATCH (d:Dataset) RETURN d } AS datasets"
)

_DIGITS: Final[tuple[LiteralString, ...]] = ("0", "1", "2", "3", "4", "5", "6", "7", "8", "9")
_LETTERS: Final[tuple[LiteralString, ...]] = ("c", "e", "a", "b", "r")


# Of an object that every row has.
ALWAYS: Final[LiteralString] = "true"

# So many properties of one node are read together.
TOGETHER: Final = 3

# What rows of entities alone lack.
CLAIM_ROW: Final[LiteralString] = "Claim"


class Row(NamedTuple):
    """The variables of one row: its node, and the number that ends the names of its others.

    `lacks` are those that it has not; `same` is what all rows of its page share, and its value.
    """

    node: LiteralString
    number: LiteralString
    lacks: frozenset[LiteralString] = frozenset()
    same: tuple[LiteralString, object] | None = None


def compose(fields: FieldTable, root: Pick, *, searched: bool, sharing: bool = True) -> Statement:
    """The statement that answers `root`, a field of the type Query, in one record; with `searched` three more columns.

    With `sharing`, a page gives once what all its rows share: its last slot holds that, and the slot of a row null.
    Raises what the `find` of a page raises about its arguments.
    """
    composer = Composer(fields)
    if not sharing:
        composer.found_once = None
    answer = composer.slot(root, Row("", "0"))
    found = "WITH " + ", ".join(composer.found_once) + " " if composer.found_once else ""
    text = found + "RETURN " + answer + " AS answer" + (SEARCHED if searched else "")
    return Statement(composer.share(text), composer.parameters)


def read_parameters(fields: FieldTable, root: Pick) -> tuple[tuple[object, ...], dict[str, Any]]:
    """The parameters of `compose`, and the pattern of the arguments: where it is the same, the text is the same.

    Everything in a text that depends on arguments comes from the `find` of a piece; the pattern holds all of that, and
    how far a page's keys go. Picks that have no parameters may be left out of `root`. Raises as `compose` does.
    """
    reader = _Parameters(fields)
    reader.pick(root)
    return tuple(reader.pattern), {"p" + str(place): value for place, value in enumerate(reader.values)}


class _Parameters:
    """Meets the parameters in the order in which a Composer does; a test over every question compares the two."""

    def __init__(self, fields: FieldTable) -> None:
        self._fields = fields
        self.pattern: list[object] = []
        self.values: list[object] = []

    def pick(self, pick: Pick, same: tuple[LiteralString, object] | None = None) -> None:
        found = self._fields[pick.type][pick.field]
        match found:
            case Scalar():
                return
            case One():
                self._picks(pick)
            case Many():
                if same is not None and _is_same(found, same):
                    self.values.append(same[1])
                    self._picks(pick)
                else:
                    self._many(found, pick)
            case Page():
                self._page(found, pick)

    def _picks(self, pick: Pick, same: tuple[LiteralString, object] | None = None) -> None:
        for below in pick.picks:
            self.pick(below, same)

    def _many(self, many: Many, pick: Pick) -> None:
        if many.check is not None:
            many.check(pick.arguments)
        if many.find is not None:
            self._step(many.find(pick.arguments))
        if many.argument is not None:
            self.values.append(pick.arguments[many.argument])
        self._picks(pick)

    def _page(self, page: Page, pick: Pick) -> None:
        wanted = page.find(pick.arguments)
        after = pick.after or ()
        self.pattern.append((len(after), len(wanted.parts), len(wanted.undated)))
        if pick.rows and wanted.parts:
            self.values.append(pick.first + 1)
            self.values.extend(after)
            self._picks(pick, _same(wanted.parts))
            self._parts(wanted.parts)
        if pick.total:
            self._parts(wanted.parts)
        if pick.undated:
            self._parts(wanted.undated)

    def _parts(self, parts: Sequence[Part]) -> None:
        for part in parts:
            self.pattern.append(
                (part.binds, part.nulls, part.keys, part.distinct, part.shared, part.late, len(part.steps))
            )
            for step in part.steps:
                self._step(step)

    def _step(self, step: Step) -> None:
        self.pattern.append((step.text, step.value is None, len(step.where)))
        if step.value is not None:
            self.values.append(step.value)
        for name, value in step.values:
            self.pattern.append(name)
            self.values.append(value)
        for clause in step.where:
            self.pattern.append((clause.text, clause.value is None))
            if clause.value is not None:
                self.values.append(clause.value)


class Composer:
    """Names rows and parameters in the order in which they are met; a subclass may make other columns of the rows."""

    def __init__(self, fields: FieldTable) -> None:
        self.fields = fields
        # What stands before the answer, each with its name; None: all is found row by row.
        self.found_once: list[LiteralString] | None = []
        self._shared: list[LiteralString] = []
        self._rows = 0
        self.parameters: dict[str, Any] = {}
        self.shared: list[tuple[LiteralString, LiteralString]] = []

    def share(self, text: LiteralString) -> LiteralString:
        """The statement with what the root shares with every piece."""
        for name, parameter in self.shared:
            text = text.replace(name, parameter)
        return text

    def slot(self, pick: Pick, row: Row) -> LiteralString:
        """What a picked field is on a row."""
        found = self.fields[pick.type][pick.field]
        match found:
            case Scalar():
                return _usual(found.expression, found.without, row)
            case One():
                of_it = row._replace(node=fill(found.node, row), same=None)
                if found.when is None:
                    return self.slots(found.type, pick.picks, of_it)
                return self.optional(_usual(found.when, found.without, row), found.type, pick.picks, of_it)
            case Many():
                if self.found_once is not None and row.same is not None and _is_same(found, row.same):
                    self._once(found, pick, row.same, self.found_once)
                    return "null"
                text, inner = self.many(found, pick, row)
                return self.one_of("COLLECT { " + text + " RETURN " + inner + " }", is_one=found.only_one)
            case Page():
                return self.page(found, pick, row)

    def optional(self, when: LiteralString, kind: str, picks: Sequence[Pick], row: Row) -> LiteralString:
        """An object that may be absent: whether it is there, then its values."""
        # Not CASE ... END: Neo4j plans a subquery inside an expression apart, and slower.
        return self._listed(self._values(kind, picks, row), row, (when,))

    def one_of(self, rows: LiteralString, *, is_one: bool) -> LiteralString:  # noqa: ARG002 - for another to read
        """A list, of one at most when `is_one`."""
        return rows

    def slots(self, kind: str, picks: Sequence[Pick], row: Row) -> LiteralString:
        """An object: its values in the order of the picks."""
        return self._listed(self._values(kind, picks, row), row)

    def _values(self, kind: str, picks: Sequence[Pick], row: Row) -> list[LiteralString]:
        values: list[LiteralString] = [self.slot(pick, of_kind(kind, row)) for pick in picks]
        if kind in ABSTRACT:
            values.insert(0, fill(ABSTRACT[kind].expression, row))
        return values

    def _listed(
        self, values: Sequence[LiteralString], row: Row, before: Sequence[LiteralString] = ()
    ) -> LiteralString:
        """The values behind others. Neo4j reads several properties of a node together in three quarters of the time."""
        of_row = row.node + "."
        names: list[LiteralString] = [value.removeprefix(of_row) for value in values]
        is_plain = row.node.isidentifier() and all(
            value.startswith(of_row) and name.isidentifier()
            for value, name in zip(values, names, strict=True)
        )
        if len(values) < TOGETHER or not is_plain:
            return "[" + ", ".join([*before, *values]) + "]"
        read = "m" + row.number
        projected: list[LiteralString] = ["." + name for name in dict.fromkeys(names)]
        listed = ", ".join([*before, *(read + "." + name for name in names)])
        return "[" + read + " IN [" + row.node + " {" + ", ".join(projected) + "}] | [" + listed + "]][0]"

    def many(self, many: Many, pick: Pick, row: Row) -> tuple[LiteralString, LiteralString]:
        """How the rows of a list are found, in their order, and what is returned of each."""
        opened = self._open()
        if many.check is not None:
            many.check(pick.arguments)
        if many.find is not None:
            match_text = self._steps(Part((many.find(pick.arguments),)), row, opened, None)
        else:
            match_text = _usual(many.match, many.without, row, opened)
        if many.argument is not None:
            match_text = match_text.replace("{value}", self.parameter(pick.arguments[many.argument]))
        inner = self.slots(many.type, pick.picks, opened)
        if many.guard is not None:
            inner = self.guarded(fill(many.guard, row, opened), inner)
        order = "" if many.only_one else " ORDER BY " + fill(many.order, row, opened)
        found = match_text + " WITH DISTINCT " + fill(many.binds, row, opened) + order
        return found, inner

    def _once(
        self,
        many: Many,
        pick: Pick,
        same: tuple[LiteralString, object],
        found_once: list[LiteralString],
    ) -> None:
        """A list that is the same for all rows of a page stands before the answer."""
        assert many.same is not None  # noqa: S101 - that is why it is found once
        opened = self._open()
        found = fill(many.same[1], opened, opened).replace("{value}", self.parameter(same[1]))
        inner = self.slots(many.type, pick.picks, opened)
        found_once.append(_as("COLLECT { " + found + " RETURN " + inner + " }", "h" + opened.number))
        self._shared.append("h" + opened.number)

    def guarded(self, guard: LiteralString, inner: LiteralString) -> LiteralString:
        """A row of a root with what tells whether it may be shown."""
        return "[" + guard + ", " + inner + "]"

    def page(self, page: Page, pick: Pick, row: Row) -> LiteralString:
        """The id of the parent, the rows, how many there are, how many have no date, and what all rows share."""
        wanted = page.find(pick.arguments)
        outer, self._shared = self._shared, []
        rows: LiteralString = "null"
        if pick.rows:
            found = self.rows_of(page, wanted.parts, pick, row)
            rows = "[]" if found is None else "COLLECT { " + found[0] + " RETURN " + found[1] + " }"
        total = self.count(wanted.parts, row) if pick.total else "null"
        undated = self.count(wanted.undated, row) if pick.undated else "null"
        shared = "[" + ", ".join(self._shared) + "]"
        self._shared = outer
        return "[" + ", ".join((fill(page.parent, row), rows, total, undated, shared)) + "]"

    def limit(self, pick: Pick) -> LiteralString:
        """The most rows that are read of a page: one more tells whether there is a next page."""
        return self.parameter(pick.first + 1)

    def keyed(self, keys: Sequence[LiteralString], inner: LiteralString) -> LiteralString:
        """A row of a page with its keys."""
        return "[[" + ", ".join(keys) + "], " + inner + "]"

    def rows_of(
        self, page: Page, parts: Sequence[Part], pick: Pick, row: Row
    ) -> tuple[LiteralString, LiteralString] | None:
        """How the rows of a page are found, in their order, and what is returned of each; None when none can be."""
        if not parts:
            return None
        opened = self._open()
        limit = self.limit(pick)
        after: list[LiteralString] = [self.parameter(key) for key in pick.after or ()]
        if len(parts) == 1:
            opened = opened._replace(lacks=_lacks(parts[0]), same=_same(parts))
        inner = self.slots(page.type, pick.picks, opened._replace(node=fill(page.node, row, opened)))
        if len(parts) > 1:
            found, names = self._several(parts, row, opened, limit, after)
            return found, self.keyed(names, inner) if pick.keys else inner
        (part,) = parts
        keys = _filled([key.expression for key in part.keys], row, opened)
        behind = _behind(keys, part.keys, after) if after else None
        found = self._sorted_and_cut(part, row, opened, behind, limit)
        if part.late is not None:
            found = found + " " + fill(part.late, row, opened)
        elif part.nulls:
            bound = _filled(part.binds, row, opened)
            bound.extend(_as("null", name) for name in _filled(part.nulls, row, opened))
            found = found + " WITH " + ", ".join(bound)
        return found, self.keyed(keys, inner) if pick.keys else inner

    def _several(
        self,
        parts: Sequence[Part],
        row: Row,
        opened: Row,
        limit: LiteralString,
        after: Sequence[LiteralString],
    ) -> tuple[LiteralString, list[LiteralString]]:
        """Each part sorted and cut, then all of them: the parts one after the other, in their order; and the keys."""
        # In one order: the embedded engine matches the columns of a UNION by their place.
        variables = sorted(_filled([*parts[0].binds, *parts[0].nulls], row, opened))
        columns = _key_columns(parts)
        names: list[LiteralString] = []
        names.extend("k" + _number(place) + "_" + opened.number for place in range(len(columns) + 1))
        texts: list[LiteralString] = []
        for rank_number, part in enumerate(parts):
            rank = _number(rank_number)
            keys = _filled([key.expression for key in part.keys], row, opened)
            behind = None
            if after:
                own: list[LiteralString] = [
                    after[columns.index((place, key.descending)) + 1] for place, key in enumerate(part.keys)
                ]
                behind = rank + " = " + after[0] + " AND (" + _behind(keys, part.keys, own) + ")"
                behind = rank + " > " + after[0] + " OR (" + behind + ")"
            found = self._sorted_and_cut(part, row, opened, behind, limit)
            bound = _filled(part.binds, row, opened)
            returned: list[LiteralString] = []
            returned.extend(name if name in bound else _as("null", name) for name in variables)
            returned.append(_as(rank, names[0]))
            for (place, descending), name in zip(columns, names[1:], strict=True):
                is_own = part.keys[place].descending == descending
                returned.append(_as(keys[place] if is_own else "''", name))
            texts.append(found + " RETURN " + ", ".join(returned))
        found = (
            "CALL ("
            + row.node
            + ") { "
            + " UNION ALL ".join(texts)
            + " } WITH "
            + ", ".join(variables + names)
        )
        order: list[LiteralString] = names[:1]
        order.extend(
            name + " DESC" if descending else name
            for (_, descending), name in zip(columns, names[1:], strict=True)
        )
        return found + " ORDER BY " + ", ".join(order) + " LIMIT " + limit, names

    def _sorted_and_cut(
        self, part: Part, row: Row, opened: Row, behind: LiteralString | None, limit: LiteralString
    ) -> LiteralString:
        keys = _filled([key.expression for key in part.keys], row, opened)
        by = _ordered(keys, part.keys)
        if part.shared is not None:
            by.insert(0, fill(part.shared, row, opened) + (" DESC" if part.keys[0].descending else ""))
        order = " ORDER BY " + ", ".join(by) + " LIMIT " + limit
        return self._steps(part, row, opened, behind) + " WITH " + _bound(part, row, opened) + order

    def count(self, parts: Sequence[Part], row: Row) -> LiteralString:
        """How many rows the parts have together."""
        counts: list[LiteralString] = []
        for part in parts:
            opened = self._open()
            found = self._steps(part, row, opened, None)
            counts.append("COUNT { " + found + " RETURN " + _bound(part, row, opened) + " }")
        return " + ".join(counts) if counts else "0"

    def _steps(self, part: Part, row: Row, opened: Row, behind: LiteralString | None) -> LiteralString:
        texts: list[LiteralString] = []
        for place, step in enumerate(part.steps):
            text = fill(step.text, row, opened)
            if step.value is not None:
                text = text.replace("{value}", self.parameter(step.value))
            for name, value in step.values:
                parameter = self.parameter(value)
                text = text.replace(name, parameter)
                if name.startswith("{root."):
                    self.shared.append((name, parameter))
            conditions: list[LiteralString] = [self._clause(clause, row, opened) for clause in step.where]
            if behind is not None and place == len(part.steps) - 1:
                conditions.append("(" + behind + ")")
            texts.append(text + (" WHERE " + " AND ".join(conditions) if conditions else ""))
        return " ".join(texts)

    def _clause(self, clause: Clause, row: Row, opened: Row) -> LiteralString:
        text = fill(clause.text, row, opened)
        return text if clause.value is None else text.replace("{value}", self.parameter(clause.value))

    def _open(self) -> Row:
        self._rows += 1
        number = _number(self._rows)
        return Row("n" + number, number)

    def parameter(self, value: object) -> LiteralString:
        """The parameter that stands for a value."""
        name = "p" + _number(len(self.parameters))
        self.parameters[name] = value
        return "$" + name


def fill(template: LiteralString, row: Row, opened: Row | None = None) -> LiteralString:
    """A piece with the variables of its row, and of the row that it opens."""
    text = template.replace("{n}", row.node)
    for letter in _LETTERS:
        text = text.replace("{" + letter + "}", letter + row.number)
    if opened is not None:
        text = text.replace("{+n}", opened.node)
        for letter in _LETTERS:
            text = text.replace("{+" + letter + "}", letter + opened.number)
    return text


def of_kind(kind: str, row: Row) -> Row:
    """A row as one of a type: of entities, or of what may be a claim."""
    lacks = row.lacks - {CLAIM_ROW} if may_be_claim(kind) else row.lacks | {CLAIM_ROW}
    return row._replace(lacks=lacks)


def may_be_claim(kind: str) -> bool:
    """Whether a row of a type may be a claim."""
    return kind in ("Thing", CLAIM_ROW)


def _is_same(many: Many, same: tuple[LiteralString, object]) -> bool:
    """Whether a list hangs on nothing but what all rows of the page share."""
    return many.same is not None and many.same[0] == same[0]


def _lacks(part: Part) -> frozenset[LiteralString]:
    """The variables that its rows have not, as its rows say them."""
    return (
        frozenset[LiteralString]() if part.late else frozenset(name.replace("{+", "{") for name in part.nulls)
    )


def _same(parts: Sequence[Part]) -> tuple[LiteralString, object] | None:
    """What all rows of a page share, as its rows say it, and its value."""
    if len(parts) != 1 or parts[0].shared is None:
        return None
    return parts[0].shared.replace("{+", "{"), parts[0].value


def _usual(
    usual: LiteralString,
    without: tuple[LiteralString, LiteralString] | None,
    row: Row,
    opened: Row | None = None,
) -> LiteralString:
    """A piece of a row, or what is said instead of one that lacks a variable."""
    return fill(without[1] if without is not None and without[0] in row.lacks else usual, row, opened)


def _number(number: int) -> LiteralString:
    return "".join([_DIGITS[int(digit)] for digit in str(number)])


def _filled(templates: Sequence[LiteralString], row: Row, opened: Row) -> list[LiteralString]:
    return [fill(template, row, opened) for template in templates]


def _bound(part: Part, row: Row, opened: Row) -> LiteralString:
    return ("DISTINCT " if part.distinct else "") + ", ".join(_filled(part.binds, row, opened))


def _as(value: LiteralString, name: LiteralString) -> LiteralString:
    return value + " AS " + name


def _ordered(names: Sequence[LiteralString], keys: Sequence[Key]) -> list[LiteralString]:
    return [name + " DESC" if key.descending else name for name, key in zip(names, keys, strict=True)]


def _key_columns(parts: Sequence[Part]) -> list[tuple[int, bool]]:
    """The keys of all parts together: the place of each, and whether it is descending.

    A key by which one part ascends and another descends has two columns; in that which is not its own a part has the
    same in all rows.
    """
    return [
        (place, descending)
        for place in range(len(parts[0].keys))
        for descending in sorted({part.keys[place].descending for part in parts})
    ]


def _behind(
    names: Sequence[LiteralString], keys: Sequence[Key], after: Sequence[LiteralString]
) -> LiteralString:
    """The condition that a row comes after the one with the keys `after`: k1 >= a1 AND (k1 > a1 OR (k2 > a2 ...)).

    Its first half says no more than the second, and lets an index begin where the page before ended.
    """
    further = " < " if keys[0].descending else " > "
    if len(names) == 1:
        return names[0] + further + after[0]
    rest = _behind(names[1:], keys[1:], after[1:])
    begin = names[0] + further.rstrip() + "= " + after[0]
    return begin + " AND (" + names[0] + further + after[0] + " OR (" + rest + "))"
