"""The listings hold every entity of their type by name, and officials come with the source of each posting."""

import pytest

from api.context import Context
from tests.api.cases import answer, refusal

KINDS = {
    "embassies": "EMBASSY", "tours": "TOUR", "reports": "REPORT", "tribunals": "TRIBUNAL",
    "influencers": "INFLUENCER", "narratives": "NARRATIVE",
}  # fmt: skip


@pytest.mark.parametrize("name", KINDS)
async def test_a_listing_holds_every_entity_of_its_type_by_name(context: Context, name: str) -> None:
    query = f"""{{ {name}(first: 1000) {{ totalCount nodes {{ __typename id name }} }}
      entities(types: [{KINDS[name]}], first: 1000) {{ nodes {{ __typename id name }} }} }}"""
    found = await answer(context, query)
    nodes = found[name]["nodes"]
    assert nodes == sorted(found["entities"]["nodes"], key=lambda each: (each["name"], each["id"]))
    assert found[name]["totalCount"] == len(nodes) > 0


OFFICIALS = """query ($embassy: ID, $at: String) { officials(embassy: $embassy, at: $at, first: 100) {
  nodes { role from to official { __typename id name } body { id } claim { id saidBy { entity { id } } } dataset row }
  searched { undatedExcluded } } }"""


async def test_officials_come_from_dataset_rows_and_from_claims_each_with_its_source(
    context: Context,
) -> None:
    nodes = (await answer(context, OFFICIALS))["officials"]["nodes"]
    names = [(each["official"]["name"], each["official"]["id"]) for each in nodes]
    assert names == sorted(names)
    assert {each["dataset"] is None for each in nodes} == {True, False}
    for each in nodes:
        assert (each["claim"] is None) == (each["dataset"] is not None)
        assert each["claim"] is None or each["claim"]["saidBy"]
    officials = await answer(context, "{ entities(types: [OFFICIAL], first: 1000) { nodes { id } } }")
    assert {each["official"]["id"] for each in nodes} == {
        each["id"] for each in officials["entities"]["nodes"]
    }


async def test_the_officials_of_a_mission_at_a_day(context: Context) -> None:
    embassy = "org:kestria-embassy-port-elm"
    held: dict[str, list[tuple[str, str]]] = {}
    for day in ("2022-01-01", "2023-01-01", "2024-07-01"):
        found = (await answer(context, OFFICIALS, embassy=embassy, at=day))["officials"]
        held[day] = [(each["official"]["id"], each["row"]) for each in found["nodes"] if each["row"]]
    assert held == {
        "2022-01-01": [("per:ilsa-vorrin", "p1")],
        "2023-01-01": [("per:ilsa-vorrin", "p1"), ("per:tobin-okash", "p2")],
        "2024-07-01": [("per:tobin-okash", "p2")],
    }
    every = (await answer(context, OFFICIALS, embassy=embassy))["officials"]
    undated = [each for each in every["nodes"] if each["from"] is None and each["to"] is None]
    assert found["searched"]["undatedExcluded"] == len(undated)
    assert every["searched"]["undatedExcluded"] == 0


async def test_a_passage_by_its_id(context: Context) -> None:
    query = '{ claim(id: "teaching_case/T01") { shownIn { passage { id } } } }'
    (shown,) = (await answer(context, query))["claim"]["shownIn"]
    query = """query ($id: ID!) { passage(id: $id) { id exact document { id } claims { nodes { id } } } }"""
    found = (await answer(context, query, id=shown["passage"]["id"]))["passage"]
    assert found["exact"] == "(Daily Tern)"
    assert "teaching_case/T01" in {each["id"] for each in found["claims"]["nodes"]}
    assert (await answer(context, query, id="teaching_case/doc:tern:0-999999"))["passage"] is None
    assert (await refusal(context, query, id="teaching_case/T01"))[0] == "BAD_ID"


async def test_datasets_and_runs_say_what_was_loaded(context: Context) -> None:
    found = await answer(
        context,
        """{ datasets { nodes { id title publisher licence } }
             runs { nodes { id source at rowsChanged case { id title runs { totalCount } } } } }""",
    )
    assert [each["id"] for each in found["datasets"]["nodes"]] == ["plaza_sample"]
    runs = found["runs"]["nodes"]
    assert {each["case"]["id"] for each in runs} == {each["source"] for each in runs}
    assert {"teaching_case", "xinjiang_2021"} == {each["source"] for each in runs}
    assert [each["at"] for each in runs] == sorted((each["at"] for each in runs), reverse=True)
    assert all(each["rowsChanged"] > 0 for each in runs)


@pytest.mark.parametrize("argument", ["country", "sender"])
async def test_a_country_is_a_code_in_capitals(context: Context, argument: str) -> None:
    code, message = await refusal(context, f'{{ embassies({argument}: "China") {{ totalCount }} }}')
    assert code == "BAD_ARGUMENT"
    assert message.startswith(f"{argument}: 'China' is not an ISO 3166-1 code")
