"""Pages in MongoDB: the view's own fields, for whoever reads, and the facts, for whoever writes."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import pymongo

from schema.events import EVENTS, Event
from schema.projection import project
from schema.views import OrderView
from services.chassis import feed, mongo
from services.chassis.aggregates import ConflictError
from services.chassis.clock import Clock, now
from services.mypage.projection import Change, Page, page_of
from services.mypage.writing import OUTSIDE_THE_VIEW, Moments, Put, encoded, put_all, with_moments

SHOWN = OrderView.model_fields.keys() - OUTSIDE_THE_VIEW
VIEW: mongo.Document = {name: f"${name}" for name in OrderView.model_fields if name in SHOWN} | {"id": "$_id"}

KEPT_BESIDE = {"taken_in": 1, "changed_at": 1}
"""What a page says of its own past: no fact tells it."""

ENTRY: mongo.Document = feed.FACTS | {
    "view": {"$cond": [{"$ifNull": ["$customer_id", False]}, VIEW, None]},
    "taken_in": {"$ifNull": ["$taken_in", []]},
}
"""A page in the feed; those of before it was kept do not say when they took things in."""


class MongoPages:
    """One document per order. Without its OrderPlaced it has no customer, so no customer finds it.

    Beside the view and the facts it says in `taken_in` when each fact came (`{id, at}`), in `changed_at` when
    the last one did, by the database's clock (whoever resumes reads on from there), and in `awaited_since`
    since when another is due: absent where none is. Documents of before something was kept lack it.
    """

    def __init__(self, collection: mongo.Collection, clock: Clock = now) -> None:
        self._collection = collection
        self._clock = clock

    async def prepare(self) -> None:
        """Create the indexes: a customer's newest orders, all and by status, the last changed, who waits."""
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
            [("customer_id", 1), ("changed_at", 1), ("_id", 1)],
            name="last_changed",
            partialFilterExpression=visible,
        )
        await self._collection.create_index(
            [("_id", pymongo.ASCENDING), ("awaited_since", pymongo.ASCENDING)],
            name="awaiting",
            partialFilterExpression={"awaited_since": {"$exists": True}},
        )

    async def load(self, order_id: str) -> Page | None:
        """Find an order's page."""
        return (await self.load_all([order_id])).get(order_id)

    async def load_all(self, order_ids: Collection[str]) -> dict[str, Page]:
        """Find the pages that these orders have."""
        which = {"_id": {"$in": list(order_ids)}}
        found = await mongo.reading(lambda: self._collection.find(which, {"facts": 1}).to_list(None))
        return {document["_id"]: _page(document) for document in found}

    async def awaiting_since(self, before: datetime, after: str, limit: int) -> list[str]:
        """Orders that have waited for a fact since before then, in the order of their ids, after that one."""
        due = {"_id": {"$gt": after}, "awaited_since": {"$lt": before}}
        found = await mongo.reading(lambda: self._ids(due, limit))
        return [document["_id"] for document in found]

    async def keep(self, page: Page, over: Page | None) -> None:
        """Keep a page in place of the one it was made from. Raises ConflictError."""
        for error in (await self.keep_all([(page, over)])).values():
            raise error

    async def keep_all(self, changes: Sequence[Change]) -> dict[str, Exception]:
        """Keep pages, one of an order, each in place of the one it was made from; why not, for the others.

        What is new in them is taken in now. How many pages were found is said for all of them together: where
        one was not, ConflictError is said of all that were there before. Raises what concerns them all.
        """
        at = self._clock()
        puts = [Put(page, over, _added(page, over, at)) for page, over in changes]
        return await put_all(self._collection, puts)

    async def note_all(self, facts: Sequence[Event]) -> None:
        """Known facts were heard: take note of when, unless that is known too."""
        at = self._clock()
        if writes := [_noted(fact, at) for fact in facts]:
            await self._collection.bulk_write(writes, ordered=False)

    async def add(self, pages: Sequence[Page], beside: Mapping[str, mongo.Document]) -> list[Page]:
        """Add pages, at least one, each with what is kept beside it.

        Those whose orders have one already, which is left as it is, are given back.
        """
        new = [encoded(page) | {"taken_in": []} | beside.get(page.order_id, {}) for page in pages]
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
            match (await put_all(self._collection, [Put(both, old, lacking)])).get(page.order_id):
                case None:
                    return
                case ConflictError():
                    continue
                case error:
                    raise error

    async def _ids(self, which: mongo.Document, limit: int) -> list[mongo.Document]:
        cursor = self._collection.find(which, {"_id": 1}).sort("_id", pymongo.ASCENDING)
        return await cursor.limit(limit).to_list(None)

    async def say_changed(self, order_ids: Sequence[str]) -> None:
        """Have these pages count as changed now: whoever resumes is to be sent them."""
        which = {"_id": {"$in": list(order_ids)}}
        await self._collection.update_many(which, [{"$set": {"changed_at": "$$NOW"}}])


def _noted(fact: Event, at: datetime) -> pymongo.UpdateOne:
    unheard = {"_id": fact.order_id, "facts": {"$exists": True}, "taken_in.id": {"$ne": fact.id}}
    return pymongo.UpdateOne(
        unheard, [{"$set": {"taken_in": with_moments([_moment(fact, at)]), "changed_at": "$$NOW"}}]
    )


def _page(document: mongo.Document) -> Page:
    facts = EVENTS.validate_python(document["facts"])
    return Page(document["_id"], facts, project(facts))


def _added(page: Page, over: Page | None, at: datetime) -> Moments:
    known = {fact.id for fact in over.facts} if over else set()
    return [_moment(fact, at) for fact in page.facts if fact.id not in known]


def _moment(fact: Event, at: datetime) -> mongo.Document:
    return {"id": fact.id, "at": at}
