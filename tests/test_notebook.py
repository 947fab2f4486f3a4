"""The notebook runs from its first cell to its last on a real Neo4j, and what it makes is what it says."""

import os
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from kb.config import Settings
from kb.store import Store, open_store
from loaders.run import run_cases
from tests.conftest import clear_data, process_environ
from tests.export.test_graphs import read_gexf

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "docs" / "notebook" / "amplification.ipynb"
CASES = (ROOT / "loaders" / "xinjiang_2021", ROOT / "loaders" / "teaching_case")


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")  # of the packages of the notebook, which are others' business
async def test_it_runs_from_the_question_to_gephi(
    neo4j_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nbformat = pytest.importorskip(
        "nbformat", reason="install requirements-notebook.lock, as make test-long does"
    )
    nbclient = pytest.importorskip(
        "nbclient", reason="install requirements-notebook.lock, as make test-long does"
    )
    async with open_store(neo4j_settings) as store:
        await clear_data(store)
        await run_cases(CASES, neo4j_settings, now="2026-11-22T00:00:00Z", tell=lambda line: None)
        records = await count_records(store)
    for name, value in process_environ(neo4j_settings).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    # The kernel is this Python, whatever else is installed for Jupyter.
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    await client.async_execute()
    said = [printed(cell) for cell in notebook.cells if cell.cell_type == "code"]
    assert f"({records}, " in "".join(said)
    assert "at least 56 times" in "".join(said)
    assert "not stated" in "".join(said)
    page = (tmp_path / "amplification.html").read_text("utf-8")
    assert "at least 546 posts" in page
    assert re.findall(r"<(?:script|link)[^>]*(?:src|href)=[\"']?https?:", page) == []
    assert read_gexf((tmp_path / "amplification.gexf").read_bytes()).number_of_edges() > 0


def printed(cell: Any) -> str:
    return "".join(
        output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in cell.outputs
    )


async def count_records(store: Store) -> int:
    statement = """
MATCH (c:Claim {verb: 'AMPLIFIED'}) WHERE c.known_to IS NULL AND c.status = 'accepted' AND c.modality = 'asserted'
RETURN count(c) AS claims"""
    ((claims,),) = await store.read(statement)
    return int(claims)


def test_no_output_is_kept_in_it() -> None:
    text = NOTEBOOK.read_text("utf-8")
    assert '"outputs": []' in text
    assert re.findall(r'"execution_count": (?!null)', text) == []
