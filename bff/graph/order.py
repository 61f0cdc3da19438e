"""order: one of my orders."""

import strawberry

from bff.graph.context import Info
from bff.graph.types import Order


@strawberry.type
class OrderQuery:
    """The field of Query that this file adds."""

    @strawberry.field(description="One of my orders; null when I have no such order.")
    async def order(self, info: Info, id: strawberry.ID) -> Order | None:  # noqa: A002 # the API's name
        view = await info.context.services.mypage.order(info.context.customer, id)
        return Order.of(view) if view else None
