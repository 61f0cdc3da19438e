"""order: one of my orders."""

import strawberry

from bff.consistency import Token, all_shown
from bff.graph.codes import Code
from bff.graph.consistent import ConsistencyToken, taken
from bff.graph.context import Context, Info
from bff.graph.errors import CodedError
from bff.graph.types import MyOrderId, Order


@strawberry.type
class OrderQuery:
    """The field of Query that this file adds."""

    @strawberry.field(
        description="One of my orders; null when I have no such order. Where a consistency token says that "
        "it is there and it does not show in time, null with the error STALE_READ."
    )
    async def order(
        self,
        info: Info,
        id: MyOrderId,  # noqa: A002 # the API's name
        consistency_token: ConsistencyToken = strawberry.UNSET,
    ) -> Order | None:
        context = info.context
        tokens = [token for token in taken(context, consistency_token or None) if token.order_id == id]
        view = await context.services.mypage.order(context.customer, id)
        if not tokens:
            return Order.of(view) if view else None
        if view and all_shown(tokens, [view]):
            context.services.consistency.shown()
            return Order.of(view)
        return await _awaited(context, id, tokens)


async def _awaited(context: Context, order_id: str, tokens: list[Token]) -> Order | None:
    """The order once it is no older than the tokens; else as it is, which is said."""
    await context.services.consistency.behind(context.customer, tokens)
    view = await context.services.mypage.order(context.customer, order_id)
    if view is None:
        raise CodedError(Code.STALE_READ)
    return Order.of(view, stale=not all_shown(tokens, [view]))
