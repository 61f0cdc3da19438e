"""Pages in MongoDB: the view's own fields, for whoever reads, and the facts, for whoever writes."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import pymongo
from pymongo.results import UpdateResult

from schema.events import EVENTS, Event
from schema.projection import project
from schema.views import OrderView
from services.chassis import feed, mongo
from services.chassis.aggregates import ConflictError
from services.chassis.clock import Clock, now
from services.mypage.projection import Page, page_of

Moments = list[mongo.Document]

VIEW: mongo.Document = {name: f"${name}" for name in OrderView.model_fields} | {"id": "$_id"}

ENTRY: mongo.Document = feed.FACTS | {
    "view": {"$cond": [{"$ifNull": ["$customer_id", False]}, VIEW, None]},
    "taken_in": {"$ifNull": ["$taken_in", []]},
}
"""A page in the feed; those of before it was kept do not say when they took things in."""


class MongoPages:
    """One document per order. Without its OrderPlaced it has no customer, so no customer finds it.

    Beside the view and the facts it says in `taken_in` when each fact came (`{id, at}`), and in
    `awaited_since` since when another is due: absent where none is, and in documents of before it was kept.
    """

    def __init__(self, collection: mongo.Collection, clock: Clock = now) -> None:
        self._collection = collection
        self._clock = clock

    async def prepare(self) -> None:
        """Create the indexes: a customer's newest orders, all and by status, and who waits for a fact."""
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
        await self._collection.create_index(
            [("_id", pymongo.ASCENDING), ("awaited_since", pymongo.ASCENDING)],
            name="awaiting",
            partialFilterExpression={"awaited_since": {"$exists": True}},
        )

    async def load(self, order_id: str) -> Page | None:
        """Find an order's page."""
        document = await mongo.reading(lambda: self._collection.find_one({"_id": order_id}, {"facts": 1}))
        if document is None:
            return None
        facts = EVENTS.validate_python(document["facts"])
        return Page(order_id, facts, project(facts))

    async def awaiting_since(self, before: datetime, after: str, limit: int) -> list[str]:
        """Orders that have waited for a fact since before then, in the order of their ids, after that one."""
        due = {"_id": {"$gt": after}, "awaited_since": {"$lt": before}}
        found = await mongo.reading(lambda: self._ids(due, limit))
        return [document["_id"] for document in found]

    async def keep(self, page: Page, over: Page | None) -> None:
        """Keep a page in place of the one it was made from; what is new in it is taken in now.

        Raises ConflictError.
        """
        known = {fact.id for fact in over.facts} if over else set()
        at = self._clock()
        await self._put(page, over, [_moment(fact, at) for fact in page.facts if fact.id not in known])

    async def note(self, fact: Event) -> None:
        """A known fact was heard: take note of when, unless that is known too."""
        unheard = {"_id": fact.order_id, "facts": {"$exists": True}, "taken_in.id": {"$ne": fact.id}}
        await self._collection.update_one(unheard, {"$push": {"taken_in": _moment(fact, self._clock())}})

    async def add(self, pages: Sequence[Page], moments: Mapping[str, Moments]) -> list[Page]:
        """Add pages, at least one; those whose orders have one already, which is left as it is."""
        new = [_encoded(page) | {"taken_in": moments.get(page.order_id, [])} for page in pages]
        try:
            await self._collection.insert_many(new, ordered=False)
        except mongo.BulkWriteError as error:
            failed = error.details["writeErrors"]
            if any(each["code"] != mongo.DUPLICATE for each in failed):
                raise
            return [pages[each["index"]] for each in failed]
        return []

    async def merge(self, page: Page, moments: Moments) -> None:
        """Let the page that is there take in what it lacks of another, and when that was taken in."""
        while True:
            old = await self.load(page.order_id)
            known = {fact.id: fact for fact in old.facts} if old else {}
            both = page_of(page.order_id, ({fact.id: fact for fact in page.facts} | known).values())
            lacking = [each for each in moments if each["id"] not in known]
            with suppress(ConflictError):
                return await self._put(both, old, lacking)

    async def _ids(self, which: mongo.Document, limit: int) -> list[mongo.Document]:
        cursor = self._collection.find(which, {"_id": 1}).sort("_id", pymongo.ASCENDING)
        return await cursor.limit(limit).to_list(None)

    async def _put(self, page: Page, over: Page | None, taken_in: Moments) -> None:
        try:
            if over is None:
                await self._collection.insert_one(_encoded(page) | {"taken_in": taken_in})
            elif not (await self._replaced(page, over, taken_in)).matched_count:
                raise ConflictError(page.order_id)
        except (mongo.DuplicateKeyError, mongo.OperationFailure) as error:
            if isinstance(error, mongo.DuplicateKeyError) or error.code in mongo.SWAPPED:
                raise ConflictError(page.order_id) from error
            raise

    async def _replaced(self, page: Page, over: Page, taken_in: Moments) -> UpdateResult:
        """Put the whole page there, with the moments of the one that was there and those that are added."""
        before = {"$ifNull": ["$taken_in", []]}
        moments = {"taken_in": {"$concatArrays": [before, {"$literal": taken_in}]}}
        whole = {"$mergeObjects": [{"$literal": _encoded(page)}, moments]}
        guard = {"_id": page.order_id, "version": over.version}
        return await self._collection.update_one(guard, [{"$replaceWith": whole}])


def _moment(fact: Event, at: datetime) -> mongo.Document:
    return {"id": fact.id, "at": at}


def _encoded(page: Page) -> dict[str, Any]:
    shown = page.view.model_dump(exclude={"id"}) if page.view else {"version": page.version}
    awaited = {"awaited_since": since} if (since := page.awaited_since) else {}
    return {"_id": page.order_id, **shown, **awaited, "facts": EVENTS.dump_python(page.facts)}
