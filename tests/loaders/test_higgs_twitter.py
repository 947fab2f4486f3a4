"""The Higgs activity file: every sort of line on invented ones, and the published one against its three networks."""

import gzip
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb.bulk.facts import LinkFact, NodeFact, Row
from kb.bulk.load import load_dataset
from kb.config import Settings
from kb.errors import BadInput
from kb.store import Store
from loaders.higgs_twitter.parse import parse
from loaders.run_dataset import Account, account_for
from schema.observations import Dataset
from tests.loaders.published import links, nodes, published


def read(tmp_path: Path, *lines: str) -> list[Row]:
    path = tmp_path / "activity.txt.gz"
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))
    return list(parse({"activity": path}))


def test_a_line_is_what_one_account_did_to_another_and_when(tmp_path: Path) -> None:
    rows = read(tmp_path, "7 12 1341100972 RT", "7 12 1341100973 MT", "12 7 1341705593 RE")
    assert links(rows, "INTERACTED") == [
        LinkFact("INTERACTED", f"acct:higgs_twitter:{start}", f"acct:higgs_twitter:{end}", properties)
        for start, end, properties in (
            (7, 12, {"kind": "reshare", "at": "2012-07-01T00:02:52Z", "row": "1"}),
            (7, 12, {"kind": "mention", "at": "2012-07-01T00:02:53Z", "row": "2"}),
            (12, 7, {"kind": "reply", "at": "2012-07-07T23:59:53Z", "row": "3"}),
        )
    ]


def test_an_account_is_a_pseudonym_that_no_name_finds_and_comes_once(tmp_path: Path) -> None:
    rows = read(tmp_path, "7 12 1341100972 RT", "12 7 1341100972 RT", "3 3 1341100972 MT")
    assert [fact.id for row in rows for fact in row.facts if isinstance(fact, NodeFact)] == [
        "platform:twitter",
        *(f"acct:higgs_twitter:{number}" for number in (7, 12, 3)),
    ]
    assert nodes(rows, "Account")["acct:higgs_twitter:7"] == NodeFact(
        "Account",
        "acct:higgs_twitter:7",
        {"name": "account 7 of higgs_twitter", "platform": "twitter", "pseudonym": "7"},
    )
    assert {(link.start, link.end) for link in links(rows, "ON")} == {
        (f"acct:higgs_twitter:{number}", "platform:twitter") for number in (7, 12, 3)
    }


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "other number of cells"),
        ("7 12 1341100972", "other number of cells"),
        ("7 12 1341100972 RT 1", "other number of cells"),
        ("7 12 1341100972 LIKE", "unknown kind"),
        ("7 @vale 1341100972 RT", "no account"),
        ("-7 12 1341100972 RT", "no account"),
        ("123456789 12 1341100972 RT", "no account"),
        ("7 12 1341100972.0 RT", "no time"),
        ("7 12 999999999999 RT", "no time"),
        ("\ufffd", "other number of cells"),
    ],
)
def test_a_line_that_says_nothing_is_skipped_with_its_reason(tmp_path: Path, line: str, reason: str) -> None:
    bad, good = read(tmp_path, line, "1 2 1341100972 RT")
    assert (bad.number, bad.facts, bad.skipped) == (1, (), reason)
    assert (good.number, good.skipped) == (2, None)


@pytest.mark.parametrize(
    "broken",
    [b"7 12 1341100972 RT\n", gzip.compress(b"7 12 1341100972 RT\n" * 999)[:-9]],
    ids=["not packed", "cut off"],
)
def test_a_file_that_is_no_whole_gzip_is_told(tmp_path: Path, broken: bytes) -> None:
    path = tmp_path / "activity.txt.gz"
    path.write_bytes(broken)
    with pytest.raises(BadInput, match=r"activity.txt.gz: after row \d+: is no whole gzip file"):
        list(parse({"activity": path}))


def test_the_published_file_equals_its_three_networks_pair_by_pair() -> None:
    files, account = published("higgs_twitter", "higgs-twitter"), Account()
    pairs: dict[str, Counter[tuple[str, str]]] = {kind: Counter() for kind in ("reshare", "mention", "reply")}
    first = last = None
    for row in account_for(parse(files.paths), files, account):
        link = row.facts[-1]
        assert isinstance(link, LinkFact)
        pairs[link.properties["kind"]][link.start, link.end] += 1
        first, last = first or link.properties["at"], link.properties["at"]
    assert (account.read, account.used, account.skipped) == (563_069, 563_069, {})
    assert (account.facts["Account"], account.facts["ON"], account.facts["Channel"]) == (304_691, 304_691, 1)
    assert (first, last) == ("2012-07-01T00:02:52Z", "2012-07-07T23:59:53Z")
    assert {kind: found.total() for kind, found in pairs.items()} == {
        "reshare": 354_930, "mention": 171_237, "reply": 36_902,
    }  # fmt: skip
    folder = files.paths["activity"].parent
    for kind, network in (("reshare", "retweet"), ("mention", "mention"), ("reply", "reply")):
        path = folder / f"higgs-{network}_network.edgelist.gz"
        assert pairs[kind] == dict(read_network(path)), network


def read_network(path: Path) -> Iterator[tuple[tuple[str, str], int]]:
    with gzip.open(path, "rt", encoding="ascii") as lines:
        for line in lines:
            start, end, weight = line.split()
            yield (f"acct:higgs_twitter:{start}", f"acct:higgs_twitter:{end}"), int(weight)


async def test_its_graph_holds_each_line_once(migrated: Store, settings: Settings, tmp_path: Path) -> None:
    rows = read(tmp_path, "7 12 1341100972 RT", "7 12 1341100972 MT", "3 3 1341100972 RE", "3 4 1 LIKE")
    dataset = Dataset(id="higgs_twitter", title="Higgs", publisher="SNAP", licence="not stated")
    report = await load_dataset(
        migrated, settings, dataset, rows, content_sha256="0" * 64, now="2024-01-01T00:00:00Z"
    )
    assert (report.read, report.used, report.skipped) == (4, 3, {"unknown kind": 1})
    stored = await migrated.read(
        "MATCH (a:Account)-[r:INTERACTED]->(b:Account), (a)-[:ON]->(c:Channel) "
        "RETURN a.pseudonym AS a, b.pseudonym AS b, r.kind AS kind, c.id AS channel, r.row AS row ORDER BY row"
    )
    assert stored == [
        ["7", "12", "reshare", "platform:twitter", "1"],
        ["7", "12", "mention", "platform:twitter", "2"],
        ["3", "3", "reply", "platform:twitter", "3"],
    ]
