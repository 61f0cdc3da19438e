"""Fans changes out to whoever watches: each watcher gets the latest view of each order, once."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge

from bff.mypage import LONG_AGO, MyPage
from bff.position import MARGIN, Position, Progress
from schema.views import OrderView
from services.chassis import telemetry
from services.chassis.carried import Carried, carried

IDS_AT_ONCE = 500


SEEN_AT_MOST = 2000
"""Orders of which a watcher's last versions are remembered: as many as change while a message can be late."""


class Seen:
    """The versions that a watcher was given last, of the orders that were heard of last.

    Of one that is forgotten no announcement is given that is not newer than all that is forgotten: it could
    be old. What was read is given: MyPage shows the newest, and whoever follows it is to miss nothing.
    """

    def __init__(self, at_most: int = SEEN_AT_MOST) -> None:
        self._at_most = at_most
        self._last: OrderedDict[str, tuple[int, datetime]] = OrderedDict()
        self._forgotten: datetime | None = None

    def __len__(self) -> int:
        return len(self._last)

    def remember(self, order_id: str, version: int) -> None:
        """Count this version as given."""
        self._last[order_id] = (version, LONG_AGO)

    def is_new(self, view: OrderView) -> bool:
        """Whether a view is to be given; from now on it has been."""
        known = self._last.get(view.id)
        if known is not None:
            self._last.move_to_end(view.id)
        elif self._forgotten and not view.changed_at and view.updated_at <= self._forgotten:
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
        self.progress = Progress()
        self.follows = False
        """Whether it has caught up, so that all that changes is to be left here."""
        self._filled = asyncio.Event()

    def put(self, view: OrderView) -> None:
        """Leave a view, unless it is not meant for this watcher or no newer than what it has."""
        if view.customer_id != self.customer_id or self.order_id not in {None, view.id}:
            return
        if self.progress.knows(view) or not self._seen.is_new(view):
            self._learn(view)
            return
        self._waiting.pop(view.id, None)  # what changed last comes last
        self._waiting[view.id] = view
        self._causes[view.id] = carried()
        self._filled.set()

    def has_seen(self, order_id: str, version: int) -> None:
        """Leave only later views of this order."""
        self._seen.remember(order_id, version)

    @property
    def position(self) -> Position | None:
        """From where its reader could go on later, after what was given last."""
        return self.progress.position(self._waiting.values())

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
            with self._pushed() as view:  # until the next is asked for
                yield view

    def waiting(self) -> Iterator[OrderView]:
        """Give what is there."""
        while self._filled.is_set():
            with self._pushed() as view:
                yield view

    def emptied(self) -> list[OrderView]:
        """Take what is there: nobody is sent it."""
        views = list(self._waiting.values())
        self._waiting.clear()
        self._causes.clear()
        self._filled.clear()
        return views

    @contextmanager
    def _pushed(self) -> Iterator[OrderView]:
        """What has waited longest, on its way to the reader."""
        order_id = next(iter(self._waiting))
        view = self._waiting.pop(order_id)
        if not self._waiting:
            self._filled.clear()
        self.progress.gave(view)
        with telemetry.continued("push", self._causes.pop(order_id)):
            yield view

    def _learn(self, view: OrderView) -> None:
        """What was announced has been read, so it is known when it changed."""
        waits = self._waiting.get(view.id)
        if waits and waits.version == view.version and view.changed_at:
            self._waiting[view.id] = view
        self.progress.learn(view)


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
        with self._open.track_inprogress(), self.listening(customer_id, order_id) as mailbox:
            yield mailbox

    @contextmanager
    def listening(self, customer_id: str, order_id: str | None = None) -> Iterator[Mailbox]:
        """Hear what is announced of one order, or of all of a customer's, while the body runs."""
        mailbox = Mailbox(customer_id, order_id)
        self._mailboxes.setdefault(customer_id, set()).add(mailbox)
        try:
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
        following = [mailbox for mailbox in everyone if mailbox.follows]
        for start in range(0, len(following), IDS_AT_ONCE):
            await self._follow_up(following[start : start + IDS_AT_ONCE])

    async def _follow_up(self, mailboxes: Sequence[Mailbox]) -> None:
        """Hand out what changed since these were last known to lack nothing."""
        horizons = [mailbox.progress.horizon or LONG_AGO for mailbox in mailboxes]
        customer_ids = list({mailbox.customer_id for mailbox in mailboxes})
        now = await self._mypage.now()
        async for views in self._mypage.changes(customer_ids, min(horizons) - MARGIN):
            for view in views:
                self._hand_out(view)
        for mailbox, horizon in zip(mailboxes, horizons, strict=True):
            mailbox.progress.horizon = max(horizon, now)

    def _hand_out(self, view: OrderView) -> None:
        for mailbox in self._mailboxes.get(view.customer_id, ()):
            mailbox.put(view)
