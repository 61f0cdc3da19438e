"""Customers who have MyPage open: each order is paid, delivered, seen at every step, and looked up once."""

import asyncio
import itertools
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
from rich.progress import track

from compose.operations import operations
from tests.stories.customer import APPLES, Caller, Watch
from tests.trust import trusted

TEXTS = {each.name: each.text for each in operations()}
"""The storefront's own operations."""

PATIENCE_SECONDS = 60.0
LONGEST_SECONDS = 3600.0
ORDERS_OF_A_PAGE = 10
AT_ONCE = 4


class Shopper:
    """A customer who watches all of his orders, and the courier who brings them."""

    def __init__(self, caller: Caller, watch: Watch, courier: aiohttp.ClientSession) -> None:
        self._caller = caller
        self._watch = watch
        self._courier = courier
        self._seen: defaultdict[tuple[str, str], asyncio.Event] = defaultdict(asyncio.Event)

    async def look(self) -> None:
        """See what comes, for as long as it comes."""
        while True:
            order = await self._watch.order(within=LONGEST_SECONDS)
            self._seen[order["id"], order["status"]].set()

    async def order(self) -> None:
        """The whole story of an order, from placing it to finding it delivered."""
        said = await self._caller.data(TEXTS["PlaceOrder"], {"input": APPLES})
        order_id = said["placeOrder"]["order"]["id"]
        await self._sees(order_id, "DELIVERING")
        async with self._courier.post(f"/deliveries/{order_id}/complete") as response:
            assert response.status == 200, response.status
        await self._sees(order_id, "DELIVERED")
        await self.page()

    async def page(self) -> None:
        """Look at the newest orders."""
        await self._caller.data(TEXTS["MyOrders"], {"first": ORDERS_OF_A_PAGE})

    async def _sees(self, order_id: str, status: str) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self._seen[order_id, status].wait()


@asynccontextmanager
async def shoppers(gateway: str, delivery: str, count: int) -> AsyncIterator[list[Shopper]]:
    """So many customers of the gateway at this address, each of whom watches."""
    async with AsyncExitStack() as opened:
        limitless = aiohttp.TCPConnector(limit=0)
        session = await opened.enter_async_context(aiohttp.ClientSession(connector=limitless))
        courier = await opened.enter_async_context(aiohttp.ClientSession(delivery, headers=trusted()))
        crowd = []
        for number in track(range(count), "customers come", transient=True):
            caller = await _signed_in(gateway, session, f"shopper-{number}")
            watch = await opened.enter_async_context(caller.watching(TEXTS["MyOrderUpdates"]))
            crowd.append(Shopper(caller, watch, courier))
        looking = [asyncio.create_task(each.look()) for each in crowd]
        try:
            yield crowd
        finally:
            for task in looking:
                task.cancel()
            await asyncio.gather(*looking, return_exceptions=True)


async def _signed_in(gateway: str, session: aiohttp.ClientSession, name: str) -> Caller:
    async with session.post(f"{gateway}/dev/token", json={"customerId": name}) as response:
        return Caller(gateway, session, name, (await response.json())["token"])


async def at_rate(crowd: Sequence[Shopper], per_second: float, seconds: float) -> int:
    """Order, each at its moment, whether or not the earlier ones have ended; how many did."""
    count, start, turns = max(1, round(per_second * seconds)), time.monotonic(), itertools.cycle(crowd)
    async with asyncio.TaskGroup() as orders:
        for number in track(range(count), "ordering", transient=True):
            await asyncio.sleep(max(0.0, start + number / per_second - time.monotonic()))
            orders.create_task(next(turns).order())
    return count


async def without_rest(crowd: Sequence[Shopper], seconds: float) -> int:
    """All of them order again as soon as their last order has ended; how many orders ended."""
    ends, done = time.monotonic() + seconds, 0

    async def one(shopper: Shopper) -> None:
        nonlocal done
        while time.monotonic() < ends:
            await shopper.order()
            done += 1

    await asyncio.gather(*(one(each) for each in crowd))
    return done


async def repeated(act: Callable[[], Awaitable[None]], count: int) -> None:
    """Do something so often, a few at once."""
    for start in range(0, count, AT_ONCE):
        await asyncio.gather(*(act() for _ in range(start, min(start + AT_ONCE, count))))
