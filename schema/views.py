"""What MyPage shows: an order, with all that has been heard about it."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, TypeAdapter, computed_field

from schema.events import CancelReason
from schema.fruit import Fruit, Won


class OrderStatus(StrEnum):
    """Where an order stands, seen as a whole."""

    PAYMENT_PENDING = "PAYMENT_PENDING"
    PAID = "PAID"
    DELIVERING = "DELIVERING"
    DELIVERED = "DELIVERED"
    PAYMENT_DECLINED = "PAYMENT_DECLINED"
    CANCELED = "CANCELED"


class PaymentStatus(StrEnum):
    """Where a payment stands."""

    REQUESTED = "REQUESTED"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    CANCELED = "CANCELED"


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    STARTED = "STARTED"
    DELIVERED = "DELIVERED"
    CANCELED = "CANCELED"
    RETURN_REQUESTED = "RETURN_REQUESTED"


MYPAGE_DATABASE: Final = "mypage"
MYPAGE_ORDERS: Final = "orders"
"""Where MyPage keeps its views: written by mypage alone, read by the gateway."""

CANCELABLE = frozenset({OrderStatus.PAYMENT_PENDING, OrderStatus.PAID, OrderStatus.DELIVERING})


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class PaymentView(_View):
    """The payment as the customer sees it; `amount` in won."""

    id: str
    status: PaymentStatus
    amount: Won
    updated_at: AwareDatetime
    decline_reason: str | None = None


class DeliveryView(_View):
    """The delivery as the customer sees it."""

    id: str
    status: DeliveryStatus
    updated_at: AwareDatetime


class HistoryEntry(_View):
    """A fact by its type (`order.placed`, …) and its time."""

    type: str
    at: AwareDatetime


class OrderView(_View):
    """An order with all that has been heard about it. `version` is the number of facts in it."""

    id: str
    customer_id: str
    status: OrderStatus
    fruit: Fruit
    quantity: int
    amount: Won
    address: str
    placed_at: AwareDatetime
    updated_at: AwareDatetime
    version: int
    payment: PaymentView | None = None
    delivery: DeliveryView | None = None
    cancel_reason: CancelReason | None = None
    history: tuple[HistoryEntry, ...]
    settled: bool
    """Whether no further fact is to be expected, short of a bug."""
    changed_at: AwareDatetime | None = None
    """When MyPage took the last of it in, by its database's clock; only where it was read from there."""

    @computed_field  # type: ignore[prop-decorator] # mypy: decorators on a property
    @property
    def cancelable(self) -> bool:
        """Whether a customer may cancel it now."""
        return self.status in CANCELABLE


VIEWS: TypeAdapter[Sequence[OrderView]] = TypeAdapter(Sequence[OrderView])
"""Views that are announced together."""
