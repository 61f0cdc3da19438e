"""One suite for both stores of deliveries."""

import pytest

from services.chassis import mongo
from services.delivery import domain
from services.delivery.domain import Delivery
from services.delivery.handlers import Deliveries
from services.delivery.store import MongoDeliveries
from tests import facts
from tests.services.chassis.telling import outbox_of
from tests.services.fakes import FakeDeliveries


@pytest.fixture(params=["in memory", "in MongoDB"])
async def deliveries(request: pytest.FixtureRequest, database: mongo.Database) -> Deliveries:
    if request.param == "in memory":
        return FakeDeliveries()
    deliveries = MongoDeliveries(database["deliveries"], outbox_of(database["deliveries"]))
    await deliveries.prepare()
    return deliveries


def started(seconds: float) -> Delivery:
    return domain.start(None, facts.approved(f"order-{seconds}"), facts.after(seconds))


async def test_a_tombstone_comes_back_as_it_was(deliveries: Deliveries) -> None:
    tombstone = domain.cancel(None, facts.payment_canceled(), facts.after(1))
    assert tombstone is not None
    await deliveries.add(tombstone)
    assert await deliveries.load(facts.ORDER) == tombstone


async def test_deliveries_under_way_are_found_the_longest_first(deliveries: Deliveries) -> None:
    for seconds in (3, 1, 2, 4):
        await deliveries.add(started(seconds))
    under_way = await deliveries.under_way_since(facts.after(3), 10)
    assert [each.order_id for each in under_way] == ["order-1", "order-2", "order-3"]
    assert len(await deliveries.under_way_since(facts.after(3), 2)) == 2


async def test_what_was_handed_over_is_not_under_way(deliveries: Deliveries) -> None:
    await deliveries.add(started(1))
    await deliveries.replace(started(1), domain.complete(started(1), facts.after(2)))
    assert await deliveries.under_way_since(facts.after(99), 10) == []
