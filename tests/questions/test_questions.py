"""The questions that investigators ask about the shipped case, each with its right answer on both engines.

A contest that is attached to a claim (`disputedBy`) is somebody else's voice: words are looked for in the
answer without it, so that what the contest says can neither supply nor spoil an answer.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from api.context import Context
from api.examples import read_examples
from tests.api.cases import answer
from tests.api.conftest import context
from tests.questions.paths import find_at, find_objects, find_values

ROOT = Path(__file__).parent.parent.parent
FOLDER = ROOT / "api" / "examples" / "questions"
SHARED = ROOT.parent / "shared" / "case"
DOCUMENTS = {path.name[:3]: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.graphql"))}
TABLE = yaml.safe_load((Path(__file__).parent / "expected.yaml").read_text("utf-8"))
QUESTIONS: dict[str, dict[str, Any]] = TABLE["questions"]
CLAIMS: dict[str, dict[str, list[str]]] = TABLE["claims"]
NUMBERS = {"one": 1}
# Numbers that stand where something is: an empty answer may have them.
PLACES = {"start", "end", "undatedExcluded"}

__all__ = ["context"]  # the fixture
Answers = dict[str, dict[str, Any]]
each_question = pytest.mark.parametrize("question", sorted(QUESTIONS))


def of_status(status: str) -> pytest.MarkDecorator:
    names = sorted(name for name, expected in QUESTIONS.items() if expected["status"] == status)
    return pytest.mark.parametrize("question", names)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def answers(context: Context) -> Answers:
    """Each document's answer, asked once as it stands."""
    return {name: await answer(context, text) for name, text in DOCUMENTS.items()}


def holds_words(found: dict[str, Any], words: str) -> bool:
    """Whether a text of the answer has the words: whole ones, in upper or lower case, contests left out."""
    pattern = re.compile(rf"(?<!\w){re.escape(words.strip())}(?!\w)", re.IGNORECASE)
    return any(isinstance(value, str) and pattern.search(value) for _field, value in find_values(found))


def find_claim(found: dict[str, Any], claim: str) -> dict[str, Any]:
    """The claim as the answer itself shows it with voices and passages, not within a contest."""
    key = f"xinjiang_2021/{claim}"
    shown = [each for each in find_objects(found) if each.get("id") == key and "shownIn" in each]
    assert shown, f"{claim} is not in the answer"
    return shown[0]


def place(shown: dict[str, Any]) -> str:
    passage = shown["passage"]
    document = passage["document"]["id"].removeprefix("xinjiang_2021/doc:")
    offsets = f"{passage['start']}-{passage['end']}"
    return f"{document} P{passage['paragraph']} {offsets} {shown['attribution']}"


def test_every_question_has_one_document_and_the_other_way_round() -> None:
    assert len(QUESTIONS) == len(DOCUMENTS) == len(list(FOLDER.iterdir())) == 42
    assert set(QUESTIONS) == set(DOCUMENTS)


def test_every_document_begins_with_its_question_and_no_two_with_the_same() -> None:
    names = [example.name for example in read_examples()]
    assert len(set(names)) == len(names)
    first = [text.splitlines()[0] for text in DOCUMENTS.values()]
    assert all(re.fullmatch(r"# .{10,110}\?", line) for line in first), first


@each_question
async def test_an_answer_carries_its_claims_with_voices_and_passages(answers: Answers, question: str) -> None:
    for name in QUESTIONS[question]["claims"]:
        claim = find_claim(answers[question], name)
        assert claim["sentence"]
        assert sorted(said["entity"]["id"] for said in claim["saidBy"]) == sorted(CLAIMS[name]["voices"])
        assert sorted(map(place, claim["shownIn"])) == sorted(CLAIMS[name]["passages"])


@each_question
async def test_an_answer_has_the_values_of_the_table(answers: Answers, question: str) -> None:
    expected = QUESTIONS[question].get("values", {})
    found = {path: find_at(answers[question], path) for path in expected}
    assert found == expected


@each_question
async def test_an_answer_holds_and_lacks_the_words_of_the_table(answers: Answers, question: str) -> None:
    expected, found = QUESTIONS[question], answers[question]
    assert [words for words in expected.get("holds", []) if not holds_words(found, words)] == []
    assert [words for words in expected.get("lacks", []) if holds_words(found, words)] == []
    for word, path in expected.get("counted", {}).items():
        assert find_at(found, path) == NUMBERS[word]


@of_status("unknown")
async def test_what_is_not_stated_is_nothing_and_says_what_was_looked_at(
    answers: Answers, question: str
) -> None:
    expected, found = QUESTIONS[question], answers[question]
    assert expected["nothing"]
    for path in expected["nothing"]:
        assert find_at(found, path) in (None, [])
    searched = find_at(found, expected["searched"])["searched"]
    assert min(searched["documents"], searched["claims"], searched["datasets"]) > 0


@of_status("unknown")
async def test_what_is_not_stated_is_never_a_zero_or_a_denial(answers: Answers, question: str) -> None:
    found = answers[question]
    zeros = [
        field
        for field, value in find_values(found)
        if type(value) is int and not value and field not in PLACES
    ]
    assert zeros == []
    assert not any(holds_words(found, word) for word in ("denied", "declined", "refused", "no comment"))


@of_status("inferred")
async def test_what_is_inferred_shows_its_literal_wording_and_its_reason(
    answers: Answers, question: str
) -> None:
    assert QUESTIONS[question]["inferred"]
    for path, (literal, edtf) in QUESTIONS[question]["inferred"].items():
        when = find_at(answers[question], path)
        assert (when["basis"], when["literal"], when["edtf"]) == ("INFERRED", literal, edtf)
        assert when["reason"]


async def test_no_average_is_computed_from_a_lower_bound(answers: Answers) -> None:
    """Q07: “at least 42 on average” (546 by 13) would be arithmetic of ours; only the bounds are shown."""
    assert not holds_words(answers["Q07"], "42")
    assert [value for _field, value in find_values(answers["Q07"]) if value in (42, 42.0)] == []


async def test_61_claims_are_in_000_alone(answers: Answers) -> None:
    """Q58: every supporting claim is one of them."""
    shown = answers["Q58"]["document"]["shownClaims"]
    alone = {
        claim["id"].removeprefix("xinjiang_2021/") for claim in shown["nodes"] if claim["documents"] == 1
    }
    assert len(shown["nodes"]) == shown["totalCount"]
    assert len(alone) == 61
    assert set(QUESTIONS["Q58"]["claims"]) <= alone


async def test_the_paragraphs_without_a_speaker_are_6_and_10_and_with_one_carried_over_4_and_21(
    answers: Answers,
) -> None:
    """Q59: as the passages of 000 say themselves."""
    paragraphs: dict[str, set[int]] = {}
    for claim in answers["Q59"]["document"]["shownClaims"]["nodes"]:
        for shown in claim["shownIn"]:
            if shown["passage"]["document"]["id"] == "xinjiang_2021/doc:000":
                paragraphs.setdefault(shown["attribution"], set()).add(shown["passage"]["paragraph"])
    assert paragraphs["NONE"] == {6, 10}
    assert paragraphs["CARRIED"] == {4, 21}


@pytest.mark.skipif(
    not (SHARED / "questions.json").is_file(), reason="the list of questions is not beside the project"
)
def test_the_table_asks_what_the_list_of_questions_asks() -> None:
    listed = json.loads((SHARED / "questions.json").read_text("utf-8"))["questions"]
    assert [each["id"] for each in listed] == list(QUESTIONS)
    for each in listed:
        ours = QUESTIONS[each["id"]]
        assert ours["status"] == each["status"]
        assert ours["claims"] == each["supporting_claims"]
        assert [*ours.get("holds", []), *ours.get("counted", {})] == each["answer_must_contain"]
        assert ours.get("lacks", []) == each["answer_must_not_contain"]


@pytest.mark.skipif(
    not (SHARED / "claims.json").is_file(), reason="the list of claims is not beside the project"
)
def test_the_passages_of_the_table_are_those_of_the_list_of_claims() -> None:
    listed = {each["id"]: each for each in json.loads((SHARED / "claims.json").read_text("utf-8"))["claims"]}
    for name, ours in CLAIMS.items():
        theirs = [
            f"{at['doc'].removeprefix('doc:')} P{at['paragraph']} {at['start']}-{at['end']} {at['attribution'].upper()}"
            for at in listed[name]["evidence"]
        ]
        assert sorted(theirs) == ours["passages"]
