"""Clients that watch orders as FRONT_ENDS.md tells them to: where it breaks, they go on where they were."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import aiohttp
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException
from websockets.typing import Subprotocol

from tests.compose.containers.load import User

CHANGES = "subscription ($after: String) { myOrderUpdates(after: $after) { id status version } }"

ENDINGS = (WebSocketException, aiohttp.ClientError, OSError, TimeoutError, EOFError)
"""How it can break off, or not begin."""

AGAIN_AFTER_SECONDS, AT_MOST_SECONDS = 0.2, 1.0
"""How long it waits before it comes back, give or take a half: twice as long with each vain attempt."""

Results = AsyncIterator[dict[str, Any]]


class Subscriber:
    """One subscription to all of a user's orders. Times are in seconds."""

    def __init__(self, url: str, user: User, session: aiohttp.ClientSession, *, over_sse: bool) -> None:
        self.user = user
        self.versions: dict[str, int] = {}
        self.backwards: list[str] = []
        self.interruptions: list[float] = []
        self.vain: list[str] = []
        self.open = asyncio.Event()
        self._url = url
        self._session = session
        self._connected = self._sse if over_sse else self._websocket
        self._after: str | None = None

    async def watches(self) -> None:
        """Watch until cancelled."""
        pause, lost = AGAIN_AFTER_SECONDS, None
        while True:
            try:
                async with self._connected() as results:
                    if lost is not None:
                        self.interruptions.append(time.monotonic() - lost)
                    pause, lost = AGAIN_AFTER_SECONDS, None
                    self.open.set()
                    async for result in results:
                        self._take(result)
            except ENDINGS as error:
                if lost is not None:
                    self.vain.append(repr(error))
            self.open.clear()
            lost = lost or time.monotonic()
            await asyncio.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 # no secret
            pause = min(AT_MOST_SECONDS, 2 * pause)

    def _take(self, result: dict[str, Any]) -> None:
        if order := (result.get("data") or {}).get("myOrderUpdates"):
            before = self.versions.get(order["id"], 0)
            if order["version"] < before:
                self.backwards.append(f"{order['id']}: {order['version']} after {before}")
            self.versions[order["id"]] = order["version"]
        self._after = (result.get("extensions") or {}).get("resume", self._after)

    @property
    def _operation(self) -> dict[str, Any]:
        return {"query": CHANGES, "variables": {"after": self._after}}

    @asynccontextmanager
    async def _websocket(self) -> AsyncIterator[Results]:
        url = f"{self._url.replace('http', 'ws')}/graphql"
        protocol = Subprotocol("graphql-transport-ws")
        async with connect(
            url, subprotocols=[protocol], open_timeout=5, close_timeout=1, proxy=None
        ) as socket:
            hello = {"Authorization": f"Bearer {self.user.token}"}
            await socket.send(json.dumps({"type": "connection_init", "payload": hello}))
            async with asyncio.timeout(5):
                while json.loads(await socket.recv())["type"] != "connection_ack":
                    pass
            subscribe = {"type": "subscribe", "id": "1", "payload": self._operation}
            await socket.send(json.dumps(subscribe))

            async def results() -> Results:
                async for text in socket:
                    frame = json.loads(text)
                    if frame["type"] == "next":
                        yield frame["payload"]

            yield results()

    @asynccontextmanager
    async def _sse(self) -> AsyncIterator[Results]:
        headers = {"authorization": f"Bearer {self.user.token}", "accept": "text/event-stream"}
        timeout = aiohttp.ClientTimeout(total=None, sock_read=30)
        ask = self._session.post(
            f"{self._url}/graphql", json=self._operation, headers=headers, timeout=timeout
        )
        async with ask as response:
            if response.status != HTTPStatus.OK:
                raise EOFError(f"HTTP {response.status}")

            async def results() -> Results:
                async for line in response.content:
                    field, _, value = line.decode().rstrip().partition(": ")
                    if field == "data" and value:
                        yield json.loads(value)

            yield results()
