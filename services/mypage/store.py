"""Pages in MongoDB: the view's own fields, for whoever reads, and the facts, for whoever writes."""

from collections.abc import Sequence
from typing import Any

import pymongo

from schema.events import EVENTS, Event
from schema.projection import project
from schema.views import OrderView
from services.chassis import feed, mongo
from services.chassis.aggregates import ConflictError
from services.chassis.clock import Clock, now
from services.mypage.projection import Page

VIEW: mongo.Document = {name: f"${name}" for name in OrderView.model_fields} | {"id": "$_id"}

ENTRY: mongo.Document = feed.FACTS | {
    "view": {"$cond": [{"$ifNull": ["$customer_id", False]}, VIEW, None]},
    "taken_in": {"$ifNull": ["$taken_in", []]},
}
"""A page in the feed; those of before it was kept do not say when they took things in."""


class MongoPages:
    """One document per order. Without its OrderPlaced it has no customer, so no customer finds it.

    Beside the view and the facts it says in `taken_in` when each fact came (`{id, at}`).
    """

    def __init__(self, collection: mongo.Collection, clock: Clock = now) -> None:
        self._collection = collection
        self._clock = clock

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
        known = {fact.id for fact in over.facts} if over else set()
        taken_in = self._moments([fact for fact in page.facts if fact.id not in known])
        if over is None:
            try:
                await self._collection.insert_one(_encoded(page) | {"taken_in": taken_in})
            except mongo.DuplicateKeyError as error:
                raise ConflictError(page.order_id) from error
            return
        guard = {"_id": page.order_id, "version": over.version}
        before = {"$ifNull": ["$taken_in", []]}
        all_moments = {"taken_in": {"$concatArrays": [before, {"$literal": taken_in}]}}
        whole = {"$mergeObjects": [{"$literal": _encoded(page)}, all_moments]}
        result = await self._collection.update_one(guard, [{"$replaceWith": whole}])
        if not result.matched_count:
            raise ConflictError(page.order_id)

    def _moments(self, facts: Sequence[Event]) -> list[mongo.Document]:
        at = self._clock()
        return [{"id": fact.id, "at": at} for fact in facts]


def _encoded(page: Page) -> dict[str, Any]:
    shown = page.view.model_dump(exclude={"id"}) if page.view else {"version": page.version}
    return {"_id": page.order_id, **shown, "facts": EVENTS.dump_python(page.facts)}
