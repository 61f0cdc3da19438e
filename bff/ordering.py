"""Placing and canceling: what the customer is told is what the facts say."""

from dataclasses import dataclass
from typing import TypeGuard

from bff.metrics import OrderingMetrics
from bff.orders import Orders, TooLate
from bff.payments import TRY_AGAIN_MS, NotCharged, PaymentAnswer, Payments, TurnedAway, Unclear
from schema.events import CancelReason, Event
from schema.fruit import Shipping
from schema.projection import project
from schema.requests import (
    MAX_ID,
    ApprovePayment,
    OrderReply,
    PaymentReply,
    PlaceOrder,
    Problem,
    ProblemCode,
    Problems,
)
from schema.views import OrderStatus, OrderView, PaymentStatus


@dataclass(frozen=True)
class Placed:
    """The order stands and is paid."""

    order: OrderView


@dataclass(frozen=True)
class Pending:
    """The order stands; payment has not answered in time."""

    order: OrderView


@dataclass(frozen=True)
class Declined:
    """Payment refused the order."""

    order: OrderView


@dataclass(frozen=True)
class Unavailable:
    """Nothing was ordered and nothing charged."""

    retry_after_ms: int


@dataclass(frozen=True)
class Canceled:
    """The order is canceled."""

    order: OrderView


@dataclass(frozen=True)
class NotCancelable:
    """It is too late to cancel."""

    order: OrderView


PlaceOutcome = Placed | Pending | Declined | Unavailable | Problems
CancelOutcome = Canceled | NotCancelable | None


class Ordering:
    """The two commands. Both raise OrdersUnavailableError."""

    def __init__(self, orders: Orders, payments: Payments, metrics: OrderingMetrics) -> None:
        self._orders = orders
        self._payments = payments
        self._metrics = metrics

    async def place(self, command: PlaceOrder, *, sent_before: bool) -> PlaceOutcome:
        """Order and pay. `sent_before`: whether this intention can have been sent before."""
        outcome = await self._place(command, sent_before=sent_before)
        self._metrics.told("placeOrder", outcome)
        return outcome

    async def cancel(self, order_id: str, customer_id: str) -> CancelOutcome:
        """Cancel a customer's order; None where there is none."""
        outcome = await self._cancel(order_id, customer_id)
        self._metrics.told("cancelOrder", outcome)
        return outcome

    async def _place(self, command: PlaceOrder, *, sent_before: bool) -> PlaceOutcome:
        try:
            with self._payments.reserved():
                reply = await self._orders.place(command)
                if not _awaits_payment(reply):
                    return self._as_it_stands(reply)
                answer = await self._pay(reply)
        except TurnedAway as turned_away:
            retry_after_ms = turned_away.retry_after_ms
        else:
            return await self._settled(reply, answer)
        known = await self._orders.find(command) if sent_before else None
        return self._as_it_stands(known) if known else Unavailable(retry_after_ms)

    async def _cancel(self, order_id: str, customer_id: str) -> CancelOutcome:
        if len(order_id) > MAX_ID:
            return None
        reply = await self._orders.cancel(order_id, customer_id, CancelReason.BY_CUSTOMER)
        match reply:
            case OrderReply():
                return Canceled(_view(reply.facts))
            case TooLate(order):
                return NotCancelable(_view(order.facts))
            case None:
                return None

    async def _pay(self, reply: OrderReply) -> PaymentAnswer:
        order = _view(reply.facts)
        shipping = Shipping(address=order.address, fruit_id=order.fruit.id, quantity=order.quantity)
        command = ApprovePayment(
            customer_id=order.customer_id,
            amount=order.amount,
            method=reply.payment_method,
            shipping=shipping,
        )
        return await self._payments.approve(order.id, command)

    async def _settled(self, reply: OrderReply, answer: PaymentAnswer) -> PlaceOutcome:
        match answer:
            case PaymentReply(status=PaymentStatus.APPROVED):
                return Placed(_view((*reply.facts, *answer.facts)))
            case PaymentReply(status=PaymentStatus.DECLINED):
                return Declined(_view((*reply.facts, *answer.facts)))
            case PaymentReply(status=PaymentStatus.CANCELED):
                return await self._give_up(reply, self._payments.retry_after_ms, attempt=None)
            case NotCharged(retry_after_ms) if reply.attempt == 1 or answer.by_payment:
                return await self._give_up(reply, retry_after_ms, attempt=reply.attempt)
            case NotCharged() | Unclear() | PaymentReply():  # not charged: an earlier attempt may have been
                return Pending(_view(reply.facts))

    async def _give_up(self, reply: OrderReply, retry_after_ms: int, attempt: int | None) -> PlaceOutcome:
        """Cancel what cannot be paid, unless another attempt at it is under way."""
        order = _view(reply.facts)
        outcome = await self._orders.cancel(
            order.id, order.customer_id, CancelReason.PAYMENT_UNAVAILABLE, attempt
        )
        match outcome:
            case OrderReply():
                return self._canceled(_view(outcome.facts), retry_after_ms)
            case TooLate(other):
                return self._as_it_stands(other)
            case None:
                raise LookupError(f"order {order.id} has vanished")

    def _canceled(self, order: OrderView, retry_after_ms: int = TRY_AGAIN_MS) -> PlaceOutcome:
        """What a canceled order is to whoever meant to place it."""
        if order.cancel_reason is CancelReason.PAYMENT_UNAVAILABLE:
            return Unavailable(retry_after_ms)
        canceled = Problem(field="idempotency_key", code=ProblemCode.KEY_OF_CANCELED_ORDER)
        return Problems(problems=(canceled,))

    def _as_it_stands(self, reply: OrderReply | Problems) -> PlaceOutcome:
        if isinstance(reply, Problems):
            return reply
        order = _view(reply.facts)
        match order.status:
            case OrderStatus.PAYMENT_PENDING:
                return Pending(order)
            case OrderStatus.PAYMENT_DECLINED:
                return Declined(order)
            case OrderStatus.PAID | OrderStatus.DELIVERING | OrderStatus.DELIVERED:
                return Placed(order)
            case OrderStatus.CANCELED:
                return self._canceled(order)


def _awaits_payment(reply: OrderReply | Problems) -> TypeGuard[OrderReply]:
    return isinstance(reply, OrderReply) and _view(reply.facts).status is OrderStatus.PAYMENT_PENDING


def _view(facts: tuple[Event, ...]) -> OrderView:
    view = project(facts)
    if view is None:
        raise ValueError("the order service answered without an OrderPlaced")
    return view
