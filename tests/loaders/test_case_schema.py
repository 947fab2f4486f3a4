"""The JSON Schema that editors check case files by agrees with the loader."""

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from schema.reference import make_json_schema
from tests.loaders.small_case import ROOT, SMALL, changed

CASES = sorted(path for case in (ROOT / "loaders").iterdir() for path in case.glob("*.yaml"))
VALIDATOR = jsonschema.Draft202012Validator(make_json_schema())


class Core12Loader(yaml.SafeLoader):
    """Plain words as YAML 1.2 reads them, which editors follow: no dates, `NO` is text, numbers are numbers."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+.0123456789"),
):
    Core12Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))
Core12Loader.add_constructor("tag:yaml.org,2002:int", lambda _, node: int(node.value))


def errors_of(text: str) -> list[str]:
    content: Any = yaml.load(text, Loader=Core12Loader)  # noqa: S506 - derived from SafeLoader
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(content)]


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_shipped_cases_are_valid_in_an_editor(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith("# yaml-language-server: $schema=../../schema/case.schema.json\n")
    assert errors_of(text) == []


def test_a_whole_case_in_one_file_is_valid() -> None:
    assert errors_of(SMALL) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("date: 2021-06-01", "date: 2021"),
        ("row: 007", "row: 7"),
        ("- id: C1\n", "- id: 001\n"),
        ("name: Quay Institute", "name: 1984"),
        ("who: [per:otto-lind]", "who: per:otto-lind"),
    ],
)
def test_what_needs_no_quotes_is_no_false_alarm(old: str, new: str) -> None:
    assert errors_of(changed(old, new)) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("said_by: [doc:gazette]", "sayd_by: [doc:gazette]", "'sayd_by' was unexpected"),
        ("verb: DENIED", "verb: DENYED", "'DENYED' is not one of"),
        ("text: at least 12 times, min", "min", "{'min': 12, 'unit': 'times'} is not valid"),
    ],
)
def test_an_editor_shows_mistakes(old: str, new: str, says: str) -> None:
    assert any(says in error for error in errors_of(changed(old, new)))
