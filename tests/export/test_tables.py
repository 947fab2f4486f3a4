"""CSV, JSON lines and Parquet: every record once, with its voice, its hedge and its replies, and safe to open."""

import csv
import io
import json
from typing import Any

import pyarrow.parquet
import pytest

from api.context import Context
from kb.errors import KbError
from kb.export.csv_table import CsvTable
from kb.export.losses import Losses
from kb.export.pages import Batch, read_batches
from kb.export.run import check_export, export, make_report
from tests.api.cases import answer

RECORDS = "query ($first: Int!) { amplifications(first: $first) { totalCount nodes { id count { text } } } }"


async def exported(context: Context, question: str, form: str, **given: str) -> tuple[bytes, dict[str, Any]]:
    """The file and its loss report."""
    losses, asked = Losses(), check_export(question, form, given)
    content = b"".join([chunk async for chunk in export(context.store, asked, losses)])
    return content, make_report(asked, losses)


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


async def test_every_record_of_the_api_is_one_row_with_its_count_as_worded(context: Context) -> None:
    rows = read_csv((await exported(context, "amplifications", "csv"))[0])
    found = (await answer(context, RECORDS, first=1000))["amplifications"]
    assert len(rows) == found["totalCount"] > 5
    counts = {node["id"]: node["count"]["text"] if node["count"] else "not stated" for node in found["nodes"]}
    assert {row["id"]: row["count"] for row in rows} == counts


async def test_a_row_has_a_voice_a_layer_and_says_silence_in_words(context: Context) -> None:
    rows = read_csv((await exported(context, "amplifications", "csv"))[0])
    reported = [row for row in rows if row["basis"] == "reported"]
    observed = [row for row in rows if row["basis"] == "observed"]
    assert reported and observed  # noqa: PT018
    assert all(row["said_by"] and row["sentence"] and row["replies"] and row["contests"] for row in reported)
    assert all(row["layer"] == "derived from dataset rows" and row["dataset"] for row in observed)
    assert all(row["sentence"].startswith("Rows of the dataset") for row in observed)
    assert all(row["count"] for row in rows)
    assert any(row["channel"] == "not stated" and not row["channel_id"] for row in rows)


async def test_a_reply_stands_in_the_row_of_the_claim_it_replies_to(context: Context) -> None:
    asked = "{ claims(first: 1000) { nodes { id replies { sentence } } } }"
    nodes = (await answer(context, asked))["claims"]["nodes"]
    replied = {node["id"]: node["replies"] for node in nodes if node["replies"]}
    rows = {row["id"]: row for row in read_csv((await exported(context, "claims", "csv"))[0])}
    assert len(rows) == len(nodes)
    assert replied
    for key, replies in replied.items():
        assert all(reply["sentence"] in rows[key]["replies"] for reply in replies)


@pytest.mark.parametrize(
    ("question", "given"),
    [
        ("amplifications", {"basis": "OBSERVED"}),
        ("claims", {"verb": "AMPLIFIED", "contested": "true"}),
        ("entities", {"types": "Person,Tribunal"}),
        ("entities", {"search": "minwen"}),
        ("neighbourhood", {"id": "per:daro-minwen", "hops": "2"}),
    ],
)
async def test_the_formats_hold_the_same_rows(context: Context, question: str, given: dict[str, str]) -> None:
    rows = read_csv((await exported(context, question, "csv", **given))[0])
    parquet = pyarrow.parquet.read_table(
        io.BytesIO((await exported(context, question, "parquet", **given))[0])
    )
    lines, report = await exported(context, question, "jsonl", **given)
    assert [row["id"] for row in rows] == parquet.column("id").to_pylist() != []
    of_rows = [
        line for line in map(json.loads, lines.splitlines()) if question == "entities" or "verb" in line
    ]
    assert [line["id"] for line in of_rows] == [row["id"] for row in rows]
    assert report["written"] == {"lines": len(lines.splitlines())}


async def test_pages_follow_one_another_without_a_gap(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = await exported(context, "amplifications", "csv")
    monkeypatch.setattr("kb.export.pages.CLAIM_ROWS", 2)
    monkeypatch.setattr("kb.export.pages.OBSERVED_ROWS", 1)
    assert (await exported(context, "amplifications", "csv"))[0] == whole[0]


async def test_undated_rows_that_a_period_leaves_out_are_in_the_report(context: Context) -> None:
    asked = '{ claims(filter: {period: "2021"}) { searched { undatedExcluded } } }'
    left_out = (await answer(context, asked))["claims"]["searched"]["undatedExcluded"]
    _, report = await exported(context, "claims", "csv", period="2021")
    (told,) = [lost["number"] for lost in report["lost"] if "no date" in lost["what"]]
    assert told == left_out > 0


@pytest.mark.parametrize(
    ("question", "form", "given", "says"),
    [
        ("secrets", "csv", {}, "cannot be exported; write amplifications"),
        ("claims", "doc", {}, "is no format; write csv"),
        ("claims", "csv", {"amplifier": "per:x"}, "amplifier: 'per:x' is no argument of claims"),
        ("claims", "csv", {"contested": "maybe"}, "contested: 'maybe' is neither true nor false"),
        ("claims", "csv", {"kind": "gossip"}, "kind: 'gossip' is none of"),
        ("claims", "csv", {"who": "nobody here"}, "cannot be the id of an entity"),
        ("amplifications", "csv", {"minCount": "1_0"}, "is not a whole number"),
        ("amplifications", "csv", {"period": "someday"}, "is not a period"),
        ("neighbourhood", "csv", {}, "id: None is missing"),
        ("neighbourhood", "csv", {"id": "per:x", "hops": "9"}, "is out of range"),
    ],
)
async def test_a_wrong_question_is_named(
    context: Context, question: str, form: str, given: dict[str, str], says: str
) -> None:
    with pytest.raises(KbError, match=says.replace("[", r"\[")):
        await exported(context, question, form, **given)


async def test_nothing_found_is_a_file_with_columns_and_no_rows(context: Context) -> None:
    content, report = await exported(context, "amplifications", "csv", amplifier="per:nobody")
    assert read_csv(content) == []
    assert content.startswith(b"\xef\xbb\xbfid,layer,basis")
    assert report["written"] == {"rows": 0} or report["written"] == {}


HOSTILE = [
    "=HYPERLINK(\"https://evil.example\")", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "\u200e=1",
    "a\x00b\x1b[31m", "<script>alert(1)</script>", "\u202egnp.exe", "Ω" * 100_000, "'\"; DROP TABLE", "\ud800",
]  # fmt: skip


def test_no_cell_is_a_formula_or_holds_a_control_character() -> None:
    losses = Losses()
    writer = CsvTable("entities", losses)
    entities = [hostile_entity(name) for name in HOSTILE]
    rows = read_csv(writer.begin() + writer.add(Batch(entities=entities)))
    names = [row["name"] for row in rows]
    assert len(names) == len(HOSTILE)
    assert not [name for name in names if name.strip("\u200e \t\r").startswith(("=", "+", "-", "@", "＝"))]
    assert not [
        name for name in names if any(ord(letter) < 32 for letter in name.replace("\t", "").replace("\r", ""))
    ]
    lost = {found["what"]: found["number"] for found in losses.report()["lost"]}
    assert lost["control characters written as U+FFFD"] == 2
    assert sum(number for what, number in lost.items() if "apostrophe" in what) == 9


def hostile_entity(name: str) -> dict[str, Any]:
    """An entity with this name."""
    absent = dict.fromkeys(
        ("standing", "country", "sender", "host", "kind", "size", "wikidata", "note", "at")
    )
    return {
        **absent, "id": f"per:{HOSTILE.index(name)}", "type": "Person", "label": name, "names": [],
        "repliesRecorded": 0, "platform": None, "handle": None, "platform_id": None, "pseudonym": None,
        "ownership": None, "url": None, "date": None,
    }  # fmt: skip


async def test_reading_stops_when_nobody_listens(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.export.pages.CLAIM_ROWS", 1)
    before = context.store.statements_run
    batches = read_batches(context.store, "claims", {}, Losses())
    await anext(batches)
    await batches.aclose()
    assert context.store.statements_run == before + 3  # the page, and its claim in two
