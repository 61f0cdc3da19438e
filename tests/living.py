"""Orders placed, deliveries completed and pages read, over orders that `tests.filling` left."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bff.mypage import MyPage
from services.chassis import mongo
from services.chassis.background import running
from tests.filling import order_id
from tests.parts import Parts


class Life:
    """What went on. `failures` says what did not go well, `placed` and `completed` what must be kept."""

    def __init__(
        self, system: Parts, pages: mongo.Collection, orders: int, *, pause: float = 0.02, reader: float = 0
    ) -> None:
        self._system = system
        self._mypage = MyPage(pages)
        self._orders = orders
        self._pause = pause
        self._reader = reader
        self.placed: list[str] = []
        self.completed: list[str] = []
        self.reads = 0
        self.failures: list[str] = []

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[None]:
        """It goes on while the body runs."""
        async with running(*(self._again(each) for each in (self._order, self._deliver, self._read))):
            yield

    async def _again(self, do: Callable[[int], Awaitable[None]]) -> None:
        for number in itertools.count():
            try:
                await do(number)
            except Exception as error:  # noqa: BLE001 # whatever it is, whoever looks must see it
                self.failures.append(repr(error))
            await asyncio.sleep(self._reader if do == self._read else self._pause)

    async def _order(self, number: int) -> None:
        self.placed.append(await self._system.place("live", f"live-{number}"))

    async def _deliver(self, number: int) -> None:
        """Every eighth order is under way, until the last has been handed over."""
        if (on_its_way := 8 * number + 2) < self._orders:
            assert await self._system.complete(order_id(on_its_way)) == 200
            self.completed.append(order_id(on_its_way))

    async def _read(self, number: int) -> None:
        """Of a customer who has orders, the newest; and one of them, which is there."""
        customer, known = f"customer-{number % 500}", order_id(number % min(500, self._orders))
        assert (await self._mypage.newest(customer, 20)).orders, "a customer's orders are not there"
        assert await self._mypage.order(customer, known), "an order is not there"
        self.reads += 2
