"""The published interactions of Higgs, loaded and asked for: the answers are those of a plain reading of the files."""

import gzip
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any, LiteralString

import pytest

from api.context import Context
from api.cursors import Cursors
from kb.bulk.load import load_dataset
from kb.checks import run_checks
from kb.config import Settings
from kb.documents import HeldDocuments
from kb.store import Store
from loaders.higgs_twitter.parse import parse
from schema.observations import Dataset
from tests.api.cases import answer
from tests.loaders.published import published
from tests.loaders.test_higgs_twitter import read_network

# Enough for a hub whose 206 records (counted from the file) take two pages of 150.
PREFIX_LINES = 2_000
DATASET = Dataset(id="higgs_twitter", title="Higgs", publisher="SNAP", licence="not stated")

RANKED = """
query ($of: ID, $by: GroupBy!) {
  amplifiers(of: $of, groupBy: [$by], orderBy: OBSERVED, basis: OBSERVED, first: 3) {
    totalCount nodes { amplifier { id } amplified { id } observed { interactions text } } } }"""
RECORDS = """
query ($of: ID!, $after: String) {
  amplifications(amplified: $of, basis: OBSERVED, first: 150, after: $after) {
    totalCount pageInfo { hasNextPage endCursor } nodes { amplifier { id } amplified { id } count { min } } } }"""
ROWS = """
query ($by: ID!, $of: ID!) {
  amplifications(amplifier: $by, amplified: $of, basis: OBSERVED, first: 2) {
    nodes { count { min } interactions(first: 1000) { nodes { kind at row source { id } target { id } } } } } }"""
PAGE = "MATCH (a:Account) WHERE a.id > $after RETURN a.id AS id ORDER BY id LIMIT 20000"
# `coalesce`, or Neo4j looks every observed edge up by the index of its basis, for each id.
PAIRS = """
UNWIND $ids AS id MATCH (a:Entity {id: id})-[r:AMPLIFIED]->(b:Entity) WHERE coalesce(r.basis, '') = 'observed'
RETURN a.id AS a, b.id AS b, r.count_min AS n"""
INTERACTED = """
UNWIND $ids AS id MATCH (a:Entity {id: id})-[r:INTERACTED]->(b:Account) WHERE r.kind = $kind
RETURN a.id AS a, b.id AS b, count(*) AS n"""

Line = tuple[str, str, int, str]


def account(number: str) -> str:
    return f"acct:higgs_twitter:{number}"


def read_lines(path: Path, limit: int | None) -> list[Line]:
    """The file by `str.split` alone: an independent reading to compare with."""
    with gzip.open(path, "rt", encoding="ascii") as lines:
        cut = (line.split() for line in islice(lines, limit))
        return [(account(a), account(b), int(time), kind) for a, b, time, kind in cut]


async def load(store: Store, settings: Settings, path: Path) -> Context:
    await load_dataset(
        store,
        settings,
        DATASET,
        lambda: parse({"activity": path}),
        content_sha256="0" * 64,
        now="2026-01-01T00:00:00Z",
    )
    return Context(store, Cursors(b"a secret for tests alone, 32 b.."), HeldDocuments(settings.data))


async def read_pairs(store: Store, statement: LiteralString, **asked: str) -> dict[tuple[str, str], int]:
    """How often for each pair, read in pages of accounts; no pair may come twice."""
    found: dict[tuple[str, str], int] = {}
    after = ""
    while ids := [row[0] for row in await store.read(PAGE, {"after": after})]:
        after = ids[-1]
        rows = await store.read(statement, {"ids": ids, **asked})
        found |= {(a, b): n for a, b, n in rows}
        assert len({(a, b) for a, b, _ in rows}) == len(rows)
    return found


async def must_answer(context: Context, lines: list[Line]) -> None:
    """Rankings, a hub page by page, the rows of one record: all against counts of the lines."""
    retweets = Counter((a, b) for a, b, _, kind in lines if kind == "RT")
    by, of = Counter[str](), Counter[str]()
    for (a, b), n in retweets.items():
        by[a] += n
        of[b] += n
    for group, counts in (("AMPLIFIER", by), ("AMPLIFIED", of)):
        found = (await answer(context, RANKED, by=group))["amplifiers"]
        assert found["totalCount"] == len(counts)
        top = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:3]
        assert [
            (node[group.lower()]["id"], node["observed"][0]["interactions"]) for node in found["nodes"]
        ] == top
    hub = max(of, key=lambda key: of[key])
    expected = {a: n for (a, b), n in retweets.items() if b == hub}
    found = (await answer(context, RANKED, of=hub, by="AMPLIFIER"))["amplifiers"]
    assert found["totalCount"] == len(expected)
    assert [node["observed"][0]["interactions"] for node in found["nodes"]] == sorted(expected.values())[-3:][
        ::-1
    ]
    paged: list[dict[str, Any]] = []
    page: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while page["hasNextPage"]:
        answered = (await answer(context, RECORDS, of=hub, after=page["endCursor"]))["amplifications"]
        assert answered["totalCount"] == len(expected)
        paged, page = paged + answered["nodes"], answered["pageInfo"]
    assert [node["count"]["min"] for node in paged] == sorted(expected.values(), reverse=True)
    assert {node["amplifier"]["id"]: node["count"]["min"] for node in paged} == expected
    (busy, target), n = max(retweets.items(), key=lambda pair: pair[1])
    (record,) = (await answer(context, ROWS, by=busy, of=target))["amplifications"]["nodes"]
    assert record["count"]["min"] == n
    rows = [
        str(number) for number, (a, b, _, kind) in enumerate(lines, 1) if (a, b, kind) == (busy, target, "RT")
    ]
    assert sorted(row["row"] for row in record["interactions"]["nodes"]) == sorted(rows)
    assert {row["kind"] for row in record["interactions"]["nodes"]} == {"RESHARE"}


async def test_a_prefix_of_the_published_file_answers_as_its_lines_count(
    migrated: Store, settings: Settings, tmp_path: Path
) -> None:
    lines = read_lines(published("higgs_twitter", "higgs-twitter").paths["activity"], PREFIX_LINES)
    prefix = tmp_path / "activity.txt.gz"
    with gzip.open(published("higgs_twitter", "higgs-twitter").paths["activity"]) as whole:
        prefix.write_bytes(gzip.compress(b"".join(islice(whole, PREFIX_LINES)), 1))
    context = await load(migrated, settings, prefix)
    await must_answer(context, lines)
    for word, kind in (("RT", "reshare"), ("MT", "mention"), ("RE", "reply")):
        counted = Counter((a, b) for a, b, _, written in lines if written == word)
        assert await read_pairs(migrated, INTERACTED, kind=kind) == counted
        if word == "RT":
            assert await read_pairs(migrated, PAIRS) == counted
    assert [check for check in await run_checks(migrated) if check.rows] == []


@pytest.mark.long
async def test_the_whole_file_gives_the_pairs_of_its_published_retweet_network(
    migrated: Store, settings: Settings
) -> None:
    path = published("higgs_twitter", "higgs-twitter").paths["activity"]
    context = await load(migrated, settings, path)
    edges = await read_pairs(migrated, PAIRS)
    assert len(edges) == 328_132
    assert edges == dict(read_network(path.parent / "higgs-retweet_network.edgelist.gz"))
    for kind, network in (("mention", "mention"), ("reply", "reply")):
        pairs = dict(read_network(path.parent / f"higgs-{network}_network.edgelist.gz"))
        assert await read_pairs(migrated, INTERACTED, kind=kind) == pairs
    for group, top in (
        ("AMPLIFIED", [("88", 18_977), ("677", 7_427), ("1988", 6_262)]),
        ("AMPLIFIER", [("38535", 149), ("81405", 145), ("53508", 137)]),
    ):
        found = (await answer(context, RANKED, by=group))["amplifiers"]["nodes"]
        assert [(node[group.lower()]["id"], node["observed"][0]["interactions"]) for node in found] == [
            (account(number), n) for number, n in top
        ]
    await must_answer(context, read_lines(path, None))
