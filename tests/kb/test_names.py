"""One folded form for every script."""

import pytest

from kb.names import find_script, normalise


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
