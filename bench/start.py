"""How long from `make demo` to the first answer, and how much memory the server takes: `python bench/start.py`.

The packages are installed already (`make .venv`). Each round starts with an empty data folder, runs what `make demo`
runs, and asks the question of the README until it is answered; then the same again with the data in place.
"""

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROUNDS = 5
ROOT = Path(__file__).parent.parent
QUESTION = """{ amplifications(amplifier: "per:zhang-heqing") { edges { node {
  amplifier { name } channel { name } count { text } saidBy { entity { name } } independentOrigins } } } }"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(port: int) -> bool:
    body = json.dumps({"query": QUESTION}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", body, headers)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return b"at least 56 times" in answer.read()
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def memory_mb(root: int) -> dict[str, float]:
    """Resident memory of each process below make, by the last words of its command; MB."""
    found: dict[str, float] = {}
    parents = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except OSError:
            continue
        parents[int(status.parent.name)] = (int(fields["PPid"]), fields.get("VmRSS", "0 kB"))
    for pid, (_, resident) in parents.items():
        above, seen = pid, set()
        while above in parents and above not in seen and above != root:
            seen.add(above)
            above = parents[above][0]
        if above == root and pid != root:
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
            found[" ".join(command.split()[-2:])] = int(resident.split()[0]) / 1024
    return found


def start_once(data: str) -> tuple[float, dict[str, float]]:
    """Seconds until the first right answer, and the memory of the server then."""
    port = free_port()
    environ = os.environ | {"PORT": str(port), "KB_DATA": data}
    began = time.monotonic()
    demo = subprocess.Popen(
        ["make", "demo"],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    while not ask(port):
        if demo.poll() is not None:
            sys.exit("make demo ended before it answered")
        time.sleep(0.02)
    took_s = time.monotonic() - began
    for _ in range(50):
        ask(port)
    memory = memory_mb(demo.pid)
    os.killpg(demo.pid, signal.SIGINT)
    demo.wait(30)
    return took_s, memory


def main() -> None:
    first: list[float] = []
    again: list[float] = []
    memory: dict[str, float] = {}
    for _ in range(ROUNDS):
        with tempfile.TemporaryDirectory() as data:
            took_s, _ = start_once(data)
            first.append(took_s)
            took_s, memory = start_once(data)
            again.append(took_s)
    print(f"make demo to the first answer, {ROUNDS} rounds, median (least to most):")
    print(f"  empty data folder: {statistics.median(first):.2f} s ({min(first):.2f} to {max(first):.2f})")
    print(f"  data in place:     {statistics.median(again):.2f} s ({min(again):.2f} to {max(again):.2f})")
    for command, megabytes in memory.items():
        print(f"  memory of `{command}`: {megabytes:.0f} MB")


if __name__ == "__main__":
    main()
