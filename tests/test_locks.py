"""What gets installed is locked by hash, names no index host, and installs nothing of ours beside it."""

import json
import re
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from api.graphiql import CONTENT_SECURITY_POLICY

ROOT = Path(__file__).parent.parent
LOCKS = [
    "requirements.lock", "requirements-dev.lock", "requirements-node.lock", "requirements-parquet.lock",
    "requirements-bench.lock", "requirements-notebook.lock",
]  # fmt: skip
GRAPHIQL = ROOT / "api" / "graphiql"


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_index_and_no_folder(name: str) -> None:
    assert re.findall(r"(?m)^.*(?:https?://|--index|--find-links|file:|/home/|/root/).*$", text(name)) == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_its_hashes(name: str) -> None:
    entries = re.split(r"(?m)^(?=[a-z0-9])", re.sub(r"(?m)^ *#.*\n", "", text(name)))
    packages = [entry for entry in entries if "==" in entry]
    assert packages
    assert [entry for entry in packages if "--hash=sha256:" not in entry] == []


def test_a_package_that_is_wanted_with_an_extra_is_locked_with_it() -> None:
    """Otherwise pip looks for the extra in the newest version, which has no hash here, as soon as there is a newer."""
    lines = text("requirements-dev.lock").splitlines()
    assert [line for line in lines if line.startswith(("coverage==", "gql=="))] == []


def test_the_tests_run_with_the_versions_that_users_get() -> None:
    assert pins("requirements.lock").items() <= pins("requirements-dev.lock").items()


@pytest.mark.parametrize("folder", [GRAPHIQL, ROOT / "tests" / "clients"], ids=lambda folder: folder.name)
def test_an_npm_lock_has_a_checksum_for_every_package_and_no_address(folder: Path) -> None:
    packages = json.loads((folder / "package-lock.json").read_text())["packages"]
    del packages[""]
    assert [name for name, package in packages.items() if "integrity" not in package] == []
    assert [name for name, package in packages.items() if "resolved" in package] == []


def test_the_query_page_has_no_inline_script_and_its_policy_names_no_host() -> None:
    page = (GRAPHIQL / "src" / "index.html").read_text()
    assert re.findall(r"<script(?![^>]*\bsrc=)|\son\w+=|https?://", page) == []
    assert re.findall(r"https?:|\*|unsafe-eval|script-src[^;]*unsafe", CONTENT_SECURITY_POLICY) == []


@pytest.mark.parametrize("name", ["schema", "kb", "loaders", "api"])
def test_nothing_installed_has_the_name_of_a_folder_of_ours(name: str) -> None:
    assert packages_distributions().get(name) is None


def text(name: str) -> str:
    return (ROOT / name).read_text()


def pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"(?m)^([a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==(\S+)", text(name)))
