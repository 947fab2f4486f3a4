"""A real Chromium for tests of pages: the machine's own, driven by Playwright, which fetches no browser.

Ask for `browser` (one for the whole run) or `tab` (a fresh profile, closed after the test) by importing the fixtures.
"""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from tests.neo4j_server import must_not_skip

PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
MAC_PROGRAMS: Final = (
    "Chromium.app/Contents/MacOS/Chromium",
    "Google Chrome.app/Contents/MacOS/Google Chrome",
)
#: A loaded machine with two processors takes several times what an idle one does.
PATIENCE_MS: Final = 20_000
# Whatever a page, or the browser itself, asks of another host finds no host.
FLAGS: Final = (
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    "--font-render-hinting=none",
)


class Complaints(NamedTuple):
    """What a page did that it must not: errors in its scripts, violations of its policy, requests to others."""

    errors: list[str]
    elsewhere: list[str]


def find_chromium() -> Path | None:
    """The program that CHROMIUM names, else one on the path or among the applications of macOS."""
    asked = os.environ.get("CHROMIUM")
    on_path = [found for name in ([asked] if asked else PROGRAMS) if (found := shutil.which(name))]
    applications = [] if asked else [Path("/Applications") / name for name in MAC_PROGRAMS]
    return next((path for path in (*map(Path, on_path), *applications) if path.is_file()), None)


def why_no_chromium() -> str | None:
    """None when this machine has a Chromium, else how to get one."""
    if find_chromium() is not None:
        return None
    return (
        "The pages are tested in a real Chromium, and none was found. Install one (Debian: apt install chromium "
        "fonts-noto-core fonts-noto-cjk), or name the program: CHROMIUM=/path/to/chromium"
    )


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for the whole run. A missing one is a loud skip here and a failure under CI=true."""
    reason = why_no_chromium()
    if reason is not None:
        if must_not_skip():
            pytest.fail(reason)
        pytest.skip(reason)
    async with async_playwright() as playwright:
        program = find_chromium()
        started = await playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def tab(browser: Browser) -> AsyncIterator[Page]:
    """A tab of a desktop's size, in a profile of its own."""
    page = await browser.new_page(
        viewport={"width": 1280, "height": 800}, locale="en-GB", accept_downloads=True
    )
    page.set_default_timeout(PATIENCE_MS)
    yield page
    await page.context.close()


def watch(page: Page) -> Complaints:
    """Gathers from now on what `page` does that it must not."""
    found = Complaints([], [])
    page.on("pageerror", lambda error: found.errors.append(str(error)))
    page.on("console", lambda line: found.errors.append(line.text) if line.type == "error" else None)

    def note(url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            found.elsewhere.append(url)

    page.on("request", lambda request: note(request.url))
    return found
