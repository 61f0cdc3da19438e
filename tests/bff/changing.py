"""Orders that change one fact at a time, as mypage takes facts in, announced or not."""

from bff.feed import Feed
from schema.events import Event
from schema.views import OrderView
from services.mypage import handlers
from services.mypage.store import MongoPages
from tests import facts


def told(order_id: str, customer_id: str = facts.CUSTOMER) -> tuple[Event, ...]:
    """An order's life."""
    placed = facts.placed(order_id, customer_id=customer_id)
    first = (placed, facts.approved(order_id), facts.started(order_id), facts.completed(order_id))
    return (*first, facts.canceled(order_id), facts.payment_canceled(order_id))


class Changing:
    """Some orders, and how far each is."""

    def __init__(self, pages: MongoPages, feed: Feed | None = None) -> None:
        self._pages = pages
        self._feed = feed
        self.versions: dict[str, int] = {}

    async def change(self, order_id: str, *, announced: bool = True) -> None:
        """One more fact, if there is one; its announcement may be lost."""
        version = self.versions.get(order_id, 0)
        if version == len(told(order_id)):
            return
        announce = self._announce if announced and self._feed else _nobody
        await handlers.hear(told(order_id)[version], self._pages, announce)
        self.versions[order_id] = version + 1

    async def _announce(self, view: OrderView) -> None:
        assert self._feed is not None
        await self._feed.hear([view])


async def _nobody(_: object) -> None:
    """It is lost."""
