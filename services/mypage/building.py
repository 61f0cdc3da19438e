"""Makes pages from the feeds and keeps them in a collection of their own."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from schema.events import Event
from services.chassis import mongo
from services.mypage.projection import Page, page_of
from services.mypage.store import KEPT_BESIDE, MongoPages

AT_ONCE = 100
"""Pages made between two turns of whatever else this process does."""

Passed = Callable[[int], Awaitable[None]]


@dataclass(frozen=True)
class Building:
    """The pages as they are, and the pages to be."""

    live: mongo.Collection
    rebuilt: mongo.Collection

    async def build(self, orders: AsyncIterator[tuple[str, Mapping[str, Event]]], passed: Passed) -> None:
        """Keep a page of every order; `passed` hears how many came."""
        batch: list[Page] = []
        async for order_id, facts in orders:
            batch.append(page_of(order_id, facts.values()))
            if len(batch) == AT_ONCE:
                await self._keep(batch, passed)
                batch = []
        if batch:
            await self._keep(batch, passed)

    async def _keep(self, pages: Sequence[Page], passed: Passed) -> None:
        """Add pages; one that is there was begun by a fact heard meanwhile, and takes in what it lacks."""
        beside = await self._beside([page.order_id for page in pages])
        store = MongoPages(self.rebuilt)
        for page in await store.add(pages, beside):
            await store.merge(page, beside.get(page.order_id, {}).get("taken_in", []))
            await passed(0)
        await passed(len(pages))

    async def _beside(self, order_ids: Sequence[str]) -> dict[str, mongo.Document]:
        """When the live pages took in what they have, and when they last did."""
        found = self.live.find({"_id": {"$in": list(order_ids)}}, KEPT_BESIDE)
        return {page.pop("_id"): page for page in await found.to_list(None)}
