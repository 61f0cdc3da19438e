"""What payment owes: charges that a crash or a silent provider left unsettled, and money to be given back."""

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta

from services.chassis.aggregates import ConflictError, change
from services.chassis.clock import Clock
from services.chassis.healing import Healed
from services.chassis.logs import logger
from services.payment import domain
from services.payment.domain import DueTime, Payment
from services.payment.handlers import Payments, PaymentStore
from services.payment.provider import PaymentProvider

log = logger(__name__)

CHARGES_AT_ONCE = 100
"""How many charges are taken up in one round."""

REFUNDS_AT_ONCE = 20
"""How many refunds are under way at the provider."""


class Due:
    """Takes up what is due. Whoever does keeps others from it for `patience`, and notes that first."""

    def __init__(
        self,
        store: PaymentStore,
        payments: Payments,
        provider: PaymentProvider,
        clock: Clock,
        patience: timedelta,
        healed: Healed,
    ) -> None:
        self._store = store
        self._payments = payments
        self._provider = provider
        self._clock = clock
        self._patience = patience
        self._healed = healed
        self._ours_until: dict[DueTime, datetime] = {}
        self._refunding: dict[str, asyncio.Task[None]] = {}

    async def charge_what_is_due(self) -> None:
        """Take up charges that nobody has settled or is seeing to; those under way here stay ours."""
        await self._keep_ours("charge_due", self._payments.under_way)
        for payment in await self._store.charges_due(self._clock(), CHARGES_AT_ONCE):
            if payment.order_id not in self._payments.under_way and (ours := await self._taken_up(payment)):
                self._healed("charge", payment.order_id)
                self._payments.driving(ours, first=False)

    async def refund_what_is_due(self) -> None:
        """Begin to tell the provider of canceled payments; what is not confirmed comes up again."""
        await self._keep_ours("refund_due", self._refunding)
        room = REFUNDS_AT_ONCE - len(self._refunding)
        for payment in await self._store.refunds_due(self._clock(), room) if room else ():
            if payment.order_id not in self._refunding and (ours := await self._taken_up(payment)):
                if domain.refund_was_tried(payment):
                    self._healed("refund", payment.order_id)
                self._begin(ours)

    async def refund(self, payment: Payment) -> None:
        """Tell the provider of one, and note that it knows."""
        await self._provider.give_back(payment.order_id)
        await change(self._store, payment.order_id, lambda known: known and domain.refunded(known))

    async def _keep_ours(self, due: DueTime, under_way: Collection[str]) -> None:
        """Say that it is under way, in time before others may take it up."""
        now = self._clock()
        if under_way and now + self._patience / 2 >= self._ours_until.get(due, now):
            await self._store.put_off(due, tuple(under_way), now + self._patience)
            self._ours_until[due] = now + self._patience

    async def _taken_up(self, payment: Payment) -> Payment | None:
        """The payment, kept from others; None where somebody else came first."""
        ours = domain.take_up(payment, self._clock() + self._patience)
        try:
            await self._store.replace(payment, ours)
        except ConflictError:
            return None
        return ours

    def _begin(self, payment: Payment) -> None:
        task = asyncio.create_task(self.refund(payment))
        self._refunding[payment.order_id] = task
        task.add_done_callback(lambda task: self._done(payment.order_id, task))

    def _done(self, order_id: str, task: asyncio.Task[None]) -> None:
        del self._refunding[order_id]
        if not task.cancelled() and (error := task.exception()):
            log.warning("refund unconfirmed, will be taken up again", order=order_id, error=repr(error))
