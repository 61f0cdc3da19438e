"""Payments in MongoDB."""

from collections.abc import Collection
from datetime import datetime

from services.chassis import feed, mongo
from services.chassis.aggregates import MongoStore
from services.chassis.outbox import Outbox
from services.payment.domain import DueTime, Payment

SOURCE = "/services/payment"

ENTRY: mongo.Document = feed.AGGREGATE | {
    "status": True,
    "amount": True,
    "charge_due": True,
    "refund_due": True,
}
"""A payment in the feed, but for the provider's account of it."""


class MongoPayments(MongoStore[Payment]):
    """Payments, found by order and by what is due."""

    def __init__(self, collection: mongo.Collection, outbox: Outbox) -> None:
        super().__init__(collection, Payment, SOURCE, outbox)

    async def prepare(self) -> None:
        """Create the indexes; each holds only what is due."""
        await self.index_due("charge_due")
        await self.index_due("refund_due")

    async def charges_due(self, at: datetime, limit: int) -> list[Payment]:
        """Find payments whose charge nobody has settled in time."""
        return await self.find_due("charge_due", at, limit)

    async def refunds_due(self, at: datetime, limit: int) -> list[Payment]:
        """Find canceled payments of which the provider has still to be told."""
        return await self.find_due("refund_due", at, limit)

    async def put_off(self, due: DueTime, order_ids: Collection[str], until: datetime) -> None:
        """Say of what is still due that nobody need take it up before `until`."""
        ours = {"_id": {"$in": list(order_ids)}, due: {"$type": "date"}}
        await self.collection.update_many(ours, {"$set": {due: until}, "$inc": {"version": 1}})
