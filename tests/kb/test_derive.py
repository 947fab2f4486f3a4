"""What is derived: independent origins, inherited contests, observed edges by holder and instant."""

from pathlib import Path
from typing import Any

import pytest

from kb.checks import run_checks
from kb.derive import derive_all, find_origins, find_stale
from kb.documents import HeldDocuments
from kb.observed import Holding, find_holder
from kb.store import Store
from tests.kb.harbour_case import HARBOUR, load, make_case, with_claim

LATER = "2025-01-01T00:00:00Z"
FERRY, BUOY, CREW = "acct:quaynet:handle:ferry", "acct:quaynet:handle:buoy", "acct:quaynet:id:7"
OBSERVED = """
MATCH (a:Entity)-[r:AMPLIFIED {basis: 'observed'}]->(b:Entity)
RETURN a.id AS a, b.id AS b, r.count AS count, r.undated AS undated, r.bounds_unknown AS unknown, r.first AS first
ORDER BY a, b"""


@pytest.fixture
def held(tmp_path: Path) -> HeldDocuments:
    return HeldDocuments(tmp_path)


def observed_sections(**changed: Any) -> dict[str, Any]:
    accounts: list[dict[str, Any]] = [
        {"id": FERRY, "type": "Account", "name": "Ferry", "platform": "quaynet", "handle": "ferry"},
        {"id": BUOY, "type": "Account", "name": "Buoy", "platform": "quaynet", "handle": "buoy"},
        {"id": CREW, "type": "Account", "name": "Crew", "platform": "quaynet", "platform_id": "7"},
        {"id": "platform:quaynet", "type": "Channel", "name": "Quaynet", "kind": "platform"},
    ]
    rows = [
        (FERRY, BUOY, "reshare", "2024-03-01T08:00:00Z"),
        (FERRY, BUOY, "reshare", "2024-03-02T08:00:00Z"),
        (FERRY, BUOY, "quote", "2024-07-01T08:00:00Z"),
        (FERRY, BUOY, "reshare", None),
        (FERRY, BUOY, "mention", "2024-03-01T08:00:00Z"),
        (FERRY, BUOY, "reply", "2024-03-01T08:00:00Z"),
        (CREW, FERRY, "quote", "2024-03-05T08:00:00Z"),
    ]
    sections: dict[str, Any] = {
        "entities": [*HARBOUR["entities"], *accounts],
        "datasets": [
            {"id": "quaydata", "title": "Quay data", "publisher": "Quay Institute", "licence": "CC0-1.0"}
        ],
        "holders": [
            {
                "account": FERRY,
                "holder": "per:mira-vale",
                "from": "2024-01-01",
                "to": "2024-05-31",
                "basis": "a list",
            },
            {"account": FERRY, "holder": "per:otto-lind", "from": "2024-06-01", "basis": "a list"},
        ],
        "interactions": [
            {"source": a, "target": b, "kind": kind, "dataset": "quaydata", "row": str(number)}
            | ({"at": at} if at else {})
            for number, (a, b, kind, at) in enumerate(rows, 1)
        ],
    }
    return sections | changed


async def test_each_interaction_feeds_the_edge_of_whoever_held_the_account_then(
    migrated: Store, held: HeldDocuments
) -> None:
    await load(migrated, held, make_case(**observed_sections()))
    assert await migrated.read(OBSERVED) == [
        [FERRY, BUOY, "1 reshare held", 1, 0, None],
        [CREW, "per:mira-vale", "1 quote held", 0, 0, "2024-03-05T08:00:00Z"],
        ["per:mira-vale", BUOY, "2 reshares held", 0, 0, "2024-03-01T08:00:00Z"],
        ["per:otto-lind", BUOY, "1 quote held", 0, 1, "2024-07-01T08:00:00Z"],
    ]
    feeds = "MATCH ()-[i:INTERACTED]->() RETURN i.row AS row, i.feeds IS NOT NULL AS feeds ORDER BY row"
    unfed = [row for row, feeds in await migrated.read(feeds) if not feeds]
    assert unfed == ["4", "5", "6"], "between its own ends; a mention, a reply"
    channel = "MATCH ()-[r:AMPLIFIED {basis: 'observed'}]->() RETURN DISTINCT r.channel AS channel"
    assert await migrated.read(channel) == [["platform:quaynet"]]


async def test_one_row_that_names_two_accounts_feeds_two_edges(migrated: Store, held: HeldDocuments) -> None:
    same = {
        "source": FERRY,
        "kind": "reshare",
        "dataset": "quaydata",
        "row": "1",
        "at": "2024-03-01T08:00:00Z",
    }
    rows = [{**same, "target": BUOY}, {**same, "target": CREW}]
    await load(migrated, held, make_case(**observed_sections(interactions=rows)))
    feeds = "MATCH ()-[i:INTERACTED]->(b) RETURN b.id AS b, i.feeds AS feeds ORDER BY b"
    (first, one), (second, other) = await migrated.read(feeds)
    assert (first, second) == (BUOY, CREW)
    assert one != other
    assert await find_stale(migrated) == []


async def test_a_changed_holder_moves_the_edges_and_nothing_stale_is_left(
    migrated: Store, held: HeldDocuments
) -> None:
    await load(migrated, held, make_case(**observed_sections()))
    await load(migrated, held, make_case(**observed_sections(holders=[])), LATER)
    assert [row[:3] for row in await migrated.read(OBSERVED)] == [
        [FERRY, BUOY, "3 reshares and 1 quote held"],
        [CREW, FERRY, "1 quote held"],
    ]
    assert await find_stale(migrated) == []


async def test_removed_interactions_and_accounts_take_their_edges_away(
    migrated: Store, held: HeldDocuments
) -> None:
    await load(migrated, held, make_case(**observed_sections()))
    await load(migrated, held, make_case(), LATER)
    assert await migrated.read(OBSERVED) == []
    assert await migrated.read("MATCH (a:Account) RETURN a.id AS id") == []
    assert not any(result.count for result in await run_checks(migrated))


async def test_reported_and_observed_edges_of_one_pair_stay_apart(
    migrated: Store, held: HeldDocuments
) -> None:
    rows = [{"source": FERRY, "target": BUOY, "kind": "quote", "dataset": "quaydata", "row": "1"}]
    claims = [{**HARBOUR["claims"][0], "who": FERRY, "whose": BUOY}, *HARBOUR["claims"][1:]]
    sections = observed_sections(interactions=rows, holders=[], claims=claims)
    await load(migrated, held, make_case(**sections))
    edges = "MATCH (a)-[r:AMPLIFIED]->(b) RETURN r.basis AS basis, a.id AS a, b.id AS b, r.count AS c ORDER BY basis"
    assert await migrated.read(edges) == [
        ["observed", FERRY, BUOY, "1 quote held"],
        ["reported", FERRY, BUOY, "at least 12 times"],
    ]


async def test_two_relays_of_one_article_are_two_documents_and_one_origin(
    migrated: Store, held: HeldDocuments
) -> None:
    await load(migrated, held, make_case())
    counts = "MATCH (c:Claim) RETURN c.id AS id, c.documents AS documents, c.origins AS origins ORDER BY id"
    rows = {row[0]: row[1:] for row in await migrated.read(counts)}
    assert rows["harbour/H1"] == [2, 1]
    assert rows["harbour/H2"] == [1, 1], "the gazette and its echo are one voice"
    await load(migrated, held, make_case(copies=[]), LATER)
    rows = {row[0]: row[1:] for row in await migrated.read(counts)}
    assert rows["harbour/H2"] == [1, 2], "without the copy they are two"


async def test_a_tampered_edge_or_count_is_found_and_mended(migrated: Store, held: HeldDocuments) -> None:
    await load(migrated, held, make_case())
    tamper = "MATCH ()-[r:AMPLIFIED]->() SET r.count = '12 times', r.count_min = 13"
    await migrated.write(lambda transaction: transaction.run(tamper))
    count = "MATCH (c:Claim {id: 'harbour/H1'}) SET c.origins = 2"
    await migrated.write(lambda transaction: transaction.run(count))
    found = {str(row.get("what", "count")) for row in await find_stale(migrated)}
    assert found == {"should not be there", "is missing", "count"}
    await derive_all(migrated)
    assert await find_stale(migrated) == []


@pytest.mark.parametrize("hidden", ["garbled", "suggested"])
async def test_a_claim_nobody_can_read_or_has_accepted_gives_no_edge(
    migrated: Store, held: HeldDocuments, hidden: str
) -> None:
    await load(migrated, held, with_claim("H1", **{hidden: "true"}))
    assert await migrated.read("MATCH ()-[r:AMPLIFIED]->() RETURN r.id AS id") == []
    assert await find_stale(migrated) == []


async def test_a_claim_about_a_claim_gives_no_edge_and_other_verbs_give_theirs(
    migrated: Store, held: HeldDocuments
) -> None:
    await load(migrated, held, make_case())
    edges = "MATCH (a:Entity)-[r]->(b:Entity) WHERE r.basis = 'reported' RETURN type(r) AS t, r.claim AS c ORDER BY t"
    assert await migrated.read(edges) == [["AMPLIFIED", "harbour/H1"], ["HOLDS_ROLE", "harbour/H2"]]
    degree = "MATCH (e:Entity {id: 'per:mira-vale'}) RETURN e.degree AS degree"
    assert await migrated.read(degree) == [[2]]


def test_copies_are_followed_to_their_roots_even_in_a_ring() -> None:
    copies = {"a": ["b"], "b": ["c"], "x": ["y"], "y": ["x"]}
    assert find_origins(["a", "b", "c"], copies, {}) == {"c"}
    assert find_origins(["x"], copies, {}) == set(), "a ring has no root; the loader refuses one"
    assert find_origins(["report", "institute"], {}, {"report": "institute"}) == {"institute"}


def test_an_unknown_bound_covers_and_is_flagged_and_no_time_means_no_holder() -> None:
    holdings = [Holding("per:a", None, "2024-05-31"), Holding("per:b", "2024-06-01", "2024-12-31")]
    assert find_holder("acct", "2024-05-31T23:59:59Z", holdings) == ("per:a", True)
    assert find_holder("acct", "2024-06-01T00:00:00Z", holdings) == ("per:b", False)
    assert find_holder("acct", "2025-01-01T00:00:00Z", holdings) == ("acct", False)
    assert find_holder("acct", None, holdings) == ("acct", False)
    assert find_holder("acct", None, [Holding("per:a", None, None)]) == ("per:a", True)
