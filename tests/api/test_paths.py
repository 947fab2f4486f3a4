"""Two entities are connected by relations with claims or a dataset behind them; a shared source is no relation."""

from typing import Any

import pytest

from api.context import Context
from kb.questions import ask, paths
from kb.select import Pick
from tests.api.cases import answer, refusal

PATHS = """query ($from: ID!, $to: ID!, $hops: Int! = 3, $through: [Verb!], $only: Boolean! = false,
               $first: Int! = 20) {
  paths(from: $from, to: $to, maxHops: $hops, through: $through, onlyUncontested: $only, first: $first) {
    from { id } to { id } total shown lookedAt onlySharedSources
    paths { hops entities { id } steps { from { id } to { id } links {
      basis verb from { id } to { id } sentence contested contestedDirectly claimId dataset { id } count { text }
      claim { id saidBy { entity { id } } shownIn { passage { exact document { id } } } } } } }
    sharedSources { voices { voice { id } aboutFrom { id } aboutTo { id } }
                    documents { document { id } namingFrom { id } namingTo { id } } } } }"""
MINWEN, VORRIN, EMBASSY = "per:daro-minwen", "per:ilsa-vorrin", "org:kestria-embassy-port-elm"
# Named in one report, and nothing else is said of the two together.
APART = {"from": "per:daniel-dumbrill", "to": "org:china-mfa"}


async def find(context: Context, **variables: Any) -> Any:
    return (await answer(context, PATHS, **variables))["paths"]


def ways(found: Any) -> list[list[str]]:
    return [[entity["id"] for entity in path["entities"]] for path in found["paths"]]


async def test_paths_are_found_shortest_first_and_no_entity_stands_on_one_twice(context: Context) -> None:
    found = await find(context, **{"from": MINWEN, "to": VORRIN}, hops=4)
    assert ways(found)[:2] == [[MINWEN, VORRIN], [MINWEN, EMBASSY, VORRIN]]
    assert found["total"] == found["shown"] == len(ways(found)) == 4
    assert ways(found) == sorted(ways(found), key=lambda way: (len(way), way))
    assert all(
        len(set(way)) == len(way) == path["hops"] + 1
        for way, path in zip(ways(found), found["paths"], strict=True)
    )


async def test_each_hop_shows_its_claims_with_voice_and_words_or_its_dataset(context: Context) -> None:
    found = await find(context, **{"from": MINWEN, "to": VORRIN}, hops=5)
    for path in found["paths"]:
        for step, (here, there) in zip(
            path["steps"], zip(path["entities"], path["entities"][1:], strict=False), strict=True
        ):
            assert (step["from"], step["to"]) == (here, there)
            assert step["links"]
            for link in step["links"]:
                assert {link["from"]["id"], link["to"]["id"]} == {here["id"], there["id"]}
                if link["basis"] == "REPORTED":
                    assert link["claim"]["saidBy"]
                    assert link["claim"]["shownIn"][0]["passage"]["exact"]
                    assert link["sentence"]
                    assert link["dataset"] is None
                else:
                    assert (link["claim"], link["sentence"]) == (None, None)
                    assert link["dataset"]["id"]
                    assert link["count"]["text"].endswith("held")


async def test_a_path_is_the_same_from_its_other_end(context: Context) -> None:
    there = await find(context, **{"from": MINWEN, "to": VORRIN}, hops=5)
    back = await find(context, **{"from": VORRIN, "to": MINWEN}, hops=5)
    assert sorted(ways(there)) == sorted(way[::-1] for way in ways(back))


async def test_fewer_hops_and_fewer_paths_are_shown_when_asked_for_and_nothing_is_cut_unsaid(
    context: Context,
) -> None:
    ends = {"from": MINWEN, "to": VORRIN}
    assert ways(await find(context, **ends, hops=1)) == [[MINWEN, VORRIN]]
    found = await find(context, **ends, hops=4, first=1)
    assert (found["total"], found["shown"], ways(found)) == (4, 1, [[MINWEN, VORRIN]])


async def test_through_limits_the_verbs_of_every_hop(context: Context) -> None:
    ends = {"from": MINWEN, "to": VORRIN}
    found = await find(context, **ends, hops=5, through=["AMPLIFIED"])
    assert {link["verb"] for path in found["paths"] for step in path["steps"] for link in step["links"]} == {
        "AMPLIFIED"
    }
    assert ways(await find(context, **ends, hops=5, through=["FUNDED_BY"])) == []
    assert "FUNDED_BY" in (await find(context, **ends, through=["FUNDED_BY"]))["lookedAt"]


async def test_a_shared_source_is_an_answer_of_its_own_and_never_a_hop(context: Context) -> None:
    found = await find(context, **APART, hops=5)
    assert found["paths"] == []
    assert found["onlySharedSources"] is True
    (voice,) = found["sharedSources"]["voices"]
    assert voice["aboutFrom"]
    assert voice["aboutTo"]
    (document,) = found["sharedSources"]["documents"]
    assert document["namingFrom"]
    assert document["namingTo"]


async def test_no_document_or_report_stands_inside_a_path(context: Context) -> None:
    query = "MATCH (e:Entity) WHERE e.degree > 0 RETURN e.id AS id ORDER BY id"
    ids = [row[0] for row in await context.store.read(query)]
    seen = set()
    for goal in ids[:: max(1, len(ids) // 12)]:
        if goal != "org:aspi":
            inner = (await answer(context, """query ($to: ID!) { paths(from: "org:aspi", to: $to, maxHops: 5) {
              paths { entities { __typename } } } }""", to=goal))["paths"]  # fmt: skip
            seen |= {each["__typename"] for path in inner["paths"] for each in path["entities"][1:-1]}
    assert not seen & {"Document", "Report"}


async def test_an_unknown_end_is_null(context: Context) -> None:
    assert await find(context, **{"from": "per:nobody", "to": MINWEN}) is None
    assert await find(context, **{"from": MINWEN, "to": "per:nobody"}) is None


@pytest.mark.parametrize(
    ("variables", "code", "says"),
    [
        ({"to": MINWEN}, "BAD_ARGUMENT", "is also `from`"),
        ({"to": "two words"}, "BAD_ID", "cannot be the id"),
        ({"to": VORRIN, "hops": 6}, "BAD_ARGUMENT", "write 1 to 5"),
        ({"to": VORRIN, "hops": 0}, "BAD_ARGUMENT", "write 1 to 5"),
        ({"to": VORRIN, "first": 0}, "BAD_ARGUMENT", "write 1 to 100"),
    ],
)
async def test_what_cannot_be_asked_is_refused(
    context: Context, variables: Any, code: str, says: str
) -> None:
    found, message = await refusal(context, PATHS, **{"from": MINWEN, **variables})
    assert found == code
    assert says in message


@pytest.mark.parametrize("hops", [1, 2, 3, 4, 5])
async def test_a_hub_is_refused_with_the_number_before_it_is_walked(
    context: Context, hops: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "MAX_STEPS", 1)
    code, message = await refusal(context, PATHS, **{"from": MINWEN, "to": VORRIN}, hops=hops)
    assert code == "TOO_EXPENSIVE"
    assert "15 edges would have to be followed, and 1 are the most" in message


async def test_paths_are_one_statement(context: Context) -> None:
    before = context.store.statements_run
    await find(context, **{"from": MINWEN, "to": VORRIN})
    assert context.store.statements_run - before == 1


async def test_the_question_can_be_asked_without_the_api(context: Context) -> None:
    found = await ask(
        context.store, Pick("Query", "paths", {"from": MINWEN, "to": VORRIN}, [Pick("Paths", "total")])
    )
    assert found.value == [[4]]
