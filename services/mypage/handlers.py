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

    async def note(self, fact: Event) -> None:
        """A known fact was heard: take note of when, unless that is known too."""
        ...


Rebuilt = Callable[[], Awaitable[Pages | None]]
"""The pages that are being made to replace the others, if any are."""


async def no_others() -> None:
    """None are."""


async def hear(fact: Event, pages: Pages, announce: Announce, rebuilt: Rebuilt = no_others) -> bool:
    """Take a fact in, first where pages are being rebuilt: those never lack what the live ones have.

    A repetition is announced too: the first time may have ended between the page and its announcement.
    False says that it was one.
    """
    if (others := await rebuilt()) is not None:
        await _kept(fact, others)
    page, new = await _kept(fact, pages)
    if page.view is not None:
        await announce(page.view)
    return new


async def _kept(fact: Event, pages: Pages) -> tuple[Page, bool]:
    """The page with this fact, and whether that is new there."""
    while True:
        old = await pages.load(fact.order_id)
        page = take_in(old, fact)
        if page is old:
            await pages.note(fact)
            return page, False
        try:
            await pages.keep(page, old)
        except ConflictError:
            continue
        return page, True
