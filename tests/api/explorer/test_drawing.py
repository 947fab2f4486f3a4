"""The drawing of a neighbourhood, in a real Chromium: by click, by keyboard, saved, and at rest between visits."""

import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from api.context import Context
from tests.api.explorer.drawing_library import build_library
from tests.api.served import embedded_context, serving
from tests.chromium import browser, tab, watch

__all__ = ["browser", "embedded_context", "tab"]  # the fixtures

ENTITY = "/entity/per:ilsa-vorrin"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def address(embedded_context: Context) -> AsyncIterator[str]:
    build_library()
    async with serving(embedded_context) as found:
        yield found


async def open_drawing(tab: Page, address: str) -> None:
    await tab.goto(address + ENTITY)
    await tab.locator("figure.drawing canvas").first.wait_for(state="attached")


async def look(tab: Page, script: str) -> Any:
    return await tab.evaluate(
        f"(() => {{ const cy = document.querySelector('figure.drawing').cy; return {script}; }})()"
    )


async def test_it_shows_what_its_table_says(tab: Page, address: str) -> None:
    complaints = watch(tab)
    await open_drawing(tab, address)
    rows = await tab.locator("tr[data-edge]").count()
    assert rows > 2
    assert await look(tab, "cy.edges().length") == rows
    styles = await look(tab, "cy.edges().map((edge) => [edge.data('basis'), edge.style('line-style')])")
    assert {tuple(style) for style in styles} == {("reported", "solid"), ("observed", "dashed")}
    assert all(await look(tab, "cy.edges().map((edge) => edge.data('label'))"))
    assert complaints == ([], [])


async def test_it_is_expanded_and_collapsed_by_keyboard(tab: Page, address: str) -> None:
    await open_drawing(tab, address)
    chooser = tab.get_by_label("Entity in the drawing")
    await chooser.select_option(label="Daro Minwen")
    before = await look(tab, "cy.nodes().length")
    await tab.get_by_role("button", name="Expand").focus()
    await tab.keyboard.press("Enter")
    await expect(tab.locator(".chosen")).to_contain_text("entities added around Daro Minwen")
    assert await look(tab, "cy.nodes().length") > before
    await tab.get_by_role("button", name="Collapse").focus()
    await tab.keyboard.press("Space")
    await expect(tab.locator(".chosen")).to_contain_text("taken away again")
    assert await look(tab, "cy.nodes().length") == before


async def test_places_and_pins_stay_between_visits(tab: Page, address: str) -> None:
    places = "cy.nodes().map((node) => [node.id(), Math.round(node.position('x')), Math.round(node.position('y'))])"
    await open_drawing(tab, address)
    first = await look(tab, places)
    pin = tab.get_by_role("button", name="Pin")
    await pin.click()
    await open_drawing(tab, address)
    assert await look(tab, places) == first
    assert await look(tab, "cy.nodes('.pinned').map((node) => node.id())") == ["per:ilsa-vorrin"]
    await expect(tab.get_by_role("button", name="Unpin")).to_have_attribute("aria-pressed", "true")


async def test_the_first_layout_is_the_same_for_everybody(tab: Page, address: str) -> None:
    places = "cy.nodes().map((node) => [node.id(), Math.round(node.position('x')), Math.round(node.position('y'))])"
    await open_drawing(tab, address)
    first = await look(tab, places)
    await tab.evaluate("localStorage.clear()")
    await open_drawing(tab, address)
    assert await look(tab, places) == first
    assert len({tuple(place[1:]) for place in first}) == len(first)


@pytest.mark.parametrize("form", ["PNG", "SVG", "GEXF"])
async def test_it_is_saved_as_a_file(tab: Page, address: str, form: str, tmp_path: Path) -> None:
    await open_drawing(tab, address)
    async with tab.expect_download() as waiting:
        await tab.get_by_role("button", name=form).click()
    file = tmp_path / "drawing"
    await (await waiting.value).save_as(file)
    content = file.read_bytes()
    if form == "PNG":
        assert content.startswith(b"\x89PNG")
        return
    root = ET.fromstring(content)  # noqa: S314 - made by our own page
    assert root.tag == {"SVG": "{http://www.w3.org/2000/svg}svg", "GEXF": "{http://gexf.net/1.3}gexf"}[form]
    assert b"Ilsa Vorrin" in content


async def test_a_server_that_does_not_answer_is_told(tab: Page, address: str) -> None:
    await open_drawing(tab, address)
    await tab.route("**/graphql", lambda route: route.abort())
    await tab.get_by_role("button", name="Expand").click()
    await expect(tab.locator(".chosen")).to_have_text("The server did not answer; try again in a moment")
