"""Saving a case: whole or not at all, idempotent, with its history."""

from pathlib import Path

import pytest

from kb.checks import run_checks
from kb.documents import HeldDocuments
from kb.errors import BadInput, StoreConflict
from kb.save import save_case
from kb.store import Store
from schema.case_files import CaseFile
from tests.kb.harbour_case import HARBOUR, LONG_AGO, load, make_case, with_claim, without_claim

LATER = "2025-01-01T00:00:00Z"
EDGES = """
MATCH (a:Entity)-[r]->(b:Entity) WHERE r.basis = 'reported'
RETURN type(r) AS type, a.id AS start, b.id AS end, r.count AS count ORDER BY type, start, end"""
CLAIMS = "MATCH (c:Claim) RETURN c.id AS id, c.status AS status, c.known_to AS known_to, c.version AS v ORDER BY id"
SNAPSHOT = """
MATCH (n) WHERE NOT n:Migration
RETURN labels(n)[0] AS label, n.id AS id, COUNT { (n)--() } AS links ORDER BY id, label"""


@pytest.fixture
def held(tmp_path: Path) -> HeldDocuments:
    return HeldDocuments(tmp_path)


async def no_check_finds_rows(store: Store) -> bool:
    return all(not result.count for result in await run_checks(store))


async def test_a_second_run_changes_no_row_even_when_everything_is_compared(
    migrated: Store, held: HeldDocuments
) -> None:
    first = await load(migrated, held, make_case())
    before = await migrated.read(SNAPSHOT)
    case = make_case()
    again = await save_case(migrated, case, content_sha256="another hash", held=held, now=LATER)
    assert first.rows_changed > 20
    assert (again.rows_changed, again.unchanged) == (0, False)
    assert await migrated.read(SNAPSHOT) == before
    assert await no_check_finds_rows(migrated)


async def test_an_unchanged_case_is_not_sent_again(migrated: Store, held: HeldDocuments) -> None:
    await load(migrated, held, make_case())
    sent = migrated.statements_run
    assert (await load(migrated, held, make_case(), LATER)).unchanged
    assert migrated.statements_run - sent == 2, "one look at the migrations, one at the case"


async def test_a_reported_edge_carries_hedge_voice_and_channel(migrated: Store, held: HeldDocuments) -> None:
    await load(migrated, held, make_case())
    edges = "MATCH (a:Entity)-[r:AMPLIFIED]->(b:Entity) RETURN a.id AS a, b.id AS b, properties(r) AS p"
    ((start, end, edge),) = await migrated.read(edges)
    assert (start, end) == ("per:mira-vale", "per:otto-lind")
    assert edge["id"] == "harbour/H1|per:mira-vale|per:otto-lind"
    assert (edge["count"], edge["count_min"], edge["channel"]) == (
        "at least 12 times",
        12,
        "channel:briefing",
    )
    assert (edge["said_by"], edge["origins"], edge["contested"]) == (["work:quay-report"], 1, True)


async def test_a_changed_claim_is_a_new_version_and_the_old_one_stays_readable(
    migrated: Store, held: HeldDocuments
) -> None:
    await load(migrated, held, make_case())
    changed = with_claim(
        "H1", who="org:gazette", count={"text": "about 20 times", "min": "20"}, reason="misread the table"
    )
    report = await load(migrated, held, changed, LATER)
    assert report.summary["claims changed"] == 1
    assert await migrated.read(CLAIMS + " LIMIT 2") == [
        ["harbour/H1", "accepted", None, 2],
        ["harbour/H1@1", "corrected", LATER, 1],
    ]
    history = """
MATCH (new:Claim)-[r:REPLACES]->(old:Claim)-[:WHO]->(who)
RETURN new.id AS new, r.reason AS reason, old.count AS count, who.id AS who"""
    assert await migrated.read(history) == [
        ["harbour/H1", "misread the table", "at least 12 times", "per:mira-vale"]
    ]
    amplified = [row for row in await migrated.read(EDGES) if row[0] == "AMPLIFIED"]
    assert amplified == [["AMPLIFIED", "org:gazette", "per:otto-lind", "about 20 times"]]
    assert await no_check_finds_rows(migrated)


async def test_a_relationship_to_a_changed_claim_points_at_its_current_version(
    migrated: Store, held: HeldDocuments
) -> None:
    await load(migrated, held, make_case())
    await load(migrated, held, with_claim("H4", text="Mira Vale spoke about Otto Lind."), LATER)
    inside = "MATCH (:Claim {id: 'harbour/H3'})-[:INSIDE]->(c:Claim) RETURN c.id AS id, c.version AS version"
    assert await migrated.read(inside) == [["harbour/H4", 2]]
    assert await no_check_finds_rows(migrated)


async def test_a_removed_claim_is_closed_and_its_edges_go(migrated: Store, held: HeldDocuments) -> None:
    await load(migrated, held, make_case())
    report = await load(migrated, held, without_claim("H1"), LATER)
    assert report.summary["claims closed"] == 1
    assert (await migrated.read(CLAIMS))[0] == ["harbour/H1", "withdrawn", LATER, 1]
    assert not [row for row in await migrated.read(EDGES) if row[0] == "AMPLIFIED"]
    assert await no_check_finds_rows(migrated)


async def test_a_claim_that_comes_back_is_a_new_version_of_the_withdrawn_one(
    migrated: Store, held: HeldDocuments
) -> None:
    await load(migrated, held, make_case())
    await load(migrated, held, without_claim("H1"), LATER)
    await load(migrated, held, make_case(), "2026-01-01T00:00:00Z")
    assert (await migrated.read(CLAIMS))[:2] == [
        ["harbour/H1", "accepted", None, 2],
        ["harbour/H1@1", "withdrawn", LATER, 1],
    ]
    assert len([row for row in await migrated.read(EDGES) if row[0] == "AMPLIFIED"]) == 1
    assert await no_check_finds_rows(migrated)


async def test_a_withdrawn_contest_no_longer_marks_what_it_contested(
    migrated: Store, held: HeldDocuments
) -> None:
    await load(migrated, held, make_case())
    contested = "MATCH (c:Claim {id: 'harbour/H1'}) RETURN c.contested AS any, c.contested_direct AS direct"
    assert await migrated.read(contested) == [[True, False]]
    await load(migrated, held, with_claim("H3", disputes=[]), LATER)
    assert await migrated.read(contested) == [[False, False]]
    assert await no_check_finds_rows(migrated)


async def test_an_entity_that_no_history_needs_goes_with_its_last_source(
    migrated: Store, held: HeldDocuments
) -> None:
    await load(migrated, held, make_case())
    kept = [entity for entity in HARBOUR["entities"] if entity["id"] != "channel:briefing"]
    films_only = with_claim("H1", via=[]).model_dump(mode="json", exclude_unset=True)["claims"]
    await load(migrated, held, make_case(entities=kept, claims=films_only), LATER)
    found = "MATCH (e:Entity {id: 'channel:briefing'}) RETURN e.sources AS sources"
    assert await migrated.read(found) == [[[]]], "the first version of H1 still names it"
    assert await no_check_finds_rows(migrated)


async def test_another_case_must_say_that_it_shares_an_entity(migrated: Store, held: HeldDocuments) -> None:
    await load(migrated, held, make_case())
    with pytest.raises(
        BadInput, match=r"org:quay: the case or dataset harbour has declared it, .*say shared: true"
    ):
        await load(
            migrated, held, _other_case({"id": "org:quay", "type": "Organization", "name": "Quay"}), LATER
        )
    assert not await migrated.read("MATCH (k:Case {id: 'quayside'}) RETURN k.id AS id")


async def test_a_shared_entity_must_agree_and_keeps_each_name(migrated: Store, held: HeldDocuments) -> None:
    await load(migrated, held, make_case())
    shared = {"id": "org:quay", "type": "Organization", "name": "The Quay", "shared": "true"}
    with pytest.raises(BadInput, match="with another kind, 'think_tank'"):
        await load(migrated, held, _other_case({**shared, "kind": "think_tank"}), LATER)
    await load(migrated, held, _other_case({**shared, "country": "NO"}), LATER)
    entity = (
        "MATCH (e:Entity {id: 'org:quay'}) RETURN e.name AS name, e.sources AS sources, e.country AS country"
    )
    assert await migrated.read(entity) == [["Quay Institute", ["harbour", "quayside"], "NO"]]
    names = (
        "MATCH (:Entity {id: 'org:quay'})-[:NAMED]->(n:Name) RETURN n.written AS w, n.source AS s ORDER BY w"
    )
    assert await migrated.read(names) == [["Quay Institute", "harbour"], ["The Quay", "quayside"]]
    await load(migrated, held, _other_case(), "2026-01-01T00:00:00Z")
    assert (await migrated.read(entity))[0][1] == ["harbour"]
    assert await no_check_finds_rows(migrated)


async def test_a_case_that_cannot_be_saved_leaves_nothing(migrated: Store, held: HeldDocuments) -> None:
    await load(migrated, held, _other_case())
    before = await migrated.read(SNAPSHOT)
    # A passage of ours that is already there under another case breaks the unique key half way through.
    theirs = "CREATE (:Passage {id: 'harbour/doc:gazette:0-9', case: 'quayside'})"
    await migrated.write(lambda transaction: transaction.run(theirs))
    with pytest.raises(StoreConflict):
        await load(migrated, held, make_case(), LATER)
    await migrated.write(lambda transaction: transaction.run("MATCH (p:Passage {case: 'quayside'}) DELETE p"))
    assert await migrated.read(SNAPSHOT) == before


async def test_a_person_who_becomes_an_official_gets_the_label_and_loses_it(
    migrated: Store, held: HeldDocuments
) -> None:
    labels = "MATCH (e:Entity {id: 'per:otto-lind'}) UNWIND labels(e) AS label RETURN label ORDER BY label"
    await load(migrated, held, make_case())
    assert await migrated.read(labels) == [["Entity"], ["Influencer"], ["Person"]]
    others = [entity for entity in HARBOUR["entities"] if entity["id"] != "per:otto-lind"]
    plain = {"id": "per:otto-lind", "type": "Person", "name": "Otto Lind"}
    await load(migrated, held, make_case(entities=[*others, plain]), LATER)
    assert await migrated.read(labels) == [["Entity"], ["Person"]]
    assert await no_check_finds_rows(migrated)


async def test_progress_reaches_the_total_of_each_stage(migrated: Store, held: HeldDocuments) -> None:
    seen: dict[str, tuple[int, int]] = {}
    await load(migrated, held, _other_case())
    await save_case(
        migrated, make_case(), content_sha256="x", held=held, now=LONG_AGO,
        progress=lambda stage, done, total: seen.__setitem__(stage, (done, total)),
    )  # fmt: skip
    assert "relationships" in seen
    assert all(done == total for done, total in seen.values())


def _other_case(*entities: dict[str, str]) -> CaseFile:
    head = {**HARBOUR["case"], "id": "quayside", "title": "Quayside"}
    return CaseFile.model_validate({"case": head, "entities": list(entities)})
