"""The line to a client that listens: one frame at a time, kept alive, and dropped where nobody reads."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from services.chassis.protocol import ABORT

LAST_WORD_SECONDS = 1.0


class Line:
    """What a stream is written to. While the server's buffer has no room, writing waits.

    The server drops whoever reads nothing for too long: then the client has hung up.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._abort = scope.get("extensions", {}).get(ABORT)
        self._receive = receive
        self._send = send
        self._turn = asyncio.Lock()
        self._written_at = 0.0

    async def begin(self, status: int, headers: list[tuple[bytes, bytes]], opening: bytes) -> None:
        """Write the head of the response, and what comes first."""
        await self._sent({"type": "http.response.start", "status": status, "headers": headers})
        await self.write(opening)

    async def write(self, data: bytes) -> None:
        """Write a frame; waits while the client has not read the others."""
        await self._sent({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self, last: bytes) -> None:
        """Write the last frame, and hang up, on whoever does not read it too."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORD_SECONDS):
                await self._sent({"type": "http.response.body", "body": last, "more_body": False})
                return
        if self._abort is not None:
            self._abort()
            await self.until_hung_up()

    async def keep_alive(self, heartbeat: bytes, seconds: float) -> None:
        """Write a heartbeat whenever nothing else was written for so long."""
        loop = asyncio.get_running_loop()
        while True:
            if (due := self._written_at + seconds) <= loop.time():
                await self.write(heartbeat)
            else:
                await asyncio.sleep(due - loop.time())

    async def until_hung_up(self) -> None:
        """Wait until the client is gone."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _sent(self, message: Message) -> None:
        async with self._turn:
            await self._send(message)
            self._written_at = asyncio.get_running_loop().time()


async def first(*ways: Coroutine[Any, Any, Any]) -> None:
    """Go several ways at once until one has come to its end, and leave the others. Raises what it raised."""
    tasks = {asyncio.create_task(way) for way in ways}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
