"""A link that can be cut, frozen, slowed, reset and half forgotten, to a server that knows nothing of it."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

AT_ONCE = 65536
WITHOUT_A_WORD = struct.pack("ii", 1, 0)
"""SO_LINGER that makes closing a reset: what was on its way is thrown away."""


class Gate:
    """One direction of a link. `carried` counts the bytes that came through."""

    def __init__(self) -> None:
        self.carried = 0
        self._open = asyncio.Event()
        self._open.set()

    def close(self) -> None:
        """Hold back what comes."""
        self._open.clear()

    def open(self) -> None:
        """Let it through."""
        self._open.set()

    async def passed(self) -> None:
        """Wait until it is open."""
        await self._open.wait()


class Flow:
    """One connection through a link, from whoever connected to the server."""

    def __init__(self, here: asyncio.StreamWriter, there: asyncio.StreamWriter) -> None:
        self._ends = (here, there)
        self._forgotten = False

    def forget(self) -> None:
        """Let the server's end close; whoever connected hears nothing of it, nor of anything else."""
        self._forgotten = True
        self._ends[1].transport.abort()

    def end(self, *, reset: bool) -> None:
        """Close both ends."""
        for end in self._ends:
            if reset:
                with contextlib.suppress(OSError):
                    end.get_extra_info("socket").setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, WITHOUT_A_WORD
                    )
            end.transport.abort()

    async def pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, link: "Link") -> None:
        """Carry what one side says to the other, as the link allows."""
        gate = link.there if sink is self._ends[1] else link.back
        while data := await source.read(AT_ONCE):
            if link.delay:
                await asyncio.sleep(link.delay)
            await gate.passed()
            if not self._forgotten:
                gate.carried += len(data)
                sink.write(data)
                await sink.drain()
        if self._forgotten:
            await asyncio.Event().wait()  # until somebody ends it
        raise ConnectionResetError("closed by one side")


class Link:
    """A TCP proxy to `target`, a port of this machine.

    What goes through it is held while it is frozen, refused while it is cut, and takes `delay` seconds more.
    `unheard` counts the connections that were made while it was silent.
    """

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self.delay = 0.0
        self.unheard = 0
        self.there, self.back = Gate(), Gate()
        self._silent = False
        self._server: asyncio.Server | None = None
        self._carrying: set[asyncio.Task[None]] = set()
        self._flows: set[Flow] = set()

    async def mend(self) -> None:
        """Let connections through, as at first."""
        self.thaw()
        self.delay = 0.0
        self._silent = False
        if self._server is None:
            self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Break what is connected, and refuse what comes."""
        if self._server:
            self._server.close()
            self._server = None
        await self._break()

    async def reset(self) -> None:
        """Break what is connected, throwing away what is on its way; whoever comes again is let through."""
        for flow in self._flows:
            flow.end(reset=True)
        await self._break()

    def forget(self) -> None:
        """Leave those that are connected half open: they send, and nobody is there."""
        for flow in self._flows:
            flow.forget()

    def silence(self) -> None:
        """Leave those that are connected half open, and those that come, too."""
        self._silent = True
        self.forget()

    def freeze(self) -> None:
        """Hold everything back, without a word."""
        self.there.close()
        self.back.close()

    def thaw(self) -> None:
        """Let what was held back go on."""
        self.there.open()
        self.back.open()

    async def _break(self) -> None:
        for task in self._carrying:
            task.cancel()
        await asyncio.gather(*self._carrying, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._carry(reader, writer))
        self._carrying.add(task)
        task.add_done_callback(self._carrying.discard)
        try:
            await asyncio.wait({task})
        finally:  # one that is broken before it has begun ends nothing itself
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            back, there = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            return
        flow = Flow(writer, there)
        self._flows.add(flow)
        if self._silent:
            flow.forget()
            self.unheard += 1
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(flow.pump(reader, there, self))
                both.create_task(flow.pump(back, writer, self))
        except* OSError:
            pass
        finally:
            self._flows.discard(flow)
            flow.end(reset=False)


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
