"""Deliveries in MongoDB."""

from datetime import datetime

from services.chassis import feed, mongo
from services.chassis.aggregates import MongoStore
from services.chassis.outbox import Outbox
from services.delivery.domain import Delivery

SOURCE = "/services/delivery"

ENTRY: mongo.Document = feed.AGGREGATE | {"status": True, "shipping": True}
"""A delivery in the feed."""


class MongoDeliveries(MongoStore[Delivery]):
    """Deliveries, found by order and by how long they have been under way."""

    def __init__(self, collection: mongo.Collection, outbox: Outbox) -> None:
        super().__init__(collection, Delivery, SOURCE, outbox)

    async def prepare(self) -> None:
        """Create the index of what is under way."""
        await self.index_due("under_way_since")

    async def under_way_since(self, at: datetime, limit: int) -> list[Delivery]:
        """Find deliveries that started then or before, oldest first."""
        return await self.find_due("under_way_since", at, limit)
