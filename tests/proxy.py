"""A link that can be cut, mended, frozen and thawed, to a server that knows nothing of it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Link:
    """A TCP proxy: what goes through it is held while it is frozen, and refused while it is cut."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self._flows: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self.port = 0

    async def mend(self) -> None:
        """Let connections through."""
        self._flowing.set()
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Break what is connected, and refuse what comes."""
        if self._server:
            self._server.close()
        for flow in self._flows:
            flow.cancel()
        await asyncio.gather(*self._flows, return_exceptions=True)

    def freeze(self) -> None:
        """Hold everything back, without a word."""
        self._flowing.clear()

    def thaw(self) -> None:
        """Let what was held back go on."""
        self._flowing.set()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        flow = asyncio.create_task(self._carry(reader, writer))
        self._flows.add(flow)
        flow.add_done_callback(self._flows.discard)
        await asyncio.wait({flow})

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = None
        try:
            back, there = await asyncio.open_connection("127.0.0.1", self._target)
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pump(reader, there))
                both.create_task(self._pump(back, writer))
        except* OSError:
            pass
        finally:
            for each in (writer, there):
                if each:
                    each.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(65536):
            await self._flowing.wait()
            sink.write(data)
            await sink.drain()
        raise ConnectionResetError("closed by one side")


@asynccontextmanager
async def linked(target: int) -> AsyncIterator[Link]:
    """A link to a port of this machine."""
    link = Link(target)
    await link.mend()
    try:
        yield link
    finally:
        with contextlib.suppress(OSError):
            await link.cut()
