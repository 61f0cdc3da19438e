"""What the order service does about orders of which nobody says anything."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import timedelta

from schema.events import CancelReason, Event
from schema.requests import CancelOrder
from services.chassis import mongo
from services.chassis.aggregates import ConflictError, change
from services.chassis.clock import Clock
from services.chassis.healing import Healed
from services.chassis.logs import logger
from services.chassis.patience import NotToldError
from services.order import domain, waiting
from services.order.domain import Order
from services.order.handlers import Orders, cancel, hear

log = logger(__name__)

OVERDUE_AT_ONCE = 100

AskPayment = Callable[[Sequence[str]], Awaitable[Mapping[str, tuple[Event, ...] | None]]]
"""What payment has told about orders, by order.

Where it says nothing, the order is left out; where what it says makes no sense, it is None.
"""

Tell = Callable[[Event], Awaitable[None]]
"""Tell a fact to all who hear it. Raises NotToldError."""


class Watchdog:
    """Settles or mends what is overdue, a bounded number at a time, the longest overdue first."""

    def __init__(
        self, orders: Orders, clock: Clock, ask_payment: AskPayment, tell: Tell, healed: Healed
    ) -> None:
        self._orders = orders
        self._clock = clock
        self._ask_payment = ask_payment
        self._tell = tell
        self._healed = healed

    async def settle_unpaid(self, patience: timedelta) -> None:
        """Settle what no payment has settled in time.

        Payment is asked first: an approval whose telling is late must not be taken for silence. Where
        payment does not answer either, or has told nothing, the order is canceled, which also voids a
        payment that might still come.
        """
        overdue = await self._orders.awaiting_payment_since(self._clock() - patience, OVERDUE_AT_ONCE)
        told = await self._ask_payment([order.order_id for order in overdue]) if overdue else {}

        async def settle(order: Order) -> None:
            facts = told.get(order.order_id, ())
            if facts is None:
                raise ValueError("what payment says of it makes no sense")
            if await (self._learned(facts) if facts != () else self._gave_up(order)):
                self._healed("unpaid", order.order_id)

        await self._each(overdue, settle, patience)

    async def remind(self, patience: timedelta) -> None:
        """Tell again what calls for an answer that has not come for so long; the answer is told again then.

        A reminder is first noted: of several replicas one reminds, and it is not repeated before `patience`
        has passed, the next one before twice as long has, and so on up to sixteen times.
        """
        overdue = await self._orders.awaiting_answer_since(self._clock() - patience, OVERDUE_AT_ONCE)
        await self._each(overdue, lambda order: self._remind(order, patience), patience)

    async def _remind(self, order: Order, patience: timedelta) -> None:
        try:
            await self._orders.replace(order, domain.put_off(order, self._clock(), patience))
        except ConflictError:  # it has gone on, or somebody else reminds
            return
        wait = waiting.unanswered(order.facts)
        if wait is None:
            return
        if fact := waiting.reminder(order.facts):
            await self._tell(fact)
        elif not await self._learned((await self._ask_payment([order.order_id])).get(order.order_id)):
            log.warning("payment knows nothing of what this order waits for", order=order.order_id, wait=wait)
            return
        self._healed(wait, order.order_id)

    async def _learned(self, facts: tuple[Event, ...] | None) -> bool:
        """Take in what payment said when asked; others may have missed it too, so it is told again first."""
        for fact in facts or ():
            await self._tell(fact)
            await hear(fact, self._orders, self._clock)
        return bool(facts)

    async def _gave_up(self, order: Order) -> bool:
        """Cancel; where it has gone on meanwhile, or was sent again, it is not to be canceled any more."""
        log.warning("no payment settled this order: canceling", order=order.order_id)
        command = CancelOrder(
            customer_id=order.customer_id, reason=CancelReason.PAYMENT_TIMEOUT, attempt=order.attempt
        )
        outcome = await cancel(order.order_id, command, self._orders, self._clock)
        return isinstance(outcome, Order)

    async def _each(
        self, orders: Iterable[Order], mend: Callable[[Order], Awaitable[None]], patience: timedelta
    ) -> None:
        """One after the other; one that cannot be mended is put off, and does not stop the others."""
        for order in orders:
            try:
                await mend(order)
            except NotToldError:
                raise
            except Exception as error:  # whatever is wrong with it, the others must not wait
                if mongo.is_away(error):
                    raise
                log.warning("this order cannot be mended", order=order.order_id, error=repr(error))
                await self._put_off(order, patience)

    async def _put_off(self, order: Order, patience: timedelta) -> None:
        def later(known: Order | None) -> Order | None:
            return known and domain.put_off(known, self._clock(), patience)

        await change(self._orders, order.order_id, later)
