"""How fast questions are answered, beside other servers and the bare driver: `python -m bench.graphql`.

The answers are compared before anything is timed, and all are timed in turns in one run: a machine has slow minutes.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from bench.generate import PLATFORMS, ROOT, Size, account_id, filled_embedded, filled_neo4j
from kb.config import Settings
from kb.errors import KbError
from kb.store import open_store
from tests.neo4j_server import Neo4jUnavailableError, why_not

PEER: Final = ROOT / "bench" / "peer"
CONNECTIONS: Final = (1, 8, 32)
# The bars and the last line of --json speak of this many.
JUDGED: Final = 8
ASKED_ABOUT: Final = 64
# Comparing every answer of a quick run would take longer than timing them.
ASKED_ABOUT_QUICKLY: Final = 8
START_TIMEOUT_S: Final = 90
# So long at most one server is asked before it is said that it does not answer.
LONGEST_S: Final = 60
# A process that used less than this share of a processor for so long rests.
RESTING_S: Final = 0.2
RESTING_SHARE: Final = 0.2
# Ticks of /proc/PID/stat.
TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")

_PARTY = "id name label ... on Account { platform pseudonym }"
_RECORD = "id count { text } first last amplifier { %s } amplified { %s } channel { id name }"
_GROUP = (
    "amplifier { id name } channel { id name } observed { interactions first last } reported { claimCount }"
)
_POINT = "id name label platform pseudonym handle"
OURS: Final = {
    "point": "query($id: ID!) { entity(id: $id) { id name label ... on Account { platform pseudonym handle } } }",
    "rows": "query($id: ID!, $n: Int!) { amplifications(channel: $id, basis: OBSERVED, first: $n) { nodes { "
    + _RECORD % (_PARTY, _PARTY)
    + " } } }",
    "headline": "query($id: ID!) { amplifiers(of: $id, groupBy: [AMPLIFIER, CHANNEL], orderBy: OBSERVED, first: 100)"
    " { nodes { " + _GROUP + " } } }",
}
_PLAIN = "id name label platform pseudonym"
THEIRS: Final = {
    "rows": "query($id: ID!, $n: Int!) { amplifications(channel: $id, first: $n) { "
    + _RECORD % (_PLAIN, _PLAIN)
    + " } }",
    "headline": "query($id: ID!) { amplifiers(of: $id, first: 100) { " + _GROUP + " } }",
}
DOCUMENTS: Final[Mapping[str, Mapping[str, str]]] = {
    "ours": OURS,
    "peer": {**THEIRS, "point": "query($id: ID!) { accounts(where: {id: {eq: $id}}) { " + _POINT + " } }"},
    "ordinary": {**THEIRS, "point": "query($id: ID!) { entity(id: $id) { " + _POINT + " } }"},
}
# Name of a measured question -> its document and further variables.
QUESTIONS: Final[Mapping[str, tuple[str, Mapping[str, int]]]] = {
    "point": ("point", {}),
    "rows100": ("rows", {"n": 100}),
    "rows1000": ("rows", {"n": 1_000}),
    "headline": ("headline", {}),
}
# Accounts with so many edges are what the headline question is asked about.
FEW_EDGES, MANY_EDGES = 5, 500
_WITH_EDGES = """
MATCH (x:Account) WHERE x.id STARTS WITH 'acct:bench:' WITH x, COUNT { (x)<-[:AMPLIFIED]-() } AS edges
WHERE edges >= $few AND edges <= $many RETURN x.id AS id ORDER BY id"""


class BenchError(Exception):
    """What stops the benchmark; the message says what to do."""


class Measured(NamedTuple):
    """One server, asked one question through some connections for some seconds."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    server_cpu_s: float
    database_cpu_s: float
    client_cpu_s: float

    @property
    def per_s(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: where it answers, and the processes that are its own."""

    name: str
    port: int
    process: subprocess.Popen[bytes]

    def ask(self, question: str, key: str, **headers: str) -> Any:
        """The answer to a question about one id; raises BenchError when it has errors."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql",
            make_body(self.name, question, key).encode(),
            {"Content-Type": "application/json", **headers},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - our own address
                found = json.load(answer)
        except urllib.error.HTTPError as error:
            found = json.load(error)
        if found.get("errors"):
            raise BenchError(f"{self.name} answers {question} of {key} with {found['errors'][0]['message']}")
        return found


def make_body(server: str, question: str, key: str) -> str:
    """The request, as JSON without line breaks."""
    document, variables = QUESTIONS[question]
    return json.dumps({"query": DOCUMENTS[server][document], "variables": {"id": key, **variables}})


def plain(answer: Any) -> Any:
    """What was asked for, without what differs from schema to schema: connections, and lists of one."""
    (found,) = answer["data"].values()
    if isinstance(found, dict) and "nodes" in found:
        found = found["nodes"]
    if isinstance(found, list) and len(found) == 1 and "platform" in found[0]:
        found = found[0]
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def check_tools(*, with_peer: bool) -> None:
    """Raises BenchError that names everything that is missing here and how to get it."""
    missing = []
    if shutil.which("wrk") is None:
        missing.append("wrk, which sends the requests (Debian: apt install wrk; macOS: brew install wrk)")
    if with_peer:
        if shutil.which("node") is None or shutil.which("npm") is None:
            missing.append("Node.js 20 or newer with npm, on which the peer runs (https://nodejs.org)")
        if (reason := why_not()) is not None:
            missing.append(reason)
    if missing:
        raise BenchError("The benchmark cannot run here. Missing:\n  " + "\n  ".join(missing))


def install_peer() -> None:
    """Installs the peer's packages by their lock, unless they are."""
    lock = PEER / "package-lock.json"
    stamp = PEER / "node_modules" / ".installed"
    if stamp.is_file() and stamp.read_bytes() == lock.read_bytes():
        return
    done = subprocess.run(["npm", "ci"], cwd=PEER, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode != 0:
        raise BenchError(f"npm ci in {PEER} failed:\n{done.stderr[-2000:]}")
    stamp.write_bytes(lock.read_bytes())


@contextlib.contextmanager
def running(
    name: str, command: Sequence[str], environ: Mapping[str, str], port: int, log: Path
) -> Iterator[Server]:
    """A server from its first answer on; it is ended with the block. Raises BenchError with the end of its log."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(environ),
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            ends_s = time.monotonic() + START_TIMEOUT_S
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                if process.poll() is not None or time.monotonic() > ends_s:
                    raise BenchError(f"{name} did not start:\n{log.read_text(errors='replace')[-2000:]}")
                time.sleep(0.1)
            yield Server(name, port, process)
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def all_servers(settings: Settings, folder: Path) -> Iterator[list[Server]]:
    """Ours, and on a Neo4j also the peer and ordinary resolvers."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("KB_", "NEO4J_"))}
    environ |= {"KB_DATA": str(settings.data), "KB_LOG_LEVEL": "WARNING", "NODE_ENV": "production"}
    if settings.neo4j_uri is not None:
        environ |= {
            "NEO4J_URI": settings.neo4j_uri,
            "NEO4J_USER": settings.neo4j_user,
            "NEO4J_PASSWORD": settings.neo4j_password,
        }
    with contextlib.ExitStack() as stack:
        servers: list[Server] = []

        def start(name: str, *command: str, **more: str) -> None:
            port = free_port()
            words = [word.replace("PORT", str(port)) for word in command]
            more = {key: value.replace("PORT", str(port)) for key, value in more.items()}
            started = running(name, words, environ | more, port, folder / f"{name}.log")
            servers.append(stack.enter_context(started))

        start("ours", sys.executable, "-m", "api", PORT="PORT")
        if settings.neo4j_uri is not None:
            start("peer", "node", str(PEER / "server.mjs"), "PORT")
            start("ordinary", sys.executable, "-m", "bench.ordinary", "PORT")
        yield servers


def cpu_s(pid: int | None) -> float:
    """Processor seconds that a process has used, all threads together; 0 when there is none, or no /proc."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def settle(pid: int | None) -> None:
    """Returns when a process rests: a database goes on with questions of a client that has left.

    Raises BenchError when it does not come to rest: what is measured then would be of two questions.
    """
    if pid is None:
        return
    ends_s = time.monotonic() + LONGEST_S
    before_s = cpu_s(pid)
    while time.monotonic() < ends_s:
        time.sleep(RESTING_S)
        after_s = cpu_s(pid)
        if after_s - before_s < RESTING_S * RESTING_SHARE:
            return
        before_s = after_s
    raise BenchError(f"the database is still at work {LONGEST_S} s after the last question")


async def find_keys(settings: Settings, size: Size, many: int) -> dict[str, list[str]]:
    """For each document the ids that it is asked about, `many` at most: chosen by the seed."""
    chance = random.Random(size.seed)
    async with open_store(settings) as store:
        rows = await store.read(
            _WITH_EDGES, {"few": FEW_EDGES, "many": min(MANY_EDGES, size.interactions)}, timeout_s=300
        )
    busy = [row[0] for row in rows]
    if not busy:
        raise BenchError(f"no account has {FEW_EDGES} to {MANY_EDGES} edges; give more --interactions")
    return {
        "point": [account_id(chance.randrange(size.accounts)) for _ in range(many)],
        "rows": [f"platform:{name}" for name in PLATFORMS[:many]],
        "headline": chance.sample(busy, min(many, len(busy))),
    }


def check_equal(servers: Sequence[Server], keys: Mapping[str, Sequence[str]]) -> int:
    """Compares every answer that will be timed; raises BenchError at the first difference, returns how many agree."""
    compared = 0
    for question, (document, _) in QUESTIONS.items():
        for key in keys[document]:
            ours, *others = [plain(server.ask(question, key)) for server in servers]
            if not ours:
                raise BenchError(f"{question} of {key} has an empty answer: nothing to time")
            for server, theirs in zip(servers[1:], others, strict=True):
                if json.dumps(ours, sort_keys=True) != json.dumps(theirs, sort_keys=True):
                    raise BenchError(
                        f"{question} of {key}: {server.name} differs\n{str(ours)[:600]}\n{str(theirs)[:600]}"
                    )
                compared += 1
    return compared


def read_statements(ours: Server, keys: Mapping[str, Sequence[str]]) -> dict[str, dict[str, Any]]:
    """The statement behind each question and its parameters for each id, as our server tells them."""
    found: dict[str, dict[str, Any]] = {}
    for question, (document, _) in QUESTIONS.items():
        told = [
            ours.ask(question, key, **{"X-Explain": "cypher"})["extensions"]["cypher"][0]
            for key in keys[document]
        ]
        (statement,) = {one["statement"] for one in told}
        found[question] = {"statement": statement, "parameters": [one["parameters"] for one in told]}
    return found


def _finish(
    done: subprocess.CompletedProcess[str], what: str, before_s: float
) -> tuple[dict[str, Any], float]:
    if done.returncode != 0:
        raise BenchError(f"{what} failed:\n{(done.stdout + done.stderr)[-2000:]}")
    used = os.times()
    return (
        json.loads(done.stdout.rstrip().rpartition("\n")[2].removeprefix("MEASURED ")),
        used.children_user + used.children_system - before_s,
    )


def measure_server(
    server: Server, question: str, keys: Sequence[str], connections: int, seconds: float, database: int | None
) -> Measured:
    """Asks a server through wrk. Raises BenchError when an answer was none."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as bodies:
        bodies.write("".join(make_body(server.name, question, key) + "\n" for key in keys))
        bodies.flush()
        used = os.times()
        before_s = used.children_user + used.children_system
        servers_s, databases_s = cpu_s(server.process.pid), cpu_s(database)
        command = [
            "wrk",
            "-t1",
            f"-c{connections}",
            f"-d{seconds:g}s",
            "--timeout",
            "30s",
            "-s",
            "bench/wrk.lua",
        ]
        command += [f"http://127.0.0.1:{server.port}/graphql", "--", bodies.name, "7"]
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=seconds + 60
        )
        servers_s, databases_s = cpu_s(server.process.pid) - servers_s, cpu_s(database) - databases_s
    found, client_s = _finish(done, f"wrk against {server.name}", before_s)
    if not found["errors"] and not found["requests"] and seconds < LONGEST_S:
        # Cold, and no answer came in time: asked for longer, it has one.
        return measure_server(server, question, keys, connections, seconds * 4, database)
    if found["errors"] or not found["requests"]:
        raise BenchError(f"{server.name}, {question}: {found['errors']} requests of wrk were not answered")
    return Measured(
        found["requests"],
        found["seconds"],
        found["p50_ms"],
        found["p99_ms"],
        servers_s,
        databases_s,
        client_s,
    )


def measure_floor(
    settings: Settings, asked: Mapping[str, Any], connections: int, seconds: float, database: int | None
) -> Measured:
    """Sends the same statement by the bare driver; its own processor time is the server's."""
    environ = os.environ | {
        "NEO4J_URI": settings.neo4j_uri or "",
        "NEO4J_USER": settings.neo4j_user,
        "NEO4J_PASSWORD": settings.neo4j_password,
    }
    work = {**asked, "connections": connections, "seconds": seconds, "database": settings.neo4j_database}
    databases_s = cpu_s(database)
    done = subprocess.run(
        [sys.executable, "-m", "bench.floor"],
        cwd=ROOT,
        env=environ,
        input=json.dumps(work),
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds + 120,
    )
    databases_s = cpu_s(database) - databases_s
    found, _ = _finish(done, "the bare driver", 0.0)
    return Measured(
        found["requests"],
        found["seconds"],
        found["p50_ms"],
        found["p99_ms"],
        found["cpu_s"],
        databases_s,
        0.0,
    )


Results = dict[tuple[str, str, int], list[Measured]]


def measure_all(
    settings: Settings,
    servers: Sequence[Server],
    keys: Mapping[str, Sequence[str]],
    options: argparse.Namespace,
    database: int | None,
) -> Results:
    """Every server, question and number of connections in turns, round after round."""
    statements = read_statements(servers[0], keys)
    results: Results = defaultdict(list)
    for number in range(options.rounds + 1):
        for question, (document, _) in QUESTIONS.items():
            for connections in options.connections:
                for server in servers:
                    settle(database)
                    one = measure_server(
                        server, question, keys[document], connections, options.seconds, database
                    )
                    results[server.name, question, connections].append(one)
                # The embedded engine is owned by our server; the bare driver has no address of it.
                if settings.neo4j_uri is not None:
                    settle(database)
                    one = measure_floor(
                        settings, statements[question], connections, options.seconds, database
                    )
                    results["floor", question, connections].append(one)
        if number == 0:
            results.clear()  # The first round is for the compilers of Java and JavaScript.
        print(f"round {number} of {options.rounds}", file=sys.stderr, flush=True)
    return results


def _median(found: Sequence[Measured], value: str) -> float:
    return float(statistics.median(getattr(one, value) for one in found))


def rate(results: Results, server: str, question: str, connections: int) -> float:
    """Requests a second, the median of the rounds."""
    return _median(results[server, question, connections], "per_s")


def make_ratios(results: Results, connections: int) -> dict[str, dict[str, float]]:
    """Requests a second, ours over theirs."""
    return {
        question: {
            server: round(
                rate(results, "ours", question, connections) / rate(results, server, question, connections), 3
            )
            for server in ("peer", "ordinary", "floor")
            if (server, question, connections) in results
        }
        for question in QUESTIONS
    }


def make_table(results: Results) -> str:
    """One line for each server, question and number of connections."""
    lines = [
        "| question | connections | server | requests/s | p50 ms | p99 ms | server CPU us | database CPU us | wrk |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for (server, question, connections), found in sorted(
        results.items(), key=lambda item: (list(QUESTIONS).index(item[0][1]), item[0][2], item[0][0])
    ):
        requests = sum(one.requests for one in found)
        cpu = [sum(getattr(one, name) for one in found) for name in ("server_cpu_s", "database_cpu_s")]
        client = sum(one.client_cpu_s for one in found) / sum(one.seconds for one in found)
        cells = [
            question, str(connections), server, f"{_median(found, 'per_s'):,.1f}", f"{_median(found, 'p50_ms'):,.1f}",
            f"{_median(found, 'p99_ms'):,.1f}", *(f"{one / requests * 1e6:,.0f}" for one in cpu), f"{client:.0%}",
        ]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


async def run(options: argparse.Namespace, folder: Path) -> Results:
    """Fills the store, starts what is compared, compares the answers, and measures."""
    size = Size(options.accounts, options.interactions, options.seed)
    if options.engine == "embedded":
        settings = await filled_embedded(size)
        keys = await find_keys(settings, size, options.ids)
        return _with_servers(settings, keys, options, folder, None)
    install_peer()
    async with filled_neo4j(size) as (neo4j, settings):
        keys = await find_keys(settings, size, options.ids)
        return _with_servers(settings, keys, options, folder, neo4j.pid)


def _with_servers(
    settings: Settings,
    keys: Mapping[str, Sequence[str]],
    options: argparse.Namespace,
    folder: Path,
    database: int | None,
) -> Results:
    with all_servers(settings, folder) as servers:
        print("servers run; comparing their answers", file=sys.stderr, flush=True)
        equal = check_equal(servers, keys)
        print(f"{equal} answers are equal" if equal else "ours is alone", file=sys.stderr, flush=True)
        return measure_all(settings, servers, keys, options, database)


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.graphql", description=__doc__)
    parser.add_argument("--engine", choices=["neo4j", "embedded"], default="neo4j")
    parser.add_argument("--quick", action="store_true", help="one round of 2 s at 8 connections")
    parser.add_argument(
        "--json", action="store_true", help="the last line is one JSON object with the ratios"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--connections", type=int, nargs="+", default=CONNECTIONS, help="1, 8 and 32 by default"
    )
    parser.add_argument("--seconds", type=float, default=4.0, help="each measurement; 4 by default")
    # The embedded engine is for cases, not for millions of edges.
    parser.add_argument("--accounts", type=int)
    parser.add_argument("--interactions", type=int)
    parser.add_argument("--seed", type=int, default=Size().seed)
    options = parser.parse_args()
    usual = Size() if options.engine == "neo4j" else Size(10_000, 100_000)
    options.accounts = options.accounts or usual.accounts
    options.interactions = options.interactions or usual.interactions
    options.ids = ASKED_ABOUT
    if JUDGED not in options.connections:
        parser.error(f"--connections: {JUDGED} has to be among them, as the ratios are of so many")
    if options.quick:
        options.rounds, options.seconds, options.connections = 1, 2.0, (JUDGED,)
        options.ids = ASKED_ABOUT_QUICKLY
    return options


def main() -> int:
    """Prints the table and the ratios; 1 when something is missing or an answer differs."""
    options = read_options()

    def leave(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, leave)
    try:
        check_tools(with_peer=options.engine == "neo4j")
        with tempfile.TemporaryDirectory() as folder:
            results = asyncio.run(run(options, Path(folder)))
    except (BenchError, KbError, Neo4jUnavailableError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print(make_table(results))
    ratios = make_ratios(results, JUDGED)
    for question, found in ratios.items():
        if not found:
            continue  # the embedded engine is asked by ours alone
        print(f"{question}: ours is " + ", ".join(f"{ratio:g} x {name}" for name, ratio in found.items()))
    if options.json:
        print(json.dumps({"ratios": ratios}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
