"""The pages there are: the address of each, and the exports that show the same."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from graphql import (
    GraphQLEnumType,
    OperationDefinitionNode,
    VariableDefinitionNode,
    get_named_type,
    is_list_type,
    is_non_null_type,
    parse,
    type_from_ast,
)

from api.explorer import FOLDER
from api.schema import SCHEMA

# As the exports have it; no name or id is longer.
MAX_CHARS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Export:
    """A question that can be exported, and which of its arguments are which variables of the page."""

    question: str
    arguments: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Page:
    """A page: `name` is that of its document and its template; `about` is the root field that may be null.

    `own` are parameters that the template alone reads.
    """

    name: str
    path: str
    about: str | None = None
    exports: tuple[Export, ...] = ()
    own: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable of a page's document, which is a parameter of its address."""

    name: str
    kind: str
    is_list: bool
    is_needed: bool
    values: tuple[str, ...]


class BadAddressError(Exception):
    """A parameter of an address that cannot be used; the message names it, its value and what helps."""


_SAME: Final = {
    name: name
    for name in (
        "amplifier", "amplified", "content", "channel", "narrative", "channelStated", "channelKind", "period",
        "basis", "modality", "minCount", "validAt", "knownAt",
    )
}  # fmt: skip
_LEDGER: Final = {
    name: name
    for name in ("entity", "saidBy", "document", "verb", "kind", "modality", "contested", "period", "text")
}

PAGES: Final = (
    Page("start", "/"),
    Page(
        "search",
        "/search",
        exports=(Export("entities", {"search": "q", "types": "types", "country": "country"}),),
        own=("start",),
    ),
    Page(
        "entity",
        "/entity/{id:path}",
        "entity",
        (Export("claims", {"entity": "id"}), Export("neighbourhood", {"id": "id"})),
    ),
    Page("claim", "/claim/{id:path}", "claim"),
    Page("claims", "/claims", exports=(Export("claims", _LEDGER),)),
    Page("amplifications", "/amplifications", exports=(Export("amplifications", _SAME),)),
    Page("amplifiers", "/amplifiers"),
    Page("path", "/path", "paths"),
    Page("document", "/document/{id:path}", "document", (Export("claims", {"document": "id"}),)),
    Page("passage", "/passage/{id:path}", "passage"),
    Page("sources", "/sources"),
    Page("dataset", "/dataset/{id:path}", "datasets", own=("id",)),
    Page("run", "/run/{id:path}", "runs", own=("id",)),
    Page("tours", "/tours"),
    Page("reports", "/reports"),
    Page("tribunals", "/tribunals"),
    Page("embassies", "/embassies"),
    Page("officials", "/officials"),
    Page("influencers", "/influencers"),
    Page("narratives", "/narratives"),
)


@lru_cache(maxsize=64)
def read_document(name: str) -> str:
    """The GraphQL document of a page, as it is shown on it."""
    return (FOLDER / f"{name}.graphql").read_text("utf-8").strip()


@lru_cache(maxsize=64)
def read_variables(name: str) -> tuple[Variable, ...]:
    """What the document of a page lets its address say."""
    (operation,) = parse(read_document(name)).definitions[:1]
    assert isinstance(operation, OperationDefinitionNode)  # noqa: S101 - a file of ours
    return tuple(_describe(defined) for defined in operation.variable_definitions or ())


def _describe(defined: VariableDefinitionNode) -> Variable:
    kind = type_from_ast(SCHEMA, defined.type)
    assert kind is not None  # noqa: S101 - a test validates each document
    named = get_named_type(kind)
    return Variable(
        defined.variable.name.value,
        named.name,
        is_list_type(kind.of_type if is_non_null_type(kind) else kind),
        is_non_null_type(kind) and defined.default_value is None,
        tuple(named.values) if isinstance(named, GraphQLEnumType) else (),
    )


def read_address(page: Page, given: list[tuple[str, str]]) -> dict[str, object]:
    """The variables of an address; raises BadAddressError for what the page does not have. Empty is left out."""
    known = {variable.name: variable for variable in read_variables(page.name)}
    known |= {name: Variable(name, "String", is_list=False, is_needed=False, values=()) for name in page.own}
    found: dict[str, object] = {}
    for name, value in given:
        if not value.strip():
            continue
        if name not in known:
            told = f"{name[:80]}: this page has no such parameter; it has {', '.join(known) or 'none'}"
            raise BadAddressError(told)
        if name in found and not known[name].is_list:
            raise BadAddressError(f"{name}: is given twice; give it once")
        if len(value) > MAX_CHARS or "\0" in value:
            raise BadAddressError(f"{name}: is longer than {MAX_CHARS:,} characters, or no text; shorten it")
        read = _read(known[name], value.strip())
        if known[name].is_list:
            earlier = found.setdefault(name, [])
            assert isinstance(earlier, list)  # noqa: S101 - made above
            earlier += [read]
        else:
            found[name] = read
    return found


def _read(variable: Variable, value: str) -> object:
    told = f"{variable.name}: {value[:80]!r} cannot be used; write"
    if variable.values:
        if value not in variable.values:
            raise BadAddressError(f"{told} one of {', '.join(variable.values)}")
        return value
    if variable.kind == "Boolean":
        if value not in ("true", "false"):
            raise BadAddressError(f"{told} true or false")
        return value == "true"
    if variable.kind == "Int":
        digits = value.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
            raise BadAddressError(f"{told} a whole number")
        return int(value)
    return value
