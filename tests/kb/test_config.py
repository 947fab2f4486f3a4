"""Settings: defaults, units, and all mistakes told at once without the password."""

from pathlib import Path

import pytest

from kb.config import VARIABLES, Settings, read_settings
from kb.errors import BadSetting

NEO4J = {"NEO4J_URI": "neo4j://graph:7687", "NEO4J_PASSWORD": "hunter2-hunter2"}


def test_without_variables_the_settings_are_the_defaults() -> None:
    assert read_settings({}) == Settings()


def test_an_empty_variable_is_an_absent_one() -> None:
    assert read_settings({variable.name: " " for variable in VARIABLES}) == Settings()


def test_every_default_in_the_table_is_the_one_used() -> None:
    defaults = {variable.name: variable.default for variable in VARIABLES}
    assert read_settings(defaults) == read_settings({})


def test_every_variable_says_its_unit_and_reason() -> None:
    assert all(variable.unit and variable.reason for variable in VARIABLES)


def test_values_arrive_in_their_types() -> None:
    settings = read_settings(
        NEO4J
        | {
            "NEO4J_USER": "ada",
            "NEO4J_DATABASE": "graph",
            "KB_DATA": "/srv/kb",
            "KB_HOST": "0.0.0.0",  # noqa: S104
            "PORT": "81",
            "KB_READ_TIMEOUT_S": "2.5",
            "KB_WRITE_TIMEOUT_S": "60",
            "KB_EMBEDDED_HEAP_MB": "512",
            "KB_LOG_LEVEL": "debug",
        }
    )
    assert settings == Settings(
        neo4j_uri="neo4j://graph:7687",
        neo4j_user="ada",
        neo4j_password="hunter2-hunter2",
        neo4j_database="graph",
        data=Path("/srv/kb"),
        host="0.0.0.0",  # noqa: S104
        port=81,
        read_timeout_s=2.5,
        write_timeout_s=60.0,
        embedded_heap_mb=512,
        log_level="DEBUG",
    )


def test_the_password_is_not_in_what_is_printed() -> None:
    assert "hunter2" not in repr(read_settings(NEO4J))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "80.5"),
        ("PORT", "65536"),
        ("KB_READ_TIMEOUT_S", "0"),
        ("KB_READ_TIMEOUT_S", "nan"),
        ("KB_READ_TIMEOUT_S", "inf"),
        ("KB_WRITE_TIMEOUT_S", "-1"),
        ("KB_EMBEDDED_HEAP_MB", "10"),
        ("KB_LOG_LEVEL", "loud"),
        ("NEO4J_URI", "localhost:7687"),
        ("NEO4J_URI", "http://localhost:7474"),
        ("NEO4J_URI", "bolt://"),
        ("NEO4J_URI", "bolt://host:port"),
        ("NEO4J_URI", "bolt://[::1"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_a_remedy(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=f"{name}: ") as caught:
        read_settings(NEO4J | {name: value})
    assert len(caught.value.problems) == 1
    assert repr(value) in str(caught.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(BadSetting) as caught:
        read_settings({"PORT": "x", "KB_LOG_LEVEL": "x", "NEO4J_URI": "bolt://graph"})
    named = [problem.partition(":")[0] for problem in caught.value.problems]
    assert sorted(named) == ["KB_LOG_LEVEL", "NEO4J_PASSWORD", "PORT"]


def test_a_login_in_the_address_is_refused_without_repeating_it() -> None:
    with pytest.raises(BadSetting, match="NEO4J_USER") as caught:
        read_settings(NEO4J | {"NEO4J_URI": "bolt://ada:opensesame@graph:7687"})
    assert "opensesame" not in str(caught.value)
