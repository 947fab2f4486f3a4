"""The pages in a real Chromium, each by its purpose: found, followed, doubted, cited, by keyboard and by telephone."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from api.context import Context
from api.graphiql.build import Node
from tests.api.explorer.drawing_library import build_library
from tests.api.explorer.test_pages import ADDRESSES
from tests.api.served import embedded_context, serving
from tests.chromium import PATIENCE_MS, browser, tab, watch
from tests.clients.packages import HERE, node

__all__ = ["browser", "embedded_context", "node", "tab"]  # the fixtures

AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def address(embedded_context: Context) -> AsyncIterator[str]:
    build_library()
    async with serving(embedded_context) as found:
        yield found


@pytest.fixture(scope="module")
def axe(node: Node) -> str:
    """The audit of accessibility. It is evaluated, not added to the page, whose policy would refuse it."""
    return Path(AXE).read_text("utf-8")


async def audit(page: Page, axe: str, scheme: str) -> list[str]:
    """What breaks a rule. Nothing but colours depends on the scheme, so dark is asked for those alone."""
    rules = (
        {"type": "rule", "values": ["color-contrast"]}
        if scheme == "dark"
        else {"type": "tag", "values": WCAG}
    )
    await page.evaluate(axe)
    found = await page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules
    )
    assert len(found["passes"]) > (0 if scheme == "dark" else 20)
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


async def test_every_page_passes_the_audit_in_light_and_dark_and_breaks_no_policy(
    browser: Browser, address: str, axe: str
) -> None:
    found: dict[str, list[str]] = {}
    for scheme in ("light", "dark"):
        context = await browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        complaints = watch(page)
        for path in ADDRESSES:
            await page.goto(address + path)
            await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
            found[f"{path} {scheme}"] = await audit(page, axe, scheme)
        assert complaints == ([], [])
        await context.close()
    assert {path: violations for path, violations in found.items() if violations} == {}


async def test_no_page_is_wider_than_a_telephone(browser: Browser, address: str) -> None:
    context = await browser.new_context(
        viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True
    )
    page = await context.new_page()
    wide: list[str] = []
    for path in ADDRESSES:
        await page.goto(address + path)
        if await page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(path)
    assert wide == []
    await context.close()


async def test_from_the_start_page_to_a_cited_sentence_takes_four_clicks(tab: Page, address: str) -> None:
    await tab.goto(address)
    await tab.get_by_role("combobox", name="Who amplified").select_option(label="Zhang Heqing")
    await tab.get_by_role("button", name="Show what is reported and observed").click()
    await expect(tab.locator("svg.flow")).to_contain_text("at least 56 times")
    await tab.get_by_role("link", name="at least 56 times").click()
    await expect(tab.get_by_role("heading", level=1)).to_contain_text("finds: Zhang Heqing promoted content")
    await expect(tab.get_by_text("2 documents, 1 independent origin", exact=False).first).to_be_visible()
    await tab.get_by_text("Cite this page").click()
    await tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await tab.get_by_role("button", name="Copy the citation").click()
    await expect(tab.get_by_role("button", name="Copied")).to_be_visible()
    copied = await tab.evaluate("navigator.clipboard.readText()")
    assert "at least 56 times" in copied
    assert f"{address}/claim/xinjiang_2021/C038" in copied


async def test_a_name_is_found_and_its_missing_reply_is_said(tab: Page, address: str) -> None:
    await tab.goto(address)
    await tab.get_by_role("searchbox").fill("zhang heqing")
    await tab.keyboard.press("Enter")
    await tab.get_by_role("link", name="Zhang Heqing", exact=True).click()
    replies = tab.locator("section.reply")
    await expect(replies.get_by_role("heading")).to_have_text("Replies")
    await expect(replies).to_contain_text("None recorded.")


async def test_a_passage_is_read_in_its_words_or_by_its_locator(tab: Page, address: str) -> None:
    await tab.goto(f"{address}/claim/xinjiang_2021/C038")
    await tab.get_by_role("link", name="The passage in its document").first.click()
    await expect(tab.locator("main")).to_contain_text("The document is not held here")
    await expect(tab.locator("main")).to_contain_text("characters 1,773 to 1,825")
    await tab.goto(f"{address}/claim/teaching_case/T04")
    await tab.get_by_role("link", name="The passage in its document").first.click()
    await expect(tab.locator("mark")).to_be_visible()


async def test_filters_to_nothing_say_why_and_the_link_can_be_shared(
    tab: Page, browser: Browser, address: str
) -> None:
    await tab.goto(f"{address}/amplifications")
    await tab.get_by_label("when").fill("1999")
    await tab.get_by_role("button", name="Show").click()
    await expect(tab.locator("main")).to_contain_text(
        "Not stated in the documents held. Looked at: 6 documents"
    )
    assert tab.url == f"{address}/amplifications?period=1999"
    other = await browser.new_page()
    await other.goto(await tab.locator("#permalink").inner_text())
    assert (
        await other.locator(".nothing").first.inner_text() == await tab.locator(".nothing").first.inner_text()
    )
    await other.context.close()


async def test_the_keyboard_alone_leads_to_a_claim(tab: Page, address: str) -> None:
    await tab.goto(f"{address}/amplifications?amplifier=per:zhang-heqing")
    await tab.keyboard.press("Tab")
    await expect(tab.locator(":focus")).to_have_text("Skip to the content")
    await tab.keyboard.press("Enter")
    assert await tab.evaluate("document.activeElement.id") == "main"
    for _ in range(40):
        await tab.keyboard.press("Tab")
        if await tab.locator("a:focus", has_text="at least 56 times").count():
            break
    outline = await tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    await tab.keyboard.press("Enter")
    await tab.wait_for_url(re.compile("/claim/xinjiang_2021/C038$"))


async def test_days_and_numbers_are_written_as_the_reader_writes_them(browser: Browser, address: str) -> None:
    context = await browser.new_context(locale="de-DE")
    page = await context.new_page()
    await page.goto(f"{address}/passage/xinjiang_2021/doc:001:1230-1285")
    await expect(page.locator("main")).to_contain_text("1.230 to 1.285")
    await expect(page.locator("time").first).to_have_text("16.12.2021")
    await context.close()


async def test_a_page_says_all_of_it_without_scripts_and_on_paper(browser: Browser, address: str) -> None:
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{address}/entity/per:zhang-heqing")
    await expect(page.locator("section[aria-labelledby=near] table")).to_contain_text("holds role")
    await page.emulate_media(media="print")
    await expect(page.get_by_role("searchbox")).to_be_hidden()
    await expect(page.locator("section.reply")).to_be_visible()
    assert await page.locator("#cite").evaluate(
        "(cite) => cite.checkVisibility({contentVisibilityAuto: true})"
    )
    assert (await page.locator("#cite").bounding_box() or {"height": 0})["height"] > 50
    await context.close()
