"""The rules of Relay for connections hold for every connection of the contract."""

from typing import Any, cast

import pytest
from graphql import GraphQLNonNull, GraphQLObjectType, get_named_type, get_nullable_type, is_list_type

from api.schema import SCHEMA

CONNECTIONS = [
    cast("GraphQLObjectType", kind) for name, kind in SCHEMA.type_map.items() if name.endswith("Connection")
]


def text(kind: GraphQLObjectType, field: str) -> str:
    return str(kind.fields[field].type)


def test_there_are_connections() -> None:
    assert len(CONNECTIONS) > 5


@pytest.mark.parametrize("kind", CONNECTIONS, ids=str)
def test_a_connection_has_edges_with_a_node_and_a_cursor(kind: GraphQLObjectType) -> None:
    assert is_list_type(get_nullable_type(kind.fields["edges"].type))
    edge: Any = get_named_type(kind.fields["edges"].type)
    assert edge.name == kind.name.removesuffix("Connection") + "Edge"
    assert not is_list_type(get_nullable_type(edge.fields["node"].type))
    assert str(get_named_type(edge.fields["cursor"].type)) == "String"
    assert text(kind, "pageInfo") == "PageInfo!"


def test_page_info_has_the_four_fields() -> None:
    kind = cast("GraphQLObjectType", SCHEMA.type_map["PageInfo"])
    assert {name: str(field.type) for name, field in kind.fields.items()} == {
        "hasNextPage": "Boolean!",
        "hasPreviousPage": "Boolean!",
        "startCursor": "String",
        "endCursor": "String",
    }


def test_every_field_with_a_connection_pages_forward() -> None:
    wrong = []
    for kind in SCHEMA.type_map.values():
        for name, field in getattr(kind, "fields", {}).items():
            if get_named_type(field.type) in CONNECTIONS:
                arguments = {key: str(argument.type) for key, argument in field.args.items()}
                paging = (arguments.get("first"), arguments.get("after"))
                if paging != ("Int!", "String") or not isinstance(field.type, GraphQLNonNull):
                    wrong.append(f"{kind.name}.{name}: {paging}")
    assert wrong == []
