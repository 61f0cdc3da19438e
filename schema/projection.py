"""The one rule by which facts add up to a view.

It is part of the language: the order service decides by it, the gateway answers by it, and MyPage keeps its
result, so none can contradict another.
"""

from collections.abc import Iterable
from typing import TypeVar

from pydantic import BaseModel

from schema.events import (
    DeliveryCanceled,
    DeliveryCompleted,
    DeliveryReturnRequested,
    DeliveryStarted,
    Event,
    OrderCanceled,
    OrderPlaced,
    PaymentApproved,
    PaymentCanceled,
    PaymentDeclined,
)
from schema.expected import expected
from schema.views import (
    DeliveryStatus,
    DeliveryView,
    HistoryEntry,
    OrderStatus,
    OrderView,
    PaymentStatus,
    PaymentView,
)

CAUSAL_ORDER: tuple[type[BaseModel], ...] = (
    OrderPlaced,
    PaymentApproved,
    PaymentDeclined,
    DeliveryStarted,
    DeliveryCompleted,
    OrderCanceled,
    PaymentCanceled,
    DeliveryCanceled,
    DeliveryReturnRequested,
)
"""Facts of one moment are told in the order in which they can cause one another."""

TYPE_OF: dict[type[BaseModel], str] = {kind: kind.model_fields["type"].default for kind in CAUSAL_ORDER}
RANK = {TYPE_OF[kind]: rank for rank, kind in enumerate(CAUSAL_ORDER)}

E = TypeVar("E", bound=BaseModel)


class _Facts:
    """The facts about one order, each once, found by what they are."""

    def __init__(self, facts: Iterable[Event]) -> None:
        self._by_type: dict[str, Event] = {fact.type: fact for fact in facts}

    def __len__(self) -> int:
        return len(self._by_type)

    def get(self, kind: type[E]) -> E | None:
        fact = self._by_type.get(TYPE_OF[kind])
        return fact if isinstance(fact, kind) else None

    def has(self, *kinds: type[BaseModel]) -> bool:
        return any(TYPE_OF[kind] in self._by_type for kind in kinds)

    def in_order(self) -> list[Event]:
        return sorted(self._by_type.values(), key=lambda fact: (fact.at, RANK[fact.type]))


def project(facts: Iterable[Event]) -> OrderView | None:
    """The view that a set of facts about one order adds up to; None while its OrderPlaced is missing.

    Neither the order of the facts nor their repetition matters.
    """
    known = _Facts(facts)
    placed = known.get(OrderPlaced)
    if placed is None:
        return None
    in_order = known.in_order()
    canceled = known.get(OrderCanceled)
    return OrderView(
        id=placed.order_id,
        customer_id=placed.customer_id,
        status=_status(known),
        fruit=placed.fruit,
        quantity=placed.quantity,
        amount=placed.amount,
        address=placed.address,
        placed_at=placed.at,
        updated_at=in_order[-1].at,
        version=len(known),
        payment=_payment(known, placed.amount),
        delivery=_delivery(known),
        cancel_reason=canceled.reason if canceled else None,
        history=tuple(HistoryEntry(type=fact.type, at=fact.at) for fact in in_order),
        settled=expected(in_order) is None,
    )


def _status(known: _Facts) -> OrderStatus:
    """The first that applies: what ends an order outweighs what moves it on."""
    if known.has(OrderCanceled, PaymentCanceled):  # payments are canceled for canceled orders only
        return OrderStatus.CANCELED
    if known.has(PaymentDeclined):
        return OrderStatus.PAYMENT_DECLINED
    if known.has(DeliveryCompleted):
        return OrderStatus.DELIVERED
    if known.has(DeliveryStarted):
        return OrderStatus.DELIVERING
    if known.has(PaymentApproved):
        return OrderStatus.PAID
    return OrderStatus.PAYMENT_PENDING


def _payment(known: _Facts, amount: int) -> PaymentView | None:
    if canceled := known.get(PaymentCanceled):
        status, fact = PaymentStatus.CANCELED, canceled
        return PaymentView(id=fact.payment_id, status=status, amount=amount, updated_at=fact.at)
    if declined := known.get(PaymentDeclined):
        return PaymentView(
            id=declined.payment_id,
            status=PaymentStatus.DECLINED,
            amount=amount,
            updated_at=declined.at,
            decline_reason=declined.reason,
        )
    if approved := known.get(PaymentApproved):
        return PaymentView(
            id=approved.payment_id, status=PaymentStatus.APPROVED, amount=amount, updated_at=approved.at
        )
    return None


def _delivery(known: _Facts) -> DeliveryView | None:
    for kind, status in (
        (DeliveryReturnRequested, DeliveryStatus.RETURN_REQUESTED),
        (DeliveryCanceled, DeliveryStatus.CANCELED),
        (DeliveryCompleted, DeliveryStatus.DELIVERED),
        (DeliveryStarted, DeliveryStatus.STARTED),
    ):
        if fact := known.get(kind):
            return DeliveryView(id=fact.delivery_id, status=status, updated_at=fact.at)
    return None
