"""The outbox: facts are committed with the state that they tell of, and told afterwards.

A document has `facts` (all that ever happened, kept), `outbox` (`{id, at}` of those not yet told, and what
`Carried` says of their cause) and `told` (`{id, at}` of the others: when the broker confirmed). The relay
tells what was just committed at once; what a crash or an outage left, it finds by its index. Telling twice is
harmless: facts have ids, and every hearer gives the same result for a repetition.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from datetime import timedelta

import pydantic
import pymongo
from prometheus_client import CollectorRegistry

from schema.events import EVENT, Event
from services.chassis import mongo
from services.chassis.background import forever
from services.chassis.carried import Carried, carried
from services.chassis.clock import Clock, now
from services.chassis.logs import logger
from services.chassis.metrics import OutboxMetrics
from services.chassis.telling import Tell, Teller, Untold

log = logger(__name__)

BATCH = 64
"""Documents swept at once: half of the places that facts being told have, so that fresh ones find some."""

FRESH_AT_MOST = 1000
"""Facts kept at hand where telling falls behind: all the others wait in the database."""

LEFT_AFTER = timedelta(seconds=2)
"""A fact that is still untold after this long was left by somebody."""

SWEEPS_AT_MOST_SECONDS = 5.0


def entries(facts: Iterable[Event], cause: Carried | None = None) -> list[mongo.Document]:
    """What a document's `outbox` says of facts that are yet to be told, and of what causes them."""
    fields = (carried() if cause is None else cause).fields
    return [{"id": fact.id, "at": fact.at, **fields} for fact in facts]


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
        self._metrics = OutboxMetrics(registry)
        self._teller = Teller(collection, tell, self._metrics, clock)
        self._sweep_seconds = sweep_seconds
        self._clock = clock
        self._fresh: deque[Untold] = deque(maxlen=FRESH_AT_MOST)
        self._wake = asyncio.Event()
        self._left_after = timedelta()  # at first: whatever an earlier process left
        self._passed_over = 0

    async def prepare(self) -> None:
        """Create the index that finds what is untold; it holds nothing else."""
        await self._collection.create_index(
            [("outbox.at", pymongo.ASCENDING)],
            name="untold",
            partialFilterExpression={"outbox.0": {"$exists": True}},
        )

    def offer(self, facts: Iterable[Event]) -> None:
        """Tell facts that have just been committed, soon. What does not fit is found by the sweep."""
        cause = carried()
        self._fresh.extend(Untold(fact, cause) for fact in facts)
        self._wake.set()

    async def run(self) -> None:
        """Tell what comes, and every so often look for what was left; ends when cancelled."""
        try:
            await asyncio.gather(
                forever("tell what was just committed", self._tell_fresh_ones, seconds=0, at_most=None),
                forever("look for what was left untold", self._sweep_all, seconds=self._sweep_seconds),
            )
        finally:
            await self._teller.stop()

    async def flush(self) -> None:
        """Tell what was committed last, and wait for all that is under way, before the process ends."""
        await self._begin_fresh_ones()
        await self._teller.finished()

    async def sweep(self, left_after: timedelta) -> int:
        """Tell up to a batch of what has been untold for so long; the number of facts told.

        The next sweep passes over what this one could not tell, until there is nothing behind it: what
        nobody takes does not keep back the others, nor does what cannot be read.
        """
        found = self._collection.find(self._left(left_after), {"facts": 1, "outbox": 1})
        oldest_first = found.sort("outbox.at", pymongo.ASCENDING).skip(self._passed_over).limit(BATCH)
        documents = await oldest_first.to_list(None)
        left = [_untold(document) for document in documents]
        untold = [fact for each in left if each for fact in each]
        told = await self._teller.told_in_time(untold)
        stuck = len({fact.order_id for fact, _ in untold if fact.id not in told}) + left.count(None)
        self._passed_over = self._passed_over + stuck if len(documents) == BATCH else 0
        return len(told)

    async def _tell_fresh_ones(self) -> None:
        await self._wake.wait()
        self._wake.clear()
        await self._begin_fresh_ones()

    async def _begin_fresh_ones(self) -> None:
        while self._fresh:
            await self._teller.begin(self._next_fresh_one)

    def _next_fresh_one(self) -> Untold | None:
        return self._fresh.popleft() if self._fresh else None

    async def _sweep_all(self) -> None:
        """Sweep for as long as that gets anything told; sooner or later, see how it looks then."""
        clock = asyncio.get_running_loop().time
        ends = clock() + SWEEPS_AT_MOST_SECONDS
        if await self._anything_left():
            while await self.sweep(self._left_after) and clock() < ends:
                pass
        self._left_after = LEFT_AFTER

    async def _anything_left(self) -> bool:
        """Look at what is left untold, and show it."""
        left = self._left(self._left_after)
        oldest = await self._collection.find_one(left, {"outbox": 1}, sort=[("outbox.at", pymongo.ASCENDING)])
        depth = await self._collection.count_documents(left, hint="untold") if oldest else 0
        age = self._clock() - oldest["outbox"][0]["at"] if oldest else timedelta()
        self._metrics.left(depth, age.total_seconds())
        return oldest is not None

    def _left(self, left_after: timedelta) -> mongo.Document:
        return {"outbox.0": {"$exists": True}, "outbox.at": {"$lte": self._clock() - left_after}}


def _untold(document: mongo.Document) -> list[Untold] | None:
    """What a document has yet to tell; None, and said in the log, where it cannot be read."""
    try:
        causes = {entry["id"]: Carried.of(entry) for entry in document["outbox"]}
        facts = [EVENT.validate_python(fact) for fact in document["facts"]]
    except (pydantic.ValidationError, LookupError, TypeError) as error:
        said = {"id": document["_id"], "error": type(error).__name__}
        log.error(  # noqa: TRY400 # how it came about is no news
            "what this document has to tell cannot be read: put it right", **said
        )
        return None
    return [Untold(fact, causes[fact.id]) for fact in facts if fact.id in causes]
