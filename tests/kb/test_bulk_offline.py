"""The files for neo4j-admin: what the real tool makes of them is the graph that a load makes."""

from dataclasses import replace
from pathlib import Path

import pytest

from kb.bulk.facts import NodeFact, Row
from kb.bulk.load import load_dataset
from kb.bulk.offline import ARGUMENTS, export_bulk
from kb.config import Settings
from kb.derive import find_stale
from kb.errors import BadInput
from kb.migrate import migrate
from kb.store import Store, open_store
from tests.conftest import clear_data
from tests.kb.invented_dataset import DATASET, dump, make_rows
from tests.kb.loading_process import NOW, draw_facts
from tests.neo4j_server import Neo4jServer

HOSTILE = 'Quay "Press"; a,b\\ \n=cmd(), \u202e 新华'


def rows() -> list[Row]:
    """Every kind of row, and an entity whose texts hold what CSV is written with."""
    found = make_rows(draw_facts(1))
    press = {"name": HOSTILE, "note": HOSTILE}
    labels = {
        "name": "1",
        "platform": "quaynet",
        "handle": "quay",
        "platform_labels": (HOSTILE, "b;c", "d,e"),
    }
    none = {"name": "2", "platform": "quaynet", "handle": "pier", "platform_labels": ()}
    more = [
        NodeFact("MediaOutlet", "outlet:quay", press, (HOSTILE, "Quay Press", "新华社")),
        NodeFact("Account", "acct:quaynet:handle:quay", labels, ("quay",)),
        NodeFact("Account", "acct:quaynet:handle:pier", none),
        NodeFact(
            "Document",
            "doc:quay",
            {"name": "Quay", "chars": 12, "held": False, "case": "quay", "sha256": "0" * 64},
        ),
    ]
    return [*found, *(Row("facts", len(found) + number, (fact,)) for number, fact in enumerate(more, 1))]


async def load(store: Store, settings: Settings) -> int:
    report = await load_dataset(store, settings, DATASET, rows, content_sha256="1", now=NOW)
    return report.created + report.updated + report.removed


async def test_what_the_import_tool_makes_of_the_files_is_the_graph_of_a_load(
    neo4j_settings: Settings, tmp_path: Path
) -> None:
    async with open_store(neo4j_settings) as store:
        await clear_data(store)
        await load(store, neo4j_settings)
        expected = await dump(store)
        batches = (
            "MATCH (b:Batch) RETURN b.id AS id, b.hi AS hi, b.sha256 AS sha256, b.rows AS rows, b.derived AS derived, "
            "coalesce(b.touched, []) AS touched ORDER BY id"
        )
        stored = await store.read(batches)
    counted = export_bulk(DATASET, rows(), tmp_path / "out")
    assert counted.read == counted.used + sum(counted.skipped.values())
    server = Neo4jServer(heap_mb=512)
    try:
        server.import_full(tmp_path / "out", ARGUMENTS)
        server.start()
        settings = replace(neo4j_settings, neo4j_uri=server.uri, neo4j_password=server.password)
        async with open_store(settings) as store:
            await migrate(store, NOW)
            assert await load(store, settings) == 0, "every batch is there already"
            assert await dump(store) == expected
            assert await store.read(batches) == stored
            assert await find_stale(store) == []
    finally:
        server.close()


def test_a_folder_that_is_there_is_not_overwritten_and_bad_rows_leave_none(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is there already"):
        export_bulk(DATASET, rows(), tmp_path)
    unfit = [Row("f", 1, (NodeFact("Account", "acct:quayset:1", {"name": "x"}),))]
    with pytest.raises(BadInput, match="does not fit Account"):
        export_bulk(DATASET, unfit, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
