"""Rankings set what sources report beside what datasets show, and never add them."""

from typing import Any

import pytest

from api.context import Context
from tests.api.cases import answer, refusal

GROUPS = """
query ($of: ID, $by: [GroupBy!]!, $order: GroupOrder! = REPORTED, $basis: Basis, $period: String) {
  amplifiers(of: $of, groupBy: $by, orderBy: $order, basis: $basis, period: $period, first: 40) {
    totalCount
    nodes {
      id groupedBy amplifier { id } amplified { id } channel { id } country month
      reported {
        claimCount withoutCount documents independentOrigins contested
        statedCounts { count { text min } claim { id } }
        claims(first: 30) { totalCount nodes { id saidBy { entity { id } } } }
      }
      observed { dataset { id } text interactions accounts first last undated boundsUnknown }
    }
    searched { undatedExcluded modalities }
  }
}
"""


async def rank(context: Context, *by: str, **variables: Any) -> dict[str, Any]:
    """The groups by id, and what was looked at."""
    found = (await answer(context, GROUPS, by=list(by), **variables))["amplifiers"]
    assert found["totalCount"] == len(found["nodes"])
    return {each["id"]: each for each in found["nodes"]} | {"searched": found["searched"]}


async def test_each_side_of_a_group_stands_apart(context: Context) -> None:
    embassy = (await rank(context, "AMPLIFIER"))["org:kestria-embassy-port-elm|~"]
    assert [each["count"]["text"] for each in embassy["reported"]["statedCounts"]] == ["at least 120 posts"]
    assert (embassy["reported"]["claimCount"], embassy["reported"]["withoutCount"]) == (2, 1)
    (shown,) = embassy["observed"]
    assert (shown["text"], shown["interactions"]) == ("2 interactions held", 2)
    assert shown["dataset"] == {"id": "plaza_sample"}
    assert shown["boundsUnknown"] is True


async def test_56_and_546_stand_side_by_side_and_are_not_602(context: Context) -> None:
    found = await rank(context, "CHANNEL")
    texts = [each["count"]["text"] for each in found["~|~"]["reported"]["statedCounts"]]
    assert {"at least 546 posts", "at least 56 times"} <= set(texts)
    assert found["~|~"]["channel"] is None
    assert "602" not in str(found)


async def test_two_documents_that_relay_one_report_are_one_origin(context: Context) -> None:
    zhang = (await rank(context, "AMPLIFIER"))["per:zhang-heqing|~"]["reported"]
    assert (zhang["documents"], zhang["independentOrigins"]) == (2, 1)
    assert zhang["claims"]["nodes"][0]["saidBy"] == [{"entity": {"id": "work:aspi-report"}}]


@pytest.mark.parametrize("by", ["AMPLIFIER", "AMPLIFIED", "CHANNEL", "COUNTRY", "MONTH"])
async def test_every_record_is_in_a_group_and_every_interaction_once(context: Context, by: str) -> None:
    records = await answer(
        context,
        "{ amplifications(first: 1000) { nodes { claim { id } count { min } basis } } }",
    )
    claims = {each["claim"]["id"] for each in records["amplifications"]["nodes"] if each["claim"]}
    held = sum(
        each["count"]["min"] for each in records["amplifications"]["nodes"] if each["basis"] == "OBSERVED"
    )
    found = await rank(context, by)
    found.pop("searched")
    grouped = {claim["id"] for each in found.values() for claim in each["reported"]["claims"]["nodes"]}
    assert grouped == claims
    assert sum(side["interactions"] for each in found.values() for side in each["observed"]) == held == 11


async def test_what_is_not_stated_is_a_group_of_its_own(context: Context) -> None:
    unstated = (await rank(context, "AMPLIFIER"))["~|~"]
    assert (unstated["amplifier"], unstated["groupedBy"]) == (None, ["AMPLIFIER"])
    assert [each["id"] for each in unstated["reported"]["claims"]["nodes"]] == ["teaching_case/T17"]


async def test_the_country_of_an_official_is_the_state_served(context: Context) -> None:
    found = await rank(context, "COUNTRY", basis="REPORTED")
    assert "xinjiang_2021/C038" in {each["id"] for each in found["CN|~"]["reported"]["claims"]["nodes"]}


async def test_months_count_rows_and_leave_the_undated_in_a_group_of_their_own(context: Context) -> None:
    found = await rank(context, "MONTH", order="KEY")
    assert [key for key in found if key != "searched"] == [
        "2024-04|~", "2024-05|~", "2024-06|~", "2024-07|~", "~|~",
    ]  # fmt: skip
    assert [found[f"2024-0{month}|~"]["observed"][0]["interactions"] for month in (4, 5, 6, 7)] == [
        2,
        4,
        1,
        1,
    ]
    assert found["~|~"]["observed"][0]["undated"] == found["~|~"]["observed"][0]["interactions"] == 3


async def test_a_period_counts_its_own_rows_and_says_how_many_have_no_date(context: Context) -> None:
    found = await rank(context, "AMPLIFIER", of="per:daro-minwen", period="2024-05", basis="OBSERVED")
    assert found["per:ilsa-vorrin|~"]["observed"][0]["interactions"] == 1
    assert found["per:ilsa-vorrin|~"]["observed"][0]["first"] == "2024-05-02T12:15:00Z"
    whole = await rank(context, "AMPLIFIER", of="per:daro-minwen", basis="OBSERVED")
    assert whole["per:ilsa-vorrin|~"]["observed"][0]["interactions"] == 3
    undated = sum(side["undated"] for each in whole.values() for side in each.get("observed", ()))
    assert found["searched"]["undatedExcluded"] == undated == 2


async def test_two_keys_make_pairs(context: Context) -> None:
    found = await rank(context, "AMPLIFIER", "CHANNEL")
    pair = found["org:kestria-mfa|channel:kestria-mfa-briefings"]
    assert (pair["amplifier"], pair["channel"]) == (
        {"id": "org:kestria-mfa"},
        {"id": "channel:kestria-mfa-briefings"},
    )
    assert pair["groupedBy"] == ["AMPLIFIER", "CHANNEL"]
    assert pair["amplified"] is None


async def test_a_single_key_needs_no_brackets(context: Context) -> None:
    found = await answer(context, "{ amplifiers(groupBy: CHANNEL) { nodes { groupedBy } } }")
    assert found["amplifiers"]["nodes"][0] == {"groupedBy": ["CHANNEL"]}


@pytest.mark.parametrize("by", ["[]", "[MONTH, MONTH]", "[MONTH, CHANNEL, COUNTRY]"])
async def test_no_key_one_twice_and_three_are_refused(context: Context, by: str) -> None:
    code, message = await refusal(context, f"{{ amplifiers(groupBy: {by}) {{ totalCount }} }}")
    assert (code, message.split(":")[0]) == ("BAD_ARGUMENT", "groupBy")


@pytest.mark.parametrize("order", ["REPORTED", "OBSERVED"])
async def test_the_largest_of_one_side_comes_first(context: Context, order: str) -> None:
    found = await rank(context, "AMPLIFIER", order=order)
    found.pop("searched")
    reported = [
        max([each["count"]["min"] or -1 for each in group["reported"]["statedCounts"]], default=-1)
        for group in found.values()
    ]
    observed = [
        max([each["interactions"] for each in group["observed"]], default=-1) for group in found.values()
    ]
    keys = reported if order == "REPORTED" else observed
    assert keys == sorted(keys, reverse=True)
    assert keys[0] > keys[-1]


async def test_it_is_one_statement(context: Context) -> None:
    before = context.store.statements_run
    await rank(context, "AMPLIFIER", "MONTH")
    assert context.store.statements_run - before == 1
