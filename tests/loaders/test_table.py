"""Anyone's table: how files are written, what mappings say, and what becomes of each row; all data are invented."""

import bz2
import csv
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kb.bulk.facts import LinkFact, Row
from kb.bulk.load import load_dataset
from kb.config import Settings
from kb.errors import BadInput
from kb.store import Store
from loaders.run_dataset import Account
from loaders.table.__main__ import make_schema
from loaders.table.files import Skipped, look_at, read_rows
from loaders.table.mapping import TableFile, read_mapping
from loaders.table.propose import propose_mapping
from loaders.table.run import open_table
from schema.observations import Dataset
from tests.conftest import process_environ
from tests.loaders.published import links, nodes
from tests.loaders.small_case import ROOT, run_loaders

HEAD = "dataset: quay\ntitle: Quay\npublisher: Quay\nlicence: CC0-1.0\nplatform: twitter\n"
MAPPING = (
    HEAD
    + """pseudonymous: hashes
account: {id: userid, handle: user_screen_name}
post: tweetid
time: {column: tweet_time, format: "%Y-%m-%d %H:%M", zone: UTC}
acts:
  - {kind: reshare, post: retweet_tweetid, account: retweet_userid, when: {column: is_retweet, equals: "True"}}
  - {kind: quote, post: quoted_tweet_tweetid}
  - {kind: reply, account: in_reply_to_userid}
  - {kind: mention, account: {id: {column: user_mentions, split: list}}}
"""
)
COLUMNS = [
    "tweetid", "userid", "user_screen_name", "tweet_time", "is_retweet", "retweet_userid", "retweet_tweetid",
    "quoted_tweet_tweetid", "in_reply_to_userid", "user_mentions",
]  # fmt: skip
HASHED = "uvM/x+1="
# As published takedown data are: hashed ids of small accounts, mentions as the text of a list.
ROWS = [
    ["1001", HASHED, HASHED, "2019-06-01 10:00", "False", "", "", "", "", "[]"],
    ["1002", "77", "Quay_News", "2019-06-01 10:01", "True", HASHED, "1001", "", "", f"['{HASHED}', 88]"],
    ["1003", "77", "Quay_News", "2019-06-01 10:02", "False", "", "", "1001", "88", ""],
]


def write(path: Path, *rows: list[str], columns: list[str] = COLUMNS) -> Path:
    with path.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened).writerows([columns, *rows])
    return path


def read(tmp_path: Path, data: Path, mapping: str = MAPPING) -> list[Row]:
    path = tmp_path / "mapping.yaml"
    path.write_text(mapping, "utf-8")
    return list(open_table(path, data).rows(Account()))


def refuse(tmp_path: Path, mapping: str) -> list[str]:
    path = tmp_path / "mapping.yaml"
    path.write_text(mapping, "utf-8")
    with pytest.raises(BadInput) as refused:
        read_mapping(path)
    return str(refused.value).splitlines()


def test_takedown_data_become_posts_shares_and_interactions(tmp_path: Path) -> None:
    rows = read(tmp_path, write(tmp_path / "dump.csv", *ROWS))
    hashed = "acct:quay:uvM%2Fx%2B1%3D"
    assert {(link.start, link.end, link.properties["row"]) for link in links(rows, "POSTED")} == {
        (hashed, "post:twitter:1001", "1"),
        ("acct:twitter:id:77", "post:twitter:1002", "2"),
        (hashed, "post:twitter:1001", "2"),
        ("acct:twitter:id:77", "post:twitter:1003", "3"),
    }
    assert links(rows, "SHARES") == [
        LinkFact("SHARES", "post:twitter:1002", "post:twitter:1001", {"kind": "reshare", "row": "2"}),
        LinkFact("SHARES", "post:twitter:1003", "post:twitter:1001", {"kind": "quote", "row": "3"}),
    ]
    done = [(link.end, link.properties["kind"], link.properties["row"]) for link in links(rows, "INTERACTED")]
    assert done == [
        (hashed, "mention", "2/2"),
        ("acct:twitter:id:88", "mention", "2/3"),
        ("acct:twitter:id:88", "reply", "3/2"),
    ]
    assert nodes(rows, "Post")["post:twitter:1002"].properties["at"] == "2019-06-01T10:01:00Z"
    assert nodes(rows, "Account")["acct:twitter:id:77"].names == ("@Quay_News", "@quay_news")
    assert nodes(rows, "Account")[hashed].names == ()


def test_of_a_pseudonymous_table_nothing_is_a_real_account_or_post(tmp_path: Path) -> None:
    data = write(tmp_path / "dump.csv", *ROWS)
    rows = read(tmp_path, data, MAPPING.replace("pseudonymous: hashes", "pseudonymous: true"))
    found = [*nodes(rows, "Account"), *nodes(rows, "Post")]
    assert len(found) == 6
    assert all(key.startswith(("acct:quay:", "post:quay:")) for key in found)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"userid": "", "user_screen_name": ""}, "no account"),
        ({"userid": "1.23E+18"}, "cannot be an id"),
        ({"tweetid": ""}, "no post"),
        ({"tweetid": "1.23E+18"}, "cannot be an id"),
        ({"tweet_time": "2019-13-01 10:00"}, "time cannot be read"),
        ({"retweet_tweetid": "1002"}, "shares itself"),
        ({"user_mentions": "['a'b]"}, "is no list"),
        ({"user_screen_name": "no handle at all"}, "cannot be a handle"),
    ],
)
def test_a_row_that_cannot_be_read_is_skipped_with_its_reason(
    tmp_path: Path, changed: dict[str, str], reason: str
) -> None:
    # Ids are the platform's here, so that what cannot be one is told.
    mapping = MAPPING.replace("pseudonymous: hashes", "pseudonymous: false")
    good = ["1001", "66", "Pier_News", "2019-06-01 10:00", "False", "", "", "", "", "[]"]
    bad = dict(
        zip(
            COLUMNS, ["1002", "77", "Quay", "2019-06-01 10:01", "True", "66", "1001", "", "", ""], strict=True
        )
    )
    if changed == {"tweetid": ""}:
        changed = {**changed, "retweet_tweetid": "", "retweet_userid": ""}
    rows = read(
        tmp_path, write(tmp_path / "d.csv", good, [(bad | changed)[name] for name in COLUMNS], good), mapping
    )
    assert [(row.number, row.skipped) for row in rows] == [(1, None), (2, reason), (3, None)]
    assert rows[1].facts == ()


def test_values_lists_kinds_and_platforms_are_read_as_the_mapping_says(tmp_path: Path) -> None:
    mapping = (
        HEAD.replace("platform: twitter", "platform: {column: where, values: {TG: telegram, TW: twitter}}")
        + """pseudonymous: false
account: {handle: who}
time: {column: when, format: unix}
empty: [NA]
acts:
  - kind: {column: did, values: {shared: reshare, answered: reply, slept: none}}
    account: {handle: {column: whom, split: ";"}}
"""
    )
    data = write(
        tmp_path / "d.csv",
        ["TG", "@Ada", "1559383200", "shared", "bo; @Cy ;NA"],
        ["TW", "Ada", "NA", "answered", "bo"],
        ["TG", "ada", "1559383200", "slept", "bo"],
        ["TG", "ada", "1559383200", "liked", "bo"],
        ["VK", "ada", "1559383200", "shared", "bo"],
        columns=["where", "who", "when", "did", "whom"],
    )
    rows = read(tmp_path, data, mapping)
    assert [row.skipped for row in rows] == [None, None, "no act", "unknown kind", "unknown platform"]
    tg, at = "acct:telegram:handle:", "2019-06-01T10:00:00Z"
    assert links(rows, "INTERACTED") == [
        LinkFact("INTERACTED", f"{tg}ada", f"{tg}bo", {"kind": "reshare", "at": at, "row": "1"}),
        LinkFact("INTERACTED", f"{tg}ada", f"{tg}cy", {"kind": "reshare", "at": at, "row": "1/2"}),
        LinkFact(
            "INTERACTED", "acct:twitter:handle:ada", "acct:twitter:handle:bo", {"kind": "reply", "row": "2"}
        ),
    ]


@pytest.mark.parametrize(
    ("time", "cell", "at"),
    [
        ("format: iso", "2019-06-01T12:00:00.9+02:00", "2019-06-01T10:00:00Z"),
        ("format: iso, zone: Europe/Berlin", "2019-06-01 12:00", "2019-06-01T10:00:00Z"),
        ("format: iso", "2019-06-01 12:00", None),
        ("format: unix_ms", "1559383200999", "2019-06-01T10:00:00Z"),
        ("format: unix", "1559383200.0", "2019-06-01T10:00:00Z"),
        ("format: unix", "999999999999999", None),
        ('format: "%d/%m/%Y %H:%M", zone: UTC', "01/06/2019 10:00", "2019-06-01T10:00:00Z"),
        ('format: "%a %b %d %H:%M:%S %z %Y"', "Sat Jun 01 12:00:00 +0200 2019", "2019-06-01T10:00:00Z"),
    ],
)
def test_a_time_is_an_instant_or_a_reason(tmp_path: Path, time: str, cell: str, at: str | None) -> None:
    mapping = f"{HEAD}pseudonymous: true\naccount: a\npost: p\ntime: {{column: t, {time}}}\n"
    rows = read(
        tmp_path,
        write(tmp_path / "d.csv", ["1", "2", cell], ["1", "3", ""], columns=["a", "p", "t"]),
        mapping,
    )
    assert (rows[0].skipped is None) == (at is not None)
    assert [node.properties.get("at") for node in nodes(rows, "Post").values()] == ([at] if at else []) + [
        None
    ]


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@hypothesis_settings(max_examples=80, deadline=None)
@given(
    rows=st.lists(st.tuples(TEXT, TEXT), max_size=5),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1251", "shift_jis"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    ending=st.sampled_from(["\r\n", "\n"]),
)
def test_what_python_writes_as_csv_comes_back_whole(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str]],
    encoding: str,
    delimiter: str,
    quoting: int,
    ending: str,
) -> None:
    rows = [tuple(cell.encode(encoding, "ignore").decode(encoding) for cell in row) for row in rows]  # type: ignore[misc]
    if ending == "\n":
        # Python writes a lone \r unquoted then, which is a line end to every reader.
        rows = [(one.replace("\r", ""), two.replace("\r", "")) for one, two in rows]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=ending).writerows(  # type: ignore[arg-type]
        [("who", "what"), *rows]
    )
    path = tmp_path_factory.mktemp("csv") / "d.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    said = TableFile(encoding=encoding) if encoding in ("cp1251", "shift_jis") else TableFile()
    written = look_at(path, said, ["who", "what"])
    assert list(read_rows(path, written)) == [{"who": one, "what": two} for one, two in rows]


@hypothesis_settings(max_examples=80, deadline=None)
@given(lines=st.lists(st.binary(max_size=20).map(lambda line: line.replace(b"\n", b"")), max_size=6))
def test_any_bytes_after_a_header_are_rows_reasons_or_refused(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]
) -> None:
    path = tmp_path_factory.mktemp("any") / "d.csv"
    path.write_bytes(b"\n".join([b"who,what", *lines, b"last,row", b""]))
    try:
        written = look_at(path, TableFile(delimiter=","))
        if "encoding" in written.guessed:
            # A run asks for it.
            return
        rows = list(read_rows(path, written))
    except BadInput as error:
        assert str(path) in str(error)  # noqa: PT017 - refusing is one of two right answers
        return
    # A quote may swallow what follows it, a lone \r ends a line: neither loses a row without a word.
    assert rows
    assert all(row.reason if isinstance(row, Skipped) else len(row) == 2 for row in rows)
    if not any(b'"' in line or b"\r" in line for line in lines):
        assert len(rows) == len(lines) + 1


def test_broken_rows_are_counted_each_at_its_place(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text('a,b\n1,2\n1\n\n"x"y,2\n1,2,3\n3,4\n', "utf-8")
    rows = list(read_rows(path, look_at(path, TableFile())))
    assert [row.reason if isinstance(row, Skipped) else row for row in rows] == [
        {"a": "1", "b": "2"}, "other number of cells", "empty line", "not CSV", "other number of cells",
        {"a": "3", "b": "4"},
    ]  # fmt: skip


def _zip(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("d.csv", content)
    return packed.getvalue()


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress, _zip, bytes])
def test_compressed_files_are_read_and_broken_ones_refused(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "d.bin"
    packed = pack(b"a,b\n" + b"1,2\n" * 50_000)
    path.write_bytes(packed)
    assert sum(1 for _ in read_rows(path, look_at(path, TableFile()))) == 50_000
    if pack is not bytes:
        path.write_bytes(packed[: len(packed) // 2])
        with pytest.raises(BadInput, match=r"d.bin.* get the file anew"):
            list(read_rows(path, look_at(path, TableFile())))


def test_files_that_cannot_be_read_say_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("one.csv", "a,b")
        archive.writestr("two.csv", "a,b")
    for content, told in (
        (b"", "is empty"),
        (b"\x28\xb5\x2f\xfd....", "run: zstd -d FILE"),
        (packed.getvalue(), "'one.csv, two.csv', unpack it"),
        (b"a,a\n1,2\n", "has a column twice, 'a'"),
        (b'[{"a": 1}]', "is JSON of one long list"),
        (b"PAR1 and no more", "is no whole Parquet file"),
    ):
        path.write_bytes(content)
        with pytest.raises(BadInput, match=told):
            look_at(path, TableFile())
    with pytest.raises(BadInput, match="name a file that is there"):
        look_at(tmp_path / "none.csv", TableFile())


def test_another_encoding_than_utf_8_is_asked_for_and_never_taken_for_granted(tmp_path: Path) -> None:
    data = tmp_path / "d.csv"
    data.write_bytes("a,p\nПричал,Набережная и маяк в порту\n".encode("cp1251"))
    mapping = f"{HEAD}pseudonymous: true\naccount: a\npost: p\n"
    with pytest.raises(BadInput, match=r"does not say its encoding, .*add `file: \{encoding: cp1251\}`"):
        read(tmp_path, data, mapping)
    rows = read(tmp_path, data, mapping + "file: {encoding: cp1251}\n")
    assert next(iter(nodes(rows, "Account").values())).properties["pseudonym"] == "Причал"


def test_bytes_that_do_not_fit_far_into_the_file_are_told_with_their_row(tmp_path: Path) -> None:
    data = tmp_path / "d.csv"
    data.write_bytes(b"a,p\n" + b"1,2\n" * 100_000 + "Причал и маяк,3\n".encode("cp1251"))
    with pytest.raises(BadInput, match=r"d.csv: after row \d+: is not utf-8"):
        list(read_rows(data, look_at(data, TableFile())))


def test_json_lines_and_parquet_say_what_csv_says(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed: requirements-parquet.lock")
    parquet = pytest.importorskip("pyarrow.parquet")
    objects = [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]
    listed = [{**found, "user_mentions": []} for found in objects]
    listed[1]["user_mentions"] = [HASHED, "88"]
    lines = tmp_path / "d.jsonl"
    lines.write_text("".join(json.dumps(found) + "\n" for found in listed), "utf-8")
    parquet.write_table(pa.Table.from_pylist(listed), tmp_path / "d.parquet")
    wanted = [row.facts for row in read(tmp_path, write(tmp_path / "d.csv", *ROWS))]
    assert [row.facts for row in read(tmp_path, lines)] == wanted
    assert [row.facts for row in read(tmp_path, tmp_path / "d.parquet")] == wanted


def test_lines_that_are_no_json_objects_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "d.jsonl"
    path.write_text('{"a": {"id": 12345678901234567890}, "t": true}\n[1]\n{"a": \n\n{"a": null}\n', "utf-8")
    rows = list(read_rows(path, look_at(path, TableFile())))
    assert [row.reason if isinstance(row, Skipped) else row for row in rows] == [
        {"a.id": "12345678901234567890", "t": "true"}, "no JSON object", "not JSON", "empty line", {"a": ""},
    ]  # fmt: skip


def test_a_mapping_tells_all_its_problems_with_their_lines(tmp_path: Path) -> None:
    told = refuse(
        tmp_path,
        HEAD + "pseudonymous: perhaps\naccount: {name: a}\npots: b\ntime: {column: t, format: \"%H\"}\n"
        "acts:\n  - {kind: retweet, post: c}\n  - {kind: reply}\n",
    )  # fmt: skip
    wanted = {
        6: "pseudonymous has none of its values, 'perhaps', write true, false or hashes",
        7: "has neither id nor handle",
        8: "did you mean post? ",
        9: "has times without their zone",
        11: "has none of its values",
        12: "has neither post nor account",
    }
    for line, words in wanted.items():
        assert any(f"mapping.yaml:{line}: " in found and words in found for found in told), (line, told)


def test_columns_that_the_table_has_not_are_named_with_line_and_the_nearest(tmp_path: Path) -> None:
    mapping = MAPPING.replace("retweet_userid", "retweet_user").replace("post: tweetid", "post: twetid")
    with pytest.raises(BadInput) as refused:
        read(tmp_path, write(tmp_path / "d.csv", *ROWS), mapping)
    first, second = str(refused.value).splitlines()
    assert "mapping.yaml:8: names a column that d.csv has not, 'twetid', did you mean tweetid" in first
    assert (
        "mapping.yaml:11: names a column that d.csv has not, 'retweet_user', did you mean retweet_userid"
        in second
    )


def test_a_proposed_mapping_is_refused_until_a_person_has_completed_it(tmp_path: Path) -> None:
    data = write(tmp_path / "d.csv", *ROWS)
    proposed = propose_mapping(data)
    told = refuse(tmp_path, proposed)
    assert len(told) == proposed.count("CHANGE_ME") - 1  # its head names the word once
    for name, value in (
        ("dataset", "quay"), ("title", "Quay"), ("publisher", "Quay"), ("licence", "CC0-1.0"), ("platform", "twitter"),
        ("pseudonymous", "hashes"), ("zone", "UTC"),
    ):  # fmt: skip
        proposed = proposed.replace(f"{name}: CHANGE_ME", f"{name}: {value}")
    assert [row.facts for row in read(tmp_path, data, proposed)] == [
        row.facts for row in read(tmp_path, data)
    ]


def test_from_a_terminal_a_table_is_proposed_tried_and_told(tmp_path: Path, fresh_settings: Settings) -> None:
    environ = process_environ(fresh_settings)
    data, mapping = write(tmp_path / "d.csv", *ROWS, ["1004"]), tmp_path / "m.yaml"
    assert "account: {id: userid" in run_loaders("table", "propose", str(data), environ=environ).stdout
    mapping.write_text(MAPPING, "utf-8")
    done = run_loaders(
        "run", "table", "--mapping", str(mapping), "--from", str(data), "--dry-run", environ=environ
    )
    assert "4 rows read = 3 used + 1 skipped (other number of cells 1)" in done.stdout
    assert run_loaders("run", "table", "--from", str(data), environ=environ).returncode == 1


def test_the_mapping_of_the_guide_is_one(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "tables.md").read_text("utf-8")
    path = tmp_path / "guide.yaml"
    path.write_text(guide.split("```yaml\n")[1].split("```")[0], "utf-8")
    assert len(read_mapping(path).mapping.acts) == 4


def test_the_schema_for_editors_is_that_of_the_model() -> None:
    stored = (ROOT / "loaders" / "table" / "mapping.schema.json").read_text("utf-8")
    assert stored == make_schema(), "run: python -m loaders.table"


async def test_a_table_is_stored_and_each_pair_posted_once(
    migrated: Store, settings: Settings, tmp_path: Path
) -> None:
    rows = read(tmp_path, write(tmp_path / "d.csv", *ROWS))
    dataset = Dataset(id="quay", title="Quay", publisher="Quay", licence="CC0-1.0")
    report = await load_dataset(
        migrated, settings, dataset, rows, content_sha256="0" * 64, now="2024-01-01T00:00:00Z"
    )
    assert (report.read, report.used) == (3, 3)
    counted = await migrated.read(
        "MATCH (a:Entity)-[r]->(b:Entity) WHERE r.dataset = 'quay' AND type(r) <> 'AMPLIFIED' "
        "RETURN type(r) AS kind, count(*) AS number ORDER BY kind"
    )
    assert counted == [["INTERACTED", 3], ["ON", 3], ["POSTED", 3], ["SHARES", 2]]
