"""No bare allegation: each sentence has its voice, its kind, its standing and its hedge."""

import pytest

from kb.sentences import CAPTION_CHARS, Voice, make_caption, make_sentence
from schema.claims import HIDDEN_STATUSES, ClaimKind, Modality

COURT = Voice("trb:quay", "Quay Tribunal", "Tribunal", "unofficial court", None)
REPORT = Voice("work:quay", "Quay Report", "Report", None, "Quay Institute")
GROUP = Voice("grp:locals", "Unnamed residents", "Group", None, None)


@pytest.mark.parametrize("kind", ClaimKind)
@pytest.mark.parametrize("modality", Modality)
def test_every_kind_and_modality_names_the_voice_and_its_standing(
    kind: ClaimKind, modality: Modality
) -> None:
    sentence = make_sentence("The ferry sank.", kind, modality, [COURT], ["explicit"])
    assert sentence.startswith("Quay Tribunal (unofficial court) ")
    assert sentence.endswith(": The ferry sank.")


def test_a_report_is_introduced_with_its_publisher() -> None:
    sentence = make_sentence("It sank.", "finding", "asserted", [REPORT], ["explicit"])
    assert sentence == "The report “Quay Report” by Quay Institute finds: It sank."


def test_several_voices_and_groups_speak_in_the_plural() -> None:
    assert (
        make_sentence("It sank.", "allegation", "asserted", [COURT, REPORT], [])
        .split(": ")[0]
        .endswith("allege")
    )
    assert (
        make_sentence("It sank.", "allegation", "asserted", [GROUP], [])
        == "Unnamed residents allege: It sank."
    )


def test_what_is_only_possible_or_has_lost_its_speaker_says_so() -> None:
    assert "(as possible)" in make_sentence("It sank.", "finding", "possible", [COURT], ["carried"])
    assert "naming no speaker" in make_sentence("It sank.", "finding", "asserted", [COURT], ["none"])
    assert "naming no speaker" not in make_sentence(
        "It sank.", "finding", "asserted", [COURT], ["none", "own"]
    )


def caption(text: str, voice: Voice, status: str = "accepted") -> str:
    return make_caption(text, "allegation", "possible", [voice], ["explicit"], status)


def test_a_caption_begins_with_the_voice_and_its_standing() -> None:
    assert caption("It sank.", COURT) == "Quay Tribunal (unofficial court) alleges (as possible): It sank."
    assert caption("It sank.", REPORT) == "“Quay Report” alleges (as possible): It sank."
    named = COURT._replace(name="Permanent Tribunal of the Northern Quays")
    assert caption("It sank.", named).startswith("Permanent Tribunal of… (unofficial court) alleges")


def test_a_caption_is_cut_between_words() -> None:
    made = caption("The ferry sank. " * 20, COURT)
    assert CAPTION_CHARS - 10 < len(made) <= CAPTION_CHARS
    assert made.endswith(" The…")
    assert caption("It sank.", COURT._replace(name="码" * 30)).startswith("码" * 24 + "… (unofficial court)")


@pytest.mark.parametrize("status", sorted(HIDDEN_STATUSES))
def test_the_caption_of_a_claim_that_no_answer_shows_says_why(status: str) -> None:
    assert caption("It sank.", GROUP, status).startswith(f"{status.title()}: Unnamed residents allege ")
