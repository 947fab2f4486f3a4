"""What questions find: what is shown by default, what was known when, what has a date, and what a name means."""

from collections.abc import Mapping
from typing import Any

import pytest

from kb.documents import HeldDocuments
from kb.questions import ask
from kb.select import Pick
from kb.store import Store
from schema.case_files import CaseFile
from tests.kb.harbour_case import LONG_AGO, load, make_case, with_claim, without_claim

LATER = "2025-01-01T00:00:00Z"
STILL_LATER = "2026-01-01T00:00:00Z"


@pytest.fixture
def store(migrated: Store) -> Store:
    """With every key and index: what Neo4j has planned stays planned from test to test."""
    return migrated


async def find(store: Store, root: str, arguments: Mapping[str, Any], field: str = "id") -> list[str]:
    """The ids of the first 1,000 rows."""
    row = {"claims": "Claim", "amplifications": "Amplification", "entities": "Entity"}[root]
    answer = await ask(store, Pick("Query", root, arguments, [Pick(row, field)], first=1000))
    return [slots[-1] for _, slots in answer.value[1]]


async def find_undated(store: Store, root: str, arguments: Mapping[str, Any]) -> int:
    answer = await ask(store, Pick("Query", root, arguments, rows=False, undated=True))
    return int(answer.value[3])


@pytest.fixture
async def load_harbour(store: Store, held: HeldDocuments) -> Any:
    async def load_version(case: CaseFile, now: str = LONG_AGO) -> None:
        await load(store, held, case, now)

    return load_version


@pytest.fixture
def held(tmp_path: Any) -> HeldDocuments:
    return HeldDocuments(tmp_path)


async def test_a_corrected_claim_leaves_default_answers_and_stays_readable(
    store: Store, load_harbour: Any
) -> None:
    await load_harbour(make_case())
    await load_harbour(with_claim("H1", text="Mira Vale shared the films.", reason="a slip"), LATER)
    assert await find(store, "claims", {"filter": {"verb": "AMPLIFIED"}}) == ["harbour/H1"]
    corrected = {"filter": {"verb": "AMPLIFIED", "status": ["corrected"]}}
    assert await find(store, "claims", corrected) == ["harbour/H1@1"]
    versions = Pick(
        "Claim",
        "history",
        {},
        [Pick("Version", "reason"), Pick("Version", "claim", {}, [Pick("Claim", "id")])],
    )
    newer = Pick("Claim", "replacedBy", {}, [Pick("Claim", "id")])
    answer = await ask(store, Pick("Query", "claim", {"id": "harbour/H1"}, [versions, newer]))
    assert answer.value == [[[["a slip", ["harbour/H1@1"]]], []]]
    answer = await ask(store, Pick("Query", "claim", {"id": "harbour/H1@1"}, [versions, newer]))
    assert answer.value == [[[], [["harbour/H1"]]]]


async def test_known_at_gives_what_was_held_then_whatever_became_of_it(
    store: Store, load_harbour: Any
) -> None:
    await load_harbour(make_case())
    await load_harbour(with_claim("H1", text="Mira Vale shared the films.", reason="a slip"), LATER)
    await load_harbour(without_claim("H1"), STILL_LATER)
    held = {
        known: await find(store, "claims", {"filter": {"verb": "AMPLIFIED", "knownAt": known}})
        for known in ("2023-12-31", "2024-06-01", LATER, "2025-06-01", STILL_LATER)
    }
    assert held == {
        "2023-12-31": [],
        "2024-06-01": ["harbour/H1@1"],
        LATER: ["harbour/H1"],
        "2025-06-01": ["harbour/H1"],
        STILL_LATER: [],
    }
    records = await find(store, "amplifications", {"knownAt": "2024-06-01"})
    assert records == ["harbour/H1@1|per:mira-vale|per:otto-lind"]
    assert await find(store, "amplifications", {}) == []


@pytest.mark.parametrize("mark", ["suggested", "garbled"])
async def test_what_nobody_accepted_or_can_read_is_never_shown_unasked(
    store: Store, load_harbour: Any, mark: str
) -> None:
    await load_harbour(with_claim("H1", **{mark: True}))
    for arguments in ({}, {"knownAt": LATER}):
        assert "harbour/H1" not in await find(store, "claims", {"filter": arguments})
        assert await find(store, "amplifications", arguments) == []
    assert await find(store, "claims", {"filter": {"status": [mark]}}) == ["harbour/H1"]


async def test_a_claim_does_not_name_a_suggested_one(store: Store, load_harbour: Any) -> None:
    await load_harbour(with_claim("H3", suggested=True, inside=None))
    things = Pick("Claim", "what", {}, [Pick("Claim", "id")])
    answer = await ask(store, Pick("Query", "claim", {"id": "harbour/H4"}, [things]))
    assert answer.value == [[[]]]


async def test_records_of_other_modalities_are_shown_when_asked_for(store: Store, load_harbour: Any) -> None:
    await load_harbour(with_claim("H1", modality="possible"))
    assert await find(store, "amplifications", {}) == []
    assert len(await find(store, "amplifications", {"modality": ["possible"]})) == 1


PERIODS = (
    ("2020-01/2021-08", "2021", True),
    ("2020-01/2021-08", "2021-08-31/2022", True),
    ("2020-01/2021-08", "2021-09", False),
    ("2020-01/2021-08", "2019", False),
    ("2020/..", "2030", True),
    ("2020/..", "2019", False),
    ("../2020", "1999", True),
    ("../2020", "2021", False),
    ("2021-12-14", "2021-12-14", True),
    ("2021-12-14", "../2021-12-13", False),
    ("2021-12-14", "2021-12-14/..", True),
)


async def test_a_period_finds_what_overlaps_it(store: Store, load_harbour: Any) -> None:
    for edtf in dict.fromkeys(edtf for edtf, _, _ in PERIODS):
        await load_harbour(with_claim("H1", date={"edtf": edtf}))
        for period, overlaps in ((period, overlaps) for dated, period, overlaps in PERIODS if dated == edtf):
            arguments = {"period": period}
            assert bool(await find(store, "amplifications", arguments)) == overlaps, (edtf, period)
            assert ("harbour/H1" in await find(store, "claims", {"filter": arguments})) == overlaps
            # The other three say nothing of a date.
            assert await find_undated(store, "claims", {"filter": arguments}) == 3
            assert await find_undated(store, "amplifications", arguments) == 0


async def test_valid_at_leaves_the_undated_out_and_counts_them(store: Store, load_harbour: Any) -> None:
    await load_harbour(make_case())
    assert await find(store, "amplifications", {"validAt": "2021-01-01"}) == []
    assert await find_undated(store, "amplifications", {"validAt": "2021-01-01"}) == 1
    assert await find_undated(store, "amplifications", {}) == 0


async def test_a_condition_on_the_other_end_narrows(store: Store, load_harbour: Any) -> None:
    await load_harbour(make_case())
    for arguments, found in (
        ({"amplifier": "per:mira-vale", "amplified": "per:otto-lind"}, 1),
        ({"amplifier": "per:mira-vale", "amplified": "content:films"}, 0),
        ({"amplifier": "per:otto-lind"}, 0),
        ({"content": "content:films"}, 1),
        ({"channel": "channel:briefing"}, 1),
        ({"channelKind": "press_briefing"}, 1),
        ({"channelKind": "platform"}, 0),
        ({"channelStated": True}, 1),
        ({"channelStated": False}, 0),
        ({"minCount": 12}, 1),
        ({"minCount": 13}, 0),
        ({"basis": "observed"}, 0),
    ):
        assert len(await find(store, "amplifications", arguments)) == found, arguments


async def test_a_contest_of_a_source_is_inherited_but_not_by_the_claim_that_makes_it(
    store: Store, load_harbour: Any
) -> None:
    await load_harbour(make_case())
    contest = [
        Pick("Contest", "level"),
        Pick("Contest", "scope"),
        Pick("Contest", "claim", {}, [Pick("Claim", "id")]),
    ]
    for claim, contests in (("H1", [["source", "general", ["harbour/H3"]]]), ("H3", []), ("H4", [])):
        pick = Pick("Query", "claim", {"id": f"harbour/{claim}"}, [Pick("Claim", "disputedBy", {}, contest)])
        assert (await ask(store, pick)).value == [[contests]]


async def test_a_name_is_found_exact_first_then_by_its_beginning_then_inside(
    store: Store, load_harbour: Any
) -> None:
    entities = [
        {"id": "per:a", "type": "Person", "name": "Anna Lindqvist"},
        {"id": "per:b", "type": "Influencer", "name": "Lindqvist Bo"},
        {"id": "per:c", "type": "Official", "name": "Lindqvist", "country": "SE"},
        {"id": "org:d", "type": "Organization", "name": "Łódź Press", "country": "PL"},
        {"id": "per:e", "type": "Person", "name": "达罗·敏文", "wikidata": "Q42"},
        {"id": "acct:plaza:handle:quiet", "type": "Account", "name": "Q.", "platform": "plaza", "handle": "quiet"},
    ]  # fmt: skip
    made = make_case()
    await load_harbour(make_case(entities=[*make_raw(made), *entities]))
    for arguments, found in (
        ({"search": "LINDQVIST"}, ["per:c", "per:b", "per:a"]),
        ({"search": "lodz"}, ["org:d"]),
        ({"search": "敏文"}, ["per:e"]),
        ({"search": "Q42"}, ["per:e"]),
        ({"search": "per:e"}, ["per:e"]),
        ({"search": "@quiet"}, ["acct:plaza:handle:quiet"]),
        ({"search": "nobody of this name"}, []),
        ({"search": "lindqvist", "types": ["Official"]}, ["per:c"]),
        ({"search": "lindqvist", "types": ["Person"]}, ["per:c", "per:b", "per:a"]),
        ({"country": "PL"}, ["org:d"]),
    ):
        assert await find(store, "entities", arguments) == found, arguments


def make_raw(case: CaseFile) -> list[dict[str, Any]]:
    """The entities of a case as they were written."""
    return [
        entity.model_dump(mode="json", exclude_none=True, exclude_defaults=True) for entity in case.entities
    ]
