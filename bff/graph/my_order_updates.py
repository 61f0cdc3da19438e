"""myOrderUpdates: my newest orders now, then every change to any of my orders."""

from collections.abc import AsyncIterator

import strawberry

from bff.graph.context import Info
from bff.graph.types import Order
from bff.mypage import MAX_PAGE


@strawberry.type
class MyOrderUpdatesSubscription:
    """The field of Subscription that this file adds."""

    @strawberry.subscription(
        description="Every change to any of my orders; at first my newest orders as they stand, "
        "oldest first. Of each order, versions only grow."
    )
    async def my_order_updates(self, info: Info) -> AsyncIterator[Order]:
        customer, services = info.context.customer, info.context.services
        with services.feed.watching(customer) as mailbox:
            page = await services.mypage.newest(customer, MAX_PAGE)
            for view in reversed(page.orders):
                mailbox.put(view)
            async for view in mailbox.views():
                yield Order.of(view)
