"""A person finds an entity by any spelling of its name, in any script, right or nearly so; the most exact first."""

from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from api.context import Context
from api.cursors import Cursors
from kb.documents import HeldDocuments
from kb.store import Store
from tests.api.cases import answer, refusal
from tests.kb.harbour_case import HARBOUR, LONG_AGO, load, make_case

# Invented people.
PEOPLE: list[dict[str, Any]] = [
    {"id": "per:zhang", "type": "Official", "name": "张贺清", "country": "CN"},
    {"id": "per:zhang-latin", "type": "Person", "name": "Zhang Heqing", "names": [{"written": "Zhāng Hèqīng"}]},
    {"id": "per:zhang-homophone", "type": "Person", "name": "章鹤清"},
    {"id": "per:karimi", "type": "Person", "name": "أحمد كريمي"},
    {"id": "per:shcherbakova", "type": "Influencer", "name": "Юлия Щербакова"},
    {"id": "per:erkin", "type": "Person", "name": "ئەركىن تاھىر"},
    {"id": "per:lodz", "type": "Person", "name": "Łucja Żak", "wikidata": "Q4200000042"},
    {"id": "per:nordahl", "type": "Person", "name": "Nordahl"},
    {"id": "per:nordahl-eva", "type": "Person", "name": "Nordahl Eva"},
    {"id": "per:eva-nordahl", "type": "Person", "name": "Eva Nordahl"},
    {"id": "per:nordal", "type": "Person", "name": "Nordal"},
    {"id": "acct:plaza:handle:quiet_one", "type": "Account", "name": "Q.", "platform": "plaza", "handle": "quiet_one"},
    {"id": "acct:plaza:handle:quietone", "type": "Account", "name": "R.", "platform": "plaza", "handle": "quietone"},
]  # fmt: skip

ZHANG = {"per:zhang", "per:zhang-latin", "per:zhang-homophone"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def people(module_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Context:
    held = HeldDocuments(tmp_path_factory.mktemp("held"))
    await load(module_store, held, make_case(entities=[*HARBOUR["entities"], *PEOPLE]), LONG_AGO)
    return Context(module_store, Cursors(b"a secret for tests alone, 32 b.."), held)


async def find(context: Context, search: str) -> list[str]:
    found = await answer(
        context, "query ($s: String!) { entities(search: $s) { nodes { id } totalCount } }", s=search
    )
    ids = [node["id"] for node in found["entities"]["nodes"]]
    assert len(ids) == len(set(ids)) == found["entities"]["totalCount"]
    return ids


@pytest.mark.parametrize(
    "search",
    [
        "Zhang Heqing",
        "zhangheqing",
        "张贺清",
        "ZHĀNG HÈQĪNG",
        "贺清",
        "heqing",
        "Zhang Heqng",
    ],
)
async def test_a_chinese_name_is_found_however_it_is_typed(people: Context, search: str) -> None:
    assert set(await find(people, search)) == ZHANG


@pytest.mark.parametrize(
    ("search", "first"),
    [
        ("张贺清", "per:zhang"),
        ("章鹤清", "per:zhang-homophone"),
        ("Zhang Heqing", "per:zhang-latin"),
    ],
)
async def test_what_is_written_the_same_comes_before_what_sounds_the_same(
    people: Context, search: str, first: str
) -> None:
    assert (await find(people, search))[0] == first


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("heqing zhang", "per:zhang-latin"),
        ("أحمد كريمي", "per:karimi"),
        ("كريمي", "per:karimi"),
        ("أَحْمَد كريمي", "per:karimi"),
        ("Ahmad Karimi", "per:karimi"),
        ("Ahmed Karimi", "per:karimi"),
        ("Юлия Щербакова", "per:shcherbakova"),
        ("щербакова", "per:shcherbakova"),
        ("Yuliya Shcherbakova", "per:shcherbakova"),
        ("Yulia Shcherbakova", "per:shcherbakova"),
        ("shcherbakova yuliya", "per:shcherbakova"),
        ("ئەركىن تاھىر", "per:erkin"),
        ("تاھىر", "per:erkin"),
        ("Erkin Tahir", "per:erkin"),
        ("erkintahir", "per:erkin"),
        ("Erkn Tahir", "per:erkin"),
        ("łucja żak", "per:lodz"),
        ("LUCJA ZAK", "per:lodz"),
        ("Lujca", "per:lodz"),
        ("q4200000042", "per:lodz"),
        ("per:lodz", "per:lodz"),
    ],
)
async def test_a_name_is_found_in_its_script_in_latin_letters_and_misspelt(
    people: Context, search: str, found: str
) -> None:
    assert await find(people, search) == [found]


async def test_exact_comes_before_beginning_before_words_before_one_edit(people: Context) -> None:
    assert await find(people, "NORDAHL") == [
        "per:nordahl", "per:nordahl-eva", "per:eva-nordahl", "per:nordal",
    ]  # fmt: skip


@pytest.mark.parametrize("search", ["@quiet_one", "quiet_one", "@Quiet_One"])
async def test_a_handle_comes_first_with_or_without_its_sign(people: Context, search: str) -> None:
    assert await find(people, search) == ["acct:plaza:handle:quiet_one", "acct:plaza:handle:quietone"]


@pytest.mark.parametrize(
    "search", ["nobody of this name", "per:nobody", "Q1", "' OR 1=1 //", "`", "~", "$p0"]
)
async def test_what_is_not_there_is_not_found(people: Context, search: str) -> None:
    assert await find(people, search) == []


@pytest.mark.parametrize(
    ("search", "says"), [("  ", "holds no words"), ("x" * 201, "longer than 200 characters")]
)
async def test_what_cannot_be_a_name_is_refused(people: Context, search: str, says: str) -> None:
    code, message = await refusal(
        people, "query ($s: String!) { entities(search: $s) { totalCount } }", s=search
    )
    assert code == "BAD_ARGUMENT"
    assert says in message


async def test_conditions_narrow_a_search(people: Context) -> None:
    query = (
        '{ entities(search: "zhang heqing", types: [OFFICIAL], country: "CN") { nodes { id } totalCount } }'
    )
    assert await answer(people, query) == {"entities": {"nodes": [{"id": "per:zhang"}], "totalCount": 1}}


async def test_pages_of_a_search_go_on_in_the_same_order(people: Context) -> None:
    query = """query ($after: String) { entities(search: "nordahl", first: 1, after: $after) {
      nodes { id } pageInfo { endCursor hasNextPage } } }"""
    seen, after, more = [], None, True
    while more:
        page = (await answer(people, query, after=after))["entities"]
        seen += [node["id"] for node in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert seen == await find(people, "nordahl")


async def test_keys_go_with_the_name(store: Store, tmp_path: Path) -> None:
    held = HeldDocuments(tmp_path)
    await load(store, held, make_case(entities=[*HARBOUR["entities"], PEOPLE[3]]), LONG_AGO)
    await load(store, held, make_case(), "2024-02-01T00:00:00Z")
    assert await store.read("MATCH (k:NameKey {key: 'krymy'}) RETURN k.id AS id") == []
    assert (
        await store.read("MATCH (k:NameKey) WHERE NOT EXISTS { (k)<-[:FOUND_AS]-() } RETURN k.id AS id") == []
    )
