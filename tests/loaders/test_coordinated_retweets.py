"""The coordinated retweets: each trap of the file on invented rows, and the published one against its raw rows."""

import csv
import gzip
from collections import Counter
from pathlib import Path

import pytest

from kb.bulk.facts import LinkFact, NodeFact, Row
from kb.errors import BadInput
from loaders.coordinated_retweets.parse import parse
from schema.catalog import ENTITY_TYPES
from tests.loaders.published import links, nodes, published, read_published

HEADER = "object_id,account_id,content_id,timestamp_share"
OBJECT, ACCOUNT, CONTENT = "a" * 32, "b" * 32, "c" * 32
ROW = f"{OBJECT},{ACCOUNT},{CONTENT},1623881091"


def read(tmp_path: Path, *lines: str, header: str = HEADER) -> list[Row]:
    path = tmp_path / "retweets.csv.gz"
    path.write_bytes(gzip.compress("\n".join([header, *lines, ""]).encode()))
    return list(parse({"retweets": path}))


def post(letter: str) -> str:
    return f"post:coordinated_retweets:{letter * 32}"


def test_a_row_is_a_post_of_an_account_that_shares_a_post_of_nobody_knows_whom(tmp_path: Path) -> None:
    rows = read(tmp_path, ROW)
    account = f"acct:coordinated_retweets:{ACCOUNT}"
    assert links(rows, "POSTED") == [LinkFact("POSTED", account, post("c"), {"row": "1"})]
    assert links(rows, "SHARES") == [
        LinkFact("SHARES", post("c"), post("a"), {"kind": "reshare", "row": "1"})
    ]
    assert links(rows, "ON") == [LinkFact("ON", account, "platform:twitter", {"row": "1"})]
    assert nodes(rows, "Post")[post("c")].properties["at"] == "2021-06-16T22:04:51Z"
    assert "at" not in nodes(rows, "Post")[post("a")].properties


def test_what_it_shows_fits_the_model_and_is_found_by_no_name(tmp_path: Path) -> None:
    for fact in read(tmp_path, ROW)[0].facts:
        if isinstance(fact, NodeFact):
            ENTITY_TYPES[fact.type].model_validate({"id": fact.id, **fact.properties})
            assert fact.type == "Channel" or not fact.names


def test_one_post_that_shares_two_is_posted_once(tmp_path: Path) -> None:
    rows = read(tmp_path, ROW, ROW.replace(OBJECT, "d" * 32))
    assert len(links(rows, "POSTED")) == 1
    assert [(link.start, link.end) for link in links(rows, "SHARES")] == [
        (post("c"), post("a")),
        (post("c"), post("d")),
    ]


def test_a_retweet_of_a_retweet_is_a_chain(tmp_path: Path) -> None:
    rows = read(tmp_path, ROW, f"{CONTENT},{ACCOUNT},{'e' * 32},1623881099")
    assert [(link.start, link.end) for link in links(rows, "SHARES")][1] == (post("e"), post("c"))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (ROW, "repeats a row"),
        (ROW + ",", "other number of cells"),
        (f"{OBJECT},{ACCOUNT},{CONTENT}", "other number of cells"),
        (ROW.replace(ACCOUNT, ""), "no id"),
        (ROW.replace(OBJECT, "1.23E+18"), "no id"),
        (ROW.replace("1623881091", "NA"), "no time"),
        (ROW.replace(OBJECT, CONTENT), "shares itself"),
    ],
)
def test_a_row_that_says_nothing_is_skipped_with_its_reason(tmp_path: Path, row: str, reason: str) -> None:
    rows = read(tmp_path, ROW, row, ROW.replace("1623881091", "1623881092.0"))
    assert [found.skipped for found in rows] == [None, reason, None]
    assert rows[1].facts == ()


def test_another_header_and_a_file_that_is_no_gzip_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="has not the columns object_id, account_id"):
        read(tmp_path, header="object_id,account_id,timestamp_share,content_id")
    path = tmp_path / "plain.csv"
    path.write_text(HEADER)
    with pytest.raises(BadInput, match=r"plain.csv: after row 0: is no CSV in gzip"):
        list(parse({"retweets": path}))


def test_the_published_file_is_accounted_for_row_by_row() -> None:
    rows, account = read_published("coordinated_retweets", "coordinated-retweets")
    assert (account.read, account.used, account.skipped) == (35_125, 35_124, {"repeats a row": 1})
    path = published("coordinated_retweets", "coordinated-retweets").paths["retweets"]
    with gzip.open(path, "rt", encoding="utf-8", newline="") as opened:
        raw = list(csv.DictReader(opened))
    wanted = {(row["content_id"], row["object_id"]) for row in raw}
    prefix = len(post(""))
    shares = links(rows, "SHARES")
    assert Counter((link.start[prefix:], link.end[prefix:]) for link in shares) == Counter(wanted)
    assert {(link.start.rpartition(":")[2], link.end[prefix:]) for link in links(rows, "POSTED")} == {
        (row["account_id"], row["content_id"]) for row in raw
    }
    assert len(nodes(rows, "Account")) == len(links(rows, "ON")) == 9_509
    assert len(nodes(rows, "Post")) == len({key for pair in wanted for key in pair})
    posts = {link.start for link in shares}
    # The repeated row is no chain: 3,627 rows of the file are, all of them used.
    assert sum(link.end in posts for link in shares) == 3_627
