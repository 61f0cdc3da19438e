"""Chromium without a window, as every test of the pages starts it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

from compose import chromium

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
    found = chromium.needed()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=[*ARGUMENTS])
        try:
            yield browser
        finally:
            await browser.close()
