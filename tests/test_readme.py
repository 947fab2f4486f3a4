"""The README says what is so: its question has its answer, its commands exist; docs/settings.md has every setting."""

import json
import re
from pathlib import Path

import pytest

from api.context import Context
from api.execute import run
from kb.__main__ import _make_parser
from kb.config import VARIABLES, Variable
from tests.api.conftest import context

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
SETTINGS = (ROOT / "docs" / "settings.md").read_text("utf-8")

__all__ = ["context"]  # the fixture


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert found is not None
    return found[1]


async def test_the_question_has_the_answer_that_is_printed_below_it(context: Context) -> None:
    answer = await run(context, block("graphql"))
    assert answer.body == json.loads(block("json"))


def test_it_is_short_and_its_lines_fit() -> None:
    lines = README.splitlines()
    assert len(lines) <= 120
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_every_setting_is_there_with_its_default_and_reason(variable: Variable) -> None:
    shown = f"`{variable.default}`" if variable.default else ""
    assert f"| `{variable.name}` | {shown} | {variable.unit}: {variable.reason} |" in SETTINGS


def test_every_command_of_the_store_is_there() -> None:
    commands = next(iter(_make_parser()._subparsers._group_actions)).choices  # type: ignore[union-attr]
    assert commands is not None
    for name in commands:
        assert re.search(rf"`(python -m kb )?{name}\b", README), name


@pytest.mark.parametrize("path", re.findall(r"\]\(([^)h][^)]*)\)", README))
def test_every_file_that_it_links_is_there(path: str) -> None:
    assert (ROOT / path).exists()
