"""What the payment service does when asked, and when it hears."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from schema.events import Event, OrderCanceled
from schema.requests import ApprovePayment
from schema.views import PaymentStatus
from services.chassis.aggregates import ConflictError, Store, change
from services.chassis.clock import Clock
from services.chassis.healing import is_on_its_way
from services.chassis.logs import logger
from services.payment import domain
from services.payment.domain import DueTime, Outcome, Payment, Voided
from services.payment.provider import OutcomeUnknownError, PaymentProvider, ProviderUnavailableError

log = logger(__name__)

Tell = Callable[[Event], Awaitable[None]]
"""Tell a fact to all who hear it. Raises NotToldError."""


class PaymentStore(Store[Payment], Protocol):
    """Where payments are kept."""

    async def charges_due(self, at: datetime, limit: int) -> list[Payment]:
        """Find payments whose charge nobody has settled in time."""
        ...

    async def refunds_due(self, at: datetime, limit: int) -> list[Payment]:
        """Find canceled payments of which the provider has still to be told."""
        ...

    async def put_off(self, due: DueTime, order_ids: Collection[str], until: datetime) -> None:
        """Say of what is still due that nobody need take it up before `until`."""
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
        self, store: PaymentStore, provider: PaymentProvider, clock: Clock, patience: timedelta, tell: Tell
    ) -> None:
        self._store = store
        self._provider = provider
        self._clock = clock
        self._patience = patience
        self._tell = tell
        self._under_way: dict[str, asyncio.Task[Driven]] = {}

    @property
    def under_way(self) -> Collection[str]:
        """The orders whose payments are being charged here now."""
        return self._under_way.keys()

    async def approve(self, order_id: str, command: ApprovePayment) -> Payment:
        """Pay for an order, once.

        Raises OtherRequestError, ProviderUnavailableError (not charged), OutcomeUnknownError (it goes on).
        Who stops waiting does not stop the payment: it settles, and is told of.
        """
        payment, first = await self._requested(order_id, command)
        if not domain.is_same_request(payment, command):
            raise OtherRequestError(order_id)
        if payment.status is not PaymentStatus.REQUESTED:
            return payment
        driven = await asyncio.shield(self.driving(payment, first=first))
        if driven.provider_failed and driven.payment.status is PaymentStatus.CANCELED:
            raise ProviderUnavailableError(order_id)
        return driven.payment

    async def find(self, order_id: str) -> Payment | None:
        """The payment of an order, as it stands."""
        return await self._store.load(order_id)

    async def hear_order_canceled(self, fact: Event) -> None:
        """Cancel the order's payment, or see that there will be none.

        Who tells that again has missed an answer: whatever the payment has told is then told again, unless
        that was just now, so that mere repetitions do not multiply. Raises ValueError of any other fact: no
        binding, however wrong, may give money back.
        """
        if not isinstance(fact, OrderCanceled):
            raise ValueError(f"payment does not hear {fact.type}")  # noqa: TRY004 # as a fact it is well-formed
        before: Payment | None = None

        def decide(payment: Payment | None) -> Payment:
            nonlocal before
            before = payment
            return domain.cancel(payment, fact.order_id, self._clock())

        after = await change(self._store, fact.order_id, decide)
        if after is not None and after is before and not is_on_its_way(after.facts, self._clock()):
            for answer in after.facts:
                await self._tell(answer)

    async def _requested(self, order_id: str, command: ApprovePayment) -> tuple[Payment, bool]:
        """The payment as it is known, made known if it was not; and whether it was not."""
        while True:
            payment = domain.request(order_id, command, self._clock(), self._patience)
            try:
                await self._store.add(payment)
            except ConflictError:
                known = await self._store.load(order_id)
                if known is not None:
                    return known, False
            else:
                return payment, True

    def driving(self, payment: Payment, *, first: bool) -> asyncio.Task[Driven]:
        """The task that settles a payment: there is one at most in this process.

        `first`, nobody has asked the provider to charge it before.
        """
        order_id = payment.order_id
        if order_id not in self._under_way:
            task = asyncio.create_task(self._drive(payment, first=first))
            self._under_way[order_id] = task
            task.add_done_callback(partial(self._done, order_id))
        return self._under_way[order_id]

    def _done(self, order_id: str, task: asyncio.Task[Driven]) -> None:
        del self._under_way[order_id]
        if not task.cancelled() and (error := task.exception()):
            log.warning("charge unsettled, will be taken up again", order=order_id, error=repr(error))

    async def _drive(self, payment: Payment, *, first: bool) -> Driven:
        outcome: Outcome = Voided()
        failed = (
            payment.voiding > 0
        )  # by somebody of whom nobody knows how far they came: it is to be finished
        if not failed:
            try:
                outcome = await self._provider.charge(payment.order_id, payment.amount, payment.method or "")
            except ProviderUnavailableError:
                failed = True
        if failed and not first:
            await self._void(payment.order_id)
        settled = await self._changed(
            payment.order_id,
            lambda known: domain.settle(known, outcome, self._clock()),
            payment if first else None,
        )
        if settled and settled.status is PaymentStatus.REQUESTED:
            raise OutcomeUnknownError(payment.order_id)  # charged, while somebody else is voiding it
        return Driven(settled or payment, failed)

    async def _void(self, order_id: str) -> None:
        """Undo or forestall what an earlier attempt may have charged. Raises OutcomeUnknownError.

        Only then may "nothing was charged" be said; until then the payment stays due. Whoever is charging it
        meanwhile cannot approve what is given back here.
        """
        known = await self._changed(order_id, domain.begin_voiding)
        if known is None or known.status is not PaymentStatus.REQUESTED:
            return
        try:
            await self._provider.give_back(order_id)
        except ProviderUnavailableError as error:
            await self._changed(order_id, domain.voiding_failed)
            raise OutcomeUnknownError(order_id) from error

    async def _changed(
        self, order_id: str, decide: Callable[[Payment], Payment], known: Payment | None = None
    ) -> Payment | None:
        """What is known of a payment, changed; None where there is none."""
        return await change(self._store, order_id, lambda known: known and decide(known), known)
