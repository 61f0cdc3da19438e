"""The outbox: facts are committed with the state that they tell of, and told afterwards.

A document has `facts` (all that ever happened, kept), `outbox` (`{id, at}` of those not yet told) and `told`
(`{id, at}` of the others: when the broker confirmed). The relay tells what was just committed at once; what a
crash or an outage left, it finds by its index. Telling twice is harmless: facts have ids, and every hearer
gives the same result for a repetition.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime, timedelta

import pymongo
from prometheus_client import CollectorRegistry, Counter, Gauge

from schema.events import EVENT, Event
from services.chassis import mongo
from services.chassis.background import forever
from services.chassis.clock import Clock, now
from services.chassis.logs import logger
from services.chassis.patience import NotToldError

log = logger(__name__)

Tell = Callable[[Event], Awaitable[None]]

BATCH = 128
FRESH_AT_MOST = 10_000
LEFT_AFTER = timedelta(seconds=2)
"""A fact that is still untold after this long was left by somebody."""


def entries(facts: Iterable[Event]) -> list[mongo.Document]:
    """What a document's `outbox` says of facts that are yet to be told."""
    return [{"id": fact.id, "at": fact.at} for fact in facts]


class Outbox:
    """Tells the facts that documents of one collection carry, and marks them told."""

    def __init__(
        self,
        collection: mongo.Collection,
        tell: Tell,
        registry: CollectorRegistry,
        *,
        sweep_seconds: float,
        clock: Clock = now,
    ) -> None:
        self._collection = collection
        self._tell = tell
        self._sweep_seconds = sweep_seconds
        self._clock = clock
        self._fresh: deque[Event] = deque(maxlen=FRESH_AT_MOST)
        self._wake = asyncio.Event()
        self._left_after = timedelta()  # at first: whatever an earlier process left
        self._told = Counter("outbox_told", "Facts told.", registry=registry)
        self._failed = Counter("outbox_failed", "Attempts to tell a fact that failed.", registry=registry)
        self._depth = Gauge("outbox_depth", "Documents with facts left untold.", registry=registry)
        self._age = Gauge("outbox_age_seconds", "Age of the oldest fact left untold.", registry=registry)

    async def prepare(self) -> None:
        """Create the index that finds what is untold; it holds nothing else."""
        await self._collection.create_index(
            [("outbox.at", pymongo.ASCENDING)],
            name="untold",
            partialFilterExpression={"outbox.0": {"$exists": True}},
        )

    def offer(self, facts: Iterable[Event]) -> None:
        """Tell facts that have just been committed, soon. What does not fit is found by the sweep."""
        self._fresh.extend(facts)
        self._wake.set()

    async def run(self) -> None:
        """Tell what comes, and every so often look for what was left; ends when cancelled."""
        await asyncio.gather(
            forever("tell what was just committed", self._tell_fresh_ones, seconds=0, at_most=None),
            forever("look for what was left untold", self._sweep_all, seconds=self._sweep_seconds),
        )

    async def flush(self) -> None:
        """Tell what was committed last, before the process ends."""
        while self._fresh:
            size = min(BATCH, len(self._fresh))
            await self._tell_and_mark([self._fresh.popleft() for _ in range(size)])

    async def sweep(self, left_after: timedelta) -> int:
        """Tell what has been untold for so long; the number of facts told."""
        limit = self._clock() - left_after
        untold = {"outbox.0": {"$exists": True}, "outbox.at": {"$lte": limit}}
        found = self._collection.find(untold, {"facts": 1, "outbox": 1})
        documents = await found.sort("outbox.at", pymongo.ASCENDING).limit(BATCH).to_list(None)
        await self._measure(len(documents), documents)
        facts = [fact for document in documents for fact in _untold(document)]
        return await self._tell_and_mark(facts)

    async def _tell_fresh_ones(self) -> None:
        await self._wake.wait()
        self._wake.clear()
        await self.flush()

    async def _sweep_all(self) -> None:
        while await self.sweep(self._left_after) >= BATCH:
            pass
        self._left_after = LEFT_AFTER

    async def _tell_and_mark(self, facts: list[Event]) -> int:
        results = await asyncio.gather(*(self._told_or_not(fact) for fact in facts))
        told = {fact: at for fact, at in zip(facts, results, strict=True) if at}
        if told:
            await self._mark(told)
        return len(told)

    async def _told_or_not(self, fact: Event) -> datetime | None:
        """When the broker confirmed it, if it did."""
        try:
            await self._tell(fact)
        except NotToldError as error:
            self._failed.inc()
            log.debug("not told", fact=fact.id, error=str(error))
            return None
        self._told.inc()
        return self._clock()

    async def _mark(self, told: Mapping[Event, datetime]) -> None:
        """Move them from each document's `outbox` to its `told`; what is marked already stays as it is."""
        confirmed = [{"id": fact.id, "at": at} for fact, at in told.items()]
        ids = [fact.id for fact in told]
        orders = {"_id": {"$in": list({fact.order_id for fact in told})}, "outbox.id": {"$in": ids}}
        try:
            await self._collection.update_many(orders, [{"$set": _moved(confirmed, ids)}])
        except mongo.Error as error:
            if not mongo.is_away(error):
                raise
            log.warning("told but not marked: will be told again", error=type(error).__name__)

    async def _measure(self, found: int, oldest_first: list[mongo.Document]) -> None:
        untold = {"outbox.0": {"$exists": True}}
        depth = found if found < BATCH else await self._collection.count_documents(untold, hint="untold")
        self._depth.set(depth)
        age = self._clock() - oldest_first[0]["outbox"][0]["at"] if oldest_first else timedelta()
        self._age.set(age.total_seconds())


def _moved(confirmed: list[mongo.Document], ids: list[str]) -> mongo.Document:
    """Both lists of a document after the mark, worked out by MongoDB from how it finds them."""
    ours = {"$filter": {"input": {"$literal": confirmed}, "cond": {"$in": ["$$this.id", "$outbox.id"]}}}
    others = {"$filter": {"input": "$outbox", "cond": {"$not": {"$in": ["$$this.id", {"$literal": ids}]}}}}
    return {"told": {"$concatArrays": [{"$ifNull": ["$told", []]}, ours]}, "outbox": others}


def _untold(document: mongo.Document) -> list[Event]:
    ids = {entry["id"] for entry in document["outbox"]}
    facts = (EVENT.validate_python(fact) for fact in document["facts"])
    return [fact for fact in facts if fact.id in ids]
