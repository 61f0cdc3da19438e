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

OUTSIDE_THE_VIEW = {"id", "changed_at"}
"""What a view says and its document says elsewhere, or of itself: no fact tells it."""

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
        taken_in = _with([_moment(fact, self._clock())])
        await self._collection.update_one(unheard, [{"$set": {"taken_in": taken_in, "changed_at": "$$NOW"}}])

    async def add(self, pages: Sequence[Page], beside: Mapping[str, mongo.Document]) -> list[Page]:
        """Add pages, at least one, each with what is kept beside it.

        Those whose orders have one already, which is left as it is, are given back.
        """
        new = [_encoded(page) | {"taken_in": []} | beside.get(page.order_id, {}) for page in pages]
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

    async def say_changed(self, order_ids: Sequence[str]) -> None:
        """Have these pages count as changed now: whoever resumes is to be sent them."""
        which = {"_id": {"$in": list(order_ids)}}
        await self._collection.update_many(which, [{"$set": {"changed_at": "$$NOW"}}])

    async def _put(self, page: Page, over: Page | None, taken_in: Moments) -> None:
        try:
            result = await self._written(page, over, taken_in)
            if not (result.matched_count if over else result.did_upsert):
                raise ConflictError(page.order_id)
        except (mongo.DuplicateKeyError, mongo.OperationFailure) as error:
            if isinstance(error, mongo.DuplicateKeyError) or error.code in mongo.SWAPPED:
                raise ConflictError(page.order_id) from error
            raise

    async def _written(self, page: Page, over: Page | None, taken_in: Moments) -> UpdateResult:
        """Put the whole page there, with the moments of the one that was there and those that are added."""
        beside = {"taken_in": _with(taken_in), "changed_at": "$$NOW"}
        whole = {"$mergeObjects": [{"$literal": _encoded(page)}, beside]}
        was = {"version": over.version} if over else {"facts": {"$exists": False}}
        guard = {"_id": page.order_id, **was}
        return await self._collection.update_one(guard, [{"$replaceWith": whole}], upsert=over is None)


def _moment(fact: Event, at: datetime) -> mongo.Document:
    return {"id": fact.id, "at": at}


def _with(moments: Moments) -> mongo.Document:
    """What a page has taken in, and this."""
    return {"$concatArrays": [{"$ifNull": ["$taken_in", []]}, {"$literal": moments}]}


def _encoded(page: Page) -> dict[str, Any]:
    shown = page.view.model_dump(exclude=OUTSIDE_THE_VIEW) if page.view else {"version": page.version}
    awaited = {"awaited_since": since} if (since := page.awaited_since) else {}
    return {"_id": page.order_id, **shown, **awaited, "facts": EVENTS.dump_python(page.facts)}
