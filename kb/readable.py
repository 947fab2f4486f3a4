"""The same question for a reader: named columns, one row a record, every value in the text, to paste and run.

What the API sends is made for machines: one record of lists, with parameters. This is what an investigator hands to an
analyst. The pieces are the same, so the rows are.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString

from kb.select import ABSTRACT, ALWAYS, SEARCHED, Composer, FieldTable, Many, Page, Pick, Row, fill, of_kind
from kb.store import literal

_PARAMETER: Final = re.compile(r"\$(p\d+)\b")
_ROOT: Final = Row("", "0")


def make_readable(fields: FieldTable, root: Pick, *, searched: bool = False) -> str:
    """The statement that gives the rows of `root`, a field of the type Query, one a record, without parameters.

    `totalCount` and, with `searched`, what was looked at stand in every row; where no row was found, in one that is
    else empty, so that an empty answer says them too. Raises what the arguments of the question raise.
    """
    composer = _Readable(fields)
    text = composer.share(composer.root(root, searched=searched))
    return _PARAMETER.sub(lambda found: write_literal(composer.parameters[found[1]]), text)


class _Readable(Composer):
    """Makes a map of each row, under the names of the fields."""

    def root(self, pick: Pick, *, searched: bool) -> LiteralString:
        found = self.fields[pick.type][pick.field]
        rows: tuple[LiteralString, LiteralString] | None
        if isinstance(found, Many):
            rows, wanted = self.many(found, pick, _ROOT), None
        elif isinstance(found, Page):
            wanted = found.find(pick.arguments)
            rows = self.rows_of(found, wanted.parts, pick, _ROOT) if pick.rows else None
        else:
            raise TypeError(f"{pick.field} is no list: questions are")
        # Each is counted once, before the rows are spread, and not once a row.
        counts: list[LiteralString] = []
        shown: list[LiteralString] = []
        if wanted is not None and pick.total:
            counts.append(self.count(wanted.parts, _ROOT) + " AS total")
            shown.append("total AS totalCount")
        if searched or pick.undated:
            looked_at: LiteralString = (
                "documents: documents, claims: claims, datasets: datasets" if searched else ""
            )
            if wanted is not None and pick.undated:
                counts.append(self.count(wanted.undated, _ROOT) + " AS undated")
                looked_at += (", " if searched else "") + "undatedExcluded: undated"
            shown.append("{" + looked_at + "} AS searched")
        counted = ", ".join(counts) + SEARCHED if searched else ", ".join(counts)
        return self._lines(rows, found.type, pick, counted.removeprefix(", "), shown)

    def _lines(
        self,
        rows: tuple[LiteralString, LiteralString] | None,
        kind: str,
        pick: Pick,
        counted: LiteralString,
        shown: Sequence[LiteralString],
    ) -> LiteralString:
        # `line`: no piece of a statement has a variable of this name.
        names = self._names(kind, pick.picks) if pick.rows else []
        columns: list[LiteralString] = ["line." + name + " AS " + name for name in names]
        columns = columns or (["count(line) AS rows"] if rows is not None else [])
        if not counted:
            if rows is None:
                return "UNWIND [] AS line RETURN line"
            return rows[0] + " WITH " + rows[1] + " AS line RETURN " + ", ".join(columns)
        answer = ", ".join([*columns, *shown])
        if not columns:
            return "WITH " + counted + " RETURN " + answer
        lines: LiteralString = "[]" if rows is None else "COLLECT { " + rows[0] + " RETURN " + rows[1] + " }"
        return (
            "WITH " + counted + ", " + lines + " AS lines"
            " UNWIND CASE WHEN size(lines) = 0 THEN [null] ELSE lines END AS line RETURN " + answer
        )

    def slots(self, kind: str, picks: Sequence[Pick], row: Row) -> LiteralString:
        names = self._names(kind, picks)
        values: list[LiteralString] = [self.slot(pick, of_kind(kind, row)) for pick in picks]
        if kind in ABSTRACT:
            values.insert(0, fill(ABSTRACT[kind].expression, row))
        return "{" + ", ".join([name + ": " + value for name, value in zip(names, values, strict=True)]) + "}"

    def _names(self, kind: str, picks: Sequence[Pick]) -> list[LiteralString]:
        """The names of the fields; one that is asked for twice, with other arguments, has its number behind it."""
        names: list[str] = ["__typename"] if kind in ABSTRACT else []
        for place, pick in enumerate(picks):
            times = 1 + sum(other.field == pick.field for other in picks[:place])
            names.append(pick.field if times == 1 else f"{pick.field}_{times}")
        return [literal(f"`{name}`") for name in names]

    def optional(self, when: LiteralString, kind: str, picks: Sequence[Pick], row: Row) -> LiteralString:
        inner = self.slots(kind, picks, row)
        return inner if when == ALWAYS else "CASE WHEN " + when + " THEN " + inner + " END"

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
        parts: list[LiteralString] = ["nodes: " + rows] if pick.rows else []
        if pick.total:
            parts.append("totalCount: " + self.count(wanted.parts, row))
        if pick.undated:
            parts.append("searched: {undatedExcluded: " + self.count(wanted.undated, row) + "}")
        return rows if pick.rows and len(parts) == 1 else "{" + ", ".join(parts) + "}"


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
