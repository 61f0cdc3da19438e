"""Orders in MongoDB."""

from collections.abc import Collection
from datetime import datetime

from services.chassis import feed, mongo
from services.chassis.aggregates import MongoStore
from services.chassis.outbox import Outbox
from services.order.domain import Key, Order

SOURCE = "/services/order"

ENTRY: mongo.Document = feed.AGGREGATE | {"customer_id": True, "idempotency_key": True, "attempt": True}
"""An order in the feed."""


class MongoOrders(MongoStore[Order]):
    """Orders, found by id, by a customer's key, and by how long they have waited."""

    def __init__(self, collection: mongo.Collection, outbox: Outbox) -> None:
        super().__init__(collection, Order, SOURCE, outbox)

    async def prepare(self) -> None:
        """Create the indexes."""
        await self.collection.create_index(
            ["customer_id", "idempotency_key"],
            name="intention",
            unique=True,
            partialFilterExpression={"idempotency_key": {"$type": "string"}},
        )
        await self.index_due("awaiting_payment_since")
        await self.index_due("awaiting_answer_since")

    async def by_keys(self, keys: Collection[Key]) -> dict[Key, Order]:
        """Find the orders that intentions led to."""
        found = await self.collection.find({"$or": [key._asdict() for key in keys]}).to_list(None)
        orders = [each for each in map(self.decoded, found) if each]
        return {Key(each.customer_id, str(each.idempotency_key)): each for each in orders}

    async def awaiting_payment_since(self, at: datetime, limit: int) -> list[Order]:
        """Find orders that have waited for payment since then or longer, oldest first."""
        return await self.find_due("awaiting_payment_since", at, limit)

    async def awaiting_answer_since(self, at: datetime, limit: int) -> list[Order]:
        """Find orders that have waited for another answer since then or longer, oldest first."""
        return await self.find_due("awaiting_answer_since", at, limit)
