"""Fans changes out to whoever watches: each watcher gets the latest view of each order, once."""

from collections.abc import Callable, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge

from bff.mailbox import Mailbox
from bff.mypage import LONG_AGO, MyPage
from bff.position import MARGIN
from schema.views import OrderView
from services.chassis.carried import carried

IDS_AT_ONCE = 500


class Feed:
    """All watchers of this replica, by customer: whoever has caught up is no more than an entry here."""

    def __init__(self, mypage: MyPage, registry: CollectorRegistry) -> None:
        self._mypage = mypage
        self._mailboxes: dict[str, set[Mailbox]] = {}
        self._open = Gauge("subscriptions_open", "Subscriptions watching now.", registry=registry)
        self._heard = Counter("changes_heard", "Views that mypage announced.", registry=registry)
        self._mended = Counter("feed_resyncs", "Times live views were read again.", registry=registry)

    def watching(self, customer_id: str, order_id: str | None = None) -> Mailbox:
        """Watch one order, or all of a customer's, until the mailbox is closed."""
        self._open.inc()
        return self._opened(customer_id, order_id, self._unwatch)

    def listening(self, customer_id: str, order_id: str | None = None) -> Mailbox:
        """Hear what is announced of one order, or of all of a customer's, until the mailbox is closed."""
        return self._opened(customer_id, order_id, self._leave)

    async def hear(self, views: Sequence[OrderView]) -> None:
        """Take in announced views."""
        self._heard.inc(len(views))
        for view in views:
            self._hand_out(view)

    async def resync(self) -> None:
        """Read again what is being watched: announcements can be lost with a broker or a connection."""
        self._mended.inc()
        everyone = [mailbox for mailboxes in self._mailboxes.values() for mailbox in mailboxes]
        watched = [(mailbox, mailbox.order_id) for mailbox in everyone if mailbox.order_id is not None]
        for start in range(0, len(watched), IDS_AT_ONCE):
            await self._make_good(watched[start : start + IDS_AT_ONCE])
        following = [mailbox for mailbox in everyone if mailbox.follows]
        for start in range(0, len(following), IDS_AT_ONCE):
            await self._follow_up(following[start : start + IDS_AT_ONCE])

    async def _make_good(self, watched: Sequence[tuple[Mailbox, str]]) -> None:
        """Read those orders that are further than their watchers know, which is hardly ever one."""
        versions = await self._mypage.versions(list({order_id for _, order_id in watched}))
        late = {each for mailbox, each in watched if mailbox.lacks(each, versions.get(each, 0))}
        if late:
            async for view in self._mypage.orders(list(late)):
                self._hand_out(view)

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
        watchers = self._mailboxes.get(view.customer_id)
        if watchers:
            cause = carried()
            for mailbox in list(watchers):  # some may leave with it
                mailbox.put(view, cause)

    def _opened(self, customer_id: str, order_id: str | None, leave: Callable[[Mailbox], None]) -> Mailbox:
        mailbox = Mailbox(customer_id, order_id, leave)
        self._mailboxes.setdefault(customer_id, set()).add(mailbox)
        return mailbox

    def _unwatch(self, mailbox: Mailbox) -> None:
        self._open.dec()
        self._leave(mailbox)

    def _leave(self, mailbox: Mailbox) -> None:
        mailboxes = self._mailboxes[mailbox.customer_id]
        mailboxes.discard(mailbox)
        if not mailboxes:
            del self._mailboxes[mailbox.customer_id]
