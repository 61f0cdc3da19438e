"""What is wrong with how a page is laid out: nothing scrolls sideways, is cut, broken, covered, too small."""

from pathlib import Path

from playwright.async_api import Page

SCRIPT = Path(__file__).with_suffix(".js").read_text()


async def faults(page: Page) -> list[str]:
    """Every fault, a sentence each; of a dialog that is open, and else of the whole page."""
    said: list[str] = await page.evaluate(SCRIPT)
    return said
