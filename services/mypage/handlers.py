"""What mypage does when it hears a fact: take it in, and announce the new view."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from schema.events import Event
from schema.views import OrderView
from services.chassis.aggregates import ConflictError
from services.mypage.projection import Page, take_in

Announce = Callable[[OrderView], Awaitable[None]]


class Pages(Protocol):
    """Where pages are kept."""

    async def load(self, order_id: str) -> Page | None:
        """Find an order's page."""
        ...

    async def keep(self, page: Page, over: Page | None) -> None:
        """Keep a page in place of the one it was made from. Raises ConflictError."""
        ...


async def hear(fact: Event, pages: Pages, announce: Announce) -> None:
    """Take a fact in.

    A repetition is announced too: the first time may have ended between the page and its announcement.
    """
    page = await _kept(fact, pages)
    if page.view is not None:
        await announce(page.view)


async def _kept(fact: Event, pages: Pages) -> Page:
    while True:
        old = await pages.load(fact.order_id)
        page = take_in(old, fact)
        if page is old:
            return page
        try:
            await pages.keep(page, old)
        except ConflictError:
            continue
        return page
