"""orderStatus: one of my orders now, then after every change, until it is final."""

from collections.abc import AsyncIterator

import strawberry

from bff.graph.context import Info
from bff.graph.errors import order_not_found
from bff.graph.types import Order

PATIENCE_SECONDS = 2.0
"""How long an order that MyPage does not show yet may still be on its way there."""


@strawberry.type
class OrderStatusSubscription:
    """The field of Subscription that this file adds."""

    @strawberry.subscription(
        description="The order now, then after every change, until it is final and all is settled. "
        "Versions only grow."
    )
    async def order_status(self, info: Info, order_id: strawberry.ID) -> AsyncIterator[Order]:
        customer, services = info.context.customer, info.context.services
        with services.feed.watching(customer, order_id) as mailbox:
            if view := await services.mypage.order(customer, order_id):
                mailbox.put(view)
            if not await mailbox.filled_within(PATIENCE_SECONDS):
                raise order_not_found()
            async for view in mailbox.views():
                yield Order.of(view)
                if view.settled:
                    return
