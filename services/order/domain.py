"""The rules of an order: how it begins, what it hears, when it can be canceled."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from schema.events import (
    CancelReason,
    Event,
    OrderCanceled,
    OrderPlaced,
    PaymentCanceled,
)
from schema.fruit import Fruit
from schema.projection import project
from schema.requests import PlaceOrder
from schema.views import OrderStatus, OrderView
from services.order import waiting

DOUBLED_AT_MOST = 4
"""How often the time to the next reminder doubles."""


class Key(NamedTuple):
    """What names an intention."""

    customer_id: str
    idempotency_key: str


@dataclass(frozen=True)
class Order:
    """An order is the facts about it; the rest helps to find it.

    `attempt` counts how often the same intention was sent while the order waited for payment.
    `awaiting_payment_since` is when it was sent last, until anybody has said more, and
    `awaiting_answer_since` since when it has waited for payment or delivery to say what comes next; both go
    on when they have been looked into in vain. `reminders` counts how often that was, for the same wait.
    """

    order_id: str
    customer_id: str
    idempotency_key: str | None
    payment_method: str
    attempt: int
    awaiting_payment_since: datetime | None
    version: int
    facts: tuple[Event, ...]
    awaiting_answer_since: datetime | None = None
    reminders: int = 0


@dataclass(frozen=True)
class TooLate:
    """The order cannot be canceled, or not for this reason any more."""

    order: Order


def place(command: PlaceOrder, fruit: Fruit, order_id: str, at: datetime) -> Order:
    """A new order, at the catalogue's price."""
    placed = OrderPlaced(
        order_id=order_id,
        at=at,
        customer_id=command.customer_id,
        fruit=fruit,
        quantity=command.quantity,
        amount=fruit.unit_price * command.quantity,
        address=command.address,
    )
    return Order(
        order_id=order_id,
        customer_id=command.customer_id,
        idempotency_key=command.idempotency_key,
        payment_method=command.payment_method,
        attempt=1,
        awaiting_payment_since=at,
        version=1,
        facts=(placed,),
    )


def view(order: Order) -> OrderView:
    """Where the order stands, by all the facts it has heard."""
    seen = project(order.facts)
    if seen is None:
        raise ValueError(f"order {order.order_id} was never placed")
    return seen


def is_same_intention(order: Order, command: PlaceOrder) -> bool:
    """Whether a command with the order's key asks for what the order is."""
    seen = view(order)
    asked = (command.fruit_id, command.quantity, command.address, command.payment_method)
    return asked == (seen.fruit.id, seen.quantity, seen.address, order.payment_method)


def try_again(order: Order, at: datetime) -> Order:
    """Count another attempt of the same intention, while the order waits for payment: it waits anew."""
    if view(order).status is not OrderStatus.PAYMENT_PENDING:
        return order
    return replace(
        order,
        attempt=order.attempt + 1,
        awaiting_payment_since=order.awaiting_payment_since and at,
        version=order.version + 1,
    )


def take_in(order: Order, fact: Event, at: datetime) -> Order:
    """Hear a fact of payment or delivery, now; a repetition changes nothing.

    That payment has given up, before anybody canceled the order, cancels it.
    """
    if any(known.id == fact.id for known in order.facts):
        return order
    heard = _with(order, fact, at)
    if isinstance(fact, PaymentCanceled) and not is_canceled(order):
        canceled = _canceled(heard, CancelReason.PAYMENT_UNAVAILABLE, fact.at, at)
        return replace(canceled, version=heard.version)
    return heard


def put_off(order: Order, at: datetime, patience: timedelta) -> Order:
    """What the order waits for was looked into in vain: to be looked into again later.

    Each time twice as late as before, so that who is away for long does not come back to a heap of reminders.
    """
    later = at + patience * (2 ** min(order.reminders, DOUBLED_AT_MOST) - 1)
    return replace(
        order,
        awaiting_payment_since=order.awaiting_payment_since and at,
        awaiting_answer_since=order.awaiting_answer_since and later,
        reminders=order.reminders + 1,
        version=order.version + 1,
    )


def cancel(
    order: Order, reason: CancelReason, at: datetime, *, attempt: int | None = None
) -> Order | TooLate:
    """Cancel; once canceled it stays so, whoever asks again for whatever reason.

    Only the customer may cancel what is paid, and nobody what is delivered. An attempt may only cancel
    while no later one is under way.
    """
    if is_canceled(order):
        return order
    seen = view(order)
    unpaid = seen.status is OrderStatus.PAYMENT_PENDING
    allowed = seen.cancelable if reason is CancelReason.BY_CUSTOMER else unpaid
    if not allowed or attempt not in {None, order.attempt}:
        return TooLate(order)
    return _canceled(order, reason, at, at)


def is_canceled(order: Order) -> bool:
    """Whether it was canceled, for whatever reason."""
    return any(isinstance(fact, OrderCanceled) for fact in order.facts)


def _canceled(order: Order, reason: CancelReason, at: datetime, now: datetime) -> Order:
    """The order, canceled. Where nothing was ordered in the end, the key is free again."""
    free = reason is CancelReason.PAYMENT_UNAVAILABLE
    canceled = _with(order, OrderCanceled(order_id=order.order_id, at=at, reason=reason), now)
    return replace(canceled, idempotency_key=None if free else order.idempotency_key)


def _with(order: Order, fact: Event, now: datetime) -> Order:
    """The order with one more fact, waiting from now on for what that calls for."""
    facts = (*order.facts, fact)
    return replace(
        order,
        awaiting_payment_since=order.awaiting_payment_since if waiting.unpaid(facts) else None,
        awaiting_answer_since=now if waiting.unanswered(facts) else None,
        reminders=0,
        version=order.version + 1,
        facts=facts,
    )
