"""Neo4j Browser with our guide, in a real Chromium: each question finds what the guide says, on both engines."""

import asyncio
import contextlib
import io
import re
import socket
import sys
import urllib.parse
import zipfile
from collections.abc import AsyncIterator, Iterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page

from api.browser import page as browser_page
from api.browser.__main__ import Login, _find_login, _listen, main, make_browser, write_begin
from api.browser.kit import make_guide, make_queries, make_style, read_style
from api.context import Context
from kb.config import Settings
from kb.guide import QUESTIONS, Question
from kb.store import Store, literal
from loaders.run import run_cases
from schema.catalog import LABELS, RELATIONSHIP_TYPES
from tests.api.served import embedded_context, serving_at
from tests.api.served import serving as serving_api
from tests.chromium import PATIENCE_MS, browser
from tests.conftest import process_environ
from tests.neo4j_server import must_not_skip

ROOT = Path(__file__).parent.parent.parent
CASES = (ROOT / "loaders" / "xinjiang_2021", ROOT / "loaders" / "teaching_case")
NUMBERS = {"two": 2, "three": 3, "five": 5, "six": 6, "seven": 7, "nine": 9, "ten": 10, "eighteen": 18,
           "twenty-two": 22, "thirty-seven": 37}  # fmt: skip

__all__ = ["browser", "embedded_context"]  # the fixture


@pytest.fixture(scope="module")
async def loaded(migrated_module: Store, settings: Settings) -> Store:
    await run_cases(CASES, settings, now="2026-11-22T00:00:00Z", tell=lambda line: None)
    return migrated_module


@pytest.fixture(scope="module")
async def jar() -> Path:
    try:
        return await asyncio.to_thread(browser_page.find_jar)
    except browser_page.NoPageError as error:
        if must_not_skip():
            pytest.fail(str(error))
        pytest.skip(str(error))


@contextlib.asynccontextmanager
async def serving(login: Login | None) -> AsyncIterator[str]:
    with _listen(0) as listener:
        port = listener.getsockname()[1]
        async with serving_at(listener, make_browser(login, port)):
            yield f"http://localhost:{port}"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def served(loaded: Store, settings: Settings, jar: Path) -> AsyncIterator[tuple[str, Login]]:
    async with contextlib.AsyncExitStack() as opened:
        login = await _find_login(settings, opened)
        if settings.neo4j_uri is not None:
            login = login._replace(password=settings.neo4j_password)
        async with serving(login) as where:
            yield where, login


def first_number(text: str) -> int:
    return NUMBERS[re.split(r"[ ,]", text)[0].lower()]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
async def test_each_question_has_the_rows_that_the_guide_says(loaded: Store, question: Question) -> None:
    _, rows = await loaded.read_table(question.cypher)
    assert len(rows) == question.rows == first_number(question.expect)


async def test_what_the_guide_says_of_the_rows_is_so(loaded: Store) -> None:
    found = {question.name: (await loaded.read_table(question.cypher))[1] for question in QUESTIONS}
    assert [row[2] for row in found["who-amplified-whom"][:2]] == ["at least 546 posts", "at least 56 times"]
    assert {row[2] for row in found["who-amplified-whom"][2:]} == {"not stated"}
    assert [row[0] for row in found["which-channel"]].count("not stated") == 5
    assert {row[0] for row in found["who-says-so"]} == {"Borrowing mouths to speak on Xinjiang"}
    assert {tuple(row[:2]) for row in found["documents-and-origins"]} == {(2, 1)}
    assert [row[0] for row in found["who-contests"]] == ["direct"] + ["implicit"] * 4 + ["source"] * 4
    assert {row[3] for row in found["people"]} == {0}
    assert [tuple(row) for row in found["dates"]] == [("inferred", 5), ("not_stated", 93), ("stated", 5)]
    into = """MATCH (:Person)-[e]->(:Group {id: 'grp:foreign-influencers-13'}) RETURN e"""
    assert await loaded.read(into) == []
    relays = "MATCH (:Document)-[r:COPIES|CITES]->(:Entity) WHERE startNode(r).case = 'xinjiang_2021' RETURN type(r)"
    kinds = [row[0] for row in await loaded.read(relays)]
    assert (kinds.count("COPIES"), kinds.count("CITES")) == (2, 3)
    asserted = QUESTIONS[0].cypher.replace("AND e.modality = 'asserted'", "")
    assert len((await loaded.read_table(asserted))[1]) == 9  # two more


async def test_the_guide_is_run_question_by_question(
    browser: Browser, loaded: Store, served: tuple[str, Login]
) -> None:
    where, login = served
    page = await browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(2 * PATIENCE_MS)
    errors: list[str] = []
    left: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    ours = (where, f"http://{login.bolt}", "data:", "blob:")
    page.on("requestfinished", lambda sent: None if sent.url.startswith(ours) else left.append(sent.url))
    try:
        await page.goto(where)
        await connect(page, login)
        assert await page.locator("[data-testid=guidesDrawer] svg[role=img] text").count() > 5
        for place, question in enumerate(QUESTIONS, 1):
            await page.click("[data-testid=guideNextSlide]")
            frame = await run_slide(page, f"{place}. {question.title}")
            if question.picture:
                shown = await read_status(frame, r"Displaying (\d+) nodes, (\d+) relationships")
                assert int(shown[1]) == await count_nodes(loaded, question), question.name
                if question.name == "amplification-drawn":
                    # Without a click: our colour of an official, and the hedge on the arrow.
                    await frame.locator('svg g.node circle[fill="#014f86"]').first.wait_for()
                    assert "at least 56 times" in " ".join(
                        await frame.locator("svg g.relationship text").all_text_contents()
                    )
            else:
                shown = await read_status(frame, r"Started streaming (\d+) records")
                assert int(shown[1]) == question.rows, question.name
        await page.click("[data-testid=pagination-1]")
        frame = await run_slide(page, "Who amplified whom, and who says so")
        await frame.get_by_text("node.Official").first.wait_for()
        await see_captions_without_a_style(page, loaded)
        await see_what_is_around_a_person(page, loaded)
        assert errors == []
        assert left == [], "the page reached another host"
    finally:
        await page.context.close()


async def see_captions_without_a_style(page: Page, store: Store) -> None:
    """The page writes our captions into the nodes, as far as they have room, when it knows no style of ours."""
    for command in (":style reset", ":clear"):  # The page keeps 15 frames, and then drops the oldest.
        await type_command(page, command)
    await page.locator("[data-testid=frame]").first.wait_for(state="detached")
    for kind in ("Claim", "Passage", "Reading", "Name", "Run"):
        frame = await run_typed(page, f"MATCH (n:{kind}) RETURN n ORDER BY n.id LIMIT 2")
        await read_status(frame, "Displaying 2 nodes, 0 relationships")
        await frame.locator("svg g.node text").nth(1).wait_for(state="attached")
        drawn = await frame.locator("svg g.node").all_text_contents()
        rows = await store.read(literal(f"MATCH (n:{kind}) RETURN n.label AS label ORDER BY n.id LIMIT 2"))
        # Where the page breaks a line it drops the blank.
        for shown, (label,) in zip(sorted(drawn), sorted(rows), strict=True):
            begun = "".join(shown.removesuffix("…").split())
            assert "".join(label.split()).startswith(begun), (kind, shown, label)
            assert len(begun) > 5, (kind, shown, label)


async def see_what_is_around_a_person(page: Page, store: Store) -> None:
    """A double click on a person draws the claims about and by them; one on their reply, what it answers."""
    around = "MATCH (:Entity {id: 'per:tobin-okash'})--(n) RETURN count(DISTINCT n) AS near"
    ((near,),) = await store.read(around)
    frame = await run_typed(page, "MATCH (p:Person {id: 'per:tobin-okash'}) RETURN p")
    nodes = frame.locator("svg g.node")
    await nodes.first.dblclick()
    await nodes.nth(near).wait_for(state="attached")
    assert await nodes.count() == near + 1
    frame = await run_typed(
        page, "MATCH (:Person {id: 'per:tobin-okash'})<-[:SAID_BY]-(c)-[:REPLIES_TO]->() RETURN c"
    )
    await frame.locator("svg g.node").first.dblclick()
    await frame.locator("svg g.relationship", has_text="REPLI").first.wait_for(state="attached")


async def type_command(page: Page, command: str) -> None:
    await page.locator(".monaco-editor").first.click()
    await page.keyboard.press("Control+A")
    await page.keyboard.insert_text(command)
    await page.keyboard.press("Control+Enter")


async def run_typed(page: Page, command: str) -> Locator:
    frames = page.locator("[data-testid=frame]")
    before = await frames.count()
    await type_command(page, command)
    await frames.nth(before).wait_for()
    return frames.first


async def connect(page: Page, login: Login) -> None:
    await page.fill("[data-testid=password]", login.password)
    await page.click("[data-testid=connect]")
    await page.locator("[data-testid=disconnectedBanner]").wait_for(state="detached")
    await page.locator(
        "[data-testid=guidesDrawer]", has_text="Who amplified whom, and who says so"
    ).wait_for()


async def run_slide(page: Page, title: str) -> Locator:
    await page.locator("[data-testid=guidesDrawer] h3", has_text=title).wait_for()
    frames = page.locator("[data-testid=frame]")
    before = await frames.count()
    await page.click("[data-testid=guidesDrawer] pre.runnable")
    await page.click("[data-testid=editor-Run]")
    await frames.nth(before).wait_for()
    return frames.first


async def read_status(frame: Locator, pattern: str) -> re.Match[str]:
    await frame.get_by_text(re.compile(pattern)).first.wait_for()
    found = re.search(pattern, await frame.inner_text())
    assert found is not None
    return found


async def count_nodes(store: Store, question: Question) -> int:
    _, rows = await store.read_table(question.cypher)

    def nodes(value: object) -> Iterator[str]:
        match value:
            case {"labels": _, "properties": {"id": str(key)}}:
                yield key
            case {"nodes": list(parts)} | list(parts):
                for part in parts:
                    yield from nodes(part)

    return len(set(nodes(rows)))


async def test_the_kit_is_served_as_the_page_asks_for_it() -> None:
    async with serving(None) as where, httpx.AsyncClient(base_url=where) as client:
        for name in ("guide.html", "throughline.grass", "queries.zip"):
            for method in ("GET", "OPTIONS"):
                answer = await client.request(
                    method, f"/kit/{name}", headers={"Origin": "http://127.0.0.1:7474"}
                )
                assert answer.status_code == 200
                assert answer.headers["Access-Control-Allow-Origin"] == "*"
                assert answer.headers["Access-Control-Allow-Headers"] == "*"
        assert (await client.get("/kit/guide.html")).text == make_guide(f"{where}/kit")
        assert (await client.get("/kit/other")).status_code == 404
        elsewhere = await client.get("/kit/guide.html", headers={"Host": "evil.example"})
        assert elsewhere.status_code == 403


async def test_a_file_outside_of_the_page_is_not_served(jar: Path) -> None:
    login = Login("bolt", "127.0.0.1:1", "kb", "reader", "", is_embedded=True)
    async with serving(login) as where, httpx.AsyncClient(base_url=where) as client:
        assert (await client.get("/browser/")).status_code == 200
        for path in (
            "/browser/%2e%2e/META-INF/MANIFEST.MF",
            "/browser/../META-INF/MANIFEST.MF",
            "/browser/assets/",
        ):
            assert (await client.get(path)).status_code == 404
        policy = (await client.get("/browser/")).headers["Content-Security-Policy"]
        assert "connect-src 'self' ws://127.0.0.1:1 " in policy
        assert "https:;" not in policy


async def test_it_runs_as_a_process_over_the_embedded_graph_and_stops_in_order(
    embedded_settings: Settings, jar: Path
) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
    command = [sys.executable, "-m", "api.browser", "--port", str(port)]
    environ = process_environ(embedded_settings)
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=environ, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    told = [(await process.stdout.readline()).decode() for _ in range(2)]
    assert "user reader, password " in told[1]
    async with httpx.AsyncClient(base_url=f"http://localhost:{port}") as client:
        found = (await client.get("/")).json()["bolt_direct"]
        start = await client.get("/", headers={"Accept": "text/html"}, follow_redirects=True)
        taken = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=environ, stderr=asyncio.subprocess.PIPE
        )
        said = (await taken.communicate())[1].decode()
    assert found.startswith("bolt://127.0.0.1:")
    assert '"autoComplete": false' in start.text
    assert '"allowCrashReports": false' in start.text
    assert (taken.returncode, said.startswith(f"--port: cannot listen on {port}: ")) == (1, True)
    process.terminate()
    assert await process.wait() == 0


@pytest.mark.parametrize("port", ["0", "65536", "many", "-1"])
def test_a_port_that_is_none_is_said(
    port: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["browser", f"--port={port}"])
    with pytest.raises(SystemExit):
        main()
    assert "is no port; write a number from 1 to 65535" in capsys.readouterr().err


def test_the_page_is_told_the_scheme_the_database_and_the_user_of_a_neo4j() -> None:
    login = Login("neo4j+s", "graph.example:7687", "cases", "reader", "", is_embedded=False)
    told = urllib.parse.parse_qs(write_begin(login))
    assert told == {"dbms": ["neo4j+s://reader@graph.example:7687"], "db": ["cases"]}


async def test_the_api_serves_the_kit_as_well(embedded_context: Context) -> None:
    async with serving_api(embedded_context) as where, httpx.AsyncClient(base_url=where) as client:
        answer = await client.get("/kit/guide.html")
        assert answer.text == make_guide(f"{where}/kit")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


class _Guide(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "pre" and ("class", "runnable") in attrs:
            self.found.append("")
            self._is_open = True

    def handle_endtag(self, tag: str) -> None:
        self._is_open = self._is_open and tag != "pre"

    def handle_data(self, data: str) -> None:
        if self._is_open:
            self.found[-1] += data


def test_guide_and_zip_hold_the_same_twelve_queries() -> None:
    guide = _Guide()
    guide.feed(make_guide("http://localhost:1/kit"))
    assert len(QUESTIONS) == 12
    assert guide.found == [":style http://localhost:1/kit/throughline.grass", *(q.cypher for q in QUESTIONS)]
    with zipfile.ZipFile(io.BytesIO(make_queries())) as packed:
        names = packed.namelist()
        assert [name.split("/")[0] for name in names] == ["Throughline"] * 12
        texts = [packed.read(name).decode() for name in names]
    assert texts == [f"// {n:02} {q.title}\n{q.cypher}\n" for n, q in enumerate(QUESTIONS, 1)]


def test_each_line_of_the_style_is_read() -> None:
    style = read_style()
    assert len(style) == len(make_style().splitlines())
    assert style["relationship.AMPLIFIED"]["caption"] == "{count}"
    assert style["node.Claim"] == {"color": "#ffb703", "border-color": "#d69a02", "text-color-internal": "#000000",
                                   "caption": "{label}", "diameter": "80px"}  # fmt: skip


def test_the_style_speaks_of_labels_and_properties_that_exist() -> None:
    for kind, name in re.findall(r"^(node|relationship)\.(\w+) \{", make_style(), re.M):
        assert name in (LABELS if kind == "node" else RELATIONSHIP_TYPES | {"AMPLIFIED"}), name


def test_another_jar_is_refused_and_a_missing_maven_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browser_page, "CACHE", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(browser_page.NoPageError, match="apt install maven"):
        browser_page.find_jar()
    (tmp_path / "browser").mkdir()
    (tmp_path / "browser" / browser_page.JAR).write_bytes(b"PK another")
    with pytest.raises(browser_page.NoPageError, match=r"its SHA-256 is .* remove the file"):
        browser_page.find_jar()
