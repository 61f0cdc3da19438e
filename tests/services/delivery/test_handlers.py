import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest

from schema.events import Event
from schema.views import DeliveryStatus
from services.chassis.aggregates import Change, ConflictError
from services.chassis.healing import ON_ITS_WAY
from services.delivery import handlers
from services.delivery.domain import Delivery
from tests import facts
from tests.services.fakes import FakeDeliveries


def clock() -> datetime:
    return facts.after(10)


async def nobody(_: Event) -> None:
    """Nobody has to be told again."""


def later() -> datetime:
    return clock() + ON_ITS_WAY


@pytest.fixture
def deliveries() -> FakeDeliveries:
    return FakeDeliveries()


async def test_an_approved_payment_starts_one_delivery_however_often_it_is_heard(
    deliveries: FakeDeliveries,
) -> None:
    told: list[Event] = []

    async def tell(fact: Event) -> None:
        told.append(fact)

    await handlers.hear(facts.approved(), deliveries, clock, tell)
    assert told == []
    await handlers.hear(facts.approved(), deliveries, clock, tell)
    assert told == [], "the answer is still on its way"
    await handlers.hear(facts.approved(), deliveries, later, tell)
    assert deliveries.untold == [facts.started(at=clock())]
    assert told == deliveries.untold, "who tells again has missed the answer"


@pytest.mark.parametrize(
    ("heard", "answers"),
    [
        ([facts.approved(), facts.payment_canceled()], ["delivery.started", "delivery.canceled"]),
        ([facts.payment_canceled(), facts.approved()], ["delivery.canceled"]),
        ([facts.payment_canceled()], ["delivery.canceled"]),
    ],
)
@pytest.mark.parametrize("again", [facts.approved(), facts.payment_canceled()], ids=lambda fact: fact.type)
async def test_all_that_was_told_is_told_again_to_who_asks_again(
    heard: list[Event], answers: list[str], again: Event, deliveries: FakeDeliveries
) -> None:
    told: list[str] = []

    async def tell(fact: Event) -> None:
        told.append(fact.type)

    for fact in heard:
        await handlers.hear(fact, deliveries, clock, nobody)
    await handlers.hear(again, deliveries, later, tell)
    assert told == answers


async def test_what_is_canceled_before_it_is_approved_is_never_started(deliveries: FakeDeliveries) -> None:
    await handlers.hear(facts.payment_canceled(), deliveries, clock, nobody)
    await handlers.hear(facts.approved(), deliveries, clock, nobody)
    assert deliveries.untold == [facts.delivery_canceled(at=clock(), started=False)]


async def test_what_was_never_paid_leaves_nothing(deliveries: FakeDeliveries) -> None:
    await handlers.hear(facts.payment_canceled(approved=False), deliveries, clock, nobody)
    assert not deliveries.kept


async def test_a_fact_that_is_none_of_its_business_is_not_passed_over(deliveries: FakeDeliveries) -> None:
    with pytest.raises(ValueError, match=r"does not hear order\.placed"):
        await handlers.hear(facts.placed(), deliveries, clock, nobody)


async def test_the_courier_hands_over_what_is_there(deliveries: FakeDeliveries) -> None:
    assert await handlers.complete(facts.ORDER, deliveries, clock) is None
    await handlers.hear(facts.approved(), deliveries, clock, nobody)
    delivery = await handlers.complete(facts.ORDER, deliveries, clock)
    assert delivery is not None
    assert delivery.status is DeliveryStatus.DELIVERED


async def test_the_sandbox_hands_over_what_has_been_under_way_long_enough(deliveries: FakeDeliveries) -> None:
    for number in range(3):
        moment = facts.after(number)
        await handlers.hear(facts.approved(f"order-{number}"), deliveries, lambda at=moment: at, nobody)  # type: ignore[misc] # a default is all it is
    await handlers.complete_what_took(timedelta(seconds=9), deliveries, clock)
    statuses = [delivery.status for delivery in deliveries.kept.values()]
    assert statuses == [DeliveryStatus.DELIVERED, DeliveryStatus.DELIVERED, DeliveryStatus.STARTED]


async def test_the_sandbox_hands_over_all_of_them_however_many(deliveries: FakeDeliveries) -> None:
    for number in range(2 * handlers.COMPLETED_AT_ONCE + 1):
        await handlers.hear(facts.approved(f"order-{number}"), deliveries, clock, nobody)
    await handlers.complete_what_took(timedelta(), deliveries, clock)
    assert {delivery.status for delivery in deliveries.kept.values()} == {DeliveryStatus.DELIVERED}


async def test_the_sandbox_leaves_the_rest_where_somebody_else_changes_one(
    deliveries: FakeDeliveries, monkeypatch: pytest.MonkeyPatch
) -> None:
    await handlers.hear(facts.approved(), deliveries, clock, nobody)

    async def refused(changes: Sequence[Change[Delivery]]) -> Mapping[str, Exception]:
        await asyncio.sleep(0)
        return {each.new.order_id: ConflictError(each.new.order_id) for each in changes}

    monkeypatch.setattr(deliveries, "keep_all", refused)
    async with asyncio.timeout(10):
        await handlers.complete_what_took(timedelta(), deliveries, clock)
    assert [delivery.status for delivery in deliveries.kept.values()] == [DeliveryStatus.STARTED]
