from datetime import datetime, timedelta

import pytest

from schema.views import DeliveryStatus
from services.delivery import handlers
from tests import facts
from tests.services.fakes import FakeDeliveries


def clock() -> datetime:
    return facts.after(10)


@pytest.fixture
def deliveries() -> FakeDeliveries:
    return FakeDeliveries()


async def test_an_approved_payment_starts_one_delivery_however_often_it_is_heard(
    deliveries: FakeDeliveries,
) -> None:
    await handlers.hear(facts.approved(), deliveries, clock)
    await handlers.hear(facts.approved(), deliveries, clock)
    assert deliveries.untold == [facts.started(at=clock())]


async def test_what_is_canceled_before_it_is_approved_is_never_started(deliveries: FakeDeliveries) -> None:
    await handlers.hear(facts.payment_canceled(), deliveries, clock)
    await handlers.hear(facts.approved(), deliveries, clock)
    assert deliveries.untold == [facts.delivery_canceled(at=clock(), started=False)]


async def test_what_was_never_paid_leaves_nothing(deliveries: FakeDeliveries) -> None:
    await handlers.hear(facts.payment_canceled(approved=False), deliveries, clock)
    assert not deliveries.kept


async def test_a_fact_that_is_none_of_its_business_is_not_passed_over(deliveries: FakeDeliveries) -> None:
    with pytest.raises(ValueError, match=r"does not hear order\.placed"):
        await handlers.hear(facts.placed(), deliveries, clock)


async def test_the_courier_hands_over_what_is_there(deliveries: FakeDeliveries) -> None:
    assert await handlers.complete(facts.ORDER, deliveries, clock) is None
    await handlers.hear(facts.approved(), deliveries, clock)
    delivery = await handlers.complete(facts.ORDER, deliveries, clock)
    assert delivery is not None
    assert delivery.status is DeliveryStatus.DELIVERED


async def test_the_sandbox_hands_over_what_has_been_under_way_long_enough(deliveries: FakeDeliveries) -> None:
    for number in range(3):
        await handlers.hear(facts.approved(f"order-{number}"), deliveries, lambda n=number: facts.after(n))  # type: ignore[misc] # a default is all it is
    await handlers.complete_what_took(timedelta(seconds=9), deliveries, clock)
    statuses = [delivery.status for delivery in deliveries.kept.values()]
    assert statuses == [DeliveryStatus.DELIVERED, DeliveryStatus.DELIVERED, DeliveryStatus.STARTED]
