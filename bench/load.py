"""How fast interactions are loaded, against other ways into the same Neo4j: `python -m bench.load`.

Each way runs in a process of its own, one after the other, on a server of its own that the same way has warmed. What is
compared is the interactions a second; the whole of ours also holds the accounts' platforms, the batches and the derived
edges. The last line of `--json` is one object.
"""

import argparse
import asyncio
import gzip
import json
import os
import platform
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import psutil
from neo4j import GraphDatabase

from bench.contestants import NOW
from bench.interactions import write_interactions
from kb.bulk.offline import ARGUMENTS
from kb.config import read_settings
from kb.migrate import migrate
from kb.store import open_store
from tests.neo4j_server import Neo4jServer, requested_version, why_not

ROOT = Path(__file__).parent.parent
HIGGS = ROOT.parent / "shared" / "data" / "higgs-twitter" / "higgs-activity_time.txt.gz"
NEO4J = ("ours", "load-csv", "py2neo")
ALL = ("parse", "ceiling", *NEO4J, "admin-import", "embedded")
TIMEOUT_S = 3_600
# So many rows the server runs to be warm: a fresh one is 1.5 to 3 times slower until then.
WARM_ROWS = 300_000
QUICK_ROWS = 20_000
HEAP_MB = 2_048
# LOAD CSV is closed in every Neo4j that we start; this one may read its import folder.
OPEN = {"dbms.security.allow_csv_import_from_file_urls": "true", "server.memory.pagecache.size": "512m"}


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def run_contestant(name: str, file: Path, environ: dict[str, str]) -> dict[str, Any]:
    """What a way took, or why it failed."""
    say(f"{file.name}: {name}")
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith(("NEO4J_", "KB_", "BENCH_"))
    }
    command = [sys.executable, "-m", "bench.contestants", name, str(file)]
    try:
        done = subprocess.run(
            command, cwd=ROOT, env={**kept, "KB_WRITE_TIMEOUT_S": "600", **environ}, capture_output=True, text=True,
            check=False, timeout=TIMEOUT_S,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"failed": f"took more than {TIMEOUT_S} s"}
    if done.returncode != 0:
        say(done.stderr[-2_000:])
        return {"failed": (done.stderr.strip().splitlines() or ["no word"])[-1][:200]}
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    say(f"  {found['time'][0]:.1f} s: {json.dumps(found)}")
    return found


def empty(server: Neo4jServer) -> None:
    """Leaves the constraints, the indexes and the planned statements."""
    with (
        GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver,
        driver.session() as session,
    ):
        for pattern in (
            "()-[r]->() CALL (r) { DELETE r }",
            "(r) WHERE NOT r:Migration CALL (r) { DELETE r }",
        ):
            session.run(f"MATCH {pattern} IN TRANSACTIONS OF 20000 ROWS").consume()


async def prepare(environ: dict[str, str]) -> None:
    async with open_store(read_settings(environ), wait_s=60) as store:
        await migrate(store, NOW)


def on_warm_server(name: str, file: Path, warm: Path) -> dict[str, Any]:
    """What a way took on a server that it has loaded `warm` into; to empty that of all of `file` can take longer."""
    with Neo4jServer(heap_mb=HEAP_MB, settings=OPEN, is_short_lived=False) as server:
        # All ways have the constraints and the indexes of ours.
        asyncio.run(prepare(environ_of(server)))
        found = run_contestant(name, warm, environ_of(server))
        if "failed" in found:
            return found
        empty(server)
        found = run_contestant(name, file, environ_of(server))
        found["server_mb"] = round(psutil.Process(server.pid).memory_info().rss / 2**20)
        return found


def environ_of(server: Neo4jServer) -> dict[str, str]:
    return {
        "NEO4J_URI": server.uri, "NEO4J_USER": server.user, "NEO4J_PASSWORD": server.password,
        "KB_DATA": str(server.home / "client"), "BENCH_SERVER_PID": str(server.pid),
        "BENCH_IMPORT": str(server.home / "import"),
    }  # fmt: skip


def admin_import(file: Path, work: Path) -> dict[str, Any]:
    """Our `export-bulk`, `neo4j-admin database import full`, then the load that finds all of it there and derives."""
    folder = work / "admin"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    out = folder / "out"
    exported = run_contestant("export", file, {"KB_DATA": str(folder), "BENCH_OUT": str(out)})
    if "failed" in exported:
        return exported
    server = Neo4jServer(home=folder / "home", heap_mb=HEAP_MB, is_short_lived=False)
    try:
        began_s, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        server.import_full(out, ARGUMENTS)
        import_s, after = time.monotonic() - began_s, resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        say(f"  import {import_s:.1f} s")
        server.start()
        finished = run_contestant("ours", file, environ_of(server))
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)
    if "failed" in finished:
        return finished
    export_s, client_s, _ = exported["time"]
    return {
        "edges": exported["edges"],
        "edge_time": [import_s, client_s, cpu_s],
        "time": [export_s + import_s, client_s, cpu_s],
        "finish_s": finished["time"][0],
        "stages": {"export-bulk": export_s, "import": import_s, "the load after it": finished["time"][0]},
        "peak_mb": exported["peak_mb"],
    }


def prefix(file: Path, rows: int, to: Path) -> Path:
    """The first rows of a file as a file."""
    with gzip.open(file, "rb") as lines, gzip.open(to, "wb", compresslevel=1) as out:
        out.writelines(islice(lines, rows))
    return to


def measure(
    files: list[Path], wanted: list[str], rounds: int, work: Path, warm_rows: int
) -> dict[str, dict[str, Any]]:
    """For each file what each way took: of several rounds the one with the median of the whole."""
    warm = prefix(files[0], warm_rows, work / "warm.txt.gz")
    found: dict[str, dict[str, Any]] = {}
    for file in files:
        # Only the smallest file: this engine is the default for cases, not for millions of edges.
        ways = [name for name in wanted if name != "embedded" or file == files[0]]
        taken = [{name: take(name, file, warm, work) for name in ways} for _ in range(rounds)]
        found[file.name] = {name: middle([ways[name] for ways in taken]) for name in ways}
    return found


def take(name: str, file: Path, warm: Path, work: Path) -> dict[str, Any]:
    if name in NEO4J:
        return on_warm_server(name, file, warm)
    if name == "admin-import":
        return admin_import(file, work)
    folder = work / name
    shutil.rmtree(folder, ignore_errors=True)
    return run_contestant("ours" if name == "embedded" else name, file, {"KB_DATA": str(folder)})


def middle(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """The round with the median of the whole, and what the others took; one that failed, if one did."""
    for one in rounds:
        if "failed" in one:
            return one
    taken = sorted(rounds, key=lambda one: float(one["time"][0]))
    return {**taken[len(taken) // 2], "rounds_s": [round(one["time"][0], 1) for one in taken]}


def table(found: dict[str, dict[str, Any]]) -> Iterator[str]:
    """The rows of bench/README.md."""
    for file, ways in found.items():
        yield f"\n| {file} | edges/s | to LOAD CSV | whole, s | client us/edge | server us/edge | peak MB |"
        yield "| --- | --- | --- | --- | --- | --- | --- |"
        base = speed(ways.get("load-csv", {}))
        for name, way in ways.items():
            if "failed" in way:
                yield f"| {name} | failed: {way['failed']} | | | | | |"
                continue
            _, client_s, server_s = way["edge_time"]
            per = 1e6 / way["edges"]
            ratio = f"{speed(way) / base:.2f}" if base and name not in ("parse", "ceiling") else ""
            yield (
                f"| {name} | {speed(way):,.0f} | {ratio} | {way['time'][0]:.1f} | {client_s * per:.1f} | "
                f"{server_s * per:.1f} | {way['peak_mb']:.0f} |"
            )
        several = {name: way["rounds_s"] for name, way in ways.items() if len(way.get("rounds_s", ())) > 1}
        if several:
            told = "; ".join(f"{name} {', '.join(map(str, seconds))}" for name, seconds in several.items())
            yield f"\nthe whole of each round, s: {told}"
        for name, way in ways.items():
            if "stages" in way:
                stages = ", ".join(f"{stage} {seconds:.1f}" for stage, seconds in way["stages"].items())
                again = f"; the same file again {way['again_s']:.3f} s" if "again_s" in way else ""
                yield f"\n{name}: {stages} s{again}"


def speed(way: dict[str, Any]) -> float:
    """Interactions a second."""
    return float(way["edges"] / way["edge_time"][0]) if "edge_time" in way else 0.0


def ratios(found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What the bars are about, for each file."""
    told: dict[str, Any] = {}
    for file, ways in found.items():
        ours, base, py2neo = (ways.get(name, {}) for name in NEO4J)
        one: dict[str, Any] = {name: way.get("failed") or round(speed(way)) for name, way in ways.items()}
        if speed(ours):
            one |= {
                "to_load_csv": round(speed(ours) / speed(base), 2) if speed(base) else None,
                "to_py2neo": round(speed(ours) / speed(py2neo), 2) if speed(py2neo) else None,
                "whole_s": round(ours["time"][0], 1),
                "again_times_faster": round(ours["time"][0] / max(ours["again_s"], 0.001)),
                "peak_mb": ours["peak_mb"],
            }
            if "time" in ways.get("admin-import", {}):
                one["admin_to_online"] = round(ways["admin-import"]["time"][0] / ours["time"][0], 2)
        if "time" in ways.get("embedded", {}):
            one["embedded_whole_s"] = round(ways["embedded"]["time"][0], 1)
            one["embedded_peak_mb"] = ways["embedded"]["peak_mb"]
        told[file] = one
    return told


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--quick", action="store_true", help=f"the first {QUICK_ROWS:,} rows, to see that all runs"
    )
    parser.add_argument(
        "--only", nargs="+", choices=ALL, default=list(ALL), metavar="WAY", help=", ".join(ALL)
    )
    parser.add_argument("--rounds", type=int, default=1, help="how often all ways take turns")
    parser.add_argument("--data", choices=("higgs", "synthetic", "both"), default="both")
    parser.add_argument("--higgs", type=Path, default=HIGGS, help="the activity file of SNAP")
    parser.add_argument(
        "--work", type=Path, help="folder to work in; it needs 5 GB; by default a temporary one"
    )
    parser.add_argument("--json", action="store_true", help="the last line is one JSON object")
    arguments = parser.parse_args()
    # Whoever stops it leaves no server behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if reason := why_not():
        raise SystemExit(reason)
    if arguments.work is not None:
        arguments.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-load-", dir=arguments.work) as folder:
        work = Path(folder)
        files = []
        if arguments.data != "synthetic":
            if not arguments.higgs.is_file():
                raise SystemExit(f"{arguments.higgs} is not there: give --higgs FILE, or --data synthetic")
            name = work / "higgs.txt.gz"
            files.append(prefix(arguments.higgs, QUICK_ROWS if arguments.quick else sys.maxsize, name))
        if arguments.data != "higgs" and not arguments.quick:
            say("writing the synthetic file")
            write_interactions(work / "synthetic.txt.gz")
            files.append(work / "synthetic.txt.gz")
        if not files:
            raise SystemExit("--quick is for the Higgs file")
        warm_rows = QUICK_ROWS // 5 if arguments.quick else WARM_ROWS
        found = measure(files, arguments.only, arguments.rounds, work, warm_rows)
    memory_gb = psutil.virtual_memory().total / 2**30
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} processors, {memory_gb:.0f} GB, Python "
        f"{platform.python_version()}, Neo4j {requested_version()}, load {os.getloadavg()[0]:.1f}"
    )
    print("\n".join(table(found)))
    if arguments.json:
        print(json.dumps({"ratios": ratios(found), "measured": found}))
    return 1 if any("failed" in way for ways in found.values() for way in ways.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
