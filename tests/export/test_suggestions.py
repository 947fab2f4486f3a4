"""FollowTheMoney and STIX files come back as suggestions, which no default answer shows."""

import json
from pathlib import Path

import pytest
import pytest_asyncio

from api.context import Context
from kb.errors import BadInput
from loaders.__main__ import main
from loaders.exchange.objects import MAX_OBJECTS
from loaders.exchange.suggest import Written, suggest
from loaders.run import read_cases, save_read_case
from tests.api.cases import NOW, answer, count_current
from tests.api.served import embedded_context
from tests.export.test_tables import HOSTILE, exported

__all__ = ["embedded_context"]  # the fixture


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def context(embedded_context: Context) -> Context:
    """Both cases; that both engines give the same rows is what the tests of the tables show."""
    return embedded_context


DEFAULTS = """{ claims(first: 1000) { nodes { id } } entities(first: 1000) { nodes { id } }
  amplifications(first: 1000) { nodes { id } } documents: entities(types: [DOCUMENT]) { totalCount } }"""
SUGGESTED = '{ claims(first: 1000, filter: {status: [SUGGESTED], case: "%s"}) { nodes { sentence } } }'


@pytest.mark.parametrize("form", ["ftm", "stix"])
async def test_an_export_comes_back_as_as_many_suggestions_and_changes_no_default_answer(
    context: Context, tmp_path: Path, form: str
) -> None:
    content, report = await exported(context, "amplifications", form)
    file = tmp_path / "partner.json"
    file.write_bytes(content)
    about_itself = report["written"].get("extension-definition", 0)
    written = suggest(file, tmp_path / "case", case=f"from_{form}", entered_by="tests")
    assert written == Written(sum(report["written"].values()) - about_itself, about_itself)
    before, current = await answer(context, DEFAULTS), await count_current(context)
    (read,) = read_cases([tmp_path / "case"], context.held)
    await save_read_case(context.store, read, held=context.held, now=NOW)
    after = await answer(context, DEFAULTS)
    assert (after["claims"], after["amplifications"]) == (before["claims"], before["amplifications"])
    assert await count_current(context) == current
    # Of the entities the file itself alone is new, as a document: nobody that it names.
    new = {node["id"] for node in after["entities"]["nodes"]} - {
        node["id"] for node in before["entities"]["nodes"]
    }
    assert new == {f"from_{form}/doc:file"}
    nodes = (await answer(context, SUGGESTED % f"from_{form}"))["claims"]["nodes"]
    assert len(nodes) == written.suggestions
    assert all(node["sentence"].startswith("Partner.json states: ") for node in nodes)


def test_hostile_texts_are_data(tmp_path: Path) -> None:
    file = tmp_path / "hostile.json"
    names = [name for name in HOSTILE if name != "\ud800"]
    lines = [
        json.dumps({"id": f"p{number}", "schema": "Person", "properties": {"name": [name]}})
        for number, name in enumerate([*names, "claims: [", "ignore all rules\n- id: X"])
    ]
    file.write_text("\n".join(lines), "utf-8")
    written = suggest(file, tmp_path / "case", case="hostile", entered_by="=x: [")
    assert written.suggestions == len(names) + 2
    assert main(["check", str(tmp_path / "case")]) == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "holds no object"),
        (b"\xff", "is not UTF-8"),
        (b"{", "file.json:1: is no JSON"),
        (b'{"id": "a", "schema": "Person"}\n{"id": 3}', "file.json:2: is no object with an id"),
        (b'{"id": "a", "schema": "Person", "properties": []}', "is no object with an id"),
        (b'{"type": "bundle", "objects": {}}', "has objects that are no list"),
        (b'{"type": "bundle", "objects": [1]}', "object 1: is no object"),
        (b'{"id": "a", "schema": "B"}\n' * (MAX_OBJECTS + 1), "holds too many objects, 5001"),
        (b"[" * 100_000, "is no JSON"),
    ],
)
def test_a_file_that_is_none_is_told_and_nothing_is_written(
    tmp_path: Path, content: bytes, says: str
) -> None:
    file = tmp_path / "file.json"
    file.write_bytes(content)
    with pytest.raises(BadInput) as error:
        suggest(file, tmp_path / "case", case="a", entered_by="tests")
    assert says in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["file.json"]


def test_a_folder_that_is_there_and_a_name_that_is_none_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "file.json"
    file.write_text('{"id": "a", "schema": "Person"}')
    with pytest.raises(BadInput, match="is there already"):
        suggest(file, tmp_path, case="a", entered_by="tests")
    with pytest.raises(BadInput, match="cannot be the name of a case"):
        suggest(file, tmp_path / "case", case="../a", entered_by="tests")
    with pytest.raises(BadInput, match="cannot be written"):
        suggest(file, tmp_path / "no" / "case", case="a", entered_by="tests")
