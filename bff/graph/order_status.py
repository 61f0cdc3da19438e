"""orderStatus: one of my orders now, then after every change, until it is final."""

import re
from collections.abc import AsyncGenerator
from typing import Annotated

import strawberry

from bff.graph.codes import Code
from bff.graph.consistent import taken
from bff.graph.context import Info
from bff.graph.errors import CodedError, bad_input, order_not_found
from bff.graph.types import MyOrderId, Order
from bff.mailbox import Mailbox

PATIENCE_SECONDS = 2.0
"""How long an order that MyPage does not show yet may still be on its way there."""

PROMISED_SECONDS = 60.0
"""The same of an order that a consistency token speaks of: it stands, however late MyPage is."""

VERSION = re.compile(r"[0-9]{1,10}")
MAX_VERSION = 2**31 - 1
LAST_VERSION = (
    "The version that I saw last: only later ones come. It is also in `extensions.resume` (over server-sent "
    "events the event's id, and Last-Event-ID does as well as this argument)."
)

Awaited = Annotated[
    str | None,
    strawberry.argument(
        description="What placeOrder gave me: the order is waited for, a minute at most, where MyPage does "
        "not show it yet."
    ),
]


@strawberry.type
class OrderStatusSubscription:
    """The field of Subscription that this file adds."""

    @strawberry.subscription(
        graphql_type=Order,
        description="The order now, then after every change, until it is final and all is settled. "
        "Versions only grow. Where the one that I saw last is the final one, it ends without a word.",
    )
    async def order_status(
        self,
        info: Info,
        order_id: MyOrderId,
        last_version: Annotated[int | None, strawberry.argument(description=LAST_VERSION)] = strawberry.UNSET,
        consistency_token: Awaited = strawberry.UNSET,
    ) -> AsyncGenerator[Mailbox, None]:
        customer, services = info.context.customer, info.context.services
        promised = any(token.order_id == order_id for token in taken(info.context, consistency_token or None))
        seen = _version(last_version, info.context.last_event_id)
        yield (mailbox := services.feed.watching(customer, order_id))
        mailbox.has_seen(order_id, seen)
        if view := await services.mypage.order(customer, order_id):
            if view.settled and view.version <= seen:
                mailbox.close()
            else:
                mailbox.put(view)
        elif not await mailbox.filled_within(PROMISED_SECONDS if promised else PATIENCE_SECONDS):
            raise CodedError(Code.STALE_READ) if promised else order_not_found()


def _version(last_version: int | None, last_event_id: str | None) -> int:
    """What was seen last; 0 where nothing was. Raises a CodedError (BAD_USER_INPUT)."""
    if isinstance(last_version, int):
        seen = last_version
    elif last_event_id:
        seen = int(last_event_id) if VERSION.fullmatch(last_event_id) else -1
    else:
        seen = 0
    if not 0 <= seen <= MAX_VERSION:
        raise bad_input("lastVersion is no version of an order.")
    return seen
