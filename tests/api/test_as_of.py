"""What was known at an instant, and what held on a day: of a claim that was changed and then withdrawn."""

from typing import Any

import pytest_asyncio

from api.context import Context
from api.cursors import Cursors
from kb.documents import HeldDocuments
from kb.store import Store
from tests.api.cases import answer
from tests.kb.harbour_case import LONG_AGO, load, make_case, with_claim, without_claim

FIRST = "2024-06-01"
CHANGED = "2025-01-01T00:00:00Z"
SECOND = "2025-06-01"
WITHDRAWN = "2026-01-01T00:00:00Z"
AT_LEAST_12 = {"text": "at least 12 times", "min": "12", "unit": "times"}
AT_LEAST_20 = {"text": "at least 20 times", "min": "20", "unit": "times"}

QUESTION = """
query ($knownAt: String, $validAt: String) {
  claims(filter: {verb: AMPLIFIED, knownAt: $knownAt, validAt: $validAt}) {
    totalCount nodes { id count { text } } searched { undatedExcluded }
  }
  amplifications(knownAt: $knownAt, validAt: $validAt) { nodes { claim { id } count { text } } }
  amplifiers(knownAt: $knownAt, validAt: $validAt) {
    totalCount nodes { amplifier { id } reported { claimCount statedCounts { count { text } claim { id } } } }
    searched { undatedExcluded }
  }
  timeline(id: "per:mira-vale", knownAt: $knownAt, validAt: $validAt) {
    nodes { from claim { id } } searched { undatedExcluded }
  }
}
"""


@pytest_asyncio.fixture(loop_scope="session")
async def harbour(migrated: Store, tmp_path: Any) -> Context:
    """A claim of 2021 that is first known as 12 times, then as 20 times of 2022, and then withdrawn."""
    held = HeldDocuments(tmp_path)
    await load(migrated, held, with_claim("H1", date={"edtf": "2021"}, count=AT_LEAST_12), LONG_AGO)
    changed = with_claim("H1", date={"edtf": "2022"}, count=AT_LEAST_20, reason="counted again")
    await load(migrated, held, changed, CHANGED)
    await load(migrated, held, without_claim("H1"), WITHDRAWN)
    return Context(migrated, Cursors(b"a secret for tests alone, 32 b.."), held)


async def ask(context: Context, **variables: Any) -> dict[str, list[str]]:
    """The counts that each of the four questions gives."""
    found = await answer(context, QUESTION, **variables)
    groups = found["amplifiers"]["nodes"]
    return {
        "claims": [each["count"]["text"] for each in found["claims"]["nodes"]],
        "amplifications": [each["count"]["text"] for each in found["amplifications"]["nodes"]],
        "amplifiers": [
            each["count"]["text"] for group in groups for each in group["reported"]["statedCounts"]
        ],
        "timeline": [item["from"] for item in found["timeline"]["nodes"]],
    }


async def test_it_is_known_as_it_was_until_it_was_withdrawn(harbour: Context) -> None:
    empty: dict[str, list[str]] = {"claims": [], "amplifications": [], "amplifiers": [], "timeline": []}
    twelve, twenty = ["at least 12 times"], ["at least 20 times"]
    assert await ask(harbour, knownAt="2023-12-31") == empty
    first = {"claims": twelve, "amplifications": twelve, "amplifiers": twelve, "timeline": ["2021-01-01"]}
    second = {"claims": twenty, "amplifications": twenty, "amplifiers": twenty, "timeline": ["2022-01-01"]}
    assert await ask(harbour, knownAt=FIRST) == first
    assert await ask(harbour, knownAt=CHANGED) == second
    assert await ask(harbour, knownAt=SECOND) == second
    assert await ask(harbour, knownAt=WITHDRAWN) == empty
    assert await ask(harbour) == empty


async def test_a_day_of_the_world_and_an_instant_of_knowing_are_two_things(harbour: Context) -> None:
    for known, valid, holds in (
        (FIRST, "2021-06-01", True),
        (FIRST, "2022-06-01", False),
        (SECOND, "2021-06-01", False),
        (SECOND, "2022-06-01", True),
    ):
        found = await ask(harbour, knownAt=known, validAt=valid)
        assert {name: bool(rows) for name, rows in found.items()} == dict.fromkeys(found, holds), (
            known,
            valid,
        )


async def test_its_history_stays_readable(harbour: Context) -> None:
    query = """{ claim(id: "harbour/H1") { status knownTo history { reason claim { id status count { text } } } } }"""
    claim = (await answer(harbour, query))["claim"]
    assert (claim["status"], claim["knownTo"]) == ("WITHDRAWN", WITHDRAWN)
    (before,) = claim["history"]
    assert before["reason"] == "counted again"
    assert before["claim"]["count"] == {"text": "at least 12 times"}


async def test_what_has_no_date_is_counted_when_a_day_is_asked_for(migrated: Store, tmp_path: Any) -> None:
    held = HeldDocuments(tmp_path)
    await load(migrated, held, make_case())
    context = Context(migrated, Cursors(b"a secret for tests alone, 32 b.."), held)
    found = await answer(context, QUESTION, validAt="2021-06-01")
    assert found["claims"]["searched"]["undatedExcluded"] == 1
    assert found["amplifiers"]["searched"]["undatedExcluded"] == 1
    assert found["timeline"]["searched"]["undatedExcluded"] == 4
