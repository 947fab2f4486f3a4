"""The Chromium of the tests renders, and what it must not do is noticed."""

from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.chromium import browser, find_chromium, tab, watch, why_no_chromium

__all__ = ["browser", "tab"]  # the fixtures


async def test_a_page_is_rendered_and_a_request_to_another_host_is_noticed_and_finds_none(tab: Page) -> None:
    found = watch(tab)
    await tab.set_content('<p dir="auto">中文</p><img src="https://elsewhere.example/pixel.png">')
    assert await tab.locator("p").inner_text() == "中文"
    assert found.elsewhere == ["https://elsewhere.example/pixel.png"]
    assert ["ERR_NAME_NOT_RESOLVED" in error for error in found.errors] == [True]


async def test_an_error_in_a_script_is_noticed(tab: Page) -> None:
    found = watch(tab)
    await tab.set_content("<script>nothing.at.all</script>")
    assert found.errors == ["nothing is not defined"]


def test_a_missing_chromium_is_told_with_its_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "none"))
    assert find_chromium() is None
    assert "apt install chromium" in (why_no_chromium() or "")
