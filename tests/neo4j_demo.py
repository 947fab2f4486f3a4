"""A real Neo4j with the shipped cases, and Neo4j Browser with our guide: `make neo4j-demo`, until Ctrl-C."""

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Final

from api.browser.__main__ import read_port
from tests.neo4j_server import CACHE, ROOT, Neo4jServer, Neo4jUnavailableError, port_is_free, why_not

CASES: Final = ("loaders/xinjiang_2021", "loaders/teaching_case")
BOLT_PORT: Final = 7687
HTTP_PORT: Final = 7474
KIT_PORT: Final = 7480


def make_browser_settings(kit_port: int) -> dict[str, str]:
    """What the Browser page is told: to begin with our style and guide."""
    kit = f"http://localhost:{kit_port}/kit"
    return {
        # The page takes guides and styles from host names that this setting has, and from no number.
        "browser.remote_content_hostname_whitelist": "localhost",
        "browser.post_connect_cmd": f"style {kit}/throughline.grass; guide {kit}/guide.html",
    }


def main() -> int:
    """Runs until Ctrl-C; its data stay in NEO4J_HOME, else in .neo4j/demo."""
    parser = argparse.ArgumentParser(prog="python -m tests.neo4j_demo", description=__doc__)
    for name, port in (("bolt", BOLT_PORT), ("http", HTTP_PORT), ("kit", KIT_PORT)):
        parser.add_argument(f"--{name}-port", type=read_port, default=port, help=f"{port} when left out")
    asked = parser.parse_args()
    reason = why_not()
    options = {"--bolt-port": asked.bolt_port, "--http-port": asked.http_port, "--kit-port": asked.kit_port}
    taken = [f"{option}: {port} is taken" for option, port in options.items() if not port_is_free(port)]
    if reason is None and taken:
        reason = f"{taken[0]}. Stop the Neo4j or demo that runs there, or name another port."
    if reason is not None:
        print(reason, file=sys.stderr)
        return 1
    home = Path(os.environ.get("NEO4J_HOME") or CACHE / "demo").resolve()
    signal.signal(signal.SIGTERM, _leave)
    try:
        with Neo4jServer(
            home=home,
            settings=make_browser_settings(asked.kit_port),
            bolt_port=asked.bolt_port,
            http_port=asked.http_port,
            is_short_lived=False,
        ) as server:
            return _load_and_serve(server, asked.kit_port)
    except KeyboardInterrupt:
        return 0
    except Neo4jUnavailableError as error:
        print(error, file=sys.stderr)
        return 1


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _load_and_serve(server: Neo4jServer, kit_port: int) -> int:
    environ = {
        **os.environ,
        "NEO4J_URI": server.uri,
        "NEO4J_USER": server.user,
        "NEO4J_PASSWORD": server.password,
    }
    loaded = subprocess.run(
        [sys.executable, "-m", "loaders", "run", *CASES], cwd=ROOT, env=environ, check=False
    )
    if loaded.returncode != 0:
        return loaded.returncode
    command = [sys.executable, "-m", "api.browser", "--kit", "--port", str(kit_port)]
    kit = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)
    try:
        assert kit.stdout is not None
        kit.stdout.readline()  # It listens: the page asks for style and guide as soon as somebody connects.
        print(f"Neo4j {server.version} runs until Ctrl-C; its data stay in {server.home}.")
        print(f"NEO4J_URI={server.uri}\nNEO4J_USER={server.user}\nNEO4J_PASSWORD={server.password}")
        print(f"Browser: {server.browser_url}  (style and guide open once you are connected)", flush=True)
        while server.is_running and kit.poll() is None:
            time.sleep(0.5)
        print(f"It stopped by itself:\n{server.log()}", file=sys.stderr)
        return 1
    finally:
        kit.terminate()
        kit.wait()


if __name__ == "__main__":
    sys.exit(main())
