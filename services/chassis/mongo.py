"""The one door to MongoDB: how it is opened, and what counts as its being away."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pymongo
import pymongo.errors
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection, AsyncIOMotorDatabase

from services.chassis.settings import ProcessSettings

T = TypeVar("T")

Document = dict[str, Any]
Client = AsyncIOMotorClient[Document]
Database = AsyncIOMotorDatabase[Document]
Collection = AsyncIOMotorCollection[Document]

AWAY = (
    pymongo.errors.ConnectionFailure,
    pymongo.errors.ExecutionTimeout,
    pymongo.errors.WriteConcernError,
)
"""The database did not answer, not in time, or not for its majority (as while it shuts down).

Whether it did what it was asked is not known.
"""

DuplicateKeyError = pymongo.errors.DuplicateKeyError
OperationFailure = pymongo.errors.OperationFailure
BulkWriteError = pymongo.errors.BulkWriteError

DUPLICATE = 11000

SWAPPED = frozenset({43, 175})
"""CursorNotFound, QueryPlanKilled: the collection was swapped for another while it was read."""

FAREWELL_SECONDS = 0.5


def connect(settings: ProcessSettings) -> Client:
    """Open a client: writes are journaled by a majority, and no call takes longer than is set."""
    return AsyncIOMotorClient(
        settings.mongo_url,
        tz_aware=True,
        uuidRepresentation="standard",
        w="majority",
        journal=True,
        timeoutMS=int(settings.mongo_timeout_seconds * 1000),
        appname="fruitstore",
    )


def database(client: Client, settings: ProcessSettings, room: str) -> Database:
    """The database of one service, by the service's name."""
    return client[f"{settings.mongo_database_prefix}_{room}"]


async def reading(read: Callable[[], Awaitable[T]]) -> T:
    """Read; and once more, from the start, where the collection is swapped for another meanwhile."""
    try:
        return await read()
    except pymongo.errors.OperationFailure as error:
        if error.code not in SWAPPED:
            raise
        return await read()


async def answers(client: Client) -> bool:
    """Whether the database answers now."""
    try:
        await client.admin.command("ping")
    except pymongo.errors.PyMongoError:
        return False
    return True


def close(client: Client) -> None:
    """Close a client. Where the database is away it cannot be told, and that holds nobody up for long."""
    with pymongo.timeout(FAREWELL_SECONDS):
        client.close()
