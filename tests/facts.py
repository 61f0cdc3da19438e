"""Facts and requests to test with: all about one order of apples, a second apart unless said otherwise."""

from datetime import UTC, datetime, timedelta
from typing import Any

from schema.events import (
    CancelReason,
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
from schema.fruit import Fruit, Shipping
from schema.requests import ApprovePayment, PlaceOrder

ORDER = "order-1"
CUSTOMER = "customer-1"
APPLE = Fruit(id="apple", name_ko="사과", name_en="Apple", unit_price=5000)
FRUITS = {"apple": APPLE}
SHIPPING = Shipping(address="서울 1", fruit_id="apple", quantity=7)
AMOUNT = 35000
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def after(seconds: float) -> datetime:
    """A moment so long after noon."""
    return NOON + timedelta(seconds=seconds)


def placed(order_id: str = ORDER, **changes: Any) -> OrderPlaced:
    said = {"at": after(0), "customer_id": CUSTOMER, "fruit": APPLE, "quantity": 7, "amount": AMOUNT}
    return OrderPlaced(**({"order_id": order_id, "address": "서울 1"} | said | changes))


def canceled(order_id: str = ORDER, **changes: Any) -> OrderCanceled:
    said = {"order_id": order_id, "at": after(5), "reason": CancelReason.BY_CUSTOMER}
    return OrderCanceled(**(said | changes))


def approved(order_id: str = ORDER, **changes: Any) -> PaymentApproved:
    said = {"at": after(1), "amount": AMOUNT, "shipping": SHIPPING}
    return PaymentApproved(**(_payment(order_id) | said | changes))


def declined(order_id: str = ORDER, **changes: Any) -> PaymentDeclined:
    said = {"at": after(1), "amount": AMOUNT, "reason": "card_declined"}
    return PaymentDeclined(**(_payment(order_id) | said | changes))


def payment_canceled(order_id: str = ORDER, **changes: Any) -> PaymentCanceled:
    return PaymentCanceled(**(_payment(order_id) | {"at": after(6), "approved": True} | changes))


def started(order_id: str = ORDER, **changes: Any) -> DeliveryStarted:
    return DeliveryStarted(**(_delivery(order_id) | {"at": after(2)} | changes))


def completed(order_id: str = ORDER, **changes: Any) -> DeliveryCompleted:
    return DeliveryCompleted(**(_delivery(order_id) | {"at": after(3)} | changes))


def delivery_canceled(order_id: str = ORDER, **changes: Any) -> DeliveryCanceled:
    return DeliveryCanceled(**(_delivery(order_id) | {"at": after(7), "started": True} | changes))


def return_requested(order_id: str = ORDER, **changes: Any) -> DeliveryReturnRequested:
    return DeliveryReturnRequested(**(_delivery(order_id) | {"at": after(7)} | changes))


def every_kind() -> tuple[Event, ...]:
    """One fact of each kind."""
    delivery = (started(), completed(), delivery_canceled(), return_requested())
    return (placed(), canceled(), approved(), declined(), payment_canceled(), *delivery)


def place_order(**changes: Any) -> PlaceOrder:
    said = {"customer_id": CUSTOMER, "fruit_id": "apple", "quantity": 7, "address": "서울 1"}
    return PlaceOrder(**(said | {"payment_method": "card-ok", "idempotency_key": "key-1"} | changes))


def approve_payment(**changes: Any) -> ApprovePayment:
    said = {"customer_id": CUSTOMER, "amount": AMOUNT, "method": "card-ok", "shipping": SHIPPING}
    return ApprovePayment(**(said | changes))


def _payment(order_id: str) -> dict[str, Any]:
    return {"order_id": order_id, "payment_id": f"payment-{order_id}"}


def _delivery(order_id: str) -> dict[str, Any]:
    return {"order_id": order_id, "delivery_id": f"delivery-{order_id}"}
