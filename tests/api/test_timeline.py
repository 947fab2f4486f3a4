"""A timeline holds whatever has a date, in the order of time, each item with its source."""

from typing import Any

import pytest

from api.context import Context
from tests.api.cases import answer, refusal

TIMELINE = """
query ($id: ID!, $period: String, $first: Int! = 100) {
  timeline(id: $id, period: $period, first: $first) {
    totalCount
    nodes {
      id basis from to sentence row dataset { id }
      claim { id when { edtf } saidBy { entity { id } } shownIn { passage { id } } }
      posting { role official { id } body { id } from to dataset row }
      interaction { kind source { id } target { id } row }
      post { id }
    }
    searched { undatedExcluded documents }
  }
}
"""


async def tell(context: Context, **variables: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await answer(context, TIMELINE, **variables))["timeline"]
    return found


@pytest.mark.parametrize(
    "entity", ["per:ilsa-vorrin", "org:kestria-embassy-port-elm", "acct:plaza:id:7002", "work:aspi-report"]
)
async def test_items_are_in_the_order_of_time_and_each_has_one_source(context: Context, entity: str) -> None:
    found = await tell(context, id=entity)
    items = found["nodes"]
    assert len(items) == found["totalCount"] > 0
    assert [item["from"] for item in items] == sorted(item["from"] for item in items)
    for item in items:
        sources = [item[name] for name in ("claim", "posting", "interaction", "post") if item[name]]
        assert len(sources) == 1
        assert (item["basis"] == "REPORTED") == (item["claim"] is not None) == (item["dataset"] is None)
        if item["claim"]:
            assert item["claim"]["saidBy"]
            assert item["claim"]["shownIn"]
            assert item["sentence"]
        else:
            assert item["row"]


async def test_a_holder_has_the_rows_of_the_time_it_held_the_account(context: Context) -> None:
    ilsa = await tell(context, id="per:ilsa-vorrin")
    tobin = await tell(context, id="per:tobin-okash")
    account = await tell(context, id="acct:plaza:id:7002")
    rows = [
        {item["row"] for item in found["nodes"] if item["interaction"]} for found in (ilsa, tobin, account)
    ]
    assert rows == [
        {"r01", "r02", "r03"},
        {"r04", "r06"},
        {"r01", "r02", "r03", "r04", "r06"},
    ]
    # The row without a time is the account's alone: which of its two holders acted cannot be said.
    assert account["searched"]["undatedExcluded"] == 1 + (await undated_claims(context, "acct:plaza:id:7002"))


async def undated_claims(context: Context, entity: str) -> int:
    query = """query ($id: ID!) { entity(id: $id) {
        claims(first: 1000) { nodes { id when { earliest latest } } }
        saidClaims(first: 1000) { nodes { id when { earliest latest } } } } }"""
    found = (await answer(context, query, id=entity))["entity"]
    return len({
        each["id"]
        for name in ("claims", "saidClaims")
        for each in found[name]["nodes"]
        if each["when"] == {"earliest": None, "latest": None}
    })  # fmt: skip


async def test_claims_in_any_role_or_voice_are_there_or_counted(context: Context) -> None:
    query = """query ($id: ID!) { entity(id: $id) {
        claims(first: 1000) { nodes { id } } saidClaims(first: 1000) { nodes { id } } } }"""
    entity = (await answer(context, query, id="work:aspi-report"))["entity"]
    every = {each["id"] for name in ("claims", "saidClaims") for each in entity[name]["nodes"]}
    found = await tell(context, id="work:aspi-report")
    dated = {item["claim"]["id"] for item in found["nodes"]}
    assert dated < every
    assert found["searched"]["undatedExcluded"] == len(every) - len(dated)


async def test_a_period_keeps_what_overlaps_it(context: Context) -> None:
    whole = await tell(context, id="per:ilsa-vorrin")
    part = await tell(context, id="per:ilsa-vorrin", period="2024-05")
    wanted = [
        item["id"]
        for item in whole["nodes"]
        if (item["from"] < "2024-06" and (item["to"] is None or item["to"] >= "2024-05"))
        or (item["posting"] and item["posting"]["from"] is None)
    ]  # fmt: skip
    assert [item["id"] for item in part["nodes"]] == wanted
    assert 0 < len(wanted) < len(whole["nodes"])
    assert part["searched"]["undatedExcluded"] == whole["searched"]["undatedExcluded"]


async def test_nobody_has_an_empty_timeline_and_no_id_is_refused(context: Context) -> None:
    found = await tell(context, id="per:nobody")
    assert (found["nodes"], found["totalCount"]) == ([], 0)
    assert found["searched"]["documents"] > 0
    assert (await refusal(context, TIMELINE, id="no id"))[0] == "BAD_ID"
    assert (await refusal(context, TIMELINE, id="per:nobody", period="soon"))[0] == "BAD_PERIOD"
