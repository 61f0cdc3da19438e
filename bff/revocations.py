"""Authorisations that were taken away: one token, or all that a customer has; known to every replica."""

import hashlib
import math
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import pymongo
from prometheus_client import CollectorRegistry, Gauge

from bff.caller import Caller
from services.chassis import mongo
from services.chassis.background import forever
from services.chassis.logs import logger

log = logger(__name__)

LOOK_SECONDS = 1.0
"""How often a replica reads what the others have written."""

LATE = timedelta(seconds=10)
"""So late an entry may become visible after its moment; nothing younger is taken for read."""

KEPT_LONGER_SECONDS = 600.0
"""A token is remembered for so much longer than it lasts: clocks differ."""

AT_MOST = 100_000
"""Entries in memory: some 20 MB. Beyond it, those that end first are forgotten first."""


class Revocations:
    """What is kept in MongoDB, and what of it is known here.

    Where MongoDB is away, what was known stays so.
    """

    def __init__(
        self,
        collection: mongo.Collection,
        registry: CollectorRegistry,
        *,
        remembered_seconds: float,
        clock: Callable[[], float] = time.time,
        at_most: int = AT_MOST,
    ) -> None:
        self._collection = collection
        self._remembered = remembered_seconds
        self._clock = clock
        self._at_most = at_most
        self._ends: dict[str, float] = {}
        """When each entry may be forgotten, by its name."""
        self._before: dict[str, float] = {}
        """Of customers that were signed out: which of their tokens are void."""
        self.changes = 0
        """How often a token or customer became void that was not."""
        self._read_to = datetime.fromtimestamp(0, UTC)
        self._prepared = self._away = False
        known = Gauge("revocations_known", "Tokens and customers known to be signed out.", registry=registry)
        known.set_function(lambda: len(self._ends))

    def covers(self, caller: Caller) -> bool:
        """Whether this token is void. One that does not say when it was issued counts as old."""
        if self._before:
            before = self._before.get(_customer(caller.customer_id))
            if before is not None and (caller.issued_at is None or caller.issued_at < before):
                return True
        return bool(self._ends) and _token(caller) in self._ends

    async def revoke(self, caller: Caller) -> None:
        """Void one token, here at once and everywhere within seconds. Raises mongo.Error."""
        if not self.covers(caller):
            await self._keep(_token(caller), caller.expires_at + KEPT_LONGER_SECONDS, None)

    async def sign_out(self, customer_id: str) -> None:
        """Void all tokens that a customer has been given up to now. Raises mongo.Error."""
        now = self._clock()
        await self._keep(_customer(customer_id), now + self._remembered, now)

    async def run(self) -> None:
        """Read what others have written; never ends."""
        await forever("read revocations", self._look, seconds=LOOK_SECONDS)

    async def _keep(self, name: str, ends: float, before: float | None) -> None:
        """`at` is the database's time: replicas' clocks differ. A later sign-out replaces an earlier one."""
        self._learn(name, ends, before)
        entry = {"ends": _moment(ends), "before": before, "at": "$$NOW"}
        newer = {name: {"$max": [f"${name}", value]} for name, value in entry.items()}
        await self._collection.update_one({"_id": name}, [{"$set": newer}], upsert=True)

    async def _look(self) -> None:
        try:
            await self._prepare()
            since = {"at": {"$gte": self._read_to - LATE}}
            async for entry in self._collection.find(since).sort("at", pymongo.ASCENDING):
                self._take_in(entry)
        except mongo.Error as error:
            if not mongo.is_away(error):
                raise
            if not self._away:
                log.warning("revocations: going on with those known", error=type(error).__name__)
            self._away = True
            return
        if self._away:
            log.info("revocations can be read again")
        self._away = False
        self._forget()

    async def _prepare(self) -> None:
        if not self._prepared:
            await self._collection.create_index("ends", expireAfterSeconds=0)
            await self._collection.create_index("at")
            self._prepared = True

    def _take_in(self, entry: Mapping[str, Any]) -> None:
        self._learn(entry["_id"], entry["ends"].timestamp(), entry["before"])
        self._read_to = max(self._read_to, entry["at"])

    def _learn(self, name: str, ends: float, before: float | None) -> None:
        new = name not in self._ends
        self._ends[name] = ends
        if before is not None and before > self._before.get(name, -math.inf):
            self._before[name] = before
            new = True
        self.changes += new

    def _forget(self) -> None:
        """Drop what has ended and, where there is too much, what ends first."""
        now = self._clock()
        over = [name for name, ends in self._ends.items() if ends < now]
        if (too_many := len(self._ends) - len(over) - self._at_most) > 0:
            log.error("too many revocations: some are forgotten", forgotten=too_many)
            over = sorted(self._ends, key=self._ends.__getitem__)[: len(over) + too_many]
        for name in over:
            del self._ends[name]
            self._before.pop(name, None)


def _token(caller: Caller) -> str:
    return _named("token", caller.customer_id, caller.token_id or "")


def _customer(customer_id: str) -> str:
    return _named("customer", customer_id)


@lru_cache(maxsize=50_000)  # all that is open is asked about every second
def _named(*parts: str) -> str:
    """A name of bounded length that gives nothing away."""
    digest = hashlib.sha256("\n".join(map(repr, parts)).encode())
    return digest.hexdigest()


def _moment(seconds: float) -> datetime:
    """As late as MongoDB can say, at most."""
    return datetime.fromtimestamp(min(seconds, datetime(9999, 1, 1, tzinfo=UTC).timestamp()), UTC)
