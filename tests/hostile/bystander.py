"""Another customer, meanwhile: orders, looks at orders and watches one live, and takes the time of each.

A process of its own: what it measures is the gateway's, not its own waiting for those who attack.
"""

import argparse
import asyncio
import itertools
import json
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import aiohttp
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.hostile.target import PLACE

PAGE = "{ myOrders(first: 10) { edges { node { id status history { at } } } } }"
WATCH = "subscription { myOrderUpdates { id version status } }"
ADDRESS = "127.0.0.2"
"""Where this customer comes from: not where the attackers come from."""

EVERY_SECONDS = {"myOrders": 0.05, "placeOrder": 0.5}


class Bystander:
    """`buyers` who order and `readers` who look, in turn, at a steady pace. Both are tokens.

    `took` are seconds, by what was done.
    """

    def __init__(self, port: int, buyers: list[str], readers: list[str]) -> None:
        self._port = port
        self._watching = buyers
        self._buyers = itertools.cycle(buyers)
        self._readers = itertools.cycle(readers)
        self.took: dict[str, list[float]] = {"myOrders": [], "placeOrder": [], "orderStatus": []}
        self.failures: list[str] = []
        self._placed: dict[str, float] = {}

    async def goes_on(self, seconds: float) -> None:
        """Go on for so long."""
        connector = aiohttp.TCPConnector(local_addr=(ADDRESS, 0))
        async with aiohttp.ClientSession(connector=connector) as session:
            doing: dict[str, Callable[[aiohttp.ClientSession], Awaitable[None]]]
            doing = {"myOrders": self._looks, "placeOrder": self._places}
            watching = [asyncio.create_task(self._watches(buyer)) for buyer in self._watching]
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await asyncio.gather(*(self._again(name, do, session) for name, do in doing.items()))
            for each in watching:
                each.cancel()
            await asyncio.gather(*watching, return_exceptions=True)

    async def _again(self, name: str, do: Callable[..., Awaitable[None]], session: Any) -> None:
        """At each moment once, however long the last one took: its time counts from its moment."""
        due = time.perf_counter()
        while True:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            try:
                await do(session)
                self.took[name].append(time.perf_counter() - due)
            except (aiohttp.ClientError, AssertionError, KeyError) as error:
                self.failures.append(f"{name}: {error!r}")
            due += EVERY_SECONDS[name]

    async def _ask(self, session: aiohttp.ClientSession, token: str, query: str, **variables: Any) -> Any:
        headers = {"authorization": f"Bearer {token}"}
        body = {"query": query, "variables": variables}
        url = f"http://127.0.0.1:{self._port}/graphql"
        async with session.post(url, json=body, headers=headers) as response:
            said = await response.json()
        assert "errors" not in said, said
        return said["data"]

    async def _looks(self, session: aiohttp.ClientSession) -> None:
        await self._ask(session, next(self._readers), PAGE)

    async def _places(self, session: aiohttp.ClientSession) -> None:
        began = time.perf_counter()
        command = {"fruitId": "apple", "quantity": 1, "address": "서울"}
        outcome = (await self._ask(session, next(self._buyers), PLACE, input=command))["placeOrder"]
        assert outcome["__typename"] == "OrderPlaced", outcome
        self._placed[outcome["order"]["id"]] = began

    async def _watches(self, buyer: str) -> None:
        """From placeOrder to the first word of it in the subscription."""
        url = f"ws://127.0.0.1:{self._port}/graphql"
        there = ("127.0.0.1", self._port)
        with socket.create_connection(there, source_address=(ADDRESS, 0)) as line:
            async with connect(url, sock=line, subprotocols=[Subprotocol("graphql-transport-ws")]) as peer:
                payload = {"Authorization": f"Bearer {buyer}"}
                await peer.send(json.dumps({"type": "connection_init", "payload": payload}))
                await peer.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": WATCH}}))
                async for text in peer:
                    self._heard(json.loads(text))

    def _heard(self, said: Any) -> None:
        view = ((said.get("payload") or {}).get("data") or {}).get("myOrderUpdates") or {}
        if (began := self._placed.pop(view.get("id", ""), None)) is not None:
            self.took["orderStatus"].append(time.perf_counter() - began)


def main() -> None:
    """Read the command line; the times go to standard output, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--buyers", required=True, nargs="+")
    parser.add_argument("--readers", required=True, nargs="+")
    parser.add_argument("--seconds", type=float, required=True)
    said = parser.parse_args()
    somebody = Bystander(said.port, said.buyers, said.readers)
    asyncio.run(somebody.goes_on(said.seconds))
    print(json.dumps({"took": somebody.took, "failures": somebody.failures[:20]}))  # noqa: T201


if __name__ == "__main__":
    main()
