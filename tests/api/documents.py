"""Random valid documents over the whole schema, the same for the same seed."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    get_named_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
)

from api.schema import SCHEMA

_IDS: Final = {
    "claim": ["teaching_case/T04", "xinjiang_2021/C038", "no_case/C1"],
    "document": ["teaching_case/doc:tern", "no_case/doc:1"],
    "passage": ["teaching_case/doc:tern:0-8"],
}
_ENTITIES: Final = [
    "per:ilsa-vorrin",
    "per:zhang-heqing",
    "org:aspi",
    "per:daro-minwen",
    "per:nobody",
    "two words",
]
# `checks` read the whole store, and the engine's name is not in the answer of a question.
_LEFT_OUT: Final = frozenset({"health"})


class Generator:
    """Writes one document after another, of the fields that `takes` lets through by type and name.

    `values` are what arguments are given, by `root.argument`, `filter.argument`, the argument alone, or its type.
    """

    def __init__(
        self,
        seed: int,
        takes: Callable[[str, str], bool] = lambda _kind, _name: True,
        values: Mapping[str, Sequence[str]] = {},
    ) -> None:
        self._random = random.Random(seed)
        self._takes = takes
        self._values = values
        self._aliases = 0

    def document(self) -> str:
        """One to three root fields, with what is below them."""
        query = SCHEMA.query_type
        assert query is not None
        names = sorted(name for name in set(query.fields) - _LEFT_OUT if self._takes("Query", name))
        roots = [
            self._field(name, query.fields[name], 4, root=name)
            for name in self._random.choices(names, k=self._random.choice((1, 1, 1, 2, 3)))
        ]
        return "{ " + " ".join(roots) + " }"

    def _field(self, name: str, field: GraphQLField, levels: int, *, root: str = "") -> str:
        # Two fields of one name with other arguments cannot be merged, so each has a name of its own.
        self._aliases += 1
        given = [
            f"{key}: {value}"
            for key, argument in field.args.items()
            if (value := self._value(key, argument, root)) is not None
        ]
        arguments = f"({', '.join(given)})" if given else ""
        below = get_named_type(field.type)
        inner = self._selection(below, levels - 1) if is_composite_type(below) else ""
        return f"a{self._aliases}: {name}{arguments}{inner}"

    def _selection(self, kind: Any, levels: int) -> str:
        fields = {
            name: field
            for name, field in kind.fields.items()
            if self._takes(kind.name, name)
            and (levels > 0 or not is_composite_type(get_named_type(field.type)))
        }
        # At the bottom nothing but values, if need be its type alone.
        chosen = self._random.sample(sorted(fields), k=min(len(fields), self._random.randint(1, 3)))
        if "edges" in kind.fields and levels > 0:
            chosen.append(self._random.choice(("edges", "nodes")))
        parts = [
            self._field(name, fields[name], levels - (name not in ("edges", "node", "nodes")))
            for name in chosen
        ]
        if isinstance(kind, GraphQLInterfaceType):
            concrete = self._random.choice(SCHEMA.get_possible_types(kind))
            parts.append(f"... on {concrete.name}{self._selection(concrete, levels)}")
        if not parts or self._random.random() < 0.3:
            parts.insert(self._random.randint(0, len(parts)), "__typename")
        if self._random.random() < 0.1:
            parts.append(f"... @include(if: {self._random.choice(('true', 'false'))}) {{ b: __typename }}")
        return " { " + " ".join(parts) + " }"

    def _value(self, name: str, argument: Any, root: str) -> str | None:  # noqa: PLR0911 - one for each type
        if not is_non_null_type(argument.type) and self._random.random() < 0.8 and name != "first":
            return None
        kind = get_named_type(argument.type)
        for known in (f"{root}.{name}", name, kind.name):
            if known in self._values:
                return self._random.choice(self._values[known])
        if self._values and isinstance(kind, GraphQLInputObjectType):
            given = [
                f"{key}: {value}"
                for key, field in kind.fields.items()
                if (value := self._value(key, field, "filter")) is not None
            ]
            return f"{{{', '.join(given)}}}"
        if name == "first":
            return str(self._random.choice((0, 1, 2, 3)))
        if name == "after":
            return '"no cursor"'
        if isinstance(kind, GraphQLEnumType):
            value = self._random.choice(list(kind.values))
            return f"[{value}]" if is_list_type(argument.type) else str(value)
        match kind.name:
            case "ID":
                return f'"{self._random.choice(_IDS.get(root, _ENTITIES))}"'
            case "Int":
                return str(self._random.choice((0, 1, 2)))
            case "Boolean":
                return self._random.choice(("true", "false"))
            case "String":
                return f'"{self._random.choice(("2021", "2020/2021", "2021-06-01", "CN", "zhang", ""))}"'
            case _:
                return None
