"""Tells facts to the broker, many at once, and marks in their documents that they were told."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

import pymongo

from schema.events import Event
from services.chassis import mongo
from services.chassis.carried import Carried, apart
from services.chassis.clock import Clock
from services.chassis.logs import logger
from services.chassis.metrics import OutboxMetrics
from services.chassis.patience import NotToldError

log = logger(__name__)

Tell = Callable[[Event], Awaitable[None]]

AT_ONCE = 128
"""Facts on their way until they are marked: some 10 KiB each. Fewer are too few where all is slow."""

MARKED_AFTER_SECONDS = 0.1
"""So long the first that is confirmed waits for others to be marked with it: a crash has them told again."""

MARKED_SOON = pymongo.WriteConcern(w=1, j=False)
"""A mark need not be safe at once: where it is lost, the fact is told again."""

PATIENCE_SECONDS = 1.0
"""Whoever tells several facts waits no longer for those that are slow to be told."""


class Untold(NamedTuple):
    """A fact to be told, and what caused it."""

    fact: Event
    cause: Carried


class Teller:
    """Each fact is told by a task of its own, in one of so many places.

    All that are confirmed within a short while are marked together: what is slow holds up nobody else.
    """

    def __init__(
        self, collection: mongo.Collection, tell: Tell, metrics: OutboxMetrics, clock: Clock
    ) -> None:
        self._collection = collection.with_options(write_concern=MARKED_SOON)
        self._tell = tell
        self._metrics = metrics
        self._clock = clock
        self._places = asyncio.Semaphore(AT_ONCE)
        self._under_way: dict[str, asyncio.Task[bool]] = {}
        self._confirmed: dict[Event, datetime] = {}
        self._marking = asyncio.Lock()

    async def begin(self, next_one: Callable[[], Untold | None]) -> asyncio.Task[bool] | None:
        """Begin to tell what comes next when there is a place for it; None where it is being told already.

        The task's result is whether it was told.
        """
        await self._places.acquire()
        untold = next_one()
        if untold is None or untold.fact.id in self._under_way:
            self._places.release()
            return None
        fact = untold.fact
        with untold.cause.resumed():
            task = asyncio.create_task(self._told_and_marked(fact))
        self._under_way[fact.id] = task
        task.add_done_callback(partial(self._ended, fact.id))
        return task

    async def told_in_time(self, facts: Sequence[Untold]) -> set[str]:
        """Tell facts; the ids of those that were told before patience ended. The others go on."""
        begun = {await self.begin(partial(_just, each)): each.fact.id for each in facts}
        tasks = {task: fact_id for task, fact_id in begun.items() if task is not None}
        if tasks:
            await asyncio.wait(tasks, timeout=PATIENCE_SECONDS)
        return {fact_id for task, fact_id in tasks.items() if _succeeded(task)}

    async def finished(self) -> None:
        """Wait for all that is under way; who stops waiting ends it."""
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)

    async def stop(self) -> None:
        """End all that is under way."""
        for task in self._under_way.values():
            task.cancel()
        await self.finished()

    def _ended(self, fact_id: str, task: asyncio.Task[bool]) -> None:
        self._places.release()
        del self._under_way[fact_id]
        if not task.cancelled() and (error := task.exception()):
            log.warning("a fact is left to be told again", fact=fact_id, error=repr(error))

    async def _told_and_marked(self, fact: Event) -> bool:
        try:
            await self._tell(fact)
        except NotToldError as error:
            self._metrics.failed()
            log.debug("not told", fact=fact.id, error=str(error))
            return False
        self._confirmed[fact] = at = self._clock()
        self._metrics.told((at - fact.at).total_seconds())
        async with self._marking:
            if fact in self._confirmed:
                await asyncio.sleep(MARKED_AFTER_SECONDS)
                await self._mark_what_is_confirmed()
        return True

    async def _mark_what_is_confirmed(self) -> None:
        """Whoever comes first marks for all; the others find that theirs is marked."""
        confirmed, self._confirmed = self._confirmed, {}
        with apart():
            await self._mark(confirmed)

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


def _just(untold: Untold) -> Untold:
    return untold


def _succeeded(task: asyncio.Task[bool]) -> bool:
    return task.done() and not task.cancelled() and not task.exception() and task.result()


def _moved(confirmed: list[mongo.Document], ids: list[str]) -> mongo.Document:
    """Both lists of a document after the mark, worked out by MongoDB from how it finds them."""
    ours = {"$filter": {"input": {"$literal": confirmed}, "cond": {"$in": ["$$this.id", "$outbox.id"]}}}
    others = {"$filter": {"input": "$outbox", "cond": {"$not": {"$in": ["$$this.id", {"$literal": ids}]}}}}
    return {"told": {"$concatArrays": [{"$ifNull": ["$told", []]}, ours]}, "outbox": others}
