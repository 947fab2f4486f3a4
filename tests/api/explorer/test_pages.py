"""The pages over HTTP, on both engines: what each says, how its address is read, and what it must not let through."""

import asyncio
import html
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from graphql import parse, validate
from starlette.types import Message

from api.app import make_app
from api.context import Context
from api.explorer.pages import PAGES, read_document
from api.guards import CLIENT_LEFT
from api.schema import SCHEMA
from api.trusted import keep_query
from kb.config import Settings

MAX_BYTES = 100_000
ADDRESSES = [
    "/",
    "/search?q=zhang",
    "/search?q=nobody+of+this+name",
    "/entity/per:zhang-heqing",
    "/entity/tour:ambrel-spring",
    "/entity/org:ambrel-hearing",
    "/claim/xinjiang_2021/C038",
    "/claim/teaching_case/T04",
    "/claims",
    "/claims?contested=true&kind=FINDING",
    "/amplifications",
    "/amplifications?amplifier=per:zhang-heqing",
    "/amplifications?period=1999",
    "/amplifiers?groupBy=MONTH&groupBy=CHANNEL",
    "/path",
    "/path?from=per:zhang-heqing&to=org:aspi",
    "/path?from=per:ilsa-vorrin&to=per:daro-minwen",
    "/document/teaching_case/doc:tern",
    "/document/xinjiang_2021/doc:000",
    "/passage/xinjiang_2021/doc:000:1773-1825",
    "/passage/teaching_case/doc:tern:10-21",
    "/sources",
    "/dataset/plaza_sample",
    "/run/teaching_case/1",
    "/tours",
    "/reports",
    "/tribunals",
    "/embassies",
    "/officials",
    "/influencers",
    "/narratives",
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def client(context: Context) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(make_app(context))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as found:
        yield found


async def read(client: httpx.AsyncClient, address: str, status: int = 200) -> str:
    answer = await client.get(address)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return answer.text


def words(page: str) -> str:
    """The text of a page, as one line."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", page)))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_document_of_a_page_fits_the_contract(page: object) -> None:
    assert validate(SCHEMA, parse(read_document(getattr(page, "name", "")))) == []


@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_page_is_small_and_runs_no_script_and_no_style_but_our_files(
    client: httpx.AsyncClient, address: str
) -> None:
    answer = await client.get(address)
    assert len(answer.content) < MAX_BYTES
    assert "'unsafe" not in answer.headers["content-security-policy"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert re.findall(r"<style|<script(?![^>]* src=\"/)|\son\w+=|\sstyle=|javascript:", answer.text) == []
    assert re.findall(r'(?:src|href|action)="(?:https?:)?//(?!localhost)', answer.text) == []


async def test_the_start_page_says_what_is_here_and_asks_the_headline_question(
    client: httpx.AsyncClient,
) -> None:
    page = await read(client, "/")
    assert "142 claims" in words(page)
    assert '<form action="/amplifications"' in page
    assert '<option value="per:zhang-heqing">Zhang Heqing</option>' in page


async def test_an_entity_shows_its_replies_even_when_none_is_recorded(client: httpx.AsyncClient) -> None:
    shown = words(await read(client, "/entity/per:zhang-heqing"))
    assert "None recorded. No reply by it, or to what is said about it, is in the documents held" in shown
    assert "Looked at: 6 documents" in shown
    assert "at least 56 times" in shown


async def test_a_claim_shows_voice_hedge_channel_origins_and_contests_with_their_level(
    client: httpx.AsyncClient,
) -> None:
    shown = words(await read(client, "/claim/xinjiang_2021/C038"))
    assert "finds: Zhang Heqing promoted content by foreign influencers at least 56 times." in shown
    assert "2 documents, 1 independent origin: Australian Strategic Policy Institute" in shown
    assert "channel not stated" in shown
    assert "level: source contests Borrowing mouths to speak on Xinjiang as a source (scope: general" in shown
    assert "paragraph 7, characters 1,773 to 1,825, file SHA-256 3e3dfe5f" in shown
    assert "The document is not held here" in shown


async def test_a_passage_of_a_held_document_is_shown_with_its_words_marked(client: httpx.AsyncClient) -> None:
    page = await read(client, "/claim/teaching_case/T04")
    assert re.search(r"<mark><bdi>[^<]{10,}</bdi></mark>", page)
    assert "not held here" not in page


async def test_a_citation_has_voice_hedge_locator_link_and_day(client: httpx.AsyncClient) -> None:
    page = await read(client, "/claim/xinjiang_2021/C038")
    found = re.search(r'<pre class="copied" id="cite"[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert found
    cited = html.unescape(found[1])
    assert cited.startswith(
        "The report “Borrowing mouths to speak on Xinjiang” by Australian Strategic Policy Institute"
    )
    assert "characters 1773 to 1825, SHA-256 3e3dfe5f" in cited
    assert "(level: source; scope: general; this report is not named)" in cited
    assert "Replies: none recorded." in cited
    assert "http://localhost/claim/xinjiang_2021/C038\nRead on 20" in cited


async def test_an_empty_answer_says_what_was_looked_at(client: httpx.AsyncClient) -> None:
    shown = words(await read(client, "/search?q=nobody+of+this+name"))
    assert "Not stated in the documents held. Looked at: 6 documents" in shown


async def test_reported_and_observed_stand_side_by_side_and_are_never_added(
    client: httpx.AsyncClient,
) -> None:
    shown = words(await read(client, "/amplifications?amplifier=per:ilsa-vorrin"))
    reported, observed = shown.index("Reported by sources"), shown.index("Observed in datasets")
    assert reported < observed < shown.index("2 reshares and 1 quote held", observed)
    ranked = words(await read(client, "/amplifiers"))
    assert "at least 56 times;" in ranked
    assert "3 interactions held between 2 accounts" in ranked


async def test_a_channel_that_is_not_stated_is_drawn_and_can_be_asked_for(client: httpx.AsyncClient) -> None:
    page = await read(client, "/amplifications?channelStated=false")
    drawn = re.search(r"<svg.*?</svg>", page, re.DOTALL)
    assert drawn
    assert drawn[0].count('<rect class="unstated" x="375"') == 1
    assert "at least 546 posts" in drawn[0]


async def test_filters_that_leave_nothing_are_repeated_with_what_was_looked_at(
    client: httpx.AsyncClient,
) -> None:
    shown = words(await read(client, "/amplifications?period=1999"))
    assert "Not stated in the documents held. Looked at: 6 documents" in shown
    assert "records without a date are left out" in shown
    assert "period: 1999" in shown


async def test_a_shared_source_is_said_to_be_no_connection(client: httpx.AsyncClient) -> None:
    shown = words(await read(client, "/path?from=per:zhang-heqing&to=org:aspi"))
    assert "they only share a source, which is no connection between them" in shown
    assert "Article of unknown publisher (000) names both" in shown


async def test_each_hop_of_a_path_has_its_evidence(client: httpx.AsyncClient) -> None:
    page = await read(client, "/path?from=per:zhang-heqing&to=org:china-embassy-islamabad")
    assert "Path 1: 1 hop" in words(page)
    assert '<a href="/claim/xinjiang_2021/C035"><bdi>The report' in page


async def test_a_document_shows_its_passages_with_the_claims_beside_them(client: httpx.AsyncClient) -> None:
    page = await read(client, "/document/teaching_case/doc:tern")
    articles = re.findall(r"<article.*?</article>", page, re.DOTALL)
    assert len(articles) > 20
    assert all("<mark>" in article and "/claim/teaching_case/" in article for article in articles)


async def test_a_list_goes_on_with_its_next_page(client: httpx.AsyncClient) -> None:
    page = await read(client, "/claims?case=xinjiang_2021")
    following = re.search(r'<a rel="next" href="([^"]+)"', page)
    assert following
    second = await read(client, html.unescape(following[1]))
    found = [set(re.findall(r'href="/claim/(xinjiang_2021/C\d+)"', each)) for each in (page, second)]
    assert [len(each) for each in found] == [50, 46]
    assert found[0].isdisjoint(found[1])


@pytest.mark.parametrize(
    "address", ["/tours", "/reports", "/tribunals", "/influencers", "/embassies", "/officials"]
)
async def test_a_listing_shows_the_replies_of_each_or_that_none_is_recorded(
    client: httpx.AsyncClient, address: str
) -> None:
    page = await read(client, address)
    rows = re.findall(r"<tr>.*?</tr>", page.partition("<tbody>")[2], re.DOTALL)
    assert rows
    assert all(re.search(r"repl(?:y|ies)|none recorded", words(row.rpartition("<td")[2])) for row in rows)


async def test_the_permanent_link_has_every_filter_in_one_order(client: httpx.AsyncClient) -> None:
    first = await read(client, "/search?types=OFFICIAL&q=zhang&country=")
    second = await read(client, "/search?q=zhang&types=OFFICIAL")
    link = 'id="permalink" href="/search?q=zhang&amp;types=OFFICIAL"'
    assert link in first
    assert link in second


async def test_the_question_behind_a_page_gives_its_answer_as_json(client: httpx.AsyncClient) -> None:
    page = await read(client, "/claim/xinjiang_2021/C038")
    (address,) = set(re.findall(r'href="(/graphql\?[^"]+)"', page))
    answer = (await client.get(html.unescape(address))).json()
    assert answer["data"]["claim"]["count"]["text"] == "at least 56 times"


async def test_the_cypher_behind_a_page_is_shown(client: httpx.AsyncClient) -> None:
    shown = words(await read(client, "/claim/xinjiang_2021/C038?cypher=1"))
    assert "The Cypher behind a page" in shown
    assert "MATCH" in shown
    assert "xinjiang_2021/C038" in shown


async def test_what_an_address_cannot_say_is_named_with_what_it_can(client: httpx.AsyncClient) -> None:
    assert "colour: this page has no such parameter; it has q, types" in words(
        await read(client, "/search?colour=red", 400)
    )
    assert "types: 'ROBOT' cannot be used; write one of OFFICIAL" in words(
        await read(client, "/search?types=ROBOT", 400)
    )
    assert "q: is given twice" in words(await read(client, "/search?q=a&q=b", 400))
    assert "longer than 2,000" in words(await read(client, f"/search?q={'a' * 2001}", 400))
    assert "cannot be the id of an entity" in words(await read(client, "/entity/a%20b", 400))
    assert "nothing that is held here has this id" in words(await read(client, "/entity/per:nobody", 404))


@pytest.mark.parametrize("folder", ["entity", "claim", "document", "passage", "dataset", "run"])
async def test_an_address_without_an_id_finds_nothing(client: httpx.AsyncClient, folder: str) -> None:
    assert "the address lacks an id" in words(await read(client, f"/{folder}/%20", 404))


@pytest.mark.parametrize("folder", ["claims", "tours", "search", "explorer"])
async def test_where_no_page_is_a_page_says_so_and_escapes_what_was_asked(
    client: httpx.AsyncClient, folder: str
) -> None:
    page = await read(client, f"/{folder}/%3Cb%3E{'x' * 300}", 404)
    assert "<b>" not in page
    assert f"nothing is at /{folder}/<b>xxx" in words(page)
    assert "x" * 201 not in page


async def test_an_address_that_is_none_of_a_page_gets_an_error_for_programs(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/nothing")
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (404, "NOT_FOUND")


async def test_pages_offer_no_question_that_the_server_refuses(context: Context, tmp_path: Path) -> None:
    keep_query(tmp_path, read_document("tours"))
    app = make_app(context, Settings(data=tmp_path, trusted_only=True))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        reports, tours = await read(client, "/reports"), await read(client, "/tours")
        (trusted,) = set(re.findall(r'href="(/graphql[^"]*)"', tours))
        answer = await client.get(html.unescape(trusted))
    assert "/graphql" not in reports
    assert "/reports?cypher=1" in reports
    assert answer.status_code == 200
    assert "errors" not in answer.json()


async def test_markup_in_an_address_stays_text(client: httpx.AsyncClient) -> None:
    page = await read(client, "/search?q=%3Cscript%3Ealert(1)%3C/script%3E%22onfocus%3D1")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert re.findall(r"<[^>]*\sonfocus", page) == []


async def test_no_page_answers_to_more_than_reading(client: httpx.AsyncClient) -> None:
    for address in ADDRESSES:
        assert (await client.post(address)).status_code == 405


async def test_a_page_whose_reader_has_left_is_not_asked_to_its_end(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends: list[str] = []
    sent: list[Message] = []

    async def read_without_end(*_: object, **__: object) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ends.append("cancelled")
            raise

    async def leave() -> Message:
        return {"type": "http.disconnect"}

    async def note(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": "/claims", "raw_path": b"/claims", "query_string": b"", "root_path": "",
        "headers": [(b"host", b"localhost")], "client": ("127.0.0.1", 1), "server": ("localhost", 80),
    }  # fmt: skip
    monkeypatch.setattr(type(context.store), "read", read_without_end)
    await make_app(context)(scope, leave, note)
    assert ends == ["cancelled"]
    assert [message["status"] for message in sent if message["type"] == "http.response.start"] == [
        CLIENT_LEFT
    ]
    assert b"".join(message.get("body", b"") for message in sent) == b""
