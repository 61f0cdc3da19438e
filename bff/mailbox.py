"""One watcher's views: the latest of each order, given once, however slowly they are read."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from types import TracebackType
from typing import Self

from bff.mypage import LONG_AGO
from bff.position import Position, Progress
from schema.views import OrderView
from services.chassis import telemetry
from services.chassis.carried import Carried, carried

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

    def version(self, order_id: str) -> int:
        """The version of this order that was given last; 0 where none is remembered."""
        return self._last.get(order_id, (0, LONG_AGO))[0]

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

    def __init__(
        self, customer_id: str, order_id: str | None, leave: Callable[["Mailbox"], None] | None = None
    ) -> None:
        self.customer_id = customer_id
        self.order_id = order_id
        self.progress = Progress()
        self.follows = False
        """Whether it has caught up, so that all that changes is to be left here."""
        self.closed = False
        self._leave = leave
        self._waiting: dict[str, tuple[OrderView, Carried]] = {}
        self._seen = Seen()
        self._filled: Callable[[], object] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Watch no more."""
        if not self.closed:
            self.closed, self._filled = True, None
            self._waiting.clear()
            if self._leave is not None:
                self._leave(self)

    def put(self, view: OrderView, cause: Carried | None = None) -> None:
        """Leave a view, unless it is not meant for this watcher or no newer than what it has."""
        if self.closed or view.customer_id != self.customer_id or self.order_id not in (None, view.id):
            return
        if (self.order_id is None and self.progress.knows(view)) or not self._seen.is_new(view):
            self._learn(view)
            return
        self._waiting.pop(view.id, None)  # what changed last comes last
        self._waiting[view.id] = (view, cause or carried())
        if self._filled is not None:
            self._filled()

    def has_seen(self, order_id: str, version: int) -> None:
        """Leave only later views of this order."""
        self._seen.remember(order_id, version)

    def lacks(self, order_id: str, version: int) -> bool:
        """Whether this version of an order has not been left here yet."""
        return version > self._seen.version(order_id)

    def attend(self, filled: Callable[[], object] | None) -> None:
        """Have it called whenever a view was left here, at once; None: nobody is to be told any more."""
        self._filled = filled

    @property
    def position(self) -> Position | None:
        """From where its reader could go on later, after what was given last."""
        return self.progress.position([view for view, _ in self._waiting.values()])

    def resume(self, view: OrderView) -> str | None:
        """The same as a client keeps it, once this view was given: of one order it is the version."""
        if self.order_id is not None:
            return str(view.version)
        return here.text() if (here := self.position) else None

    def ends_with(self, view: OrderView) -> bool:
        """Whether nothing is to be expected after this view."""
        return view.settled and self.order_id is not None

    async def filled_within(self, seconds: float) -> bool:
        """Wait so long for something to read; whether there is."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.filled()
        return bool(self._waiting)

    def waiting(self) -> Iterator[OrderView]:
        """Give what is there, what has waited longest first."""
        while self._waiting:
            view, cause = self._waiting.pop(next(iter(self._waiting)))
            if self.order_id is None:  # of one order the version says it all
                self.progress.gave(view)
            with telemetry.continued("push", cause):
                yield view

    def emptied(self) -> list[OrderView]:
        """Take what is there: nobody is sent it."""
        views = [view for view, _ in self._waiting.values()]
        self._waiting.clear()
        return views

    async def filled(self) -> None:
        """Wait for something to read."""
        if self._waiting:
            return
        event = asyncio.Event()
        self.attend(event.set)
        try:
            await event.wait()
        finally:
            self.attend(None)

    def _learn(self, view: OrderView) -> None:
        """What was announced has been read, so it is known when it changed."""
        waits, cause = self._waiting.get(view.id, (None, None))
        if waits and cause and waits.version == view.version and view.changed_at:
            self._waiting[view.id] = (view, cause)
        self.progress.learn(view)
