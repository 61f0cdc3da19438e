"""The delivery service's feed, on the real servers."""

from schema.events import Event
from schema.feed import DeliveryEntry
from schema.views import DeliveryStatus
from services.chassis import mongo
from services.chassis.clock import now
from services.delivery import handlers
from services.delivery.app import build
from services.delivery.settings import DeliverySettings
from services.delivery.store import MongoDeliveries
from tests import facts
from tests.conftest import Place
from tests.services.chassis.telling import outbox_of
from tests.services.feeding import entry_of, page_of
from tests.services.serving import ready, serving
from tests.waiting import until


async def nobody(_: Event) -> None:
    """Nobody has to be told again."""


async def test_the_feed_says_how_far_a_delivery_is(place: Place, database: mongo.Database) -> None:
    ours = database.client[f"{database.name}_delivery"]["deliveries"]
    deliveries = MongoDeliveries(ours, outbox_of(ours))
    for fact in (facts.approved("order-1"), facts.payment_canceled("order-2")):
        await handlers.hear(fact, deliveries, now, nobody)
    async with serving(build(place.settings(DeliverySettings))) as client:
        await until(ready(client))
        started, tombstone = (await page_of(client, DeliveryEntry)).entries
        assert await entry_of(client, DeliveryEntry, "order-1") == started
    assert (started.order_id, started.status) == ("order-1", DeliveryStatus.STARTED)
    assert [fact.type for fact in started.facts] == ["delivery.started"]
    assert [each.id for each in (*started.told, *started.untold)] == [started.facts[0].id]
    assert started.shipping == facts.SHIPPING
    assert (tombstone.status, tombstone.shipping) == (DeliveryStatus.CANCELED, None)
