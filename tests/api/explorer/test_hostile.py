"""What a hostile source writes into names, claims and titles stays text on every page, in a real Chromium."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from api.context import Context
from api.cursors import Cursors
from kb.config import Settings
from kb.documents import HeldDocuments
from kb.migrate import migrate
from kb.store import open_store
from loaders.run import read_cases, save_read_case
from tests.api.cases import NOW
from tests.api.served import serving
from tests.chromium import browser, watch
from tests.conftest import clear
from tests.loaders.small_case import SMALL, changed, write_case

__all__ = ["browser"]  # the fixture

MARKUP = '<img src=x onerror="window.hit=1"></bdi></title><script>window.hit=1</script>{{ 7*7 }}\'&amp;'
TURNED = "Ada \u202egnp.elaV\u2066\u200b"
HUGE = "Otto" + "o" * 290
PAGES = [
    "/",
    "/search?q=",
    "/search?q=ada&start=per:otto-lind",
    "/entity/per:ada-vale",
    "/entity/per:otto-lind",
    "/entity/org:quay",
    "/claim/small/C1",
    "/claim/small/C4",
    "/claims",
    "/amplifications",
    "/amplifiers",
    "/path?from=per:ada-vale&to=per:otto-lind",
    "/document/small/doc:gazette",
    "/sources",
    "/dataset/pier",
    "/run/small/1",
    "/reports",
    "/officials",
    "/influencers",
]


def quoted(text: str) -> str:
    """Text as a YAML scalar that keeps every character."""
    return json.dumps(text)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def address(
    embedded_settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[str]:
    folder: Path = tmp_path_factory.mktemp("hostile")
    text = SMALL
    for old, new in (
        ("  name: Ada Vale\n", f"  name: {quoted(TURNED)}\n  note: {quoted(MARKUP)}\n"),
        ("  name: Otto Lind\n", f"  name: {HUGE}\n"),
        ("  name: Quay Institute\n", f"  name: {quoted(MARKUP)}\n"),
        ("  name: The ferry films\n", f"  name: {quoted(MARKUP)}\n"),
        (
            "  name: Harbour Gazette, 1 June\n",
            f"  name: {quoted(MARKUP)}\n",
        ),
        ("  text: Ada Vale shared the ferry films at least 12 times.\n", f"  text: {quoted(MARKUP)}\n"),
        ("text: at least 12 times, min", f"text: {quoted('at least 12 ' + MARKUP)}, min"),
        ("title: Pier sample", f"title: {quoted(MARKUP)}"),
    ):
        text = changed(old, new, text)
    async with open_store(embedded_settings) as store:
        await clear(store)
        await migrate(store, NOW)
        held = HeldDocuments(folder / "held")
        for read in read_cases([write_case(folder / "small", text)], held):
            await save_read_case(store, read, held=held, now=NOW)
        context = Context(store, Cursors(b"a secret for tests alone, 32 b.."), held)
        async with serving(context) as found:
            yield found


async def test_markup_runs_nowhere_and_no_page_breaks(browser: Browser, address: str) -> None:
    context = await browser.new_context(viewport={"width": 360, "height": 740}, is_mobile=True)
    page = await context.new_page()
    complaints = watch(page)
    wrong: list[str] = []
    for path in PAGES:
        answer = await page.goto(address + path)
        assert answer is not None
        if answer.status != 200:
            wrong.append(f"{path}: {answer.status} {await page.locator('main').inner_text()}")
        if await page.evaluate("'hit' in window || document.querySelectorAll('main img').length > 0"):
            wrong.append(f"{path}: markup ran")
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append(f"{path}: is wider than a telephone")
        if await page.locator("a[href^=javascript], a[href^='//'], a[href^=http]:not(#permalink)").count():
            wrong.append(f"{path}: a link leads away")
        if "49'" in await page.locator("main").inner_text():
            wrong.append(f"{path}: a template in the text was filled")
    assert wrong == []
    assert complaints == ([], [])
    await context.close()


async def test_markup_is_read_as_it_was_written(browser: Browser, address: str) -> None:
    page = await browser.new_page()
    await page.goto(f"{address}/entity/org:quay")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(MARKUP)
    await page.goto(f"{address}/claim/small/C1")
    await expect(page.get_by_role("heading", level=1)).to_contain_text(MARKUP)
    await page.context.close()


async def test_characters_that_turn_text_are_shown_and_turn_nothing(browser: Browser, address: str) -> None:
    page = await browser.new_page()
    await page.goto(f"{address}/entity/per:ada-vale")
    heading = page.get_by_role("heading", level=1)
    await expect(heading).to_contain_text("Ada U+202Egnp.elaVU+2066U+200B")
    names = await page.evaluate("document.querySelector('main').innerHTML")
    assert "\u202e" not in names.partition('class="tools"')[0]
    await page.context.close()
