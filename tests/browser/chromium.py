"""Chromium without a window, as every test of the pages starts it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

from compose import chromium
from compose.trouble import Trouble

MISSING = (
    "There is no Chromium here, or no Korean font for it: what the pages do in a browser is left out. "
    "`fruitstore install --for-tests` gets both from the system's packages."
)

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Without what talks to others by itself, and so that it runs for root, too."""


@asynccontextmanager
async def running() -> AsyncIterator[Browser]:
    """A browser. Raises Trouble with a sentence where there is none."""
    if not (found := chromium.find()) or not chromium.reads_korean():
        raise Trouble(MISSING)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=[*ARGUMENTS])
        try:
            yield browser
        finally:
            await browser.close()
