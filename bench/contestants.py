"""One way to load interactions, in a process of its own: `python -m bench.contestants NAME FILE`.

The last line is what it took, as JSON. The store is that of NEO4J_URI, or the embedded engine in KB_DATA. All ways but
`ours` write the accounts and the interactions only, with the same labels, properties, constraints and indexes.
"""

import asyncio
import csv
import gc
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import psutil
from neo4j import GraphDatabase

from kb.bulk.cut import cut
from kb.bulk.facts import LinkFact, Row
from kb.bulk.follow import ANY
from kb.bulk.load import load_dataset
from kb.bulk.offline import export_bulk
from kb.bulk.own_edges import count_own_edges, own_edges, touch_others
from kb.bulk.staging import Staging, rare_collections
from kb.config import Settings, read_settings
from kb.migrate import migrate
from kb.store import open_store
from loaders.fetch import hash_file
from loaders.higgs_twitter.parse import parse
from loaders.registry import get_source
from schema.observations import Dataset
from tests.peak import peak_mb

NOW = "2024-01-01T00:00:00Z"
BATCH_ROWS = 10_000
NODE = ("id", "name", "platform", "pseudonym", "type", "canonical", "degree", "sources")
EDGE = ("kind", "at", "row", "dataset")
SOURCE = get_source("higgs_twitter")
DATASET = Dataset(id=SOURCE.id, title=SOURCE.title, publisher=SOURCE.publisher, licence=SOURCE.licence)


class Spent(NamedTuple):
    """Seconds on the clock, of this process and those that it started, and of the server."""

    wall: float
    client: float
    server: float

    def __sub__(self, other: "Spent") -> "Spent":
        return Spent(*(round(mine - its, 4) for mine, its in zip(self, other, strict=True)))


def now() -> Spent:
    pid = os.environ.get("BENCH_SERVER_PID")
    server = psutil.Process(int(pid)).cpu_times() if pid else None
    return Spent(time.monotonic(), sum(os.times()[:4]), server.user + server.system if server else 0.0)


def rows_of(file: Path) -> Iterator[Row]:
    return parse({"activity": file})


def node_of(row: Row) -> Iterator[list[Any]]:
    """The accounts that a row is the first to have, each as its values of NODE."""
    for fact in row.facts:
        if fact.type == "Account" and not isinstance(fact, LinkFact):
            more = fact.properties
            yield [
                fact.id, more["name"], more["platform"], more["pseudonym"], "Account", fact.id, 0, [DATASET.id],
            ]  # fmt: skip


def edge_of(row: Row) -> tuple[str, list[Any], str]:
    """The interaction of a row: its start, its values of EDGE, its end."""
    link = row.facts[-1]
    assert isinstance(link, LinkFact)
    more = link.properties
    return link.start, [more["kind"], more["at"], more["row"], DATASET.id], link.end


def batches(items: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(items, BATCH_ROWS)):
        yield batch


def parse_only(file: Path, _settings: Settings) -> dict[str, Any]:
    """The rows read, and nothing done with them."""
    began = now()
    number = sum(1 for _ in rows_of(file))
    return {"edges": number, "edge_time": now() - began, "time": now() - began}


def ceiling(file: Path, settings: Settings) -> dict[str, Any]:
    """All that our client does but sending: read, staged, sorted, counted, added up, cut into hashed batches."""
    began = now()
    with rare_collections(), Staging(settings.data / "ceiling.sqlite") as staging:
        staging.fill(rows_of(file), lambda _row: None, lambda _read: None)
        staging.check_ends()
        touch_others(staging)
        count_own_edges(staging, {})
        for piece in cut(staging.nodes(), ()):
            staging.counting.counters(piece.rows[0].id, piece.hi[0])
        edges = 0
        for part in staging.parts():
            number = sum(len(piece.rows) for piece in cut(staging.links(part), ()))
            edges = number if part == "INTERACTED" else edges
        for _ in cut(own_edges(staging, DATASET.id, ANY), ()):
            pass
    return {"edges": edges, "edge_time": now() - began, "time": now() - began}


def ours(file: Path, settings: Settings) -> dict[str, Any]:
    """`load_dataset` with everything it does, and the same file again."""
    return asyncio.run(_ours(file, settings, hash_file(file)))


async def _ours(file: Path, settings: Settings, sha256: str) -> dict[str, Any]:
    ends: dict[str, Spent] = {}

    def progress(stage: str, _done: int, _total: int | None) -> None:
        ends[stage] = now()

    async with open_store(settings, wait_s=60) as store:
        await migrate(store, NOW)
        began = now()

        async def load() -> Any:
            return await load_dataset(
                store,
                settings,
                DATASET,
                lambda: rows_of(file),
                content_sha256=sha256,
                now=NOW,
                progress=progress,
            )

        report = await load()
        whole = now() - began
        stages = list(ends)
        before = [began, *(ends[stage] for stage in stages)]
        stage_times = {stage: ends[stage] - before[place] for place, stage in enumerate(stages)}
        again = now()
        if not (await load()).unchanged:
            raise AssertionError("the same file was not known")
        return {
            "edges": report.used, "edge_time": stage_times["INTERACTED"], "time": whole,
            "again_s": (now() - again).wall, "derived": report.derived,
            "stages": {stage: spent.wall for stage, spent in stage_times.items()},
        }  # fmt: skip


def load_csv(file: Path, settings: Settings) -> dict[str, Any]:
    """`LOAD CSV ... IN TRANSACTIONS` of files that are there already: what it takes to write them is not counted."""
    folder = Path(os.environ["BENCH_IMPORT"])
    write_csv(file, folder)
    node = ", ".join(f"{name}: row.{name}" for name in NODE if name not in ("degree", "sources"))
    edge = ", ".join(f"{name}: row.{name}" for name in EDGE)
    in_transactions = f"IN TRANSACTIONS OF {BATCH_ROWS} ROWS"
    nodes = (
        f"LOAD CSV WITH HEADERS FROM 'file:///nodes.csv' AS row CALL (row) {{ CREATE (:Entity:Account {{{node}, "
        f"degree: 0, sources: ['{DATASET.id}']}}) }} {in_transactions}"
    )
    edges = (
        "LOAD CSV WITH HEADERS FROM 'file:///edges.csv' AS row CALL (row) { MATCH (a:Entity {id: row.start}) "
        f"MATCH (b:Entity {{id: row.end}}) CREATE (a)-[:INTERACTED {{{edge}}}]->(b) }} {in_transactions}"
    )
    with GraphDatabase.driver(
        str(settings.neo4j_uri), auth=(settings.neo4j_user, settings.neo4j_password)
    ) as driver:
        driver.verify_connectivity()
        return _nodes_then_edges(lambda: _run(driver, nodes), lambda: _run(driver, edges))


def _run(driver: Any, statement: str) -> int:
    with driver.session() as session:
        counters = session.run(statement).consume().counters
        return int(counters.relationships_created or counters.nodes_created)


def py2neo_bulk(file: Path, settings: Settings) -> dict[str, Any]:
    """`py2neo.bulk` with batches as large as ours, in the order of the file."""
    # Here: the others run without the package.
    from py2neo import Graph  # noqa: PLC0415
    from py2neo.bulk import create_nodes, create_relationships  # noqa: PLC0415

    graph = Graph(str(settings.neo4j_uri), auth=(settings.neo4j_user, settings.neo4j_password))

    def nodes() -> int:
        number = 0
        for batch in batches(node for row in rows_of(file) for node in node_of(row)):
            create_nodes(graph.auto(), batch, labels={"Entity", "Account"}, keys=list(NODE))
            number += len(batch)
        return number

    def edges() -> int:
        number = 0
        ends = ("Entity", "id")
        for batch in batches(map(edge_of, rows_of(file))):
            create_relationships(graph.auto(), batch, "INTERACTED", ends, ends, keys=list(EDGE))
            number += len(batch)
        return number

    return _nodes_then_edges(nodes, edges)


def _nodes_then_edges(nodes: Callable[[], int], edges: Callable[[], int]) -> dict[str, Any]:
    began = now()
    nodes()
    middle = now()
    number = edges()
    return {"edges": number, "edge_time": now() - middle, "time": now() - began}


def export(file: Path, _settings: Settings) -> dict[str, Any]:
    """`export-bulk`: the files for `neo4j-admin database import full`."""
    began = now()
    counted = export_bulk(DATASET, rows_of(file), Path(os.environ["BENCH_OUT"]))
    return {"edges": counted.used, "edge_time": now() - began, "time": now() - began}


def write_csv(file: Path, folder: Path) -> None:
    """nodes.csv and edges.csv of a file, with the header of `LOAD CSV`."""
    with (
        (folder / "nodes.csv").open("w", encoding="utf-8", newline="") as node_file,
        (folder / "edges.csv").open("w", encoding="utf-8", newline="") as edge_file,
    ):
        nodes, edges = csv.writer(node_file), csv.writer(edge_file)
        nodes.writerow(NODE)
        edges.writerow(("start", "end", *EDGE))
        for row in rows_of(file):
            nodes.writerows([*values[:-1], values[-1][0]] for values in node_of(row))
            start, values, end = edge_of(row)
            edges.writerow([start, end, *values])


CONTESTANTS: dict[str, Callable[[Path, Settings], dict[str, Any]]] = {
    "parse": parse_only,
    "ceiling": ceiling,
    "ours": ours,
    "load-csv": load_csv,
    "py2neo": py2neo_bulk,
    "export": export,
}


def main() -> None:
    name, file = sys.argv[1], Path(sys.argv[2])
    settings = read_settings(os.environ)
    settings.data.mkdir(parents=True, exist_ok=True)
    gc.collect()
    before_mb = peak_mb()
    found = CONTESTANTS[name](file, settings)
    print(
        json.dumps(
            {**found, "peak_mb": round(peak_mb() - before_mb, 1), "interpreter_mb": round(before_mb, 1)}
        )
    )


if __name__ == "__main__":
    main()
