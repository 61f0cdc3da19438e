"""Who rebuilds the pages, and how far: one document that all replicas of mypage go by.

Times are the database's, so that replicas need not agree on the time of day.
"""

import asyncio
import time

from schema.rebuild import ENDED, Rebuild
from services.chassis import mongo

REBUILD = "rebuild"
DEAD_AFTER_MS = 10_000
KNOWN_FOR_SECONDS = 1.0
"""A replica may go by what it read for so long."""

SETTLED_AFTER_SECONDS = 2.0
"""When the document has said something for so long, every replica goes by it."""


class LostError(Exception):
    """A rebuild was silent for so long that it counts as dead, or somebody else rebuilds by now."""


class Control:
    """The document. `into` is where heard facts go first, besides the live pages."""

    def __init__(self, collection: mongo.Collection) -> None:
        self._collection = collection
        self._reading = asyncio.Lock()
        self._read_at = float("-inf")
        self._into: str | None = None

    async def into(self) -> str | None:
        """The collection that is being built, if one is.

        A dead rebuild builds nothing; but the rename that one asked for last may come late, so what it made
        must lack nothing until another begins.
        """
        async with self._reading:
            asked_at = time.monotonic()
            if asked_at - self._read_at > KNOWN_FOR_SECONDS:
                given_up = {"$and": [_dead(), {"$ne": ["$state", "swapping"]}]}
                alive = {"into": {"$cond": [given_up, None, "$into"]}}
                document = await self._collection.find_one({"_id": REBUILD}, alive)
                self._into = document.get("into") if document else None
                self._read_at = asked_at
            return self._into

    async def begin(self, job: str) -> bool:
        """Begin a rebuild, unless one is under way that is not dead."""
        first = {"$setOnInsert": {"state": "none"}}
        await self._collection.update_one({"_id": REBUILD}, first, upsert=True)
        free = {"$or": [{"state": {"$in": [*ENDED]}}, {"$expr": _dead()}]}
        new = {"_id": REBUILD, "job": {"$literal": job}, "state": "preparing", "into": None}
        result = await self._collection.update_one(
            {"_id": REBUILD, **free}, [{"$replaceWith": new | {"heartbeat": "$$NOW"}}]
        )
        return result.matched_count == 1

    async def say(self, job: str, **said: object) -> None:
        """Say how far it is, which also says that it lives. Raises LostError."""
        ours = {"_id": REBUILD, "job": job, "state": {"$nin": [*ENDED]}, "$expr": {"$not": [_dead()]}}
        values: mongo.Document = {name: {"$literal": value} for name, value in said.items()}
        result = await self._collection.update_one(ours, [{"$set": values | {"heartbeat": "$$NOW"}}])
        if not result.matched_count:
            raise LostError(job)

    async def seen(self) -> Rebuild:
        """The last rebuild, as it stands."""
        alive = {"$or": [{"$in": ["$state", [*ENDED]]}, {"$not": [_dead()]}]}
        shown = dict.fromkeys(Rebuild.model_fields, 1) | {"alive": alive}
        document = await self._collection.find_one({"_id": REBUILD}, shown)
        return Rebuild.model_validate(document) if document else Rebuild()


def _dead() -> mongo.Document:
    return {"$lt": ["$heartbeat", {"$subtract": ["$$NOW", DEAD_AFTER_MS]}]}
