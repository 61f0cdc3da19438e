"""What the services' feeds say of an order, made of its facts: a system at rest, to be changed at will."""

from collections.abc import Iterable
from typing import Any

from compose.ops.story import Story, teller
from schema.events import DeliveryStarted, Event, OrderPlaced, PaymentApproved, PaymentCanceled
from schema.feed import Account, DeliveryEntry, Moment, OrderEntry, PageEntry, PaymentEntry
from schema.projection import project
from schema.views import DeliveryStatus, PaymentStatus
from tests import facts

PAID = (facts.placed(), facts.approved())
DELIVERING = (*PAID, facts.started())
DELIVERED = (*DELIVERING, facts.completed())
DECLINED = (facts.placed(), facts.declined())
CANCELED = (*DELIVERING, facts.canceled(), facts.payment_canceled(), facts.delivery_canceled())
RETURNED = (*DELIVERED, facts.canceled(), facts.payment_canceled(), facts.return_requested())
CANCELED_UNPAID = (facts.placed(), facts.canceled(), facts.payment_canceled(approved=False))
FORESTALLED = (
    *PAID,
    facts.canceled(),
    facts.payment_canceled(),
    facts.delivery_canceled(started=False),
)
HEALTHY = (DELIVERING, DELIVERED, DECLINED, CANCELED, RETURNED, CANCELED_UNPAID, FORESTALLED)
"""Stories in which nothing is left to do for any machine."""


def story(told: Iterable[Event], **changes: dict[str, Any]) -> Story:
    """What is said of the order whose facts these are, where everything told has been heard.

    `changes` are of the entry of the service they are named after.
    """
    known = tuple(told)
    entries: dict[str, Any] = {
        "order": _order(known),
        "payment": _payment(_of("payment", known)),
        "delivery": _delivery(_of("delivery", known)),
        "mypage": page(known),
    }
    for service, change in changes.items():
        entries[service] = entries[service].model_copy(update=change)
    return Story(known[0].order_id, **entries)


def page(known: tuple[Event, ...]) -> PageEntry:
    taken_in = tuple(Moment(id=fact.id, at=fact.at) for fact in known)
    return PageEntry(order_id=known[0].order_id, facts=known, view=project(known), taken_in=taken_in)


def moments(known: Iterable[Event]) -> tuple[Moment, ...]:
    return tuple(Moment(id=fact.id, at=fact.at) for fact in known)


def books(*, charges: int = 1, given_back: int = 0, amount: int = facts.AMOUNT) -> Account:
    return Account(charges=charges, charged=charges * amount, given_back=given_back)


def _of(service: str, known: tuple[Event, ...]) -> tuple[Event, ...]:
    return tuple(fact for fact in known if teller(fact) == service)


def _order(known: tuple[Event, ...]) -> OrderEntry | None:
    placed = next((fact for fact in known if isinstance(fact, OrderPlaced)), None)
    if placed is None:
        return None
    return OrderEntry(
        order_id=placed.order_id,
        facts=known,
        told=moments(_of("order", known)),
        customer_id=placed.customer_id,
        idempotency_key="key-1",
        attempt=1,
    )


PAYMENT = {
    "payment.canceled": PaymentStatus.CANCELED,
    "payment.declined": PaymentStatus.DECLINED,
    "payment.approved": PaymentStatus.APPROVED,
}
DELIVERY = {
    "delivery.return_requested": DeliveryStatus.RETURN_REQUESTED,
    "delivery.canceled": DeliveryStatus.CANCELED,
    "delivery.completed": DeliveryStatus.DELIVERED,
    "delivery.started": DeliveryStatus.STARTED,
}


def _payment(own: tuple[Event, ...]) -> PaymentEntry | None:
    if not own:
        return None
    approved = any(isinstance(fact, PaymentApproved) for fact in own)
    canceled = any(isinstance(fact, PaymentCanceled) for fact in own)
    given_back = facts.AMOUNT if canceled else 0
    return PaymentEntry(
        order_id=own[0].order_id,
        facts=own,
        told=moments(own),
        status=_first(PAYMENT, own),
        amount=facts.AMOUNT,
        charge_due=None,
        refund_due=None,
        account=books(given_back=given_back) if approved else Account(),
    )


def _delivery(own: tuple[Event, ...]) -> DeliveryEntry | None:
    if not own:
        return None
    status = _first(DELIVERY, own)
    began = any(isinstance(fact, DeliveryStarted) for fact in own)
    return DeliveryEntry(
        order_id=own[0].order_id,
        facts=own,
        told=moments(own),
        status=status,
        shipping=facts.SHIPPING if began else None,
    )


def _first(statuses: dict[str, Any], own: tuple[Event, ...]) -> Any:
    kinds = {fact.type for fact in own}
    return next(status for kind, status in statuses.items() if kind in kinds)
