"""Whatever is selected, each root field is one statement, and the answer has the shape the client asked for."""

from dataclasses import replace

import pytest

from api.context import Context
from api.execute import run
from api.limits import Limits
from tests.api.cases import answer, count_current, refusal

DEEP = """{ amplifications(amplifier: "per:zhang-heqing") { nodes { amplifier { ... on Official { postings { body {
    ... on Embassy { officials { official { claims(first: 2) { nodes { saidBy { entity {
      ... on Report { publisher { name } }
} } } } } } } } } } } } } }"""


async def test_each_root_field_is_one_statement_at_any_depth(context: Context) -> None:
    for query, roots in (
        ('{ entity(id: "org:aspi") { id } }', 1),
        (DEEP, 1),
        (
            "{ a: claims { nodes { shownIn { passage { document { name } } } } } b: entities { totalCount } }",
            2,
        ),
    ):
        before = context.store.statements_run
        await answer(context, query)
        assert context.store.statements_run - before == roots, query


async def test_nothing_is_sent_for_a_document_that_is_refused(context: Context) -> None:
    before = context.store.statements_run
    await run(context, "{ nonsense }")
    await run(context, '{ entity(id: "two words") { id } }')
    assert context.store.statements_run == before


async def test_one_field_twice_under_two_names_with_other_arguments(context: Context) -> None:
    query = """{ entity(id: "org:aspi") {
      one: claims(first: 1) { nodes { id } }
      two: claims(first: 2) { nodes { id text } pageInfo { hasNextPage } }
      again: claims(first: 2) { nodes { text } }
    } }"""
    found = (await answer(context, query))["entity"]
    assert [len(found[name]["nodes"]) for name in ("one", "two", "again")] == [1, 2, 2]
    assert found["one"]["nodes"][0]["id"] == found["two"]["nodes"][0]["id"]
    assert [each["text"] for each in found["two"]["nodes"]] == [
        each["text"] for each in found["again"]["nodes"]
    ]


async def test_parts_of_one_selection_are_merged(context: Context) -> None:
    query = """{ claims(first: 1) { edges { node { id } } edges { again: node { text } cursor node { verb } } } }"""
    (edge,) = (await answer(context, query))["claims"]["edges"]
    assert set(edge) == {"node", "again", "cursor"}
    assert set(edge["node"]) == {"id", "verb"}


async def test_fragments_on_interfaces_and_types_apply_where_they_fit(context: Context) -> None:
    query = """
    query { claims(filter: {verb: MADE_NOTABLE_BY}) { nodes { who { ...OfThing } } }
            entities(search: "zhang heqing") { nodes { ...OfEntity } } }
    fragment OfThing on Thing { __typename id ... on Claim { verb } ... on Entity { name } }
    fragment OfEntity on Entity { ...OfThing ... on Person { person: note } ... on Official { country } }
    """
    found = await answer(context, query)
    (who,) = found["claims"]["nodes"][0]["who"]
    assert who == {"__typename": "Claim", "id": "xinjiang_2021/C030", "verb": "AMPLIFIED"}
    (entity,) = found["entities"]["nodes"]
    assert entity["__typename"] == "Official"
    assert entity["country"] == "CN"
    assert "person" not in entity


async def test_the_label_of_an_entity_is_its_name_and_read_once(context: Context) -> None:
    explained = replace(context, explained=[])
    found = await answer(explained, '{ entity(id: "org:aspi") { name label title: name } }')
    assert found["entity"]["label"] == found["entity"]["title"] == found["entity"]["name"]
    (told,) = explained.explained or []
    assert told["statement"].count(".name") == 1
    who = "{ claims(filter: {verb: MADE_NOTABLE_BY}) { nodes { who { label ... on Entity { name } } } } }"
    (node,) = (await answer(context, who))["claims"]["nodes"]
    assert set(node["who"][0]) == {"label"}, "a claim has a label, and no name"
    assert node["who"][0]["label"]


async def test_skip_and_include_change_what_is_asked(context: Context) -> None:
    query = """query ($on: Boolean!) { entity(id: "org:aspi") {
      name @include(if: $on)
      ... @skip(if: $on) { id }
      ...Names @include(if: $on)
    } }
    fragment Names on Entity { names { written } }"""
    assert set((await answer(context, query, on=True))["entity"]) == {"name", "names"}
    assert set((await answer(context, query, on=False))["entity"]) == {"id"}


async def test_typename_stands_anywhere(context: Context) -> None:
    query = """{ __typename claims(first: 1) { __typename edges { __typename node { __typename
        when { __typename } saidBy { __typename entity { __typename } } } } pageInfo { __typename }
        searched { __typename } } }"""
    found = await answer(context, query)
    assert found["__typename"] == "Query"
    assert found["claims"]["__typename"] == "ClaimConnection"
    (edge,) = found["claims"]["edges"]
    assert edge["__typename"] == "ClaimEdge"
    assert edge["node"]["when"] == {"__typename": "When"}
    assert edge["node"]["saidBy"][0]["entity"]["__typename"] in {"Document", "Report"}


async def test_a_field_may_be_called_anything(context: Context) -> None:
    query = '{ entity(id: "org:aspi") { __typename: id type: name node: names { id: written } } }'
    found = (await answer(context, query))["entity"]
    assert (found["__typename"], found["type"]) == ("org:aspi", "Australian Strategic Policy Institute")


async def test_an_unknown_id_is_null(context: Context) -> None:
    query = '{ entity(id: "per:nobody") { id } claim(id: "no_case/C1") { id } document(id: "no_case/doc:1") { id } }'
    assert await answer(context, query) == {"entity": None, "claim": None, "document": None}


async def test_a_document_is_no_other_entity(context: Context) -> None:
    assert await answer(context, '{ document(id: "org:aspi") { id } }') == {"document": None}


async def test_rows_total_and_searched_are_asked_for_only_when_selected(context: Context) -> None:
    assert (await answer(context, "{ claims { totalCount } }"))["claims"] == {
        "totalCount": await count_current(context)
    }
    assert set((await answer(context, "{ claims { searched { claims } } }"))["claims"]) == {"searched"}


async def test_health_is_asked_for_only_as_far_as_selected(context: Context) -> None:
    before = context.store.statements_run
    assert (await answer(context, "{ health { name: engine version } }"))["health"]["version"]
    assert context.store.statements_run == before
    found = (await answer(context, "{ health { counts { label n: count } checks { name rows } } }"))["health"]
    assert {"label": "Claim", "n": 142} in found["counts"]
    assert {check["rows"] for check in found["checks"]} == {0}


@pytest.mark.parametrize(
    "query",
    [
        "{ claims { nodes { supports { supports { supports { id } } } } } }",
        (
            '{ entity(id: "org:aspi") { claims { nodes { who { ... on Entity { claims { nodes { who {'
            " ... on Entity { claims { nodes { who { ... on Claim { verb } } } } } } } } } } } } } }"
        ),
        '{ entity(id: "org:aspi") ' + "{ accounts " * 12 + "{ id }" + " }" * 12 + " }",
    ],
)
async def test_what_nests_too_deep_is_refused(context: Context, query: str) -> None:
    code, message = await refusal(replace(context, limits=Limits(cost=10**9)), query)
    assert code == "TOO_DEEP"
    assert "deep; take the id here" in message


async def test_claims_nest_three_deep_and_things_are_named_below(context: Context) -> None:
    await answer(context, "{ claims { nodes { supports { supports { id who { id label } } } } } }")
