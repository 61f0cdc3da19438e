"""What the payment service does when asked, when it hears, and what it takes up again after a crash."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from schema.events import Event
from schema.requests import ApprovePayment
from schema.views import PaymentStatus
from services.chassis.aggregates import ConflictError, Store, change
from services.chassis.clock import Clock
from services.chassis.logs import logger
from services.payment import domain
from services.payment.domain import Outcome, Payment, Voided
from services.payment.provider import PaymentProvider, ProviderUnavailableError

log = logger(__name__)

DUE_AT_ONCE = 100


class PaymentStore(Store[Payment], Protocol):
    """Where payments are kept."""

    async def charges_due(self, at: datetime, limit: int) -> list[Payment]:
        """Find payments whose charge nobody has settled in time."""
        ...

    async def refunds_due(self, at: datetime, limit: int) -> list[Payment]:
        """Find canceled payments of which the provider has still to be told."""
        ...


class OtherRequestError(Exception):
    """The order is known here with another amount or means of payment."""


@dataclass(frozen=True)
class Driven:
    """A payment after its charge; `provider_failed` where it was given up for want of a provider."""

    payment: Payment
    provider_failed: bool


class Payments:
    """Payments, each driven by one task at a time, whoever waits for it and however long."""

    def __init__(
        self, store: PaymentStore, provider: PaymentProvider, clock: Clock, patience: timedelta
    ) -> None:
        self._store = store
        self._provider = provider
        self._clock = clock
        self._patience = patience
        self._under_way: dict[str, asyncio.Task[Driven]] = {}

    async def approve(self, order_id: str, command: ApprovePayment) -> Payment:
        """Pay for an order, once. Raises OtherRequestError, ProviderUnavailableError (not charged).

        Who stops waiting does not stop the payment: it settles, and is told of.
        """
        payment = await self._requested(order_id, command)
        if not domain.is_same_request(payment, command):
            raise OtherRequestError(order_id)
        if payment.status is not PaymentStatus.REQUESTED:
            return payment
        driven = await asyncio.shield(self._driving(payment))
        if driven.provider_failed and driven.payment.status is PaymentStatus.CANCELED:
            raise ProviderUnavailableError(order_id)
        return driven.payment

    async def find(self, order_id: str) -> Payment | None:
        """The payment of an order, as it stands."""
        return await self._store.load(order_id)

    async def hear_order_canceled(self, fact: Event) -> None:
        """Cancel the order's payment, or see that there will be none."""
        order_id = fact.order_id
        await change(self._store, order_id, lambda payment: domain.cancel(payment, order_id, self._clock()))

    async def charge_what_is_due(self) -> None:
        """Take up charges that a crash or an unclear answer left unsettled."""
        for payment in await self._store.charges_due(self._clock(), DUE_AT_ONCE):
            if payment.order_id not in self._under_way:
                log.info("taking up a charge again", order=payment.order_id)
                self._driving(payment)

    async def refund_what_is_due(self) -> None:
        """Tell the provider of canceled payments; what is not confirmed stays due."""
        due = await self._store.refunds_due(self._clock(), DUE_AT_ONCE)
        results = [await self._refunded(payment) for payment in due]
        if failed := results.count(False):
            log.warning("refunds are still due", failed=failed)

    async def _refunded(self, payment: Payment) -> bool:
        """Tell the provider of one; a failure leaves it due, and lets the others through."""
        try:
            await self._provider.give_back(payment.order_id)
        except ProviderUnavailableError:
            return False
        await change(self._store, payment.order_id, lambda known: known and domain.refunded(known))
        return True

    async def _requested(self, order_id: str, command: ApprovePayment) -> Payment:
        """The payment as it is known, made known if it was not."""
        while True:
            payment = domain.request(order_id, command, self._clock(), self._patience)
            try:
                await self._store.add(payment)
            except ConflictError:
                known = await self._store.load(order_id)
                if known is not None:
                    return known
            else:
                return payment

    def _driving(self, payment: Payment) -> asyncio.Task[Driven]:
        """The task that settles a payment: there is one at most in this process."""
        order_id = payment.order_id
        if order_id not in self._under_way:
            task = asyncio.create_task(self._drive(payment))
            self._under_way[order_id] = task
            task.add_done_callback(partial(self._done, order_id))
        return self._under_way[order_id]

    def _done(self, order_id: str, task: asyncio.Task[Driven]) -> None:
        del self._under_way[order_id]
        if not task.cancelled() and (error := task.exception()):
            log.warning("charge unsettled, will be taken up again", order=order_id, error=repr(error))

    async def _drive(self, payment: Payment) -> Driven:
        outcome: Outcome
        failed = False
        try:
            outcome = await self._provider.charge(payment.order_id, payment.amount, payment.method or "")
        except ProviderUnavailableError:
            outcome, failed = Voided(), True
        settled = await change(
            self._store,
            payment.order_id,
            lambda known: known and domain.settle(known, outcome, self._clock()),
        )
        return Driven(settled or payment, failed)
