"""The shipped case answers who amplified whom, through which channel, and who says so."""

from api.context import Context
from api.examples import read_examples
from tests.api.cases import answer, count_current

RECORD = """
query ($amplifier: ID) {
  amplifications(amplifier: $amplifier) {
    totalCount
    nodes {
      id basis sentence modality
      amplifier { __typename id name }
      amplified { id }
      content { id }
      channel { id }
      count { text min unit }
      when { literal edtf basis earliest latest }
      saidBy { entity { __typename id } }
      documents independentOrigins contested
      claim {
        shownIn { attribution passage { document { id } paragraph start end exact held } }
        origins { count roots { id } }
      }
      replies { id }
    }
    searched { documents claims modalities }
  }
}
"""


async def test_zhang_heqing_amplified_foreign_influencers_content_at_least_56_times(context: Context) -> None:
    found = (await answer(context, RECORD, amplifier="per:zhang-heqing"))["amplifications"]
    assert found["totalCount"] == 1
    (record,) = found["nodes"]
    assert record["amplifier"] == {"__typename": "Official", "id": "per:zhang-heqing", "name": "Zhang Heqing"}
    assert record["amplified"] == {"id": "grp:foreign-influencers"}
    assert record["content"] == [{"id": "content:foreign-influencer-content"}]
    assert record["count"] == {"text": "at least 56 times", "min": 56, "unit": "times"}
    assert record["channel"] is None
    assert record["saidBy"] == [{"entity": {"__typename": "Report", "id": "work:aspi-report"}}]
    assert (record["documents"], record["independentOrigins"]) == (2, 1)
    assert record["sentence"].startswith("The report “Borrowing mouths to speak on Xinjiang” by")
    assert record["replies"] == []


async def test_the_passages_have_locators_and_no_words_until_the_document_is_held(context: Context) -> None:
    found = (await answer(context, RECORD, amplifier="per:zhang-heqing"))["amplifications"]
    shown = [each["passage"] for each in found["nodes"][0]["claim"]["shownIn"]]
    assert [each["document"]["id"] for each in shown] == ["xinjiang_2021/doc:000", "xinjiang_2021/doc:001"]
    assert all(each["end"] > each["start"] >= 0 and each["paragraph"] >= 1 for each in shown)
    assert {(each["held"], each["exact"]) for each in shown} == {(False, None)}


async def test_the_words_of_a_held_document_are_shown(context: Context) -> None:
    found = await answer(
        context, '{ claim(id: "teaching_case/T01") { shownIn { passage { held exact prefix suffix } } } }'
    )
    (shown,) = found["claim"]["shownIn"]
    assert (shown["passage"]["held"], shown["passage"]["exact"]) == (True, "(Daily Tern)")


async def test_state_controlled_accounts_have_at_least_546_posts_of_a_period(context: Context) -> None:
    found = (await answer(context, RECORD, amplifier="grp:state-controlled-accounts"))["amplifications"]
    (record,) = found["nodes"]
    assert record["count"]["text"] == "at least 546 posts"
    assert record["when"]["edtf"] == "2020-01/2021-08"
    assert (record["when"]["earliest"], record["when"]["latest"]) == ("2020-01-01", "2021-08-31")


async def test_a_sharer_who_is_not_stated_still_has_a_record(context: Context) -> None:
    found = await answer(context, "{ amplifications(first: 100) { nodes { id amplifier { id } } } }")
    unstated = [each for each in found["amplifications"]["nodes"] if each["amplifier"] is None]
    assert "teaching_case/T17|?|grp:travel-creators" in {each["id"] for each in unstated}


async def test_three_voices_say_that_aspi_is_funded_by_governments_and_stay_apart(context: Context) -> None:
    query = """{ claims(filter: {verb: FUNDED_BY, who: "org:aspi"}) {
        nodes { id saidBy { entity { id } } origins { count } sentence } } }"""
    voices: dict[str, list[str]] = {}
    for claim in (await answer(context, query))["claims"]["nodes"]:
        (said,) = claim["saidBy"]
        voices.setdefault(said["entity"]["id"], []).append(claim["id"].split("/")[1])
        assert claim["origins"]["count"] == 1
    assert voices == {
        "xinjiang_2021/doc:000": ["C025", "C026", "C027", "C028", "C029"],
        "per:daniel-dumbrill": ["C096"],
        "per:hua-chunying": ["C101"],
    }


async def test_which_tour_dumbrill_attended_is_not_stated_in_what_was_looked_at(context: Context) -> None:
    query = """{ claims(filter: {verb: ATTENDED, who: "per:daniel-dumbrill"}) {
        totalCount nodes { id } searched { documents claims datasets undatedExcluded } } }"""
    found = (await answer(context, query))["claims"]
    assert (found["totalCount"], found["nodes"]) == (0, [])
    assert found["searched"]["documents"] == 6, "of the seven documents one is known of and not read"
    assert found["searched"]["claims"] == await count_current(context)
    assert found["searched"]["undatedExcluded"] == 0


async def test_hua_denies_no_number_and_contests_the_source(context: Context) -> None:
    query = """{
      denied: claims(filter: {verb: DENIED, saidBy: "per:hua-chunying"}) { totalCount }
      claim(id: "xinjiang_2021/C013") {
        contested contestedDirectly
        disputedBy { level scope source { id } claim { saidBy { entity { id } } } }
      }
    }"""
    found = await answer(context, query)
    assert found["denied"]["totalCount"] == 0
    assert (found["claim"]["contested"], found["claim"]["contestedDirectly"]) == (True, False)
    hers = [
        each
        for each in found["claim"]["disputedBy"]
        if each["claim"]["saidBy"] == [{"entity": {"id": "per:hua-chunying"}}]
    ]
    assert {each["level"] for each in hers} == {"SOURCE"}
    assert {each["source"]["id"] for each in hers} == {"work:aspi-report"}


async def test_the_origins_listed_are_as_many_as_those_counted(context: Context) -> None:
    found = await answer(context, "{ claims(first: 1000) { nodes { id origins { count roots { id } } } } }")
    wrong = [
        each["id"]
        for each in found["claims"]["nodes"]
        if len(each["origins"]["roots"]) != each["origins"]["count"]
    ]
    assert not wrong


async def test_contested_agrees_with_the_contests_listed(context: Context) -> None:
    query = "{ claims(first: 1000) { nodes { id contested contestedDirectly disputedBy { level } } } }"
    for claim in (await answer(context, query))["claims"]["nodes"]:
        levels = {each["level"] for each in claim["disputedBy"]}
        assert claim["contested"] == bool(levels), claim
        assert claim["contestedDirectly"] == ("DIRECT" in levels), claim


async def test_an_account_shows_what_its_holder_was_credited_with(context: Context) -> None:
    query = """query ($id: ID!) { entity(id: $id) {
        amplified(filter: {basis: OBSERVED}) { nodes { id amplifier { id } } } } }"""
    account = (await answer(context, query, id="acct:plaza:id:7002"))["entity"]["amplified"]["nodes"]
    holder = (await answer(context, query, id="per:ilsa-vorrin"))["entity"]["amplified"]["nodes"]
    assert holder
    assert {each["id"] for each in holder} < {each["id"] for each in account}
    assert {each["amplifier"]["id"] for each in account} == {
        "per:ilsa-vorrin",
        "per:tobin-okash",
        "acct:plaza:id:7002",
    }


async def test_an_observed_record_shows_its_rows_and_no_reply_or_mention(context: Context) -> None:
    query = """{ amplifications(basis: OBSERVED, first: 100) { nodes {
        count { text min } interactions { totalCount nodes { kind } } claim { id } saidBy { standing } } } }"""
    for record in (await answer(context, query))["amplifications"]["nodes"]:
        assert record["interactions"]["totalCount"] == record["count"]["min"]
        assert {row["kind"] for row in record["interactions"]["nodes"]} <= {"RESHARE", "QUOTE"}
        assert (record["claim"], record["saidBy"]) == (None, [])


def test_every_example_opens_with_a_question() -> None:
    """That each is answered without an error, and alike on both engines, is in test_both_engines.py."""
    assert len(read_examples()) >= 8
    assert all("?" in example.name for example in read_examples())
