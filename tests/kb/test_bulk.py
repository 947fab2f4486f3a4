"""Loading datasets: every row accounted for, a reload equal to a fresh load, and one load at a time."""

import dataclasses
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from kb.amplified import derive_every_actor
from kb.bulk import batches, claim, follow
from kb.bulk.cut import Bound, cut
from kb.bulk.facts import LinkFact, NodeFact, Row
from kb.bulk.load import LoadReport, load_dataset
from kb.bulk.staged import StagedNode
from kb.checks import run_checks
from kb.config import Settings
from kb.derive import find_stale
from kb.errors import BadInput, StoreBusy
from kb.migrate import migrate
from kb.store import Store
from tests.conftest import clear_data
from tests.kb.invented_dataset import (
    ACCOUNTS,
    DATASET,
    HOLDERS,
    Facts,
    dump,
    expected_edges,
    facts,
    make_rows,
)

NOW = "2024-05-01T00:00:00Z"
SAID = Facts(
    interactions=[
        (ACCOUNTS[0], ACCOUNTS[1], "reshare", "2024-01-15T00:00:00Z"),
        (ACCOUNTS[0], ACCOUNTS[1], "mention", None),
        (ACCOUNTS[2], ACCOUNTS[0], "quote", None),
    ],
    holdings=[(ACCOUNTS[0], HOLDERS[0], "2024-01-01", None)],
    on_platform=frozenset(ACCOUNTS[:2]),
)
EDGES = """
MATCH (a:Entity)-[r:AMPLIFIED]->(b:Entity)
RETURN a.id AS a, b.id AS b, r.channel AS channel, r.count_min AS n, r.undated AS u, r.first AS first, r.last AS last"""


async def save(store: Store, tmp_path: Path, said: Facts | list[Row], sha: str = "1") -> LoadReport:
    rows = make_rows(said) if isinstance(said, Facts) else said
    return await load_dataset(store, Settings(data=tmp_path), DATASET, rows, content_sha256=sha, now=NOW)


async def test_every_row_is_used_or_skipped_with_a_reason_and_the_run_says_so(
    migrated: Store, tmp_path: Path
) -> None:
    told: list[Row] = []
    report = await load_dataset(
        migrated, Settings(data=tmp_path), DATASET, make_rows(SAID), content_sha256="1", now=NOW, reject=told.append
    )  # fmt: skip
    assert (report.read, report.used, report.skipped) == (7, 6, {"says nothing": 1})
    assert [row.number for row in told] == [7]
    run = "MATCH (:Dataset)-[:LOADED_BY]->(r:Run) RETURN [r.label, r.rows_read, r.rows_used], r.skipped AS skipped"
    assert await migrated.read(run) == [[[f"{DATASET.id}, run 1", 7, 6], ["says nothing: 1"]]]
    assert not list((tmp_path / "loads").iterdir()), "the work file is gone"


async def test_the_same_files_are_not_even_read_again(migrated: Store, tmp_path: Path) -> None:
    await save(migrated, tmp_path, SAID)

    def rows() -> Any:
        raise AssertionError("asked for rows")

    report = await load_dataset(migrated, Settings(data=tmp_path), DATASET, rows, content_sha256="1", now=NOW)
    assert (report.unchanged, report.rows_changed) == (True, 0)


async def test_other_files_that_say_the_same_send_no_batch(migrated: Store, tmp_path: Path) -> None:
    await save(migrated, tmp_path, SAID)
    before = await dump(migrated)
    report = await save(migrated, tmp_path, SAID, "2")
    assert (report.batches_sent, report.rows_changed) == (0, 0)
    assert await dump(migrated) == before


@pytest.mark.parametrize("examples", [12, pytest.param(250, marks=pytest.mark.long)])
async def test_any_dataset_gives_the_edges_of_the_model_whatever_was_loaded_before(
    migrated_module: Store, tmp_path: Path, examples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A load, a changed load over it, and the changed one alone: the same graph, and its edges those of the model."""
    monkeypatch.setattr("kb.bulk.cut.PIECE_ROWS", 3)
    monkeypatch.setattr("kb.bulk.cut.cut.__defaults__", (3,))
    monkeypatch.setattr("kb.amplified.PAGE_ACTORS", 2)
    monkeypatch.setattr("kb.bulk.follow.PAGE_ACTORS", 2)
    seen = 0
    store = migrated_module

    @seed(20261126)
    @settings(max_examples=examples, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(before=facts(), after=facts())
    def draw(before: Facts, after: Facts) -> None:
        drawn.append((before, after))

    drawn: list[tuple[Facts, Facts]] = []
    draw()
    for before, after in drawn:
        await clear_data(store)
        await save(store, tmp_path, before)
        await save(store, tmp_path, after, "2")
        edges = {(a, b, channel): tuple(rest) for a, b, channel, *rest in await store.read(EDGES)}
        assert edges == expected_edges(after), (before, after)
        assert await find_stale(store) == []
        changed = await dump(store)
        await clear_data(store)
        await save(store, tmp_path, after, "2")
        assert await dump(store) == changed
        seen += 1
    assert seen >= examples // 2


MANY = Facts(
    interactions=[(a, b, "reshare", None) for a in ACCOUNTS for b in ACCOUNTS if a != b],
    on_platform=frozenset(ACCOUNTS[:4]),
)
FEWER = dataclasses.replace(MANY, interactions=MANY.interactions[4:-3], on_platform=frozenset(ACCOUNTS[2:]))
HELD = dataclasses.replace(MANY, holdings=[(ACCOUNTS[2], HOLDERS[0], None, None)])


async def stop(store: Store, data: Path, monkeypatch: pytest.MonkeyPatch, where: str, times: int) -> None:
    """Begins to load MANY in small batches, and stops when so many of a stage are told of as done."""
    monkeypatch.setattr("kb.bulk.cut.cut.__defaults__", (4,))
    told: list[str] = []

    def progress(stage: str, done: int, total: int | None) -> None:
        told.append(stage)
        if told.count(where) == times:
            raise InterruptedError(f"{done} of {total}")

    with pytest.raises(InterruptedError):
        await load_dataset(
            store,
            Settings(data=data),
            DATASET,
            make_rows(MANY),
            content_sha256="1",
            now=NOW,
            progress=progress,
        )


async def must_be_loaded(store: Store, facts: Facts) -> None:
    rows = await store.read(EDGES)
    edges = {(a, b, channel): tuple(rest) for a, b, channel, *rest in rows}
    assert (edges, len(rows)) == (expected_edges(facts), len(edges))
    assert await find_stale(store) == []
    left = "MATCH (b:Batch) WHERE b.part IN ['AMPLIFIED', 'counters'] RETURN b.id AS id"
    assert await store.read(left) == []


after_it = pytest.mark.parametrize("after", [MANY, FEWER, HELD], ids=["the same", "fewer rows", "a holder"])


@after_it
@pytest.mark.parametrize("meanwhile", ["nothing", "derived", "shared"])
async def test_a_first_load_that_ends_among_its_edges_is_gone_on_with(
    migrated: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meanwhile: str, after: Facts
) -> None:
    """Whatever is loaded next, and whatever was derived from its rows in between, by others than the load."""
    await stop(migrated, tmp_path, monkeypatch, batches.EDGES, 2)
    # Two batches are committed; the third may be, or is taken back.
    assert len(await migrated.read(EDGES)) in (8, 12)
    if meanwhile == "derived":
        await derive_every_actor(migrated)
        assert len(await migrated.read(EDGES)) == 30
    if meanwhile == "shared":
        own = "MERGE (e:Entity {id: $id}) SET e.sources = e.sources + ['harbour']"
        await migrated.write(lambda transaction: transaction.run(own, {"id": ACCOUNTS[5]}))
    await save(migrated, tmp_path, after, "2")
    await must_be_loaded(migrated, after)


@after_it
@pytest.mark.parametrize("where", [batches.ENTITIES, "ON", "INTERACTED"])
async def test_counters_of_edges_that_never_came_are_counted_anew(
    migrated: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, after: Facts
) -> None:
    """A load stopped before its edges, then one that stops while it counts, then one to the end."""
    await stop(migrated, tmp_path, monkeypatch, where, 1)
    assert await migrated.read("MATCH (e:Entity) WHERE e.observed_in > 0 RETURN count(e) > 0 AS some") == [
        [True]
    ]
    assert await find_stale(migrated) != []
    with monkeypatch.context() as patched:
        patched.setattr("kb.bulk.load.mend_counters", interrupt)
        with pytest.raises(InterruptedError):
            await save(migrated, tmp_path, after, "2")
    await save(migrated, tmp_path, after, "2")
    await must_be_loaded(migrated, after)


async def interrupt(*_: object) -> None:
    raise InterruptedError


async def test_an_account_that_others_come_to_use_meanwhile_is_counted_anew(
    migrated: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def share(store: Store, *rest: Any) -> None:
        own = "MATCH (e:Entity {id: $id}) SET e.sources = e.sources + ['harbour']"
        await store.write(lambda transaction: transaction.run(own, {"id": ACCOUNTS[5]}))
        await follow.touch_shared(store, *rest)

    monkeypatch.setattr("kb.bulk.load.touch_shared", share)
    await save(migrated, tmp_path, MANY)
    await must_be_loaded(migrated, MANY)


async def test_a_first_load_reads_back_no_row_of_accounts_that_are_its_own(
    migrated: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("kb.amplified.find_observed", lambda *_: pytest.fail("rows were read back"))
        await save(migrated, tmp_path, MANY)
    edges = {(a, b, channel): tuple(rest) for a, b, channel, *rest in await migrated.read(EDGES)}
    assert edges == expected_edges(MANY)
    assert await find_stale(migrated) == []


async def test_edges_of_an_earlier_form_are_written_anew_after_the_migration(
    migrated: Store, tmp_path: Path
) -> None:
    await save(migrated, tmp_path, HELD)
    fresh = await dump(migrated)
    earlier = (
        "MATCH ()-[r:AMPLIFIED]->() SET r.accounts = ['acct:quayset:0'] REMOVE r.from_accounts, r.to_accounts"
    )
    await migrated.write(lambda transaction: transaction.run(earlier))
    undone = "MATCH (m:Migration) WHERE m.id STARTS WITH '0011' DELETE m"
    await migrated.write(lambda transaction: transaction.run(undone))
    assert await dump(migrated) != fresh
    assert [name[:4] for name in await migrate(migrated, NOW)] == ["0011"]
    await save(migrated, tmp_path, HELD)
    assert await dump(migrated) == fresh
    assert await find_stale(migrated) == []


async def test_what_the_dataset_shows_no_longer_goes_and_what_others_use_stays(
    migrated: Store, tmp_path: Path
) -> None:
    await save(migrated, tmp_path, SAID)
    own = "MERGE (e:Entity {id: $id}) SET e.sources = e.sources + ['harbour']"
    await migrated.write(lambda transaction: transaction.run(own, {"id": HOLDERS[0]}))
    report = await save(migrated, tmp_path, Facts(), "2")
    assert report.removed > 8
    left = "MATCH (e:Entity) RETURN e.id AS id, e.sources AS sources"
    assert await migrated.read(left) == [[HOLDERS[0], ["harbour"]]]
    assert await migrated.read("MATCH ()-[r]->() WHERE type(r) <> 'LOADED_BY' RETURN type(r) AS t") == []
    assert await migrated.read("MATCH (n:Name|NameKey|Batch) RETURN n.id AS id") == []


async def test_a_person_with_a_role_in_one_row_is_an_official_in_all(migrated: Store, tmp_path: Path) -> None:
    rows = [
        Row("f", 1, (NodeFact("Person", "per:ada-berth", {"name": "Ada Berth"}),)),
        Row("f", 2, (NodeFact("Official", "per:ada-berth", {"name": "A. Berth", "country": "NO"}),)),
    ]
    await save(migrated, tmp_path, rows)
    found = (
        "MATCH (e:Official) RETURN e.name AS name, e.country AS country, e.type AS type, e:Person AS person"
    )
    assert await migrated.read(found) == [["Ada Berth", "NO", "Official", True]]
    assert not [check.name for check in await run_checks(migrated) if check.count]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (NodeFact("Account", "acct:quayset:1", {"name": "x"}), "does not fit Account"),
        (NodeFact("Boat", "boat:1", {"name": "x"}), "a type that the catalog has not"),
        (LinkFact("LIKED", "acct:quayset:1", "acct:quayset:2", {}), "a relationship that no dataset shows"),
        (LinkFact("ON", "acct:quayset:1", "platform:quaynet", {"kind": "x"}), "a property that ON has not"),
        (LinkFact("ON", "acct:quayset:1", "platform:quaynet", {}), "an entity that no row describes"),
    ],
)
async def test_facts_that_do_not_fit_are_refused_before_anything_of_them_is_written(
    migrated: Store, tmp_path: Path, row: NodeFact | LinkFact, says: str
) -> None:
    with pytest.raises(BadInput, match=says):
        await save(migrated, tmp_path, [Row("f", 1, (row,))])
    assert await migrated.read("MATCH (e:Entity) RETURN e.id AS id") == []
    assert await migrated.read("MATCH (l:Load) RETURN l.id AS id") == [], "the claim is given back"


async def test_a_second_load_is_refused_with_who_is_loading(migrated: Store, tmp_path: Path) -> None:
    async with claim.claim_load(migrated, "otherset"):
        await migrated.write(lambda t: t.run("MATCH (l:Load) SET l.by = 'elsewhere:1:2'"))
        with pytest.raises(StoreBusy, match=r"otherset is being loaded since .* by process 1 on elsewhere"):
            await save(migrated, tmp_path, SAID)
    await migrated.write(lambda t: t.run("MATCH (l:Load) SET l.seen = '2020-01-01T00:00:00Z'"))
    await save(migrated, tmp_path, SAID)


async def test_the_claim_of_a_process_that_ended_is_taken_over(migrated: Store, tmp_path: Path) -> None:
    async with claim.claim_load(migrated, "otherset"):
        ended = "MATCH (l:Load) SET l.by = $by"
        by = f"{socket.gethostname()}:999999999:1"
        await migrated.write(lambda transaction: transaction.run(ended, {"by": by}))
        assert (await save(migrated, tmp_path, SAID)).used == 6


async def test_a_dataset_of_a_case_is_not_overwritten(migrated: Store, tmp_path: Path) -> None:
    await migrated.write(lambda t: t.run("CREATE (d:Dataset {id: 'quayset', case: 'harbour'})"))
    with pytest.raises(BadInput, match="a dataset of the case"):
        await save(migrated, tmp_path, SAID)


@given(
    keys=st.lists(st.integers(0, 60), max_size=60),
    before=st.lists(st.integers(0, 60), max_size=60),
    stored_rows=st.sampled_from([3, 5, 20]),
)
@settings(database=None)
def test_pieces_hold_every_row_once_and_stay_small(
    keys: list[int], before: list[int], stored_rows: int
) -> None:
    def nodes(numbers: list[int]) -> list[StagedNode]:
        return [StagedNode(f"acct:x:{n:03}", "Account", {}, []) for n in sorted(set(numbers))]

    stored = [
        Bound("b", piece.hi, piece.sha256, len(piece.rows), derived=True)
        for piece in cut(nodes(before), (), stored_rows)
    ]
    pieces = list(cut(nodes(keys), stored, 5))
    assert [row for piece in pieces for row in piece.rows] == nodes(keys)
    assert all(len(piece.rows) <= max(10, stored_rows) for piece in pieces)
    assert [piece.hi for piece in pieces] == sorted({piece.hi for piece in pieces})
    if set(keys) == set(before):
        assert all(piece.is_stored for piece in pieces)


def test_a_report_counts_derived_rows_as_changed() -> None:
    assert dataclasses.replace(LoadReport(), created=1, derived=2).rows_changed == 3
    assert batches.ENTITIES == "Entity"
