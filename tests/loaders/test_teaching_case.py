"""The teaching case: every feature of the format occurs in it, and every offset is right."""

import hashlib
from collections import Counter
from pathlib import Path
from typing import Final

import pytest

from kb.case_graph import CaseGraph, make_case_graph
from kb.documents import HeldDocuments, paragraphs, span_sha256
from loaders.case.read import read_case
from schema.case_files import CaseFile, ClaimEntry
from schema.catalog import ENTITY_TYPES, RELATIONSHIPS
from schema.claims import ROLES, ClaimKind, ContestLevel, Modality
from schema.observations import InteractionKind
from schema.values import Attribution, DateBasis, Locator

CASE = Path(__file__).parents[2] / "loaders" / "teaching_case"

# What no case file can say: software writes these, or only other loaders do.
NOT_AUTHORED: Final = {
    "REPLACES": "written when a claim changes between two runs",
    "LOADED_BY": "written by the run",
    "POSTED": "of datasets with posts",
    "SHARES": "of datasets with posts",
    "SENT_BY": "of datasets of missions",
    "LOCATED_IN": "of datasets of missions",
}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> CaseFile:
    found = read_case(CASE, HeldDocuments(tmp_path_factory.mktemp("nothing-held")))
    assert found.notes == ()
    return found.case


@pytest.fixture(scope="module")
def texts(case: CaseFile) -> dict[str, str]:
    return {d.id: (CASE / (d.file or "")).read_bytes().decode() for d in case.documents}


@pytest.fixture(scope="module")
def graph(case: CaseFile, tmp_path_factory: pytest.TempPathFactory) -> CaseGraph:
    held = HeldDocuments(tmp_path_factory.mktemp("held"))
    for document in case.documents:
        held.hold(CASE / (document.file or ""))
    return make_case_graph(case, held, "2026-11-22T11:00:00Z")


def find_locators(case: CaseFile) -> list[tuple[str, Locator]]:
    return [
        *((claim.id, shown) for claim in case.claims for shown in claim.shown_in),
        *((entity.id, mention) for entity in case.entities for mention in entity.mentions),
        *((reading.id, reading.at) for reading in case.readings),
    ]


def test_every_document_is_shipped_and_is_the_one_that_the_case_means(
    case: CaseFile, texts: dict[str, str]
) -> None:
    for document in case.documents:
        assert hashlib.sha256(texts[document.id].encode()).hexdigest() == document.sha256, document.id
        assert len(texts[document.id]) == document.chars, document.id


def test_every_offset_and_every_hash_is_right(case: CaseFile, texts: dict[str, str]) -> None:
    for owner, at in find_locators(case):
        text = texts[at.document]
        start, end = paragraphs(text)[at.paragraph - 1]
        exact = text[at.start : at.end]
        assert start <= at.start < at.end <= end, owner
        assert exact == exact.strip(), owner
        assert span_sha256(exact) == at.sha256, owner


def test_an_emoji_stands_before_a_passage_so_that_only_code_points_count_right(
    case: CaseFile, texts: dict[str, str]
) -> None:
    before = [texts[at.document][: at.start] for _, at in find_locators(case)]
    assert any(len(text) != len(text.encode("utf-16-le")) // 2 for text in before)


@pytest.mark.parametrize("kind", ClaimKind)
def test_every_kind_of_claim_occurs(case: CaseFile, kind: ClaimKind) -> None:
    assert [claim.id for claim in case.claims if claim.kind is kind]


@pytest.mark.parametrize("modality", Modality)
def test_every_modality_occurs(case: CaseFile, modality: Modality) -> None:
    assert [claim.id for claim in case.claims if claim.modality is modality]


@pytest.mark.parametrize("attribution", Attribution)
def test_every_attribution_occurs(case: CaseFile, attribution: Attribution) -> None:
    assert [c.id for c in case.claims for shown in c.shown_in if shown.attribution is attribution]


@pytest.mark.parametrize("level", ContestLevel)
def test_every_level_of_contest_occurs(case: CaseFile, level: ContestLevel) -> None:
    assert [claim.id for claim in case.claims for dispute in claim.disputes if dispute.level is level]


@pytest.mark.parametrize("basis", DateBasis)
def test_every_basis_of_a_date_occurs(case: CaseFile, basis: DateBasis) -> None:
    assert [claim.id for claim in case.claims if claim.date and claim.date.basis is basis]


@pytest.mark.parametrize("kind", InteractionKind)
def test_every_kind_of_interaction_occurs(case: CaseFile, kind: InteractionKind) -> None:
    assert [row.row for row in case.interactions if row.kind is kind]


@pytest.mark.parametrize("role", ROLES)
def test_every_role_of_a_claim_occurs(case: CaseFile, role: str) -> None:
    assert [claim.id for claim in case.claims if getattr(claim, role)]


def test_every_type_of_entity_occurs(case: CaseFile) -> None:
    assert {"Document", *(entity.type for entity in case.entities)} == set(ENTITY_TYPES)


def test_every_relationship_occurs_that_a_case_can_author(graph: CaseGraph) -> None:
    assert {link.type for link in graph.links} == {kind.name for kind in RELATIONSHIPS} - set(NOT_AUTHORED)


@pytest.mark.parametrize("section", CaseFile.model_fields)
def test_every_section_of_the_format_occurs(case: CaseFile, section: str) -> None:
    assert getattr(case, section)


@pytest.mark.parametrize("field", sorted(set(ClaimEntry.model_fields) - {"reason"}))
def test_every_field_of_a_claim_occurs(case: CaseFile, field: str) -> None:
    # `reason` says why a claim changed, and these are all first versions.
    default = ClaimEntry.model_fields[field].get_default()
    assert [claim.id for claim in case.claims if getattr(claim, field) != default]


def test_one_relay_is_stated_and_one_is_inferred(case: CaseFile) -> None:
    assert {copy.certainty for copy in case.copies} == {"stated", "inferred"}


def test_one_claim_has_two_voices_and_another_three_documents_of_one_voice(case: CaseFile) -> None:
    found = {(len(c.said_by), len({shown.document for shown in c.shown_in})) for c in case.claims}
    assert {(1, 3), (2, 3)} <= found


def test_counts_are_bounded_below_or_on_both_sides(case: CaseFile) -> None:
    bounds = {(c.count.min, c.count.max) for c in case.claims if c.count}
    assert {(120, None), (14, 20), (9, 9)} <= bounds


def test_content_is_amplified_through_every_sort_of_channel_and_through_none(case: CaseFile) -> None:
    kinds = {e.id: getattr(e, "kind", None) or e.type for e in case.entities}
    amplified = [claim for claim in case.claims if claim.verb == "AMPLIFIED"]
    through = {str(kinds[claim.via[0]]) if claim.via else None for claim in amplified}
    assert through == {"Account", "press_briefing", "platform", "platform_class", None}
    assert [claim.id for claim in amplified if not claim.who]


def test_a_garble_has_a_reading_and_another_has_none(graph: CaseGraph, case: CaseFile) -> None:
    assert [claim.id for claim in case.claims if claim.garbled]
    assert {link.end[1] for link in graph.links if link.type == "READ_AS"} == set(graph.readings)


def test_a_person_is_named_in_four_scripts(graph: CaseGraph) -> None:
    scripts = {n["script"] for n in graph.names.values() if n["id"].startswith("per:daro-minwen#")}
    assert scripts == {"Latn", "Hans", "Arab", "Cyrl"}


def test_an_account_changes_hands_between_two_rows(case: CaseFile) -> None:
    accounts = Counter(holding.account for holding in case.holders)
    [changing] = [account for account, holders in accounts.items() if holders > 1]
    [change] = [h.since for h in case.holders if h.account == changing and h.since]
    days = [row.at[:10] for row in case.interactions if row.source == changing and row.at]
    assert min(days) < change <= max(days)
    assert {holding.since is None for holding in case.holders} == {True, False}
    assert {holding.to is None for holding in case.holders} == {True, False}


def test_an_account_without_holder_acts_and_some_rows_have_no_time(case: CaseFile) -> None:
    held = {holding.account for holding in case.holders}
    assert [row.row for row in case.interactions if row.source not in held]
    assert len(case.interactions) == 14
    assert sum(row.at is None for row in case.interactions) == 3


def test_only_example_addresses_are_named(texts: dict[str, str]) -> None:
    everything = "".join(
        [*texts.values(), *(file.read_text(encoding="utf-8") for file in CASE.glob("*.yaml"))]
    )
    addresses = [part.split("/")[0] for part in everything.split("https://")[1:]]
    assert addresses
    assert all(address.endswith(".example") for address in addresses)
