"""What the gateway asks order and payment over HTTP, and what they answer."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from schema.events import CancelReason, Event
from schema.fruit import Shipping, Won
from schema.views import DeliveryStatus, PaymentStatus

MAX_QUANTITY = 1000
MAX_ADDRESS = 200
MAX_ID = 100

MAX_FOUND = 100
"""Intentions looked up at once."""

WRITABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
"""Text that can be printed on a label: no control characters, save those that end lines."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=MAX_ID)]


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True)


class ProblemCode(StrEnum):
    """What is wrong with a field; the words for it are the gateway's."""

    REQUIRED = "REQUIRED"
    TOO_LONG = "TOO_LONG"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    UNKNOWN_FRUIT = "UNKNOWN_FRUIT"
    KEY_USED_FOR_OTHER_INPUT = "KEY_USED_FOR_OTHER_INPUT"
    KEY_OF_CANCELED_ORDER = "KEY_OF_CANCELED_ORDER"
    NOT_VALID = "NOT_VALID"


class PlaceOrder(_Message):
    """POST /orders. Its bounds are the bounds of what can be ordered.

    `idempotency_key` names the intention: the same key of the same customer is the same order.
    """

    customer_id: Name
    fruit_id: Name
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY)]
    address: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_ADDRESS, pattern=WRITABLE)
    ]
    payment_method: Name
    idempotency_key: Name

    @field_validator("*")
    @classmethod
    def _storable(cls, value: object) -> object:
        """Half a surrogate pair is no text: no store or terminal would take it."""
        if isinstance(value, str):
            value.encode("utf-8")
        return value


class OrderReply(_Message):
    """200 (known before) or 201 (new): the order, by all the facts that the order service knows.

    `attempt` counts how often the intention was sent while unpaid; see `CancelOrder`.
    """

    order_id: str
    attempt: int
    payment_method: str
    facts: tuple[Event, ...]


class FindOrders(_Message):
    """POST /orders/find → 200 FoundOrders: what the same intentions placed before, if anything."""

    intentions: Annotated[tuple[PlaceOrder, ...], Field(min_length=1, max_length=MAX_FOUND)]


class CancelOrder(_Message):
    """POST /orders/{id}/cancel → 200 OrderReply, 404, or 409 OrderReply where it is too late.

    With `attempt`, it is canceled only if no later attempt to place it has begun (409 otherwise).
    """

    customer_id: Name
    reason: CancelReason
    attempt: int | None = None


class Problem(_Message):
    """One thing that is wrong with the input."""

    field: str
    code: ProblemCode


class Problems(_Message):
    """422: the input cannot be ordered."""

    problems: tuple[Problem, ...]


class FoundOrders(_Message):
    """Of each intention in turn: the order, what is wrong with the intention, or that it placed nothing."""

    found: tuple[OrderReply | Problems | None, ...]


class ApprovePayment(_Message):
    """PUT /payments/{order_id}: pay for an order. Asking again asks about the same payment.

    Answers: 200 PaymentReply; 409 where the order is known with another amount or means of payment;
    503 where the provider did not charge and will not: the payment is canceled, so can be the order.
    """

    customer_id: Name
    amount: Won
    method: Name
    shipping: Shipping


class PaymentReply(_Message):
    """Where the payment stands, with the facts that it has told."""

    order_id: str
    status: PaymentStatus
    facts: tuple[Event, ...]


class DeliveryReply(_Message):
    """GET /deliveries/{order_id}, and POST …/complete → 200, 404, 409 where it is not under way."""

    order_id: str
    status: DeliveryStatus
    shipping: Shipping | None
    facts: tuple[Event, ...]


class SandboxLevers(_Message):
    """GET and PUT /sandbox: how the sandbox provider behaves, from now on.

    A charge takes between `latency_ms_min` and `latency_ms_max`; at most `capacity` are charged at once,
    the others queue; `failure_rate` of them fail; `stopped`, the provider refuses every one at once.
    """

    latency_ms_min: Annotated[int, Field(ge=0, le=600_000)] = 50
    latency_ms_max: Annotated[int, Field(ge=0, le=600_000)] = 150
    failure_rate: Annotated[float, Field(ge=0, le=1)] = 0
    capacity: Annotated[int, Field(ge=1, le=100_000)] = 1000
    stopped: bool = False

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.latency_ms_max < self.latency_ms_min:
            raise ValueError("latency_ms_max is less than latency_ms_min")
        return self
