"""What the delivery service does when it hears, when the courier calls, and in the sandbox."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from schema.events import Event, PaymentApproved, PaymentCanceled
from services.chassis.aggregates import Store, change
from services.chassis.clock import Clock
from services.chassis.healing import is_on_its_way
from services.delivery import domain
from services.delivery.domain import Delivery

COMPLETED_AT_ONCE = 100

Tell = Callable[[Event], Awaitable[None]]
"""Tell a fact to all who hear it. Raises NotToldError."""


class Deliveries(Store[Delivery], Protocol):
    """Where deliveries are kept."""

    async def under_way_since(self, at: datetime, limit: int) -> list[Delivery]:
        """Find deliveries that started then or before, oldest first."""
        ...


async def hear(fact: Event, deliveries: Deliveries, clock: Clock, tell: Tell) -> None:
    """Start on an approved payment; stop on a canceled one.

    Who tells that again has missed an answer: whatever the delivery has told is then told again, unless that
    was just now, so that mere repetitions do not multiply.
    """
    before: Delivery | None = None

    def decide(delivery: Delivery | None) -> Delivery | None:
        nonlocal before
        before = delivery
        match fact:
            case PaymentApproved():
                return domain.start(delivery, fact, clock())
            case PaymentCanceled():
                return domain.cancel(delivery, fact, clock())
            case _:
                raise ValueError(f"a delivery does not hear {fact.type}")

    after = await change(deliveries, fact.order_id, decide)
    if after is not None and after is before and not is_on_its_way(after.facts, clock()):
        for answer in after.facts:
            await tell(answer)


async def complete(order_id: str, deliveries: Deliveries, clock: Clock) -> Delivery | None:
    """The courier has handed it over; None where there is no such delivery."""
    return await change(
        deliveries, order_id, lambda delivery: delivery and domain.complete(delivery, clock())
    )


async def complete_what_took(after: timedelta, deliveries: Deliveries, clock: Clock) -> None:
    """Play the courier, for deliveries that have been under way for so long."""
    for delivery in await deliveries.under_way_since(clock() - after, COMPLETED_AT_ONCE):
        await complete(delivery.order_id, deliveries, clock)
