"""What the delivery service does when it hears, when the courier calls, and in the sandbox."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from schema.events import Event, PaymentApproved, PaymentCanceled
from services.chassis.aggregates import Change, Store, change
from services.chassis.clock import Clock
from services.chassis.healing import is_on_its_way
from services.chassis.taking_in import Heard, Taken, take_in_all, taken
from services.delivery import domain
from services.delivery.domain import Delivery

COMPLETED_AT_ONCE = 25

Tell = Callable[[Event], Awaitable[None]]
"""Tell a fact to all who hear it. Raises NotToldError."""


class Deliveries(Store[Delivery], Protocol):
    """Where deliveries are kept."""

    async def under_way_since(self, at: datetime, limit: int) -> list[Delivery]:
        """Find deliveries that started then or before, oldest first."""
        ...


async def hear(fact: Event, deliveries: Deliveries, clock: Clock, tell: Tell) -> None:
    """Start on an approved payment; stop on a canceled one. Raises ValueError of any other fact."""
    [outcome] = await hear_all([Heard(fact)], deliveries, clock)
    await answer_again(taken(outcome), clock, tell)


async def hear_all(
    heard: Sequence[Heard], deliveries: Deliveries, clock: Clock
) -> Sequence[Taken[Delivery] | Exception]:
    """Start on approved payments, and stop on canceled ones; ValueError is said of any other fact."""

    def decide(delivery: Delivery | None, fact: Event) -> Delivery | None:
        match fact:
            case PaymentApproved():
                return domain.start(delivery, fact, clock())
            case PaymentCanceled():
                return domain.cancel(delivery, fact, clock())
            case _:
                raise ValueError(f"a delivery does not hear {fact.type}")

    return await take_in_all(heard, deliveries, decide)


async def answer_again(became: Taken[Delivery], clock: Clock, tell: Tell) -> None:
    """Tell again whatever the delivery has told, where it knew the fact: who told it has missed an answer.

    Unless that was told just now, so that mere repetitions do not multiply.
    """
    before, after = became
    if after is not None and after is before and not is_on_its_way(after.facts, clock()):
        for answer in after.facts:
            await tell(answer)


async def complete(order_id: str, deliveries: Deliveries, clock: Clock) -> Delivery | None:
    """The courier has handed it over; None where there is no such delivery."""
    return await change(
        deliveries, order_id, lambda delivery: delivery and domain.complete(delivery, clock())
    )


async def complete_what_took(after: timedelta, deliveries: Deliveries, clock: Clock) -> None:
    """Play the courier, for deliveries that have been under way for so long: a few at a time, to the last.

    Where somebody else changes one meanwhile, what is left is for the next time.
    """
    while took := await deliveries.under_way_since(clock() - after, COMPLETED_AT_ONCE):
        completed = ((delivery, domain.complete(delivery, clock())) for delivery in took)
        changes = [Change(old, new) for old, new in completed if new is not old]
        if not changes or await deliveries.keep_all(changes):
            return
