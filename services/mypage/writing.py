"""Writes pages to MongoDB, many with one command, and finds out which of them were not kept."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pymongo

from schema.events import EVENTS
from services.chassis import mongo
from services.chassis.aggregates import ConflictError
from services.mypage.projection import Page

Moments = list[mongo.Document]

OUTSIDE_THE_VIEW = {"id", "changed_at"}
"""What a view says and its document says elsewhere, or of itself: no fact tells it."""


class Put(NamedTuple):
    """A page, the one that it takes the place of, and when it took in what it has more."""

    page: Page
    over: Page | None
    taken_in: Moments


async def put_all(collection: mongo.Collection, puts: Sequence[Put]) -> dict[str, Exception]:
    """Put whole pages there, one of an order; by order, why one was not kept. Raises what concerns them all.

    How many pages were found is said of all together: where it is one too few, ConflictError is said of each
    that is to take the place of another.
    """
    if not puts:
        return {}
    try:
        result = await collection.bulk_write([*map(_write, puts)], ordered=False)
    except mongo.BulkWriteError as error:
        if error.details["writeConcernErrors"]:
            raise
        return _failed(puts, error.details)
    except mongo.OperationFailure as error:
        if error.code not in mongo.SWAPPED:
            raise
        return {put.page.order_id: ConflictError(put.page.order_id) for put in puts}
    return _failed(puts, result.bulk_api_result)


def encoded(page: Page) -> dict[str, Any]:
    """A page as its document says it, but for when it took facts in."""
    shown = page.view.model_dump(exclude=OUTSIDE_THE_VIEW) if page.view else {"version": page.version}
    awaited = {"awaited_since": since} if (since := page.awaited_since) else {}
    return {"_id": page.order_id, **shown, **awaited, "facts": EVENTS.dump_python(page.facts)}


def with_moments(moments: Moments) -> mongo.Document:
    """What a page has taken in, and this."""
    return {"$concatArrays": [{"$ifNull": ["$taken_in", []]}, {"$literal": moments}]}


def _write(put: Put) -> pymongo.UpdateOne:
    """With the moments of the page that was there and those that are added."""
    beside = {"taken_in": with_moments(put.taken_in), "changed_at": "$$NOW"}
    whole = {"$mergeObjects": [{"$literal": encoded(put.page)}, beside]}
    was = {"version": put.over.version} if put.over else {"facts": {"$exists": False}}
    guard = {"_id": put.page.order_id, **was}
    return pymongo.UpdateOne(guard, [{"$replaceWith": whole}], upsert=put.over is None)


def _failed(puts: Sequence[Put], said: Mapping[str, Any]) -> dict[str, Exception]:
    """What MongoDB says of the writes, by order."""
    refused = {each["index"]: _error(each) for each in said["writeErrors"]}
    added = {each["index"] for each in said["upserted"]}
    left = {number for number in range(len(puts)) if number not in refused and number not in added}
    unadded = {number for number in left if puts[number].over is None}
    changed = left - unadded
    in_doubt = changed if said["nMatched"] - len(unadded) < len(changed) else set()
    failed = refused | dict.fromkeys(unadded | in_doubt)
    return {
        puts[number].page.order_id: error or ConflictError(puts[number].page.order_id)
        for number, error in failed.items()
    }


def _error(said: Mapping[str, Any]) -> Exception | None:
    """Why a page was not kept; None where somebody else came first."""
    if said["code"] == mongo.DUPLICATE or said["code"] in mongo.SWAPPED:
        return None
    return mongo.OperationFailure(said["errmsg"], said["code"])
