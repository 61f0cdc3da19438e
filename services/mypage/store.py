"""Pages in MongoDB: the view's own fields, for whoever reads, and the facts, for whoever writes."""

from typing import Any

import pymongo

from schema.events import EVENTS
from schema.projection import project
from services.chassis import mongo
from services.chassis.aggregates import ConflictError
from services.mypage.projection import Page


class MongoPages:
    """One document per order. Without its OrderPlaced it has no customer, so no customer finds it."""

    def __init__(self, collection: mongo.Collection) -> None:
        self._collection = collection

    async def prepare(self) -> None:
        """Create the indexes: a customer's newest orders, all and by status."""
        newest = [("placed_at", pymongo.DESCENDING), ("_id", pymongo.DESCENDING)]
        visible = {"customer_id": {"$exists": True}}
        await self._collection.create_index(
            [("customer_id", pymongo.ASCENDING), *newest],
            name="newest",
            partialFilterExpression=visible,
        )
        await self._collection.create_index(
            [("customer_id", pymongo.ASCENDING), ("status", pymongo.ASCENDING), *newest],
            name="newest_by_status",
            partialFilterExpression=visible,
        )

    async def load(self, order_id: str) -> Page | None:
        """Find an order's page."""
        document = await self._collection.find_one({"_id": order_id}, {"facts": 1})
        if document is None:
            return None
        facts = EVENTS.validate_python(document["facts"])
        return Page(order_id, facts, project(facts))

    async def keep(self, page: Page, over: Page | None) -> None:
        """Keep a page in place of the one it was made from. Raises ConflictError."""
        document = _encoded(page)
        if over is None:
            try:
                await self._collection.insert_one(document)
            except mongo.DuplicateKeyError as error:
                raise ConflictError(page.order_id) from error
            return
        guard = {"_id": page.order_id, "version": over.version}
        result = await self._collection.replace_one(guard, document)
        if not result.matched_count:
            raise ConflictError(page.order_id)


def _encoded(page: Page) -> dict[str, Any]:
    shown = page.view.model_dump(exclude={"id"}) if page.view else {"version": page.version}
    return {"_id": page.order_id, **shown, "facts": EVENTS.dump_python(page.facts)}
