"""Value types: what they take, what they refuse, and in which words."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from schema.media import Account
from schema.values import Count, Country, DayBounds, Handle, Locator, When, edtf_bounds


@pytest.mark.parametrize(
    ("edtf", "earliest", "latest"),
    [
        ("2021-12-14", "2021-12-14", "2021-12-14"),
        ("2021-12", "2021-12-01", "2021-12-31"),
        ("2020-01/2021-08", "2020-01-01", "2021-08-31"),
        ("/2018", None, "2018-12-31"),
        ("../2018", None, "2018-12-31"),
        ("2018/..", "2018-01-01", None),
        ("2021-12~/2022-01~", "2021-12-01", "2022-01-31"),
        ("XXXX-12-16", None, None),
        ("198X", "1980-01-01", "1989-12-31"),
        ("2020-02", "2020-02-01", "2020-02-29"),
    ],
)
def test_an_edtf_date_has_its_day_bounds(edtf: str, earliest: str | None, latest: str | None) -> None:
    assert edtf_bounds(edtf) == DayBounds(earliest, latest)


@pytest.mark.parametrize(
    "text", ["Tuesday", "2021-13", "2021-02-30", "14.12.2021", "", "2021/2020", "20211214"]
)
def test_what_is_no_edtf_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not an EDTF date|ends before it begins"):
        edtf_bounds(text)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"edtf": "2021", "basis": "not_stated"}, "give one of the two"),
        ({"text": "Tuesday"}, "has no edtf"),
        ({"edtf": "2021", "basis": "inferred"}, "inferred without a reason"),
    ],
)
def test_a_date_says_what_it_rests_on(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        When.model_validate(given)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"min": 56}, "text"),
        ({"text": "", "min": 56}, "text"),
        ({"text": "at least 56 times", "min": 65}, "neither min nor max"),
        ({"text": "5 to 9", "min": 9, "max": 5}, "above max"),
        ({"text": "some", "min": -1}, "greater than or equal to 0"),
    ],
)
def test_a_number_cannot_be_without_its_wording(given: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Count.model_validate(given)


def test_a_count_in_words_keeps_its_numbers() -> None:
    assert Count(text="at least one million people", min=1_000_000).min == 1_000_000
    assert Count(text="about 1,200 posts", min=1200, unit="posts").max is None


@pytest.mark.parametrize("code", ["cn", "UK", "XX", "", "CHN"])
def test_a_country_is_an_iso_code_in_capitals(code: str) -> None:
    with pytest.raises(ValidationError, match="ISO 3166-1"):
        TypeAdapter(Country).validate_python(code)


@pytest.mark.parametrize("handle", ["@ferry", "Ferry", "fer ry", "a/b", ""])
def test_a_handle_is_lower_case_without_at(handle: str) -> None:
    with pytest.raises(ValidationError, match="is not a handle"):
        TypeAdapter(Handle).validate_python(handle)


def test_an_account_has_its_natural_key() -> None:
    with pytest.raises(ValidationError, match="it is acct:quaynet:id:7"):
        Account(
            id="acct:quaynet:handle:ferry", name="Ferry", platform="quaynet", platform_id="7", handle="ferry"
        )
    with pytest.raises(ValidationError, match="neither platform_id nor handle"):
        Account(id="acct:quaynet:handle:ferry", name="Ferry", platform="quaynet")


def test_a_locator_ends_behind_its_start() -> None:
    with pytest.raises(ValidationError, match="end is exclusive"):
        Locator(document="doc:a", paragraph=1, start=5, end=5, sha256="0" * 64)
