"""Customers who watch over WebSocket, and come back by themselves whenever the connection is lost."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from websockets.exceptions import WebSocketException

from tests.stories.customer import WATCH_ALL, Caller, Json

AGAIN_AFTER_SECONDS = 0.2
NOTICED_AFTER_SECONDS = 2.0
"""How long a watcher takes to notice that nobody is there any more."""

FOR_EVER_SECONDS = 3600.0

ENDINGS = (WebSocketException, OSError, TimeoutError, AssertionError, StopAsyncIteration)
"""How a watch can end that is to be begun again: lost, refused, or ended by the gateway."""

SHOWN_AT_FIRST = 50
"""Of so many orders, the newest, a new watch shows the present state: an older one's change may be missed."""


class Watcher:
    """What one customer sees of all of their orders."""

    def __init__(self, caller: Caller) -> None:
        self.latest: dict[str, Json] = {}
        self.backwards: list[str] = []
        self.connected = 0
        self._caller = caller

    async def watch(self) -> None:
        """Watch until cancelled."""
        while True:
            with contextlib.suppress(*ENDINGS):
                await self._one_connection()
            await asyncio.sleep(AGAIN_AFTER_SECONDS)

    async def _one_connection(self) -> None:
        patience: dict[str, Any] = {
            "open_timeout": NOTICED_AFTER_SECONDS,
            "ping_interval": NOTICED_AFTER_SECONDS,
            "ping_timeout": NOTICED_AFTER_SECONDS,
            "close_timeout": 0.1,
        }
        async with self._caller.watching(WATCH_ALL, **patience) as watch:
            self.connected += 1
            while True:
                self._saw(await watch.order(within=FOR_EVER_SECONDS))

    def _saw(self, order: Json) -> None:
        before = self.latest.get(order["id"])
        if before and order["version"] < before["version"]:
            said = f"version {order['version']} of {order['id']} after {before['version']}"
            self.backwards.append(f"{self._caller.name} was shown {said}")
        self.latest[order["id"]] = order

    def behind(self, orders: Iterable[Any]) -> list[str]:
        """Which of this customer's orders it has not seen as they are: a sentence each."""
        mine = sorted((each for each in orders if each.customer == self._caller.name), key=_placed_at)
        return [
            f"{self._caller.name}, who watches, last saw {_summary(self.latest.get(each.order_id))} "
            f"of {each.order_id}, which is {each.view.status} in version {each.view.version}"
            for each in mine[-SHOWN_AT_FIRST:]
            if self.latest.get(each.order_id, {}).get("version") != each.view.version
        ]


def _placed_at(truth: Any) -> Any:
    return truth.view.placed_at


def _summary(order: Json | None) -> str:
    return f"{order['status']} in version {order['version']}" if order else "nothing"


@asynccontextmanager
async def watchers(callers: Iterable[Caller]) -> AsyncIterator[list[Watcher]]:
    """Some customers watching, as long as the body runs."""
    watching = [Watcher(caller) for caller in callers]
    tasks = [asyncio.create_task(each.watch()) for each in watching]
    try:
        yield watching
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
