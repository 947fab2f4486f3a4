"""A subgraph to draw holds what its edges rest on, and says what it leaves out."""

from typing import Any

import pytest

from api.context import Context
from kb.questions import neighbourhood
from tests.api.cases import answer, refusal

AROUND = """query ($id: ID!, $hops: Int! = 1, $relations: [Verb!], $limit: Int! = 100) {
  neighbourhood(id: $id, hops: $hops, relations: $relations, limit: $limit) {
    entity { id } total shown nodes { id label type degree entity { __typename name } }
    edges { id basis verb from { id } to { id } claimId sentence contested count { text } dataset { id } } } }"""
MINWEN = "per:daro-minwen"


async def find(context: Context, **variables: Any) -> Any:
    return (await answer(context, AROUND, **variables))["neighbourhood"]


async def test_the_entity_comes_first_and_every_edge_is_between_nodes_shown(context: Context) -> None:
    for hops in (1, 2):
        found = await find(context, id=MINWEN, hops=hops)
        ids = [node["id"] for node in found["nodes"]]
        assert ids[0] == found["entity"]["id"] == MINWEN
        assert found["total"] == found["shown"] == len(ids) == len(set(ids)) > 5
        assert all({edge["from"]["id"], edge["to"]["id"]} <= set(ids) for edge in found["edges"])
        assert all(node["label"] == node["entity"]["name"] and node["degree"] > 0 for node in found["nodes"])


async def test_every_edge_has_its_claim_with_a_voice_or_its_dataset(context: Context) -> None:
    for edge in (await find(context, id=MINWEN, hops=2))["edges"]:
        assert (
            (edge["basis"] == "REPORTED") == (edge["claimId"] is not None) == (edge["sentence"] is not None)
        )
        assert (edge["basis"] == "OBSERVED") == (edge["dataset"] is not None)


async def test_a_node_of_one_hop_has_as_many_asserted_edges_as_are_stored(context: Context) -> None:
    found = await find(context, id=MINWEN)
    at_it = [edge for edge in found["edges"] if MINWEN in (edge["from"]["id"], edge["to"]["id"])]
    query = """MATCH (e:Entity {id: $id})-[r]-(o:Entity) WHERE r.basis IN ['reported', 'observed']
        AND coalesce(r.modality, 'asserted') = 'asserted' RETURN count(r) AS edges"""
    assert [[len(at_it)]] == await context.store.read(query, {"id": MINWEN})


async def test_a_limit_leaves_out_the_farthest_and_says_how_many(context: Context) -> None:
    whole = await find(context, id=MINWEN, hops=2)
    found = await find(context, id=MINWEN, hops=2, limit=4)
    assert (found["total"], found["shown"]) == (whole["total"], 4)
    assert found["nodes"] == whole["nodes"][:4]
    ids = {node["id"] for node in found["nodes"]}
    assert found["edges"] == [
        edge for edge in whole["edges"] if {edge["from"]["id"], edge["to"]["id"]} <= ids
    ]


async def test_relations_limit_the_verbs(context: Context) -> None:
    found = await find(context, id=MINWEN, hops=2, relations=["AMPLIFIED"])
    assert {edge["verb"] for edge in found["edges"]} == {"AMPLIFIED"}


async def test_an_entity_without_edges_stands_alone_and_an_unknown_one_is_null(context: Context) -> None:
    ((alone,),) = await context.store.read(
        "MATCH (e:Entity) WHERE e.degree = 0 RETURN e.id AS id ORDER BY id LIMIT 1"
    )
    for hops in (1, 2):
        found = await find(context, id=alone, hops=hops)
        assert (found["total"], [node["id"] for node in found["nodes"]], found["edges"]) == (1, [alone], [])
    assert await find(context, id="per:nobody") is None


@pytest.mark.parametrize(
    ("variables", "code", "says"),
    [
        ({"id": "two words"}, "BAD_ID", "cannot be the id"),
        ({"hops": 3}, "BAD_ARGUMENT", "write 1 or 2"),
        ({"limit": 0}, "BAD_ARGUMENT", "write 1 to 1,000"),
        ({"limit": 1001}, "BAD_ARGUMENT", "write 1 to 1,000"),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    context: Context, variables: Any, code: str, says: str
) -> None:
    found, message = await refusal(context, AROUND, **{"id": MINWEN, **variables})
    assert found == code
    assert says in message


@pytest.mark.parametrize("hops", [1, 2])
async def test_a_hub_is_refused_with_the_number(
    context: Context, hops: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(neighbourhood, "MAX_STEPS", 1)
    code, message = await refusal(context, AROUND, id=MINWEN, hops=hops)
    assert code == "TOO_EXPENSIVE"
    assert "12 edges would have to be followed, and 1 are the most" in message
