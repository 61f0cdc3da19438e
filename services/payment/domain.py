"""The rules of a payment: asked for once, settled once, canceled for good."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from schema.events import Event, PaymentApproved, PaymentCanceled, PaymentDeclined, PaymentEvent
from schema.fruit import Shipping
from schema.requests import ApprovePayment
from schema.views import PaymentStatus


@dataclass(frozen=True)
class Charged:
    """The provider has taken the money."""


@dataclass(frozen=True)
class Refused:
    """The provider refuses the means of payment."""

    reason: str


@dataclass(frozen=True)
class Voided:
    """The provider did not charge under this key, and never will."""


Outcome = Charged | Refused | Voided

DueTime = Literal["charge_due", "refund_due"]
"""What can be owed to the provider, by the field that says since when."""


@dataclass(frozen=True)
class Payment:
    """A payment; one that was canceled before it was asked for has neither method nor shipping.

    `charge_due` is when the charge is to be asked for again, should nobody have settled it by then.
    `refund_due` is set while the provider has still to be told to give back, or never to take.
    `voiding` counts those who are telling it so while the payment is not settled: as long as there is one, or
    it is not known what came of it, money that was taken is no approval.
    """

    order_id: str
    status: PaymentStatus
    amount: int
    method: str | None
    shipping: Shipping | None
    charge_due: datetime | None
    refund_due: datetime | None
    version: int
    facts: tuple[Event, ...]
    voiding: int = 0

    @property
    def payment_id(self) -> str:
        """There is one payment for an order, so the order names it."""
        return f"payment-{self.order_id}"


def request(order_id: str, command: ApprovePayment, at: datetime, patience: timedelta) -> Payment:
    """A new payment, to be kept before the provider is asked, so that a crash cannot forget it."""
    return Payment(
        order_id=order_id,
        status=PaymentStatus.REQUESTED,
        amount=command.amount,
        method=command.method,
        shipping=command.shipping,
        charge_due=at + patience,
        refund_due=None,
        version=1,
        facts=(),
    )


def is_same_request(payment: Payment, command: ApprovePayment) -> bool:
    """Whether a command asks for this very payment. Whatever is canceled is canceled for any."""
    if payment.status is PaymentStatus.CANCELED:
        return True
    return (payment.amount, payment.method) == (command.amount, command.method)


def settle(payment: Payment, outcome: Outcome, at: datetime) -> Payment:
    """Take in what the provider did; where the payment is settled or canceled already, that stands.

    While it is being voided, a charge settles nothing.
    """
    if payment.status is not PaymentStatus.REQUESTED or (payment.voiding and isinstance(outcome, Charged)):
        return payment
    name = {"order_id": payment.order_id, "payment_id": payment.payment_id}
    match outcome:
        case Charged():
            if payment.shipping is None:
                raise ValueError(f"payment {payment.payment_id} was requested without its shipping")
            approved = PaymentApproved(**name, at=at, amount=payment.amount, shipping=payment.shipping)
            return _told(payment, PaymentStatus.APPROVED, approved)
        case Refused(reason):
            declined = PaymentDeclined(**name, at=at, amount=payment.amount, reason=reason)
            return _told(payment, PaymentStatus.DECLINED, declined)
        case Voided():
            return cancel(payment, payment.order_id, at)


def cancel(payment: Payment | None, order_id: str, at: datetime) -> Payment:
    """Cancel for good, in whatever state; before it was even asked for, that leaves a tombstone."""
    if payment is None:
        unasked = Payment(order_id, PaymentStatus.REQUESTED, 0, None, None, None, None, 0, ())
        canceled = PaymentCanceled(order_id=order_id, payment_id=unasked.payment_id, at=at, approved=False)
        return _told(unasked, PaymentStatus.CANCELED, canceled)
    if payment.status not in {PaymentStatus.REQUESTED, PaymentStatus.APPROVED}:
        return payment
    canceled = PaymentCanceled(
        order_id=order_id,
        payment_id=payment.payment_id,
        at=at,
        approved=payment.status is PaymentStatus.APPROVED,
    )
    return replace(_told(payment, PaymentStatus.CANCELED, canceled), refund_due=at)


def begin_voiding(payment: Payment) -> Payment:
    """From here on nobody approves it, until voiding it has certainly failed; settled, it stands."""
    return _voiding(payment, 1)


def voiding_failed(payment: Payment) -> Payment:
    """The provider has certainly not been told: it may be approved again, if nobody else is voiding it."""
    return _voiding(payment, -1)


def _voiding(payment: Payment, more: int) -> Payment:
    if payment.status is not PaymentStatus.REQUESTED:
        return payment
    return replace(payment, voiding=payment.voiding + more, version=payment.version + 1)


def take_up(payment: Payment, until: datetime) -> Payment:
    """Whoever keeps this sees to what is due; nobody else need before `until`."""
    return replace(
        payment,
        charge_due=payment.charge_due and until,
        refund_due=payment.refund_due and until,
        version=payment.version + 1,
    )


def refund_was_tried(payment: Payment) -> bool:
    """Whether somebody has taken up the refund before: at first it is due when the payment is canceled."""
    return all(fact.at != payment.refund_due for fact in payment.facts)


def refunded(payment: Payment) -> Payment:
    """The provider has been told."""
    return replace(payment, refund_due=None, version=payment.version + 1)


def _told(payment: Payment, status: PaymentStatus, fact: PaymentEvent) -> Payment:
    return replace(
        payment,
        status=status,
        charge_due=None,
        version=payment.version + 1,
        facts=(*payment.facts, fact),
    )
