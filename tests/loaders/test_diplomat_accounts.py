"""Diplomats' accounts: each trap of the files on invented rows, and the counts of the published ones."""

import csv
from collections import Counter
from pathlib import Path

import pytest

from api.context import Context
from api.cursors import Cursors
from kb.bulk.facts import LinkFact, NodeFact, Row
from kb.bulk.load import load_dataset
from kb.config import Settings
from kb.documents import HeldDocuments
from kb.store import Store
from loaders.diplomat_accounts.known import columns_of
from loaders.diplomat_accounts.parse import parse
from loaders.diplomat_accounts.text import read_day, repair
from loaders.registry import get_source
from schema.catalog import ENTITY_TYPES
from schema.observations import Dataset
from tests.api.cases import answer
from tests.loaders.published import facts, links, nodes, published, read_published, read_raw
from tests.loaders.small_case import ROOT

HISTORICAL = ["country", "ISO2", "cat", "twitter_handle", "user_id", "started_post", "ended_post", "last_checked",
              "remarks", "", ""]  # fmt: skip
LATEST = ["", "country", "ISO2", "cat", "twitter_handle", "user_id", "name", "description", "location", "deleted",
          "data_scraped"]  # fmt: skip
GERMAN = [*LATEST[:3], "type", *LATEST[4:]]
PROFILES = ["user_id", "name", "username", "description", "location", "deleted", "date_scraped"]
LABELS = ["handle", "gov_label", "name", "date_scraped"]
DOMAINS = ["country", "lang", "outlet", "url ", "lang_identifier"]
HEADERS = {
    "historical": HISTORICAL,
    "latest": LATEST,
    "profiles": PROFILES,
    "labels": LABELS,
    "domains": DOMAINS,
}
LONG_ID = "1268099120964788224"


def write(folder: Path, **files: list[dict[str, str]]) -> dict[str, Path]:
    """Files as they are published: a byte order mark, CRLF, columns without a name."""
    paths = {}
    for name, rows in files.items():
        header = GERMAN if name == "de_latest" else HEADERS[name.split("_")[1]]
        paths[name] = folder / f"{name}.csv"
        with paths[name].open("w", encoding="utf-8-sig", newline="") as opened:
            writer = csv.writer(opened, lineterminator="\r\n")
            writer.writerow(header)
            for row in rows:
                assert row.keys() <= {*header, "legend"}
                cells = [row.get(column, "") for column in header]
                writer.writerow([*cells[:-1], row["legend"]] if "legend" in row else cells)
    return paths


def read(folder: Path, **files: list[dict[str, str]]) -> list[Row]:
    return list(parse(write(folder, **files)))


def listed(handle: str = "AdaVale", **changed: str) -> dict[str, str]:
    row = {"country": "Norway", "ISO2": "NO", "cat": "A", "twitter_handle": handle}
    return {**row, **changed}


def profile(handle: str = "AdaVale", **changed: str) -> dict[str, str]:
    row = {"user_id": LONG_ID, "name": "Ada Vale", "username": handle, "deleted": "FALSE"}
    return {**row, "date_scraped": "2024-04-15", **changed}


def test_an_ambassador_is_an_official_who_holds_the_account_and_a_post(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        cn_historical=[listed(started_post="01/06/2020", ended_post="31/12/2021")],
        cn_profiles=[profile()],
    )
    official, account = f"official:twitter:id:{LONG_ID}", f"acct:twitter:id:{LONG_ID}"
    assert set(nodes(rows, "Official")) == {official}
    assert nodes(rows, "Official")[official].properties["name"] == "Ada Vale"
    assert nodes(rows, "Official")[official].properties["country"] == "CN"
    says = "listed under “Norway” in category A (ambassador)"
    assert links(rows, "HELD_BY") == [
        LinkFact("HELD_BY", account, official, {"basis": f"the account is {says}", "row": "cn_historical:1"})
    ]
    assert links(rows, "POSTED_AT") == [
        LinkFact(
            "POSTED_AT",
            official,
            "mission:cn-in-no",
            {
                "role": f"ambassador: {says}",
                "row": "cn_historical:1",
                "from": "2020-06-01",
                "to": "2021-12-31",
            },
        )
    ]
    assert nodes(rows, "Embassy")["mission:cn-in-no"].properties["name"] == "Embassy of China in Norway"


def test_a_person_without_a_profile_is_called_by_the_role_and_never_by_the_handle_alone(
    tmp_path: Path,
) -> None:
    rows = read(tmp_path, ru_historical=[listed(cat="S", remarks="press officer")])
    (official,) = nodes(rows, "Official").values()
    assert official.id == "official:twitter:handle:adavale"
    assert official.names == ("Staff member of Russia, Norway, @AdaVale",)
    assert "remark: “press officer”" in official.properties["note"]


@pytest.mark.parametrize("category", ["E", "C", "B", "O", "G", "QG", "BS", "CS", "UF", "??", ""])
def test_other_categories_make_no_person(tmp_path: Path, category: str) -> None:
    rows = read(tmp_path, cn_historical=[listed(cat=category)], cn_profiles=[profile()])
    assert nodes(rows, "Official") == {}
    assert len(links(rows, "HELD_BY")) == (category in ("E", "C"))


@pytest.mark.parametrize("name", ["Embassy of China in Norway", "Ambassade de Chine", "Germany in Norway 🇳🇴"])
def test_a_profile_that_calls_itself_an_institution_is_no_person(tmp_path: Path, name: str) -> None:
    rows = read(tmp_path, cn_historical=[listed()], cn_profiles=[profile(name=name)])
    assert nodes(rows, "Official") == {}
    (held,) = links(rows, "HELD_BY")
    assert held.end == "mission:cn-in-no"
    assert held.properties["basis"].endswith("and its profile calls itself an institution")


def test_a_category_that_no_legend_explains_is_kept_as_it_is(tmp_path: Path) -> None:
    rows = read(tmp_path, cn_historical=[listed(cat="??", country="??", ISO2="??")])
    (account,) = nodes(rows, "Account").values()
    assert account.properties["note"] == "For CN it is listed under “??” as “??”, which no legend explains."


def test_a_mission_holds_its_account_for_the_time_that_the_row_gives(tmp_path: Path) -> None:
    rows = read(tmp_path, cn_historical=[listed(cat="E", ended_post="01/06/2020")])
    (held,) = links(rows, "HELD_BY")
    assert (held.end, held.properties["to"]) == ("mission:cn-in-no", "2020-06-01")
    assert "from" not in held.properties


def test_two_consulates_in_one_country_are_two(tmp_path: Path) -> None:
    rows = read(tmp_path, cn_historical=[listed("One", cat="C"), listed("Two", cat="C")])
    assert set(nodes(rows, "Embassy")) == {"mission:cn-in-no:one", "mission:cn-in-no:two"}


def test_one_handle_in_two_posts_is_one_account_and_one_person(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        cn_historical=[listed("AdaVale"), listed("adavale", country="Iceland", ISO2="IS")],
        cn_profiles=[profile("ADAVALE")],
    )
    assert len(nodes(rows, "Account")) == len(nodes(rows, "Official")) == 1
    assert [link.end for link in links(rows, "POSTED_AT")] == ["mission:cn-in-no", "mission:cn-in-is"]


def test_two_people_of_one_name_stay_two(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        cn_historical=[listed("AdaVale"), listed("AdaVale2")],
        cn_profiles=[profile("AdaVale"), profile("AdaVale2", user_id="77")],
    )
    assert [each.properties["name"] for each in nodes(rows, "Official").values()] == ["Ada Vale", "Ada Vale"]


def test_a_newest_file_says_nothing_twice(tmp_path: Path) -> None:
    newest = {
        **listed(),
        "user_id": LONG_ID,
        "name": "Ada Vale",
        "deleted": "FALSE",
        "data_scraped": "2024-04-15",
    }
    rows = read(tmp_path, cn_historical=[listed()], cn_latest=[newest])
    assert [link.properties["row"] for link in links(rows, "POSTED_AT")] == ["cn_historical:1"]
    german = {**listed("BoPortElm"), "country": "Norwegen", "type": "Botschaft", "data_scraped": "2024-04-15"}
    del german["cat"]
    rows = read(
        tmp_path, de_historical=[listed("BoPortElm", cat="", country="", ISO2="")], de_latest=[german]
    )
    (held,) = links(rows, "HELD_BY")
    assert held.properties == {
        "basis": "the account is listed under “Norwegen” as “Botschaft”",
        "row": "de_latest:1",
    }


def test_na_is_namibia_where_the_row_says_so_and_missing_elsewhere(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        ru_historical=[
            listed("One", country="Namibia", ISO2="NA", cat="E"),
            listed("Two", country="MFA Omsk", ISO2="NA", cat="G"),
        ],
        ru_profiles=[profile("Two", name="NA", deleted="NA")],
    )
    assert nodes(rows, "Embassy")["mission:ru-in-na"].properties["host"] == "NA"
    assert len(nodes(rows, "Embassy")) == 1
    assert nodes(rows, "Account")[f"acct:twitter:id:{LONG_ID}"].properties["name"] == "@Two"


def test_names_that_were_encoded_twice_are_repaired_and_others_left(tmp_path: Path) -> None:
    assert repair("CÃ´te d'Ivoire") == repair("Côte d'Ivoire") == "Côte d'Ivoire"
    assert repair("Ã…land Islands") == "Åland Islands"
    for text in ("Österreich", "São Tomé", "МИД", "Ã", "Kestria"):
        assert repair(text) == text
    rows = read(tmp_path, cn_historical=[listed(cat="E", country="CÃ´te d'Ivoire", ISO2="CI")])
    assert "Côte d'Ivoire" in nodes(rows, "Place")["country:CI"].names


def test_the_legend_in_columns_without_a_name_is_no_data(tmp_path: Path) -> None:
    rows = read(tmp_path, cn_historical=[listed("", legend="Ambassador"), listed(legend="Embassy")])
    assert [row.skipped for row in rows] == ["no account", None]
    assert "Embassy" not in repr(nodes(rows, "Account"))


@pytest.mark.parametrize(
    ("written", "day"),
    [("02/11/2020", "2020-11-02"), ("2/1/2021", "2021-01-02"), ("31/02/2020", None), ("added 06-06-22", None),
     ("06-06-22", None), ("", None), ("0/0/0000", None)],
)  # fmt: skip
def test_only_days_of_the_calendar_are_read_day_first(written: str, day: str | None) -> None:
    assert read_day(written) == day


def test_a_date_in_another_form_is_kept_as_a_remark(tmp_path: Path) -> None:
    rows = read(tmp_path, ru_historical=[listed(started_post="added 06-06-22", remarks="check")])
    (posted,) = links(rows, "POSTED_AT")
    assert "from" not in posted.properties
    assert posted.properties["role"].endswith("; remark: “check; started_post: added 06-06-22”")


def test_a_post_that_ends_before_it_begins_has_no_days(tmp_path: Path) -> None:
    rows = read(tmp_path, cn_historical=[listed(started_post="01/01/2022", ended_post="01/01/2021")])
    (posted,) = links(rows, "POSTED_AT")
    assert {"from", "to"}.isdisjoint(posted.properties)
    assert "started_post: 2022-01-01, after ended_post: 2021-01-01" in posted.properties["role"]


def test_an_id_that_is_a_handle_is_none_and_long_ids_stay_text(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        ru_profiles=[profile("RusPort", user_id="RusPort", name="", deleted="TRUE"), profile("Other")],
    )
    assert set(nodes(rows, "Account")) == {"acct:twitter:handle:rusport", f"acct:twitter:id:{LONG_ID}"}
    gone = nodes(rows, "Account")["acct:twitter:handle:rusport"].properties
    assert gone["note"] == "It was gone when it was read on 2024-04-15."
    assert nodes(rows, "Account")[f"acct:twitter:id:{LONG_ID}"].properties["platform_id"] == LONG_ID


def test_a_handle_that_was_given_to_another_account_is_not_joined_with_it(tmp_path: Path) -> None:
    rows = read(
        tmp_path, cn_profiles=[profile(user_id="1"), profile("adavale", user_id="2", name="Bo Marrow")]
    )
    assert [row.skipped for row in rows] == [None, "handle of another account"]
    (account,) = nodes(rows, "Account").values()
    assert (account.id, account.properties["name"]) == ("acct:twitter:id:1", "Ada Vale")


def test_an_account_that_was_renamed_is_one_with_both_handles(tmp_path: Path) -> None:
    rows = read(tmp_path, cn_profiles=[profile(), profile("AdaOfPortElm")])
    assert set(nodes(rows, "Account")) == {f"acct:twitter:id:{LONG_ID}"}
    assert {name for fact in facts(rows) if isinstance(fact, NodeFact) for name in fact.names} >= {
        "@adavale", "@adaofportelm"
    }  # fmt: skip


def test_a_long_remark_is_cut_where_it_is_seen_and_kept_whole(tmp_path: Path) -> None:
    rows = read(tmp_path, cn_historical=[listed(remarks="word " * 100)])
    assert links(rows, "POSTED_AT")[0].properties["role"].endswith("…")
    assert " ".join(["word"] * 100) in links(rows, "HELD_BY")[0].properties["basis"]


def test_descriptions_with_newlines_are_read_over_and_not_taken(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        cn_profiles=[
            profile(description='Line one\nline "two"\r\nmy mother lives in Port Elm'),
            profile("Other"),
        ],
    )
    assert [row.number for row in rows] == [1, 2]
    assert "mother" not in repr(rows)


def test_labels_are_the_platforms_words_with_their_day_in_any_script(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        ru_labels=[
            {
                "handle": "AdaVale",
                "gov_label": "Государственный орган (Россия)",
                "date_scraped": "2022-06-19",
            },
            {"handle": "Other", "gov_label": "NA", "date_scraped": "2022-06-19"},
        ],
        ru_labels_march=[
            {"handle": "adavale", "gov_label": "روسيا مؤسسة حكومية", "date_scraped": "2022-03-23"}
        ],
    )
    assert [row.skipped for row in rows] == [None, "no label", None]
    (account,) = nodes(rows, "Account").values()
    assert account.properties["platform_labels"] == [
        "2022-06-19: Государственный орган (Россия)",
        "2022-03-23: روسيا مؤسسة حكومية",
    ]


def test_sites_of_state_media_are_websites_and_outlets(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        cn_domains=[
            {"country": "china", "outlet": "gazette", "lang_identifier": "gazette.example/en"},
            {},
            {"country": "china", "lang": "de", "outlet": "gazette"},
        ],
    )  # fmt: skip
    assert [row.skipped for row in rows] == [None, "empty row", "no domain"]
    assert nodes(rows, "Channel")["site:gazette.example"].properties["kind"] == "website"
    assert nodes(rows, "MediaOutlet")["outlet:china:gazette"].properties["country"] == "CN"


async def test_officials_are_found_at_their_mission_on_a_day(
    migrated: Store, settings: Settings, tmp_path: Path
) -> None:
    paths = write(
        tmp_path,
        cn_historical=[
            listed("AdaVale", ended_post="31/12/2020"),
            listed("Undated", cat="S"),
            listed("Mission", cat="E"),
        ],
        cn_profiles=[profile()],
        cn_labels=[
            {"handle": "Mission", "gov_label": "China government organization", "date_scraped": "2022-05-09"}
        ],
    )
    dataset = Dataset(id="diplomat_accounts", title="t", publisher="p", licence="l")
    await load_dataset(
        migrated, settings, dataset, parse(paths), content_sha256="1", now="2026-01-01T00:00:00Z"
    )
    context = Context(migrated, Cursors(b"a secret for tests alone, 32 b.."), HeldDocuments(tmp_path))
    found = await answer(
        context,
        """{ in2020: officials(embassy: "mission:cn-in-no", at: "2020-06-01") { nodes { official { name } to row }
                       searched { undatedExcluded } }
             in2022: officials(embassy: "mission:cn-in-no", at: "2022-06-01") { totalCount }
             entity(id: "mission:cn-in-no") { ... on Embassy { accounts { handle platformLabels } } } }""",
    )
    assert found["in2020"]["nodes"] == [
        {"official": {"name": "Ada Vale"}, "to": "2020-12-31", "row": "cn_historical:1"}
    ]
    assert found["in2020"]["searched"] == {"undatedExcluded": 1}
    assert found["in2022"]["totalCount"] == 0
    assert found["entity"]["accounts"] == [
        {"handle": "mission", "platformLabels": ["2022-05-09: China government organization"]}
    ]


def test_the_published_files_give_what_a_plain_reading_of_them_gives() -> None:
    rows, account = read_published("diplomat_accounts", "diplomat-accounts")
    raw = {
        name: read_raw(path)
        for name, path in published("diplomat_accounts", "diplomat-accounts").paths.items()
    }
    assert (account.read, account.used) == (4_027, 3_099)
    assert account.read == sum(len(each) for each in raw.values())
    historical = [cells for name, each in raw.items() if name.endswith("historical") for cells in each]
    labels = [cells for name, each in raw.items() if "labels" in name for cells in each]
    domains = [cells for name, each in raw.items() if "domains" in name for cells in each]
    assert account.skipped == {
        "no account": sum(not cells["twitter_handle"] for cells in historical),
        "no label": sum(cells["gov_label"] == "NA" for cells in labels),
        "empty row": sum(not any(cells.values()) for cells in domains),
        "no domain": sum(bool(cells["outlet"]) and not cells["lang_identifier"] for cells in domains),
    }
    handles = {
        cells[column].lower()
        for name, each in raw.items()
        for column in ("twitter_handle", "username", "handle")
        for cells in each
        if cells.get(column, "NA") not in ("", "NA")
    }
    assert {found.properties["handle"] for found in nodes(rows, "Account").values()} == handles
    assert sum(
        len(found.properties.get("platform_labels", ())) for found in nodes(rows, "Account").values()
    ) == sum(cells["gov_label"] != "NA" for cells in labels)
    ids = {cells["user_id"] for each in raw.values() for cells in each if cells.get("user_id", "").isdigit()}
    assert {key.rsplit(":", 1)[1] for key in nodes(rows, "Account") if ":id:" in key} == ids


def test_the_published_files_name_so_many_officials_and_posts() -> None:
    rows, _ = read_published("diplomat_accounts", "diplomat-accounts")
    people = nodes(rows, "Official").values()
    assert Counter(found.properties["country"] for found in people) == {"CN": 122, "DE": 58, "RU": 16}
    dated = [link for link in links(rows, "POSTED_AT") if {"from", "to"} & link.properties.keys()]
    assert (len(links(rows, "POSTED_AT")), len(dated)) == (191, 26)
    both = [
        person
        for person, posts in Counter(link.start for link in links(rows, "POSTED_AT")).items()
        if posts > 1
    ]
    # Of three handles with two posts two have one that is at no mission.
    assert len(both) == 1
    kept = [fact for fact in facts(rows) if isinstance(fact, LinkFact) and fact.type == "HELD_BY"]
    institutions = {link.start for link in kept if link.properties["basis"].endswith("an institution")}
    assert len(institutions) == 9


def test_the_published_files_give_the_numbers_of_the_documentation() -> None:
    rows, _ = read_published("diplomat_accounts", "diplomat-accounts")
    counts = [len(nodes(rows, kind)) for kind in ("Account", "Official", "Embassy")]
    text = (ROOT / "docs" / "datasets.md").read_text("utf-8")
    assert "{} accounts, {} officials, {} missions.".format(*counts) in " ".join(text.split())


def test_so_many_names_of_the_published_files_were_encoded_twice() -> None:
    files = published("diplomat_accounts", "diplomat-accounts").paths
    garbled = Counter(
        name
        for name in files
        for cells in read_raw(files[name])
        if repair(cells.get("country", "")) != cells.get("country", "")
    )
    assert garbled == {"cn_historical": 5, "ru_historical": 5, "de_historical": 5, "ru_latest": 1}


def test_every_fact_of_the_published_files_fits_the_model() -> None:
    rows, _ = read_published("diplomat_accounts", "diplomat-accounts")
    for found in facts(rows):
        if isinstance(found, NodeFact):
            ENTITY_TYPES[found.type].model_validate({"id": found.id, **found.properties})


def test_the_columns_that_are_taken_are_these_and_no_others() -> None:
    """No description, location, picture, address or count of followers: public roles and acts only."""
    taken = set()
    for file in get_source("diplomat_accounts").files:
        if not file.name.endswith("_domains"):
            taken |= set(columns_of(file.name))
    assert taken == {
        "country", "ISO2", "cat", "type", "twitter_handle", "user_id", "username", "handle", "name", "started_post",
        "ended_post", "remarks", "deleted", "data_scraped", "date_scraped", "gov_label",
    }  # fmt: skip
