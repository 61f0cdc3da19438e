"""Chromium without a window, as every test of the pages starts it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Browser, async_playwright

from compose import chromium, node, web

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


def missing() -> str | None:
    """What the pages cannot be tried without, in a sentence that says how to get it."""
    needs = {
        "Chromium": chromium.find(),
        "Korean font for it": chromium.reads_korean(),
        f"Node.js {'.'.join(map(str, web.OLDEST))} or newer": node.runs(web.OLDEST) and node.installs(),
    }
    if absent := [name for name, there in needs.items() if not there]:
        return (
            f"There is no {' and no '.join(absent)} here, so what the pages do in a browser is left out: "
            "`fruitstore install --for-tests` gets it from the system's packages."
        )
    return None


@asynccontextmanager
async def running() -> AsyncIterator[Browser]:
    """A browser."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium.find(), args=[*ARGUMENTS])
        try:
            yield browser
        finally:
            await browser.close()
