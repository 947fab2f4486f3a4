"""Contested claims, sources and hedged claims on the way between two entities, in a case made for them."""

from pathlib import Path
from typing import Any

import pytest

from kb.documents import HeldDocuments
from kb.questions import ask
from kb.select import Pick
from kb.store import Store
from tests.kb.harbour_case import HARBOUR, LONG_AGO, load, make_case, shown

MIRA, OTTO, QUAY, REPORT = "per:mira-vale", "per:otto-lind", "org:quay", "work:quay-report"


def claim(key: str, verb: str, who: str, what: str | None = None, **more: Any) -> dict[str, Any]:
    ends = {"who": who} if what is None else {"who": who, "what": what}
    return {"id": key, "verb": verb, "kind": "statement", "text": f"{who} {verb} {what}.", "said_by": "doc:gazette",
            "shown_in": [shown("Mira Vale", "own")], **ends, **more}  # fmt: skip


async def find(store: Store, start: str, goal: str, **arguments: Any) -> Any:
    """The ways, whether there are only shared sources, and what was looked at."""
    path = Pick("Paths", "paths", {}, [Pick("Path", "entities", {}, [Pick("Entity", "id")])])
    picks = [path, Pick("Paths", "onlySharedSources"), Pick("Paths", "lookedAt")]
    answer = await ask(store, Pick("Query", "paths", {"from": start, "to": goal, **arguments}, picks))
    ((paths, is_only, looked_at),) = answer.value
    return [[each[1] for each in path[0]] for path in paths], is_only, looked_at


@pytest.fixture
async def harbour(migrated: Store, tmp_path: Path) -> Any:
    async def load_with(*claims: dict[str, Any]) -> Store:
        await load(
            migrated, HeldDocuments(tmp_path), make_case(claims=[*HARBOUR["claims"], *claims]), LONG_AGO
        )
        return migrated

    return load_with


async def test_only_uncontested_leaves_out_what_is_contested_itself(harbour: Any) -> None:
    denial = claim("H5", "DENIED", OTTO, disputes=[{"claim": "H1", "level": "direct"}])
    store = await harbour(denial, claim("H6", "MET", MIRA, QUAY), claim("H7", "MET", QUAY, OTTO))
    assert (await find(store, MIRA, OTTO))[0] == [[MIRA, OTTO], [MIRA, QUAY, OTTO]]
    ways, _, looked_at = await find(store, MIRA, OTTO, onlyUncontested=True)
    assert ways == [[MIRA, QUAY, OTTO]]
    assert "contests of their sources are not looked at" in looked_at


async def test_a_contest_of_the_source_alone_leaves_a_claim_in(harbour: Any) -> None:
    # H3 contests the report that says H1.
    assert (await find(await harbour(), MIRA, OTTO, onlyUncontested=True))[0] == [[MIRA, OTTO]]


async def test_standing_in_one_report_is_no_way_from_one_to_the_other(harbour: Any) -> None:
    store = await harbour(claim("H5", "NAMED_IN", OTTO, REPORT), claim("H6", "NAMED_IN", QUAY, REPORT))
    ways, is_only, _ = await find(store, OTTO, QUAY, maxHops=5)
    assert (ways, is_only) == ([], True)
    assert (await find(store, OTTO, REPORT))[0] == [[OTTO, REPORT]]


async def test_what_is_not_asserted_is_no_hop(harbour: Any) -> None:
    store = await harbour(claim("H5", "MET", OTTO, QUAY, modality="possible"))
    assert (await find(store, OTTO, QUAY))[0] == []


async def test_two_of_whom_no_source_speaks_share_none(harbour: Any) -> None:
    store = await harbour(claim("H5", "MET", OTTO, QUAY))
    assert (await find(store, "content:films", "channel:briefing", through=["PAID"]))[1] is True
    assert (await find(store, REPORT, "channel:briefing"))[:2] == ([], False)


async def test_ways_with_many_claims_between_two_are_one_way(harbour: Any) -> None:
    store = await harbour(*(claim(f"H1{number}", "MET", MIRA, OTTO) for number in range(5)))
    assert (await find(store, MIRA, OTTO))[0] == [[MIRA, OTTO]]
