"""Each standing check finds what it is there to find."""

from pathlib import Path

import pytest

from kb.checks import CHECKS, run_checks
from kb.documents import HeldDocuments
from kb.errors import BadInput
from kb.fill import check_spans, fill_passages
from kb.store import Store
from tests.kb.harbour_case import GAZETTE_SHA, HARBOUR, TEXT, load, make_case, shown

BREAK = {
    "claim-has-voice": "MATCH (:Claim {id: 'harbour/H1'})-[r:SAID_BY]->() DELETE r",
    "claim-has-passage": "MATCH (:Claim {id: 'harbour/H1'})-[r:SHOWN_IN]->() DELETE r",
    "derived-is-current": "MATCH ()-[r:AMPLIFIED]->() SET r.count = 'exactly 12'",
    "passage-is-exact": "MATCH (p:Passage) SET p.exact = 'other words'",
    "label-is-known": "CREATE (:Gossip {id: 'x'})",
    "type-is-known": "MATCH (a:Entity {id: 'org:quay'}) CREATE (a)-[:LIKES]->(a)",
    "key-is-present": "MATCH (n:Name) REMOVE n.id",
    "type-is-labelled": "MATCH (e:Entity {id: 'org:quay'}) SET e.type = 'Tribunal'",
    "number-has-text": "MATCH (c:Claim {id: 'harbour/H1'}) REMOVE c.count",
    "edge-number-has-text": "MATCH ()-[r:AMPLIFIED]->() REMOVE r.count",
    "verb-is-known": "MATCH (c:Claim {id: 'harbour/H2'}) SET c.verb = 'CONTROLS'",
    "group-is-unnamed": "CREATE (:Entity:Group {id: 'grp:x', type: 'Group', named: true, canonical: 'grp:x'})",
}


@pytest.fixture
def held(tmp_path: Path) -> HeldDocuments:
    return HeldDocuments(tmp_path)


def test_every_check_is_broken_once_below() -> None:
    assert set(BREAK) == {check.name for check in CHECKS}


@pytest.mark.parametrize("name", sorted(BREAK))
async def test_a_broken_promise_is_found(migrated: Store, held: HeldDocuments, name: str) -> None:
    held.hold_bytes(TEXT.encode(), name="gazette")
    await load(migrated, held, make_case())
    assert {result.name: result.count for result in await run_checks(migrated, held)} == dict.fromkeys(
        BREAK, 0
    )
    if name == "key-is-present":
        # The embedded engine's unique index admits no null; there the promise cannot be broken this way.
        await migrated.write(lambda transaction: transaction.run("CREATE (:Place {name: 'nowhere'})"))
    else:
        await migrated.write(lambda transaction: transaction.run(BREAK[name]))
    counts = {result.name: result.count for result in await run_checks(migrated, held)}
    assert counts[name] > 0


async def test_a_held_document_shows_its_words_and_emoji_do_not_shift_them(
    migrated: Store, held: HeldDocuments, tmp_path: Path
) -> None:
    behind_emoji = [{**HARBOUR["claims"][1], "shown_in": shown("fully", "own")}]
    await load(migrated, held, make_case(claims=behind_emoji, entities=HARBOUR["entities"]))
    words = "MATCH (p:Passage) RETURN p.exact AS exact, p.suffix AS suffix"
    assert await migrated.read(words) == [[None, None]]
    file = held.hold_bytes(TEXT.encode(), name="gazette")
    await check_spans(migrated, file)
    filled = await fill_passages(migrated, file)
    assert (filled.documents, filled.passages, filled.changed) == (["harbour/doc:gazette"], 1, 1)
    assert await migrated.read(words) == [["fully", ".\n"]]
    assert (await fill_passages(migrated, file)).changed == 0
    assert not any(result.count for result in await run_checks(migrated, held))


async def test_loading_again_where_the_document_is_not_held_keeps_its_words(
    migrated: Store, held: HeldDocuments, tmp_path: Path
) -> None:
    held.hold_bytes(TEXT.encode(), name="gazette")
    await load(migrated, held, make_case())
    elsewhere = HeldDocuments(tmp_path / "elsewhere")
    head = {**HARBOUR["case"], "title": "Harbour, again"}
    assert (await load(migrated, elsewhere, make_case(case=head))).rows_changed == 0
    exact = "MATCH (p:Passage)-[:PART_OF]->(d:Document {held: true}) RETURN p.exact AS exact ORDER BY exact"
    assert await migrated.read(exact) == [["Mira Vale"], ["shared the ferry films at least 12 times"]]


async def test_a_file_whose_words_do_not_have_the_hashes_of_the_case_is_refused(
    migrated: Store, held: HeldDocuments
) -> None:
    wrong = [{**HARBOUR["claims"][1], "shown_in": {**shown("Mira Vale", "own"), "sha256": "0" * 64}}]
    await load(migrated, held, make_case(claims=wrong))
    with pytest.raises(BadInput, match=r"harbour/doc:gazette:0-9: the words at 0-9 do not have the hash"):
        await check_spans(migrated, held.hold_bytes(TEXT.encode(), name="gazette"))
    assert GAZETTE_SHA
