"""Facts, in the past tense: what happened to an order, told to whoever wants to know.

Each fact happens at most once to an order, so its id is made of the order's id and its type: saying it
twice is saying the same thing. Attributes are those of CloudEvents 1.0; over AMQP they travel as `ce-`
headers (see `headers`) beside a JSON body that says everything.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from schema.fruit import Fruit, Shipping, Won


class CancelReason(StrEnum):
    """Why an order was canceled."""

    BY_CUSTOMER = "BY_CUSTOMER"
    PAYMENT_UNAVAILABLE = "PAYMENT_UNAVAILABLE"
    PAYMENT_TIMEOUT = "PAYMENT_TIMEOUT"


class _Event(BaseModel):
    """What every fact says."""

    model_config = ConfigDict(frozen=True)

    source: ClassVar[str]
    type: str
    order_id: str = Field(min_length=1)
    at: AwareDatetime

    @property
    def id(self) -> str:
        """The CloudEvents id: the same for each telling of the same fact."""
        return f"{self.order_id}/{self.type}"


class _OrderEvent(_Event):
    source: ClassVar[str] = "/services/order"


class _PaymentEvent(_Event):
    source: ClassVar[str] = "/services/payment"
    payment_id: str


class _DeliveryEvent(_Event):
    source: ClassVar[str] = "/services/delivery"
    delivery_id: str


class OrderPlaced(_OrderEvent):
    """A customer ordered; nothing is paid yet. `unit_price` and `amount` are fixed by this."""

    type: Literal["order.placed"] = "order.placed"
    customer_id: str
    fruit: Fruit
    quantity: int
    amount: Won
    address: str


class OrderCanceled(_OrderEvent):
    """The order will not be carried out: whatever was paid goes back."""

    type: Literal["order.canceled"] = "order.canceled"
    reason: CancelReason


class PaymentApproved(_PaymentEvent):
    """The order is paid: deliver it."""

    type: Literal["payment.approved"] = "payment.approved"
    amount: Won
    shipping: Shipping


class PaymentDeclined(_PaymentEvent):
    """The provider refused the means of payment. Final: nothing was charged, nothing will be."""

    type: Literal["payment.declined"] = "payment.declined"
    amount: Won
    reason: str


class PaymentCanceled(_PaymentEvent):
    """Payment's answer to OrderCanceled: the order is not paid and never will be.

    `approved` tells whether it had been; then the money goes back, and a delivery may have to stop.
    """

    type: Literal["payment.canceled"] = "payment.canceled"
    approved: bool


class DeliveryStarted(_DeliveryEvent):
    """The fruit is on its way."""

    type: Literal["delivery.started"] = "delivery.started"


class DeliveryCompleted(_DeliveryEvent):
    """The fruit was handed over."""

    type: Literal["delivery.completed"] = "delivery.completed"


class DeliveryCanceled(_DeliveryEvent):
    """The delivery was stopped before it was handed over, or before it began.

    `started` tells whether it had begun.
    """

    type: Literal["delivery.canceled"] = "delivery.canceled"
    started: bool


class DeliveryReturnRequested(_DeliveryEvent):
    """The payment was given back after the fruit was handed over: the goods are asked for."""

    type: Literal["delivery.return_requested"] = "delivery.return_requested"


OrderEvent = OrderPlaced | OrderCanceled
PaymentEvent = PaymentApproved | PaymentDeclined | PaymentCanceled
DeliveryEvent = DeliveryStarted | DeliveryCompleted | DeliveryCanceled | DeliveryReturnRequested
Event = Annotated[OrderEvent | PaymentEvent | DeliveryEvent, Field(discriminator="type")]

EVENT: TypeAdapter[Event] = TypeAdapter(Event)
EVENTS: TypeAdapter[tuple[Event, ...]] = TypeAdapter(tuple[Event, ...])


def headers(event: Event) -> dict[str, str]:
    """The event's CloudEvents attributes as AMQP headers.

    Source: CloudEvents 1.0.2, binary content mode, with the prefix `ce-`.
    """
    return {
        "ce-specversion": "1.0",
        "ce-id": event.id,
        "ce-source": event.source,
        "ce-type": event.type,
        "ce-subject": event.order_id,
        "ce-time": event.at.isoformat(),
    }
