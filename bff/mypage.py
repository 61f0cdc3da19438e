"""Reads MyPage: one customer's orders, and nobody else's."""

import base64
import binascii
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import Any

from bff.together import WITHOUT_FACTS, Together
from schema.views import OrderStatus, OrderView
from services.chassis import mongo

OLDEST_CHANGE_FIRST = [("changed_at", 1), ("_id", 1)]
MAX_PAGE = 50

BEGINNING = datetime(1970, 1, 1)  # noqa: DTZ001 # as the database's dates come: in UTC, without saying so
MILLISECOND = timedelta(milliseconds=1)
URL_SAFE = bytes.maketrans(b"+/", b"-_")

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""When pages changed of which MyPage does not say it: they have not since it began to."""


class BadCursorError(ValueError):
    """The cursor is none that this gateway gave out."""


@dataclass(frozen=True)
class Page:
    """Orders, newest first, and whether there are more after them.

    They are here as MyPage keeps them: a view's fields, and the id as `_id`; dates are in UTC without saying
    so. Whoever shows a page makes what is shown of that: views, and dates with a zone, cost several times as
    much.
    """

    documents: list[mongo.Document]
    more: bool

    @cached_property
    def orders(self) -> list[OrderView]:
        """The same as views."""
        return [_view(_in_utc(document)) for document in self.documents]


class MyPage:
    """The projection's collection, read only. Raises what `mongo.is_away` knows where it does not answer.

    Mypage may swap in rebuilt pages at any time: what is being read then is read once more.
    """

    def __init__(self, collection: mongo.Collection) -> None:
        self._collection = collection
        options = collection.codec_options.with_options(tz_aware=False)
        self._pages = Together(collection.with_options(codec_options=options))

    async def order(self, customer_id: str, order_id: str) -> OrderView | None:
        """One of a customer's orders; None where the customer has no such order."""
        mine = {"_id": order_id, "customer_id": customer_id}
        document = await mongo.reading(lambda: self._collection.find_one(mine, WITHOUT_FACTS))
        return _view(document) if document else None

    async def newest(
        self,
        customer_id: str,
        first: int,
        after: str | None = None,
        status: Sequence[OrderStatus] | None = None,
    ) -> Page:
        """A page of a customer's orders. Raises BadCursorError.

        Found by where the last page ended, not by counting, so any page costs what the first one does.
        """
        query: mongo.Document = {"customer_id": customer_id}
        if status is not None:
            query["status"] = {"$in": [str(each) for each in status]}
        if after is not None:
            at, order_id = _from_cursor(after)
            query["$or"] = [
                {"placed_at": {"$lt": at}},
                {"placed_at": at, "_id": {"$lt": order_id}},
            ]
            query["placed_at"] = {"$lte": at}
        found = await mongo.reading(lambda: self._pages.page(customer_id, query, first + 1))
        return Page(found[:first], more=len(found) > first)

    async def orders(self, order_ids: Sequence[str]) -> AsyncIterator[OrderView]:
        """Orders by id, whosever they are: for those that watch them already."""
        for document in await mongo.reading(lambda: self._some(order_ids)):
            yield _view(document)

    async def versions(self, order_ids: Sequence[str]) -> dict[str, int]:
        """How far orders are, whosever they are: for a fraction of what it costs to read them."""
        these = {"_id": {"$in": list(order_ids)}, "customer_id": {"$exists": True}}
        found = await mongo.reading(
            lambda: self._collection.find(these, {"version": 1}).to_list(len(order_ids))
        )
        return {each["_id"]: each["version"] for each in found}

    async def changes(self, customer_ids: Sequence[str], since: datetime) -> AsyncIterator[list[OrderView]]:
        """What changed for these customers since then, as it stands now: oldest change first, in pages.

        One that changes meanwhile is met where it stands then. Some may be seen seconds after later ones.
        """
        theirs: mongo.Document = {"customer_id": {"$in": list(customer_ids)}}
        query = theirs | {"changed_at": {"$gte": since}}
        while views := await mongo.reading(partial(self._changes, query)):
            yield views
            if len(views) < MAX_PAGE:
                return
            last, at = views[-1].id, views[-1].changed_at
            further = [{"changed_at": {"$gt": at}}, {"changed_at": at, "_id": {"$gt": last}}]
            query = theirs | {"changed_at": {"$gte": at}, "$or": further}

    async def shown(self, customer_id: str, order_ids: Sequence[str]) -> dict[str, frozenset[str]]:
        """Which types of facts the pages of these orders have taken in, where they are the customer's."""
        these = {"_id": {"$in": list(order_ids)}, "customer_id": customer_id}
        found = await mongo.reading(
            lambda: self._collection.find(these, {"history.type": 1}).to_list(len(order_ids))
        )
        return {each["_id"]: frozenset(fact["type"] for fact in each["history"]) for each in found}

    async def now(self) -> datetime:
        """The time by the database's clock, in whole milliseconds: the one by which changes are dated."""
        options = self._collection.codec_options
        said = await self._collection.database.command("hello", codec_options=options)
        moment: datetime = said["localTime"]
        return moment

    async def _changes(self, query: mongo.Document) -> list[OrderView]:
        found = self._collection.find(query, WITHOUT_FACTS).sort(OLDEST_CHANGE_FIRST).limit(MAX_PAGE)
        return [_view(document) for document in await found.to_list(MAX_PAGE)]

    async def _some(self, order_ids: Sequence[str]) -> list[mongo.Document]:
        these = {"_id": {"$in": list(order_ids)}, "customer_id": {"$exists": True}}
        return await self._collection.find(these, WITHOUT_FACTS).to_list(None)


def cursor(placed_at: datetime, order_id: str) -> str:
    """Where an order stands in its customer's list; opaque to clients."""
    moment = placed_at.astimezone(UTC).replace(tzinfo=None) if placed_at.tzinfo else placed_at
    milliseconds = (moment - BEGINNING) // MILLISECOND
    text = f"{milliseconds}:{order_id}".encode()
    return binascii.b2a_base64(text, newline=False).translate(URL_SAFE).decode()


def _from_cursor(text: str) -> tuple[datetime, str]:
    try:
        milliseconds, order_id = base64.urlsafe_b64decode(text.encode()).decode().split(":", 1)
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC), order_id
    except (ValueError, OverflowError, OSError, binascii.Error) as error:
        raise BadCursorError(text) from error


def _in_utc(kept: Any) -> Any:
    """The same, with all dates in it saying their zone."""
    match kept:
        case datetime():
            return kept.replace(tzinfo=UTC)
        case dict():
            return {name: _in_utc(each) for name, each in kept.items()}
        case list():
            return [_in_utc(each) for each in kept]
        case _:
            return kept


def _view(document: mongo.Document) -> OrderView:
    return OrderView.model_validate({"changed_at": LONG_AGO, **document, "id": document["_id"]})
