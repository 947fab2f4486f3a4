"""The same question for a reader: named columns, one row a record, every value in the text, to paste and run.

What the API sends is made for machines: one record of lists, with parameters. This is what an investigator hands to an
analyst. The pieces are the same, so the rows are.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString

from kb.select import ABSTRACT, TYPENAME, Composer, FieldTable, Many, Page, Pick, Row, fill
from kb.store import literal

_PARAMETER: Final = re.compile(r"\$(p\d+)\b")
_ROOT: Final = Row("", "0")


def make_readable(fields: FieldTable, root: Pick) -> str:
    """The statement that gives the rows of `root`, a field of the type Query, one a record, without parameters.

    Where only a total is asked for, that is the one row. Raises what the arguments of the question raise.
    """
    composer = _Readable(fields)
    text = composer.share(composer.root(root))
    return _PARAMETER.sub(lambda found: write_literal(composer.parameters[found[1]]), text)


class _Readable(Composer):
    """Makes a map of each row, under the names of the fields."""

    def root(self, pick: Pick) -> LiteralString:
        found = self.fields[pick.type][pick.field]
        if isinstance(found, Many):
            return self._columns(*self.many(found, pick, _ROOT), found.type, pick)
        if not isinstance(found, Page):
            raise TypeError(f"{pick.field} is no list: questions are")
        wanted = found.find(pick.arguments)
        total = self.count(wanted.parts, _ROOT) if pick.total else None
        rows = self.rows_of(found, wanted.parts, pick, _ROOT) if pick.rows else None
        if rows is None:
            return (
                "UNWIND [] AS row RETURN row" if pick.rows else "RETURN " + (total or "0") + " AS totalCount"
            )
        return self._columns(*rows, found.type, pick, total)

    def _columns(
        self,
        text: LiteralString,
        inner: LiteralString,
        kind: str,
        pick: Pick,
        total: LiteralString | None = None,
    ) -> LiteralString:
        names = self._names(kind, pick.picks)
        columns: list[LiteralString] = ["row." + name + " AS " + name for name in names]
        if total is not None:
            columns.append(total + " AS totalCount")
        return text + " WITH " + inner + " AS row RETURN " + ", ".join(columns or ["count(row) AS rows"])

    def slots(self, kind: str, picks: Sequence[Pick], row: Row) -> LiteralString:
        names = self._names(kind, picks)
        values: list[LiteralString] = [self.slot(pick, row) for pick in picks]
        if kind in ABSTRACT:
            values.insert(0, fill(TYPENAME.expression, row))
        return "{" + ", ".join([name + ": " + value for name, value in zip(names, values, strict=True)]) + "}"

    def _names(self, kind: str, picks: Sequence[Pick]) -> list[LiteralString]:
        """The names of the fields; one that is asked for twice, with other arguments, has its number behind it."""
        names: list[str] = ["__typename"] if kind in ABSTRACT else []
        for place, pick in enumerate(picks):
            times = 1 + sum(other.field == pick.field for other in picks[:place])
            names.append(pick.field if times == 1 else f"{pick.field}_{times}")
        return [literal(f"`{name}`") for name in names]

    def optional(self, when: LiteralString, inner: LiteralString) -> LiteralString:
        return "CASE WHEN " + when + " THEN " + inner + " END"

    def one_of(self, rows: LiteralString, *, is_one: bool) -> LiteralString:
        return "head(" + rows + ")" if is_one else rows

    def guarded(self, guard: LiteralString, inner: LiteralString) -> LiteralString:  # noqa: ARG002 - not shown
        return inner

    def keyed(self, keys: Sequence[LiteralString], inner: LiteralString) -> LiteralString:  # noqa: ARG002 - not shown
        return inner

    def limit(self, pick: Pick) -> LiteralString:
        return self.parameter(pick.first)

    def page(self, page: Page, pick: Pick, row: Row) -> LiteralString:
        wanted = page.find(pick.arguments)
        found = self.rows_of(page, wanted.parts, pick, row) if pick.rows else None
        rows: LiteralString = (
            "[]" if found is None else "COLLECT { " + found[0] + " RETURN " + found[1] + " }"
        )
        if not pick.total:
            return rows
        total = self.count(wanted.parts, row)
        return "{totalCount: " + total + (", nodes: " + rows if pick.rows else "") + "}"


def write_literal(value: Any) -> str:
    """The value as Cypher writes it."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case Mapping():
            return "{" + ", ".join(f"`{key}`: {write_literal(part)}" for key, part in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(write_literal, value)) + "]"
        case _:
            return _write_text(str(value))


def _write_text(text: str) -> str:
    # No backslash stands before a letter of the text: Neo4j 5 reads \u escapes before anything else.
    parts = [part.replace("'", "\\'") for part in text.split("\\")]
    written = " + '\\\\' + ".join(f"'{part}'" for part in parts)
    return written if len(parts) == 1 else f"({written})"
