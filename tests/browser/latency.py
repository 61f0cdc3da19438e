"""How long it takes from a change in MyPage's collection to the pixels that show it."""

import statistics
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from playwright.async_api import Page

from services.chassis import mongo
from tests.waiting import until

SCRIPT = Path(__file__).with_suffix(".js").read_text()

Change = tuple[str, int]
"""An order's id, and the version that it has since."""


class Spread(NamedTuple):
    """What was measured, in milliseconds."""

    p50: float
    p95: float
    most: float
    changes: int

    def __str__(self) -> str:
        return (
            f"from MyPage's collection to the pixels, {self.changes} changes: "
            f"p50 {self.p50:.0f} ms, p95 {self.p95:.0f} ms, at most {self.most:.0f} ms"
        )


def spread(milliseconds: Sequence[float]) -> Spread:
    """The usual quantiles."""
    quantiles = statistics.quantiles(milliseconds, n=20, method="inclusive")
    return Spread(quantiles[9], quantiles[18], max(milliseconds), len(milliseconds))


class Watch:
    """A page whose orders are looked at with every change."""

    def __init__(self, page: Page, pages: mongo.Collection) -> None:
        self._page = page
        self._pages = pages

    async def shows(self, order_id: str, status: str) -> float:
        """Wait until the order stands so, and the page shows that; milliseconds from the one to the other.

        The beginning is by the database's own clock, in the write itself.
        """
        document = await until(lambda: self._pages.find_one({"_id": order_id, "status": status}), timeout=20)
        shown: float = await until(lambda: self._shown((order_id, document["version"])), timeout=20)
        changed: datetime = document["changed_at"]
        return shown - changed.timestamp() * 1000

    async def _shown(self, change: Change) -> float | None:
        seen: list[tuple[str, int, float]] = await self._page.evaluate("() => window.shown")
        return next((at for order_id, version, at in seen if (order_id, version) == change), None)


@asynccontextmanager
async def watching(page: Page, pages: mongo.Collection) -> AsyncIterator[Watch]:
    """Look at a page's orders while the body runs."""
    await page.evaluate(SCRIPT)
    yield Watch(page, pages)
