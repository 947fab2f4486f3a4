"""Selections for the tests of the planner: every field of every type, one at a time, each by the shortest way there."""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from kb.questions import FIELDS
from kb.select import Field, Many, One, Page, Pick, Scalar
from schema.catalog import ENTITY_TYPES

# What a root is asked with, so that it finds a row of the cases that the tests load.
ROOTS: Mapping[str, Mapping[str, Any]] = {
    "amplifications": {},
    "entities": {},
    "claims": {},
    "entity": {"id": "per:ilsa-vorrin"},
    "claim": {"id": "teaching_case/T04"},
    "document": {"id": "teaching_case/doc:tern"},
}


def pick(kind: str, name: str, *picks: Pick, first: int = 200, **arguments: Any) -> Pick:
    """A field picked; a page of it has its first 200 rows, its total and its undated."""
    is_page = isinstance(FIELDS[kind][name], Page)
    return Pick(kind, name, arguments, list(picks), total=is_page, undated=is_page, first=first)


def _opens(field: Field) -> str | None:
    return None if isinstance(field, Scalar) else field.type


def _concrete(kind: str) -> tuple[str, ...]:
    """The types whose fields can be picked where one of `kind` stands."""
    if kind == "Entity":
        return ("Entity", *ENTITY_TYPES)
    return ("Entity", *ENTITY_TYPES, "Claim") if kind == "Thing" else (kind,)


def find_ways() -> dict[str, tuple[tuple[str, str], ...]]:
    """For each type the shortest way from a root to a row of it, as (type, field) steps."""
    ways: dict[str, tuple[tuple[str, str], ...]] = {"Query": ()}
    waiting = deque(["Query"])
    while waiting:
        kind = waiting.popleft()
        # The lists of the roots first: their rows are of every sort.
        for name in ROOTS if kind == "Query" else FIELDS[kind]:
            field = FIELDS[kind][name]
            for opened in _concrete(_opens(field) or ""):
                if opened in FIELDS and opened not in ways:
                    ways[opened] = (*ways[kind], (kind, name))
                    waiting.append(opened)
    return ways


def every_field() -> Iterator[tuple[str, Pick]]:
    """Each field of each type once, named `Type.field`, as a selection from a root."""
    ways = find_ways()
    for kind, fields in FIELDS.items():
        for name, field in fields.items():
            if kind not in ways:
                raise AssertionError(f"no question leads to the type {kind}")
            if kind in ENTITY_TYPES and name in FIELDS["Entity"]:
                continue
            below = next(iter(_concrete(_opens(field) or "")), "")
            leaf = [_scalar(below)] if below else []
            found = pick(kind, name, *leaf, **(ROOTS[name] if kind == "Query" else {}))
            for above, step in reversed(ways[kind]):
                found = pick(above, step, found, **(ROOTS[step] if above == "Query" else {}))
            yield f"{kind}.{name}", found


def _scalar(kind: str) -> Pick:
    for name, field in FIELDS[kind].items():
        if isinstance(field, Scalar):
            return pick(kind, name)
    for name, field in FIELDS[kind].items():
        if isinstance(field, One | Many):
            return pick(kind, name, _scalar(field.type))
    raise AssertionError(f"{kind} has no field without arguments")
