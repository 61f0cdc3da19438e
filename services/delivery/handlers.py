"""What the delivery service does when it hears, when the courier calls, and in the sandbox."""

from datetime import datetime, timedelta
from typing import Protocol

from schema.events import Event, PaymentApproved, PaymentCanceled
from services.chassis.aggregates import Store, change
from services.chassis.clock import Clock
from services.delivery import domain
from services.delivery.domain import Delivery

COMPLETED_AT_ONCE = 100


class Deliveries(Store[Delivery], Protocol):
    """Where deliveries are kept."""

    async def under_way_since(self, at: datetime, limit: int) -> list[Delivery]:
        """Find deliveries that started then or before, oldest first."""
        ...


async def hear(fact: Event, deliveries: Deliveries, clock: Clock) -> None:
    """Start on an approved payment; stop on a canceled one."""

    def decide(delivery: Delivery | None) -> Delivery | None:
        match fact:
            case PaymentApproved():
                return domain.start(delivery, fact, clock())
            case PaymentCanceled():
                return domain.cancel(delivery, fact, clock())
            case _:
                raise ValueError(f"a delivery does not hear {fact.type}")

    await change(deliveries, fact.order_id, decide)


async def complete(order_id: str, deliveries: Deliveries, clock: Clock) -> Delivery | None:
    """The courier has handed it over; None where there is no such delivery."""
    return await change(
        deliveries, order_id, lambda delivery: delivery and domain.complete(delivery, clock())
    )


async def complete_what_took(after: timedelta, deliveries: Deliveries, clock: Clock) -> None:
    """Play the courier, for deliveries that have been under way for so long."""
    for delivery in await deliveries.under_way_since(clock() - after, COMPLETED_AT_ONCE):
        await complete(delivery.order_id, deliveries, clock)
