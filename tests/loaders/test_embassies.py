"""The Database of embassies: each trap of the file on invented rows, and the counts of the published one."""

from pathlib import Path
from typing import Any

import pytest

from api.context import Context
from api.cursors import Cursors
from kb.bulk.facts import LinkFact, Row
from kb.bulk.load import load_dataset
from kb.config import Settings
from kb.documents import HeldDocuments
from kb.errors import BadInput
from kb.store import Store
from loaders.embassies.parse import COUNTRIES, DESIGNATIONS, parse
from schema.catalog import ENTITY_TYPES
from schema.observations import Dataset
from tests.api.cases import answer
from tests.loaders.published import links, nodes, published, read_published, read_raw
from tests.loaders.small_missions import ENTITY, HEADER, MISSION, mission, write


def read(tmp_path: Path, *missions: dict[str, str]) -> list[Row]:
    return list(parse({"missions": write(tmp_path / "missions.csv", *missions)}))


def read_one(tmp_path: Path, **changed: str) -> dict[str, Any]:
    """The properties of the one mission of a row."""
    (found,) = nodes(read(tmp_path, mission(**changed)), "Embassy").values()
    return dict(found.properties)


def test_a_row_is_a_mission_with_its_states_and_its_city(tmp_path: Path) -> None:
    rows = read(tmp_path, mission())
    assert nodes(rows, "Embassy")["wikidata:Q990000002"].properties == {
        "name": "Embassy of Norway in Port Elm",
        "kind": "embassy",
        "wikidata": "Q990000002",
        "sender": "NO",
        "host": "AU",
    }
    assert links(rows, "SENT_BY") == [LinkFact("SENT_BY", "wikidata:Q990000002", "country:NO", {"row": "1"})]
    assert [link.end for link in links(rows, "LOCATED_IN")] == ["country:AU", "wikidata:Q990000001"]


def test_addresses_telephones_mail_and_names_of_photographers_are_not_taken(tmp_path: Path) -> None:
    taken = repr(read(tmp_path, mission()))
    for text in ("Quay Street", "1.5", "2.5", "+99", "mailto", "ada.vale", "Ada", "port.example"):
        assert text in str(MISSION)
        assert text not in taken


def test_a_city_that_is_a_state_is_that_state(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        mission(country="Singapore", countryQID=ENTITY + "Q334", city="Singapore", cityQID=ENTITY + "Q334"),
    )
    assert [link.end for link in links(rows, "LOCATED_IN")] == ["country:SG"]


def test_china_is_one_sender_by_its_item_whatever_it_is_called(tmp_path: Path) -> None:
    for label in ("People's Republic of China", "China"):
        rows = read(tmp_path, mission(operator=label, operatorQID=ENTITY + "Q148"))
        assert [link.end for link in links(rows, "SENT_BY")] == ["country:CN"]
        assert label in nodes(rows, "Place")["country:CN"].names


def test_a_ministry_that_sends_is_its_state_and_is_named(tmp_path: Path) -> None:
    ministry = "Ministry of Foreign Affairs of the People's Republic of China"
    found = read_one(tmp_path, operator=ministry, operatorQID=ENTITY + "Q1155502")
    assert found["sender"] == "CN"
    assert found["note"] == f"The dataset names as its operator: {ministry}."


def test_a_ministry_of_no_known_state_sends_for_none(tmp_path: Path) -> None:
    rows = read(tmp_path, mission(operator="Ministry of Foreign Affairs", operatorQID=ENTITY + "Q697158"))
    found = nodes(rows, "Embassy")["wikidata:Q990000002"].properties
    assert "sender" not in found
    assert "Ministry of Foreign Affairs" in found["note"]
    assert links(rows, "SENT_BY") == []


def test_a_sender_without_a_code_is_a_place_without_one(tmp_path: Path) -> None:
    rows = read(tmp_path, mission(operator="Kestria", operatorQID=ENTITY + "Q990000009"))
    assert nodes(rows, "Place")["wikidata:Q990000009"].properties == {
        "name": "Kestria",
        "wikidata": "Q990000009",
    }
    assert "sender" not in nodes(rows, "Embassy")["wikidata:Q990000002"].properties


def test_a_mission_with_two_senders_has_both_and_none_as_its_own(tmp_path: Path) -> None:
    rows = read(tmp_path, mission(), mission(operator="Iceland", operatorQID=ENTITY + "Q189"))
    assert [row.skipped for row in rows] == [None, None]
    found = nodes(rows, "Embassy")["wikidata:Q990000002"].properties
    assert found["name"] == "Embassy of Norway or Iceland in Port Elm"
    assert found["note"] == "The dataset names several senders: Norway and Iceland."
    assert "sender" not in found
    assert [(link.end, link.properties["row"]) for link in links(rows, "SENT_BY")] == [
        ("country:NO", "1"),
        ("country:IS", "2"),
    ]


def test_jurisdictions_are_noted_and_are_not_where_it_is(tmp_path: Path) -> None:
    rows = read(tmp_path, mission(jurisdictions="Australia|Fiji"))
    found = nodes(rows, "Embassy")["wikidata:Q990000002"].properties
    assert found["note"] == "Its jurisdictions, says the dataset: Australia, Fiji."
    assert found["host"] == "AU"
    assert "country:FJ" not in {link.end for link in links(rows, "LOCATED_IN")}
    assert "note" not in read_one(tmp_path, jurisdictions="Australia")


@pytest.mark.parametrize(
    ("label", "item", "kind", "noun"),
    [
        ("British High Commission", "Q19600600", "embassy", "High commission"),
        ("honorary consulate", "Q23891529", "consulate", "Honorary consulate"),
        ("de facto embassy", "Q5244910", "representation", "De facto embassy"),
        ("floating office", "Q990000003", "mission", "floating office"),
    ],
)
def test_what_sort_of_mission_it_is_follows_from_the_item(
    tmp_path: Path, label: str, item: str, kind: str, noun: str
) -> None:
    found = read_one(tmp_path, type=label, typeQID=ENTITY + item)
    assert (found["kind"], found["name"]) == (kind, f"{noun} of Norway in Port Elm")


def test_accounts_are_keyed_by_id_or_handle_and_held_by_the_mission(tmp_path: Path) -> None:
    youtube = "UC" + "aB" * 11
    rows = read(tmp_path, mission(twitter="PortElm_NO", facebook="759921597408540", youtube=youtube))
    assert [link.start for link in links(rows, "HELD_BY")] == [
        "acct:twitter:handle:portelm_no",
        "acct:facebook:id:759921597408540",
        f"acct:youtube:id:{youtube}",
    ]
    account = nodes(rows, "Account")["acct:twitter:handle:portelm_no"]
    assert account.names == ("@PortElm_NO", "@portelm_no")
    assert account.properties == {"name": "@PortElm_NO", "platform": "twitter", "handle": "portelm_no"}
    assert [link.end for link in links(rows, "ON")] == [
        "platform:twitter", "platform:facebook", "platform:youtube"
    ]  # fmt: skip


def test_digits_alone_are_a_twitter_handle_and_a_facebook_id(tmp_path: Path) -> None:
    rows = read(tmp_path, mission(twitter="12345", facebook="12345"))
    assert set(nodes(rows, "Account")) == {"acct:twitter:handle:12345", "acct:facebook:id:12345"}


def test_an_account_that_cannot_be_one_is_told_in_the_note(tmp_path: Path) -> None:
    rows = read(tmp_path, mission(twitter="port elm"))
    assert links(rows, "HELD_BY") == []
    note = nodes(rows, "Embassy")["wikidata:Q990000002"].properties["note"]
    assert note == "What the dataset gives as its twitter account cannot be one: port elm."


def test_rows_that_cannot_be_used_are_skipped_with_their_reason(tmp_path: Path) -> None:
    path = write(tmp_path / "missions.csv", mission(QID=""), mission())
    path.write_text(path.read_text("utf-8") + "a;b;c\n", "utf-8")
    rows = list(parse({"missions": path}))
    assert [(row.number, row.skipped) for row in rows] == [
        (1, "no QID"), (2, None), (3, "other number of cells")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "has not once"),
        (b"QID;QID\n", "QID: 2"),
        (",".join(HEADER).encode() + b"\n", "has not once"),
        (";".join(HEADER).encode() + b"\n\xff;\n", "is not UTF-8"),
        (";".join(HEADER).encode() + b'\n"never closed;', "is not CSV"),
    ],
)
def test_a_file_that_is_another_one_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "missions.csv"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=told):
        list(parse({"missions": path}))


async def test_missions_are_found_by_state_with_their_accounts(
    migrated: Store, settings: Settings, tmp_path: Path
) -> None:
    """Two missions of Norway, one of them in Australia, and one with two senders."""
    path = write(
        tmp_path / "missions.csv",
        mission(twitter="PortElm_NO"),
        mission(QID=ENTITY + "Q990000004", country="Fiji", countryQID=ENTITY + "Q712", city="", cityQID=""),
        mission(QID=ENTITY + "Q990000005"),
        mission(QID=ENTITY + "Q990000005", operator="Iceland", operatorQID=ENTITY + "Q189"),
    )
    dataset = Dataset(id="embassies", title="t", publisher="p", licence="l")
    report = await load_dataset(
        migrated, settings, dataset, parse({"missions": path}), content_sha256="1", now="2026-01-01T00:00:00Z"
    )
    assert (report.read, report.used) == (4, 4)
    context = Context(migrated, Cursors(b"a secret for tests alone, 32 b.."), HeldDocuments(tmp_path))
    found = await answer(
        context,
        """{ sent: embassies(sender: "NO") { totalCount }
             both: embassies(sender: "IS", country: "AU") { nodes { name } }
             here: embassies(country: "AU") { nodes { id kind sender accounts { handle platform } } } }""",
    )
    assert found["sent"]["totalCount"] == 3
    assert found["both"]["nodes"] == [{"name": "Embassy of Norway or Iceland in Port Elm"}]
    account = {"handle": "portelm_no", "platform": "twitter"}
    assert found["here"]["nodes"] == [
        {"id": "wikidata:Q990000002", "kind": "EMBASSY", "sender": "NO", "accounts": [account]},
        {"id": "wikidata:Q990000005", "kind": "EMBASSY", "sender": None, "accounts": []},
    ]


def test_the_published_file_gives_what_a_plain_reading_of_it_gives() -> None:
    rows, account = read_published("embassies", "embassies")
    raw = read_raw(published("embassies", "embassies").paths["missions"], ";")
    assert (account.read, account.used, dict(account.skipped)) == (9_852, 9_852, {})
    missions = nodes(rows, "Embassy")
    assert len(missions) == len({cells["QID"] for cells in raw}) == 9_851
    held = [link.start for link in links(rows, "HELD_BY")]
    for platform, number in (("twitter", 839), ("facebook", 973), ("youtube", 58)):
        assert sum(bool(cells[platform]) for cells in raw) == number
        told = sum(f"{platform} account cannot be one" in str(each.properties) for each in missions.values())
        # One gives the path of a page.
        assert told == (platform == "facebook")
        assert sum(key.startswith(f"acct:{platform}:") for key in held) == number - told
    of_china = [link.start for link in links(rows, "SENT_BY") if link.end == "country:CN"]
    raw_china = [cells["QID"] for cells in raw if "People's Republic of China" in cells["operator"]]
    assert sorted(of_china) == sorted(key.replace(ENTITY, "wikidata:") for key in raw_china)
    without = [cells for cells in raw if not COUNTRIES[cells["operatorQID"].removeprefix(ENTITY)].country]
    assert len(missions) - sum("sender" in each.properties for each in missions.values()) == len(without) + 1


def test_every_fact_of_the_published_file_fits_the_model() -> None:
    rows, _ = read_published("embassies", "embassies")
    for kind in ("Embassy", "Place", "Account", "Channel"):
        for found in nodes(rows, kind).values():
            ENTITY_TYPES[kind].model_validate({"id": found.id, **found.properties})


def test_the_tables_have_every_item_of_the_published_file_under_its_label() -> None:
    raw = read_raw(published("embassies", "embassies").paths["missions"], ";")
    used = {
        (cells[f"{column}QID"].removeprefix(ENTITY), cells[column])
        for cells in raw
        for column in ("operator", "country")
    }
    assert used == {(qid, known.label) for qid, known in COUNTRIES.items()}
    assert {cells["typeQID"].removeprefix(ENTITY) for cells in raw} == set(DESIGNATIONS)
