"""All that is measured of one running stack, one thing after the other."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from tests.bench.footprint.announcing import announced, heard_plainly
from tests.bench.footprint.documents import Kept, kept
from tests.bench.footprint.shopping import Shopper, at_rate, repeated, shoppers, without_rest
from tests.bench.footprint.size import Size
from tests.bench.footprint.spending import Meters, Reading, per, spent
from tests.stories.stack import Stack

FURTHER_REPLICAS = 4
WARM_UP_SECONDS = 5


class Saturated(NamedTuple):
    """Customers who never rest: orders a second, and what a second and an order take then."""

    per_second: float
    second: Reading
    order: Reading


class Subscribed(NamedTuple):
    """Subscriptions to which nothing comes: what opening one takes, KiB that the gateway holds for it, and
    what a second of all takes."""

    opening: Reading
    kib: float
    second: Reading


class Footprint(NamedTuple):
    """What was found: of each order, page and view, and of a second in which nobody orders."""

    memory: dict[str, float]
    idle_second: Reading
    orders: list[Reading]
    documents: dict[str, Kept]
    page: Reading
    saturated: Saturated
    view: Reading
    view_with_replicas: Reading
    view_heard_plainly: float
    subscribed: Subscribed


async def measured(stack: Stack, size: Size) -> Footprint:
    """Measure it all."""
    measuring = _Measuring(stack, size)
    memory = measuring.meters.memory()
    async with shoppers(stack.http, stack.delivery, size.customers) as crowd:
        await at_rate(crowd, size.per_second, min(size.seconds, WARM_UP_SECONDS))
        idle = await measuring.idle_second()
        orders = [await measuring.order(crowd, idle) for _ in range(size.rounds)]
        documents = await kept(measuring.meters.client)
        page = await measuring.page(crowd, idle)
        saturated = await measuring.saturated(crowd[: size.at_once], idle)
    view = await measuring.view(0, idle)
    with_replicas = await measuring.view(FURTHER_REPLICAS, idle)
    plainly = await heard_plainly(stack.state()["rabbitmq_url"], size.views) / size.views
    subscribed = await measuring.subscribed(idle)
    measuring.meters.client.close()
    views = (view, with_replicas, plainly)
    return Footprint(memory, idle, orders, documents, page, saturated, *views, subscribed)


class _Measuring:
    """A stack, its meters, and how much of each is asked for."""

    def __init__(self, stack: Stack, size: Size) -> None:
        self.meters = Meters(stack)
        self._stack = stack
        self._size = size

    async def idle_second(self) -> Reading:
        """What a second takes in which nobody orders."""
        before = await self.meters.read()
        await asyncio.sleep(self._size.seconds)
        taken = spent(before, await self.meters.read())
        return per(taken["seconds"], taken)

    async def order(self, crowd: Sequence[Shopper], idle: Reading) -> Reading:
        """What one order takes, at the rate that is asked for."""
        before = await self.meters.read()
        count = await at_rate(crowd, self._size.per_second, self._size.seconds)
        return per(count, spent(before, await self.meters.read()), idle)

    async def page(self, crowd: Sequence[Shopper], idle: Reading) -> Reading:
        """What one page of MyPage takes."""
        before = await self.meters.read()
        await repeated(crowd[0].page, self._size.pages)
        return per(self._size.pages, spent(before, await self.meters.read()), idle)

    async def saturated(self, crowd: Sequence[Shopper], idle: Reading) -> Saturated:
        """What becomes of it when nobody rests."""
        before = await self.meters.read()
        count = await without_rest(crowd, self._size.seconds)
        taken = spent(before, await self.meters.read())
        seconds = taken["seconds"]
        return Saturated(count / seconds, per(seconds, taken), per(count, taken, idle))

    async def view(self, replicas: int, idle: Reading) -> Reading:
        """What one announced view takes."""
        url = self._stack.state()["rabbitmq_url"]
        return per(self._size.views, await announced(url, self.meters, self._size.views, replicas), idle)

    async def subscribed(self, idle: Reading) -> Subscribed:
        """What subscriptions take to which nothing comes."""
        before, held = await self.meters.read(), self.meters.memory()["bff"]
        count = self._size.subscriptions
        async with shoppers(self._stack.http, self._stack.delivery, count):
            opening = per(count, spent(before, await self.meters.read()), idle)
            kib = (self.meters.memory()["bff"] - held) * 1024 / count
            return Subscribed(opening, kib, await self.idle_second())
