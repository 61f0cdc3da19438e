"""cancelOrder: take an order back; what was paid is given back, and the delivery stopped."""

from typing import Annotated

import strawberry

from bff import ordering
from bff.graph import texts
from bff.graph.context import Info, told
from bff.graph.enums import Locale
from bff.graph.types import Order, say
from schema.views import OrderStatus


@strawberry.type(description="The order is canceled; payment and delivery follow. Watch orderStatus.")
class OrderCanceled:
    order: Order


@strawberry.type(description="I have no such order.")
class OrderNotFound:
    order_id: strawberry.ID

    @strawberry.field(description="What to tell the customer.")
    def message(self, info: Info, locale: Locale | None = strawberry.UNSET) -> str:
        return say(texts.NOT_FOUND, info, locale)


@strawberry.type(description="Too late, or not in this state.")
class OrderNotCancelable:
    order: Order

    @strawberry.field(description="What to tell the customer.")
    def message(self, info: Info, locale: Locale | None = strawberry.UNSET) -> str:
        status = OrderStatus[self.order.status.name]
        return say(texts.NOT_CANCELABLE.get(status, texts.NOT_CANCELABLE_NOW), info, locale)


CancelOrderResult = Annotated[
    OrderCanceled | OrderNotFound | OrderNotCancelable,
    strawberry.union("CancelOrderResult", description="What became of cancelOrder."),
]


@strawberry.type
class CancelOrderMutation:
    """The field of Mutation that this file adds."""

    @strawberry.mutation(description="Cancel one of my orders. What is canceled already stays so.")
    async def cancel_order(self, info: Info, order_id: strawberry.ID) -> CancelOrderResult:
        customer = info.context.customer
        outcome = await info.context.services.ordering.cancel(order_id, customer)
        return told(info, _result(outcome, order_id))


def _result(outcome: ordering.CancelOutcome, order_id: strawberry.ID) -> CancelOrderResult:
    match outcome:
        case ordering.Canceled(order):
            return OrderCanceled(order=Order.of(order))
        case ordering.NotCancelable(order):
            return OrderNotCancelable(order=Order.of(order))
        case None:
            return OrderNotFound(order_id=order_id)
