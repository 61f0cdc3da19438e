"""cancelOrder: take an order back; what was paid is given back, and the delivery stopped."""

from typing import Annotated

import strawberry

from bff import ordering
from bff.graph import texts
from bff.graph.consistent import OF_AN_ANSWER, hand_out
from bff.graph.context import Context, Info, told
from bff.graph.types import InLocale, MyOrderId, Order, say
from schema.views import OrderStatus


@strawberry.type(description="The order is canceled; payment and delivery follow. Watch orderStatus.")
class OrderCanceled:
    order: Order = strawberry.field(description="The order, canceled.")
    consistency_token: str = strawberry.field(description=OF_AN_ANSWER)


@strawberry.type(description="I have no such order.")
class OrderNotFound:
    order_id: strawberry.ID = strawberry.field(description="The id that I gave.")

    @strawberry.field(description="What to tell the customer.")
    def message(self, info: Info, locale: InLocale = strawberry.UNSET) -> str:
        return say(texts.NOT_FOUND, info, locale)


@strawberry.type(description="Too late, or not in this state.")
class OrderNotCancelable:
    order: Order = strawberry.field(description="The order, as it stands.")
    consistency_token: str = strawberry.field(description=OF_AN_ANSWER)

    @strawberry.field(description="What to tell the customer.")
    def message(self, info: Info, locale: InLocale = strawberry.UNSET) -> str:
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
    async def cancel_order(self, info: Info, order_id: MyOrderId) -> CancelOrderResult:
        context = info.context
        outcome = await context.services.ordering.cancel(order_id, context.customer)
        return told(info, _result(outcome, order_id, context))


def _result(outcome: ordering.CancelOutcome, order_id: strawberry.ID, context: Context) -> CancelOrderResult:
    match outcome:
        case ordering.Canceled(order):
            return OrderCanceled(order=Order.of(order), consistency_token=hand_out(context, order))
        case ordering.NotCancelable(order):
            return OrderNotCancelable(order=Order.of(order), consistency_token=hand_out(context, order))
        case None:
            return OrderNotFound(order_id=order_id)
