"""One folded form for every script."""

import pytest

from kb.names import (
    find_consonants,
    find_one_edit_away,
    find_script,
    make_keys,
    make_search,
    normalise,
    split_words,
)


@pytest.mark.parametrize(
    ("written", "norm", "script"),
    [
        ("Søren Attaché", "soren attache", "Latn"),
        ("王海", "wanghai", "Hani"),
        ("Мира Вейл", "mira veyl", "Cyrl"),
        ("ميرا", "myr", "Arab"),
        ("  Mira   VALE! ", "mira vale", "Latn"),
        ("O'Neil", "oneil", "Latn"),
        ("…", "", "Zyyy"),
        ("Mira Вейл", "mira veyl", "Zyyy"),
    ],
)
def test_a_name_is_folded_whatever_its_script(written: str, norm: str, script: str) -> None:
    assert (normalise(written), find_script(written)) == (norm, script)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ئەركىن تاھىر", "erkin tahir"),
        ("تاھىر", "tahir"),
        ("ئايگۈل", "aygul"),
        ("ليلى", "lyla"),
        ("مريم", "mrym"),
    ],
)
def test_uyghur_is_read_as_uyghur_and_arabic_as_arabic(written: str, folded: str) -> None:
    assert normalise(written) == folded


@pytest.mark.parametrize(
    "written", ["张贺清", "Zhang Heqing", "김정은", "Юлия Щербакова", "ئەركىن تاھىر", "a b"]
)
def test_words_are_the_folded_name_cut_finer(written: str) -> None:
    assert "".join(split_words(written)) == normalise(written).replace(" ", "")


def test_a_name_is_kept_under_its_words_and_from_each_word_on() -> None:
    assert make_keys("Zhang Heqing") == ["heqing", "zhang", "zhangheqing"]
    assert make_keys("张贺清") == ["he", "heqing", "qing", "zhang", "zhangheqing"]
    assert make_keys("أحمد كريمي") == ["hmd", "hmdkrymy", "krymy", "~hmdkrm"]
    assert make_keys("¿") == ["¿"]


def test_a_title_is_kept_under_its_words_and_its_beginning_alone() -> None:
    title = "one two three four five six seven eight nine"
    assert set(make_keys(title)) == {*title.split(), "onetwothreefourfivesixseveneightnine"}
    assert max(map(len, make_keys("word " * 30))) == 48


def test_the_consonants_of_a_latin_name_are_those_that_arabic_writes() -> None:
    assert find_consonants("ahmadkarimi") == find_consonants(normalise("أحمد كريمي")) == "hmdkrm"
    assert not find_consonants("omar")


def test_one_edit_is_a_letter_left_out_added_exchanged_or_two_swapped() -> None:
    found = set(find_one_edit_away("mira"))
    assert {"mra", "miira", "mirb", "imra", "mira1"} <= found
    assert "mira" not in found
    assert "marai" not in found


def test_short_words_are_not_taken_for_misspelt() -> None:
    assert make_search("li").near == []
    assert [others for _, others in make_search("Li Wei").near] == [[]]
