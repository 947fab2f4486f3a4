"""The locked npm packages that tests run: what strangers use to ask, and the audit of the pages."""

import os
from pathlib import Path

import pytest

from api.graphiql.build import Node, fetch_node, find_node, make_environment
from api.graphiql.build import run as run_command
from tests.neo4j_server import CACHE, alone

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def node() -> Node:
    """A Node.js, and the locked packages beside this file."""
    found = find_node() or fetch_node()
    installed = HERE / "node_modules" / ".package-lock.json"
    lock = HERE / "package-lock.json"
    # Two workers of one run may ask at once.
    with alone(CACHE / "clients.lock"):
        if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
            run_command((*found.npm, "ci"), cwd=HERE, env=make_environment(found))
            os.utime(installed)
    return found
