"""The contract is committed as text, and describes everything in it."""

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
    validate_schema,
)

from api.export import CONTRACT_FILE
from api.schema import CONTRACT, SCHEMA
from kb.questions import FIELDS
from schema.catalog import ENTITY_TYPES

OURS = [
    kind
    for name, kind in SCHEMA.type_map.items()
    if not name.startswith("__") and name not in {"String", "Int", "Float", "Boolean", "ID"}
]


def test_the_committed_contract_is_that_of_the_code() -> None:
    assert CONTRACT_FILE.read_text("utf-8") == CONTRACT, "run: python -m api.export"


def test_the_schema_is_valid() -> None:
    assert validate_schema(SCHEMA) == []


def test_everything_is_described_in_plain_words() -> None:
    missing: list[str] = []
    for kind in OURS:
        missing += [] if kind.description else [kind.name]
        if isinstance(kind, GraphQLEnumType):
            missing += [f"{kind.name}.{name}" for name, value in kind.values.items() if not value.description]
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for name, field in kind.fields.items():
                missing += [] if field.description else [f"{kind.name}.{name}"]
                arguments = getattr(field, "args", {})
                missing += [
                    f"{kind.name}.{name}({argument})"
                    for argument, found in arguments.items()
                    if not found.description
                ]
    assert missing == []


def test_enum_values_are_in_capitals() -> None:
    for kind in OURS:
        if isinstance(kind, GraphQLEnumType):
            assert all(name == name.upper() for name in kind.values), kind.name


def test_every_type_of_entity_is_an_entity_and_a_thing() -> None:
    for name in ENTITY_TYPES:
        kind = SCHEMA.type_map[name]
        assert isinstance(kind, GraphQLObjectType)
        assert [interface.name for interface in kind.interfaces] == ["Entity", "Thing"] or {
            interface.name for interface in kind.interfaces
        } == {"Entity", "Thing"}


def test_every_field_has_a_piece_of_cypher_and_every_piece_a_field() -> None:
    made_here = {"PageInfo", "Searched", "Health", "LabelCount", "Check"}
    for kind in OURS:
        if not isinstance(kind, GraphQLObjectType) or kind.name in made_here:
            continue
        if kind.name.endswith(("Connection", "Edge")):
            continue
        own = set(kind.fields) - ({"health"} if kind.name == "Query" else set())
        assert own == set(FIELDS[kind.name]), kind.name


def test_what_a_piece_opens_is_what_its_field_says() -> None:
    for kind in OURS:
        if isinstance(kind, GraphQLObjectType) and kind.name in FIELDS:
            for name, piece in FIELDS[kind.name].items():
                opened = get_named_type(kind.fields[name].type)
                found = getattr(piece, "type", None)
                if isinstance(opened, GraphQLObjectType) and opened.name.endswith("Connection"):
                    opened = get_named_type(opened.fields["nodes"].type)
                if found is not None:
                    assert opened.name == found, f"{kind.name}.{name}"
                else:
                    assert not isinstance(opened, GraphQLObjectType | GraphQLInterfaceType), (
                        f"{kind.name}.{name}"
                    )
