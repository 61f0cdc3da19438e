"""The rules of a delivery: begun by an approved payment, stopped or asked back when it is canceled."""

from dataclasses import dataclass, replace
from datetime import datetime

from schema.events import (
    DeliveryCanceled,
    DeliveryCompleted,
    DeliveryEvent,
    DeliveryReturnRequested,
    DeliveryStarted,
    Event,
    PaymentApproved,
    PaymentCanceled,
)
from schema.fruit import Shipping
from schema.views import DeliveryStatus


@dataclass(frozen=True)
class Delivery:
    """A delivery; one that was canceled before it began has no shipping.

    `under_way_since` is when it started, until it is completed or canceled.
    """

    order_id: str
    status: DeliveryStatus
    shipping: Shipping | None
    under_way_since: datetime | None
    version: int
    facts: tuple[Event, ...]


def delivery_id(order_id: str) -> str:
    """There is one delivery for an order, so the order names it."""
    return f"delivery-{order_id}"


def start(delivery: Delivery | None, approved: PaymentApproved, at: datetime) -> Delivery:
    """Start, once; never after a cancellation."""
    if delivery is not None:
        return delivery
    order_id = approved.order_id
    started = DeliveryStarted(order_id=order_id, delivery_id=delivery_id(order_id), at=at)
    return Delivery(order_id, DeliveryStatus.STARTED, approved.shipping, at, 1, (started,))


def cancel(delivery: Delivery | None, canceled: PaymentCanceled, at: datetime) -> Delivery | None:
    """Stop, or ask for the goods back; before the start of a paid one, that leaves a tombstone.

    For an order that was never paid there is nothing to stop, and nothing to keep.
    """
    name = {"order_id": canceled.order_id, "delivery_id": delivery_id(canceled.order_id)}
    if delivery is None:
        if not canceled.approved:
            return None
        stopped = DeliveryCanceled(**name, at=at, started=False)
        return Delivery(canceled.order_id, DeliveryStatus.CANCELED, None, None, 1, (stopped,))
    match delivery.status:
        case DeliveryStatus.STARTED:
            stopped = DeliveryCanceled(**name, at=at, started=True)
            return _told(delivery, DeliveryStatus.CANCELED, stopped)
        case DeliveryStatus.DELIVERED:
            asked_back = DeliveryReturnRequested(**name, at=at)
            return _told(delivery, DeliveryStatus.RETURN_REQUESTED, asked_back)
        case _:
            return delivery


def complete(delivery: Delivery, at: datetime) -> Delivery:
    """Hand over what is under way; whatever else it is, it stays."""
    if delivery.status is not DeliveryStatus.STARTED:
        return delivery
    completed = DeliveryCompleted(
        order_id=delivery.order_id, delivery_id=delivery_id(delivery.order_id), at=at
    )
    return _told(delivery, DeliveryStatus.DELIVERED, completed)


def _told(delivery: Delivery, status: DeliveryStatus, fact: DeliveryEvent) -> Delivery:
    return replace(
        delivery,
        status=status,
        under_way_since=None,
        version=delivery.version + 1,
        facts=(*delivery.facts, fact),
    )
