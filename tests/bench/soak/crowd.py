"""Customers who come, watch their orders, order, look, change their minds and go: others take their place."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress

import aiohttp
from websockets.exceptions import WebSocketException

from compose.operations import operations
from tests.stories.customer import APPLES, Caller, Json, Watch

TEXTS = {each.name: each.text for each in operations()}
"""The storefront's own operations."""

STAY_SECONDS = (20, 100)
"""How long a customer stays."""

CANCELS, READS = 0.1, 0.4
"""Shares of orders that are canceled, and after which the newest orders are looked at."""

UNDER_WAY_AT_MOST = 500
"""Orders; where the system cannot keep up with the rate, further ones are left out, and counted."""

ANSWERED_WITHIN_SECONDS = 30.0
LOST = (aiohttp.ClientError, WebSocketException, OSError, TimeoutError, EOFError)


class Crowd:
    """Those who are there at the moment."""

    def __init__(self, gateway: str, session: aiohttp.ClientSession, size: int) -> None:
        self.answers: Counter[str] = Counter()
        self.seen = self.came = 0
        self._gateway = gateway
        self._session = session
        self._size = size
        self._there: dict[int, Caller] = {}
        self._chance = random.Random(1)  # noqa: S311 # no secret: a seed

    @property
    def there(self) -> int:
        """How many are there."""
        return len(self._there)

    @asynccontextmanager
    async def coming_and_going(self) -> AsyncIterator[None]:
        """Have so many places taken while the body runs."""
        places = [asyncio.create_task(self._place(number)) for number in range(self._size)]
        try:
            yield
        finally:
            for each in places:
                each.cancel()
            await asyncio.gather(*places, return_exceptions=True)

    async def order(self, per_second: float, ends: float) -> None:
        """Order, each at its moment, whether or not the earlier ones have ended."""
        start, number = time.monotonic(), 0
        async with asyncio.TaskGroup() as under_way:
            tasks: set[asyncio.Task[None]] = set()
            while (moment := start + number / per_second) < ends:
                await asyncio.sleep(max(0.0, moment - time.monotonic()))
                number += 1
                if not self._there or len(tasks) >= UNDER_WAY_AT_MOST:
                    self.answers["left out"] += 1
                    continue
                task = under_way.create_task(self._shop(self._chance.choice(list(self._there.values()))))
                tasks.add(task)
                task.add_done_callback(tasks.discard)

    async def _place(self, number: int) -> None:
        """A place in the crowd: one customer after another."""
        await asyncio.sleep(number / self._size * STAY_SECONDS[0])
        while True:
            self.came += 1
            try:
                await self._visit(number, f"soak-{self.came}")
            except LOST as error:
                self.answers[f"left: {type(error).__name__}"] += 1
            await asyncio.sleep(1)

    async def _visit(self, number: int, name: str) -> None:
        async with self._session.post(f"{self._gateway}/dev/token", json={"customerId": name}) as response:
            response.raise_for_status()
            caller = Caller(self._gateway, self._session, name, (await response.json())["token"])
        async with caller.watching(TEXTS["MyOrderUpdates"]) as watch:
            self._there[number] = caller
            try:
                with suppress(TimeoutError):  # they have stayed as long as they meant to
                    async with asyncio.timeout(self._chance.uniform(*STAY_SECONDS)):
                        await self._look(watch)
            finally:
                del self._there[number]

    async def _look(self, watch: Watch) -> None:
        while True:
            await watch.order(within=STAY_SECONDS[1])
            self.seen += 1

    async def _shop(self, caller: Caller) -> None:
        """Order, and perhaps cancel, and perhaps look at what there is."""
        placed = await self._told(caller.ask(TEXTS["PlaceOrder"], {"input": APPLES}))
        if placed.get("order") and self._chance.random() < CANCELS:
            await self._told(caller.ask(TEXTS["CancelOrder"], {"orderId": placed["order"]["id"]}))
        if self._chance.random() < READS:
            await self._told(caller.ask(TEXTS["MyOrders"], {"first": 10}))

    async def _told(self, asked: Awaitable[Json]) -> Json:
        """What became of it, counted."""
        try:
            async with asyncio.timeout(ANSWERED_WITHIN_SECONDS):
                said = await asked
        except LOST as error:
            self.answers[type(error).__name__] += 1
            return {}
        outcomes = list((said.get("data") or {}).values())
        outcome: Json = (outcomes[0] if outcomes else None) or {}
        errors = said.get("errors") or [{}]
        code = errors[0].get("extensions", {}).get("code")
        self.answers[code or outcome.get("__typename") or "page"] += 1
        return outcome
