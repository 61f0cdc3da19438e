"""Pages wanted in one turn of the event loop, read by one command: a command costs more than a page."""

import asyncio
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from services.chassis import mongo

WITHOUT_FACTS: Final = {"facts": 0, "taken_in": 0}
NEWEST_FIRST: Final = [("placed_at", -1), ("_id", -1)]
PLACE: Final = itemgetter(*(name for name, _ in NEWEST_FIRST))

AT_MOST: Final = 16
"""So many pages are read by one command; nobody waits for the pages of more."""

Documents = list[mongo.Document]


@dataclass(frozen=True)
class Wanted:
    """The first so many of a customer's documents."""

    customer_id: str
    query: mongo.Document
    limit: int
    found: asyncio.Future[Documents]


class Together:
    """Reads pages of MyPage's collection, the newest orders first."""

    def __init__(self, collection: mongo.Collection) -> None:
        self._collection = collection
        self._wanted: list[Wanted] = []
        self._reading: set[asyncio.Task[None]] = set()

    async def page(self, customer_id: str, query: mongo.Document, limit: int) -> Documents:
        """A page of a customer's, found by this query. Raises what the database's driver raises."""
        loop = asyncio.get_running_loop()
        if not self._wanted:
            loop.call_soon(self._read_all)
        wanted = Wanted(customer_id, query, limit, loop.create_future())
        self._wanted.append(wanted)
        return await wanted.found

    def _read_all(self) -> None:
        wanted, self._wanted = self._wanted, []
        while wanted:
            batch: dict[str, Wanted] = {}
            rest = []
            for each in wanted:
                if each.customer_id in batch or len(batch) == AT_MOST:
                    rest.append(each)
                else:
                    batch[each.customer_id] = each
            task = asyncio.create_task(self._read(list(batch.values())))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)
            wanted = rest

    async def _read(self, batch: list[Wanted]) -> None:
        try:
            found = await (self._one(batch[0]) if len(batch) == 1 else self._many(batch))
        except Exception as error:  # noqa: BLE001 # it is for those who wait
            for each in batch:
                if not each.found.done():
                    each.found.set_exception(error)
            return
        for each, documents in zip(batch, found, strict=True):
            if not each.found.done():
                each.found.set_result(documents)

    async def _one(self, wanted: Wanted) -> list[Documents]:
        found = self._collection.find(wanted.query, WITHOUT_FACTS).sort(NEWEST_FIRST).limit(wanted.limit)
        return [await found.to_list(wanted.limit)]

    async def _many(self, batch: list[Wanted]) -> list[Documents]:
        """One pipeline, with those of the others appended to it: which comes when is said nowhere."""
        first, *others = map(_pipeline, batch)
        name = self._collection.name
        union = [{"$unionWith": {"coll": name, "pipeline": other}} for other in others]
        limit = sum(each.limit for each in batch)
        found = self._collection.aggregate([*first, *union], batchSize=limit + 1)
        theirs: dict[str, Documents] = {each.customer_id: [] for each in batch}
        for document in await found.to_list(limit):
            theirs[document["customer_id"]].append(document)
        for documents in theirs.values():
            documents.sort(key=PLACE, reverse=True)
        return list(theirs.values())


def _pipeline(wanted: Wanted) -> list[mongo.Document]:
    newest_first = {"$sort": dict(NEWEST_FIRST)}
    return [{"$match": wanted.query}, newest_first, {"$limit": wanted.limit}, {"$project": WITHOUT_FACTS}]
