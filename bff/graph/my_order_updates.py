"""myOrderUpdates: my newest orders now, or what changed since I last looked; then every change."""

from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry

from bff.following import catching_up
from bff.graph.context import Info
from bff.graph.errors import bad_input
from bff.graph.types import Order
from bff.mailbox import Mailbox
from bff.position import BadPositionError, Position

AFTER = (
    "Where to go on from: `resumeFrom` of a page of myOrders, or what the last result of this subscription "
    "said in `extensions.resume` (over server-sent events that is the event's id, and Last-Event-ID does as "
    "well as this argument). Without it, my newest 50 orders come first."
)


@strawberry.type
class MyOrderUpdatesSubscription:
    """The field of Subscription that this file adds."""

    @strawberry.subscription(
        graphql_type=Order,
        description="Every change to any of my orders. At first my newest orders as they stand, oldest "
        "first; or, with `after`, all that changed since, and nothing that I have seen. Of each order, "
        "versions only grow.",
    )
    async def my_order_updates(
        self,
        info: Info,
        after: Annotated[str | None, strawberry.argument(description=AFTER)] = strawberry.UNSET,
    ) -> AsyncGenerator[Mailbox, None]:
        customer, services = info.context.customer, info.context.services
        position = _position(after or info.context.last_event_id)
        yield (mailbox := services.feed.watching(customer))
        async for _ in catching_up(services.mypage, mailbox, position):
            yield mailbox


def _position(text: str | None) -> Position | None:
    try:
        return Position.read(text) if text else None
    except BadPositionError as error:
        raise bad_input("after is nothing that a subscription can go on from.") from error
