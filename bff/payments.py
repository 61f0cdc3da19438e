"""Asks payment, through the breaker, the bulkhead and the deadline, and says what is certain."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from pydantic import ValidationError

from bff.breaker import CircuitOpen, RollingBreaker
from bff.bulkhead import Bulkhead, BulkheadFull
from schema.requests import ApprovePayment, PaymentReply
from services.chassis.deadline import deadline
from services.chassis.upstream import Failure, NeverSent, Upstream

TRY_AGAIN_MS = 1000
"""What to tell a customer who was not charged while the circuit is closed."""


class ProviderRefusedError(Exception):
    """Payment says that it did not charge, and will not."""


class NotLetInError(Exception):
    """Payment does not take us for one of the system: it has not even looked at what was asked."""


class TurnedAway(Exception):  # noqa: N818 - it names a refusal, not a fault
    """Payment cannot be asked now: nothing is to be ordered. Try again in so many milliseconds."""

    def __init__(self, retry_after_ms: int) -> None:
        super().__init__(retry_after_ms)
        self.retry_after_ms = retry_after_ms


class PaymentBrokenError(Exception):
    """Payment answered with something that is no answer."""


FAILURES = (TimeoutError, Failure, ProviderRefusedError, NotLetInError, PaymentBrokenError)
"""What counts against payment. A cancellation or a bug of ours does not."""


@dataclass(frozen=True)
class NotCharged:
    """The call certainly charged nothing. Try again in so many milliseconds.

    Where payment says so itself (`by_payment`), no earlier call charged, and none ever will.
    """

    retry_after_ms: int
    by_payment: bool = False


@dataclass(frozen=True)
class Unclear:
    """No answer in time, or a broken one: a timeout is not a failure. Payment's own fact will tell."""


PaymentAnswer = PaymentReply | NotCharged | Unclear


class Became(StrEnum):
    """What became of asking payment about an order, as far as that is known."""

    APPROVED = "approved"
    DECLINED = "declined"
    CANCELED = "canceled"
    REQUESTED = "requested"
    UNAVAILABLE = "unavailable"
    """Certainly not charged: payment says so, or could not be asked."""
    TIMEOUT = "timeout"
    BROKEN = "broken"
    """No answer, or none that is one: whether it charged is not known."""
    REFUSED = "refused"
    """Not asked: the circuit is open."""
    FULL = "full"
    """Not asked: all places are taken. Nothing was ordered."""


Told = Callable[[Became], None]


class Payments:
    """The payment service over HTTP."""

    def __init__(
        self,
        upstream: Upstream,
        breaker: RollingBreaker,
        bulkhead: Bulkhead,
        deadline_seconds: float,
        told: Told = lambda _: None,
    ) -> None:
        self._upstream = upstream
        self.breaker = breaker
        self.bulkhead = bulkhead
        self._deadline = deadline_seconds
        self._told = told

    @property
    def retry_after_ms(self) -> int:
        """After how long somebody who was not charged may try again, as things are."""
        return max(TRY_AGAIN_MS, self.breaker.retry_after_ms)

    @contextmanager
    def reserved(self) -> Iterator[None]:
        """Keep a place for one payment, from before anything is ordered. Raises TurnedAway.

        An order that found none afterwards would have to be canceled, and cost as much as one that is paid.
        """
        if retry_after_ms := self.breaker.retry_after_ms:
            raise TurnedAway(retry_after_ms)
        try:
            with self.bulkhead:
                yield
        except BulkheadFull as full:
            self._told(Became.FULL)
            raise TurnedAway(self.retry_after_ms) from full

    async def approve(self, order_id: str, command: ApprovePayment) -> PaymentAnswer:
        """Ask to pay for an order that a place is kept for. Asking twice charges once."""
        try:
            async with self.breaker.permit(), deadline(self._deadline):
                reply = await self._ask(order_id, command)
        except (CircuitOpen, *FAILURES) as error:
            if isinstance(error, FAILURES):
                self.bulkhead.failed()
            became, certain = self._meaning(error)
            self._told(became)
            return certain
        self.bulkhead.succeeded()
        self._told(Became(reply.status.lower()))
        return reply

    def _meaning(self, error: Exception) -> tuple[Became, NotCharged | Unclear]:
        match error:
            case CircuitOpen():
                return Became.REFUSED, NotCharged(error.retry_after_ms)
            case ProviderRefusedError():
                return Became.UNAVAILABLE, NotCharged(self.retry_after_ms, by_payment=True)
            case NeverSent() | NotLetInError():
                return Became.UNAVAILABLE, NotCharged(self.retry_after_ms)
            case TimeoutError():
                return Became.TIMEOUT, Unclear()
            case _:
                return Became.BROKEN, Unclear()

    async def _ask(self, order_id: str, command: ApprovePayment) -> PaymentReply:
        answer = await self._upstream.ask("PUT", f"/payments/{order_id}", command)
        if answer.status == HTTPStatus.SERVICE_UNAVAILABLE:
            raise ProviderRefusedError
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise NotLetInError
        if answer.status != HTTPStatus.OK:
            raise PaymentBrokenError(answer.status)
        try:
            return PaymentReply.model_validate_json(answer.body)
        except ValidationError as error:
            raise PaymentBrokenError(answer.status) from error
