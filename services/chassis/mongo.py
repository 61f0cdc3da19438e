"""The one door to MongoDB: how it is opened, and what counts as its being away."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, TypeVar

import pymongo
import pymongo.errors
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorCollection, AsyncIOMotorDatabase
from pymongo.monitoring import CommandListener

from services.chassis.settings import ProcessSettings

T = TypeVar("T")

Document = dict[str, Any]
Client = AsyncIOMotorClient[Document]
Database = AsyncIOMotorDatabase[Document]
Collection = AsyncIOMotorCollection[Document]

_AWAY = (
    pymongo.errors.ConnectionFailure,
    pymongo.errors.ExecutionTimeout,
    pymongo.errors.WriteConcernError,
)
_AWAY_CODES = frozenset(
    {
        *(6, 7, 89, 202, 262, 279, 9001),  # a host or a connection behind it is gone, or late
        *(91, 11600, 189, 10058, 10107, 11602, 13435, 13436),  # it shuts down, steps down, or takes no writes
        *(371, 13, 18),  # it is read-only for us, or lets us not in
        *(14031, 39),  # its disk is full, or fails
        *(24, 46, 112, 117),  # too much at once, or a lock not had in time
        *(43, 175, 237, 11601),  # what was being read or done was ended from its side
        *(50, 63, 64, 100, 133, 134, 150, 246, 13388),  # too few members, or not yet in step
    }
)
"""Codes of MongoDB's error_codes.yml (6.0): not what was asked is at fault, but the state of the server."""
_AWAY_LABELS = ("RetryableWriteError", "TransientTransactionError", "RetryableError")

Error = pymongo.errors.PyMongoError
DuplicateKeyError = pymongo.errors.DuplicateKeyError
OperationFailure = pymongo.errors.OperationFailure
BulkWriteError = pymongo.errors.BulkWriteError

DUPLICATE = 11000

SWAPPED = frozenset({43, 175})
"""CursorNotFound, QueryPlanKilled: the collection was swapped for another while it was read."""

FAREWELL_SECONDS = 0.5


def is_away(error: BaseException) -> bool:
    """Whether it says that the database did not answer, not in time, or not in a state to do it.

    Whether it did what it was asked is not known. The same asked again, later, may well be done.
    """
    if isinstance(error, _AWAY):
        return True
    if not isinstance(error, Error):
        return False
    if any(map(error.has_error_label, _AWAY_LABELS)):
        return True
    return not _AWAY_CODES.isdisjoint(_codes(error))


def _codes(error: Error) -> Iterator[int | None]:
    """All codes of an error: a bulk write has one for each write that failed."""
    if isinstance(error, pymongo.errors.OperationFailure):
        yield error.code
    if isinstance(error, pymongo.errors.BulkWriteError):
        for each in (*error.details["writeErrors"], *error.details["writeConcernErrors"]):
            yield each["code"]


def connect(settings: ProcessSettings, listeners: Sequence[CommandListener] = ()) -> Client:
    """Open a client: writes are journaled by a majority, and no call takes longer than is set."""
    return AsyncIOMotorClient(
        settings.mongo_url,
        tz_aware=True,
        uuidRepresentation="standard",
        w="majority",
        journal=True,
        timeoutMS=int(settings.mongo_timeout_seconds * 1000),
        appname="fruitstore",
        event_listeners=list(listeners),
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
