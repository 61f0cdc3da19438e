"""What mypage does about pages that wait too long for a fact: it asks those who may know it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from schema.events import Event
from services.chassis.clock import Clock
from services.chassis.healing import Healed
from services.chassis.logs import logger
from services.mypage.projection import Page

log = logger(__name__)

AT_ONCE = 20
"""Orders asked about at once; each is one question to every service."""

TIMES = 5
"""So many times that many in one look."""


class Awaiting(Protocol):
    """Where pages are kept."""

    async def load(self, order_id: str) -> Page | None:
        """Find an order's page."""
        ...

    async def awaiting_since(self, before: datetime, after: str, limit: int) -> list[str]:
        """Orders that have waited for a fact since before then, in the order of their ids, after that one."""
        ...


Ask = Callable[[str], Awaitable[tuple[Event, ...]]]
"""What is known elsewhere of an order."""

Hear = Callable[[Event], Awaitable[bool]]
"""Take a fact in as if it was heard; whether it was new."""


class Watchdog:
    """Goes round all overdue pages by their orders' ids, so that none that cannot be mended stops the others.

    When a round is over in which anybody was asked, the next one waits: nobody is asked about an order
    twice before `patience` has passed.
    """

    def __init__(self, pages: Awaiting, ask: Ask, hear: Hear, clock: Clock, healed: Healed) -> None:
        self._pages = pages
        self._ask = ask
        self._hear = hear
        self._clock = clock
        self._healed = healed
        self._after = ""
        self._rests_until: datetime | None = None

    async def look(self, patience: timedelta) -> None:
        """Go on with the round, a bounded number of pages at most."""
        for _ in range(TIMES):
            if self._rests_until and self._clock() < self._rests_until:
                return
            await self._next(patience)
            if not self._after:
                return

    async def _next(self, patience: timedelta) -> None:
        """Mend the next few. The place in the round moves on first, whatever becomes of them."""
        due = await self._pages.awaiting_since(self._clock() - patience, self._after, AT_ONCE)
        anybody = bool(self._after or due)
        self._after = due[-1] if len(due) == AT_ONCE else ""
        try:
            await asyncio.gather(*(self._mend(order_id) for order_id in due))
        finally:
            if anybody and not self._after:
                self._rests_until = self._clock() + patience

    async def _mend(self, order_id: str) -> None:
        new = False
        try:
            facts = await self._ask(order_id)
            page = await self._pages.load(order_id)
            known = {fact.id for fact in page.facts} if page else set()
            for fact in facts:
                if fact.id not in known:
                    new |= await self._hear(fact)
        except Exception as error:  # noqa: BLE001 # whatever is wrong with it, the others must not wait
            log.warning("this page cannot be mended now", order=order_id, error=repr(error))
        if new:
            self._healed("page", order_id)
