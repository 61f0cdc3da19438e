"""Fans changes out to whoever watches: each watcher gets the latest view of each order, once."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge

from bff.mypage import MAX_PAGE, MyPage
from schema.views import OrderView
from services.chassis import telemetry
from services.chassis.carried import Carried, carried

IDS_AT_ONCE = 500


SEEN_AT_MOST = 2000
"""Orders of which a watcher's last versions are remembered: as many as change while a message can be late."""


class Seen:
    """The versions that a watcher was given last, of the orders that were heard of last.

    Of one that is forgotten nothing is given that is not newer than all that is forgotten: it could be old.
    """

    def __init__(self, at_most: int = SEEN_AT_MOST) -> None:
        self._at_most = at_most
        self._last: OrderedDict[str, tuple[int, datetime]] = OrderedDict()
        self._forgotten: datetime | None = None

    def __len__(self) -> int:
        return len(self._last)

    def is_new(self, view: OrderView) -> bool:
        """Whether a view is to be given; from now on it has been."""
        known = self._last.get(view.id)
        if known is not None:
            self._last.move_to_end(view.id)
        elif self._forgotten is not None and view.updated_at <= self._forgotten:
            return False
        if known is not None and view.version <= known[0]:
            return False
        self._last[view.id] = (view.version, view.updated_at)
        if len(self._last) > self._at_most:
            _, (_, at) = self._last.popitem(last=False)
            self._forgotten = max(at, self._forgotten or at)
        return True


class Mailbox:
    """One watcher's views. A slow reader finds the latest of each order, not all that there were."""

    def __init__(self, customer_id: str, order_id: str | None) -> None:
        self.customer_id = customer_id
        self.order_id = order_id
        self._waiting: dict[str, OrderView] = {}
        self._causes: dict[str, Carried] = {}
        self._seen = Seen()
        self._filled = asyncio.Event()

    def put(self, view: OrderView) -> None:
        """Leave a view, unless it is not meant for this watcher or no newer than what it has."""
        if view.customer_id != self.customer_id or self.order_id not in {None, view.id}:
            return
        if not self._seen.is_new(view):
            return
        self._waiting[view.id] = view
        self._causes[view.id] = carried()
        self._filled.set()

    async def filled_within(self, seconds: float) -> bool:
        """Wait for something to read."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._filled.wait()
        return self._filled.is_set()

    async def views(self) -> AsyncIterator[OrderView]:
        """Give what comes, as it comes, without end."""
        while True:
            await self._filled.wait()
            order_id = next(iter(self._waiting))
            view = self._waiting.pop(order_id)
            if not self._waiting:
                self._filled.clear()
            with telemetry.continued("push", self._causes.pop(order_id)):  # until the next is asked for
                yield view


class Feed:
    """All watchers of this replica, by customer."""

    def __init__(self, mypage: MyPage, registry: CollectorRegistry) -> None:
        self._mypage = mypage
        self._mailboxes: dict[str, set[Mailbox]] = {}
        self._open = Gauge("subscriptions_open", "Subscriptions watching now.", registry=registry)
        self._heard = Counter("changes_heard", "Views that mypage announced.", registry=registry)
        self._mended = Counter("feed_resyncs", "Times live views were read again.", registry=registry)

    @contextmanager
    def watching(self, customer_id: str, order_id: str | None = None) -> Iterator[Mailbox]:
        """Watch one order, or all of a customer's, while the body runs."""
        mailbox = Mailbox(customer_id, order_id)
        self._mailboxes.setdefault(customer_id, set()).add(mailbox)
        try:
            with self._open.track_inprogress():
                yield mailbox
        finally:
            mailboxes = self._mailboxes[customer_id]
            mailboxes.discard(mailbox)
            if not mailboxes:
                del self._mailboxes[customer_id]

    async def hear(self, view: OrderView) -> None:
        """Take in an announced view."""
        self._heard.inc()
        self._hand_out(view)

    async def resync(self) -> None:
        """Read again what is being watched: announcements can be lost with a broker or a connection."""
        self._mended.inc()
        everyone = [mailbox for mailboxes in self._mailboxes.values() for mailbox in mailboxes]
        ids = list({mailbox.order_id for mailbox in everyone if mailbox.order_id is not None})
        for start in range(0, len(ids), IDS_AT_ONCE):
            async for view in self._mypage.orders(ids[start : start + IDS_AT_ONCE]):
                self._hand_out(view)
        for customer_id in {mailbox.customer_id for mailbox in everyone if mailbox.order_id is None}:
            page = await self._mypage.newest(customer_id, MAX_PAGE)
            for view in reversed(page.orders):
                self._hand_out(view)

    def _hand_out(self, view: OrderView) -> None:
        for mailbox in self._mailboxes.get(view.customer_id, ()):
            mailbox.put(view)
