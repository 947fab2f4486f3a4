"""Words are found in a document and come back as a locator that fits."""

import os
from pathlib import Path

import pytest

from kb.documents import HeldDocuments
from kb.errors import BadInput
from loaders.case.read import read_case
from loaders.locate import locate, read_document_text
from tests.loaders.small_case import TEXT, at, changed, run_loaders, write_case


def environ(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "KB_DATA": str(tmp_path / "data"), "NEO4J_URI": "not an address"}


def test_every_place_of_the_words_is_printed_as_a_locator(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "small")
    found = run_loaders("locate", str(folder), "doc:gazette", "the harbour", environ=environ(tmp_path))
    locators = [line for line in found.stdout.splitlines() if line.startswith("{")]
    assert len(locators) == TEXT.count("the harbour") == 2
    assert at("the harbour") == locators[0]
    assert found.returncode == 0
    assert found.stderr == ""


def test_a_printed_locator_can_be_pasted_into_the_case(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "small")
    found = run_loaders("locate", str(folder), "doc:gazette", "🛟, says", environ=environ(tmp_path))
    locator = found.stdout.splitlines()[0]
    write_case(folder, changed(at("Ada Vale") + "\n", locator + "\n"))
    read_case(folder, HeldDocuments(tmp_path / "data"))


@pytest.mark.parametrize(
    ("sought", "held"),
    [
        ("ADA vale,  attachée", "Ada Vale, attachée"),
        ("attache\u0301e of\nthe harbour", "attachée of the harbour"),
        ('"אדה" is', "«אדה» is"),
        ("12 times 🛟, Says", "12 times 🛟, says"),
    ],
)
def test_words_that_differ_in_signs_are_shown_as_they_are_held(sought: str, held: str) -> None:
    found = locate(TEXT, "doc:gazette", sought)
    assert [match.exact for match in found.near] == [held]
    assert found.near[0].locator == at(held)
    assert not found.exact


def test_words_that_go_on_differently_are_found_by_their_beginning() -> None:
    found = locate(TEXT, "doc:gazette", "shared the ferry films about a dozen times")
    assert [match.exact for match in found.beginning] == ["shared the ferry films"]


def test_only_the_paragraph_that_is_asked_for_is_searched() -> None:
    assert [match.paragraph for match in locate(TEXT, "doc:gazette", "the harbour", paragraph=2).exact] == [2]
    assert not locate(TEXT, "doc:gazette", "attachée", paragraph=2).exact


def test_words_that_are_not_there_are_told_on_stderr(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "small")
    found = run_loaders("locate", str(folder), "doc:gazette", "SAYS THE quay", environ=environ(tmp_path))
    assert found.returncode == 1
    assert found.stdout == ""
    assert "does not have these words: SAYS THE quay" in found.stderr
    assert at("says the Quay") in found.stderr


def test_a_document_that_is_not_here_says_how_to_hold_it(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "small")
    held = HeldDocuments(tmp_path / "data")
    with pytest.raises(
        BadInput, match="its text is neither shipped nor held, '', hold it: python -m kb documents add"
    ):
        read_document_text(folder, "doc:relay", held)
    with pytest.raises(BadInput, match="'doc:gazete', did you mean doc:gazette"):
        read_document_text(folder, "doc:gazete", held)


def test_words_are_found_while_the_case_still_has_problems(tmp_path: Path) -> None:
    folder = write_case(tmp_path / "small", changed("claims:\n", "claims:\n- id: unfinished\n"))
    assert read_document_text(folder, "doc:gazette", HeldDocuments(tmp_path / "data")) == TEXT


@pytest.mark.parametrize("arguments", [("",), ("x", "--paragraph", "0"), ("x", "--paragraph", "two")])
def test_arguments_that_do_not_fit_are_a_usage_error(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    folder = write_case(tmp_path / "small")
    found = run_loaders("locate", str(folder), "doc:gazette", *arguments, environ=environ(tmp_path))
    assert found.returncode == 2
    assert "Traceback" not in found.stderr
