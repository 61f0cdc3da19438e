"""A service's feed: what it knows of all orders, served straight from its documents, in pages."""

from collections.abc import Awaitable, Callable

import orjson
import pymongo
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schema.feed import MAX_PAGE, PAGE
from services.chassis import http, mongo

Complete = Callable[[list[mongo.Document]], Awaitable[None]]

FACTS: mongo.Document = {"_id": False, "order_id": "$_id", "facts": True}

AGGREGATE: mongo.Document = FACTS | {
    "told": {"$ifNull": ["$told", []]},
    "untold": {
        "$map": {"input": {"$ifNull": ["$outbox", []]}, "in": {"id": "$$this.id", "at": "$$this.at"}},
    },
}
"""What is made of every aggregate; documents of before there were marks have none."""


class FeedQuery(BaseModel):
    """Which page: the orders whose ids come after this one, so many at most."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    after: str = ""
    limit: int = Field(PAGE, ge=1, le=MAX_PAGE)


class Feed:
    """One collection's feed. `shape` makes an entry of a document: a projection that MongoDB works out.

    Nothing is validated here, for a rebuild reads it all: tests hold the shape to the models of
    `schema.feed`. `complete` adds to a page's entries what is kept elsewhere.
    """

    def __init__(
        self, collection: mongo.Collection, shape: mongo.Document, complete: Complete | None = None
    ) -> None:
        self._collection = collection
        self._shape = shape
        self._complete = complete

    def routes(self) -> list[Route]:
        """Both routes."""
        return [
            Route("/feed", self.page, methods=["GET"]),
            Route("/feed/{order_id}", self.entry, methods=["GET"]),
        ]

    async def page(self, request: Request) -> Response:
        """A page in the order of order ids: 200, 422 for a page that cannot be."""
        query = FeedQuery.model_validate(dict(request.query_params))
        found = await self._found({"_id": {"$gt": query.after}}, query.limit + 1)
        entries = found[: query.limit]
        more = len(found) > query.limit
        return _json({"entries": entries, "next": entries[-1]["order_id"] if more else None})

    async def entry(self, request: Request) -> Response:
        """One order's entry: 200, 404."""
        found = await self._found({"_id": request.path_params["order_id"]}, 1)
        return _json(found[0]) if found else http.refusal(404, "Nothing is known here of this order.")

    async def _found(self, which: mongo.Document, limit: int) -> list[mongo.Document]:
        entries = await mongo.reading(lambda: self._read(which, limit))
        if self._complete:
            await self._complete(entries)
        return entries

    async def _read(self, which: mongo.Document, limit: int) -> list[mongo.Document]:
        cursor = self._collection.find(which, self._shape).sort("_id", pymongo.ASCENDING)
        return await cursor.limit(limit).batch_size(limit).to_list(None)


def _json(said: mongo.Document) -> Response:
    return Response(orjson.dumps(said), media_type="application/json")
