"""Parameters are read without composing, and are those of the statement that would be composed."""

import pytest

from kb.questions import FIELDS
from kb.select import Pick, compose, read_parameters
from tests.kb.picks import QUESTIONS


@pytest.mark.parametrize("name", QUESTIONS)
def test_they_are_those_of_the_statement(name: str) -> None:
    assert (
        read_parameters(FIELDS, QUESTIONS[name])[1]
        == compose(FIELDS, QUESTIONS[name], searched=False).parameters
    )


def test_one_pattern_has_one_text_and_one_text_has_one_pattern() -> None:
    asked = (
        {"amplifier": "per:a"},
        {"amplifier": "per:b"},
        {"channel": "org:a"},
        {"channel": "org:a", "basis": "observed"},
        {"channel": "org:a", "basis": "reported"},
        {"channel": "org:a", "period": "2021"},
        {"channel": "org:a", "period": "2020/.."},
        {"channel": "org:a", "minCount": 0},
        {"channel": "org:a", "channelStated": True},
        {"channel": "org:a", "channelStated": False},
    )
    picks = [
        Pick("Query", "amplifications", each, [Pick("Amplification", "id")], undated=True, after=after)
        for each in asked
        for after in (None, (0, 5, "x", ""))
    ]
    patterns = [read_parameters(FIELDS, pick)[0] for pick in picks]
    texts = [compose(FIELDS, pick, searched=False).text for pick in picks]
    for one in range(len(picks)):
        for other in range(len(picks)):
            assert (patterns[one] == patterns[other]) == (texts[one] == texts[other])
    assert len(set(texts)) < len(picks)
