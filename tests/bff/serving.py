"""Servers on real sockets, in the test's own process: applications, and stubs that do as they are told."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import uvicorn
from pydantic import BaseModel
from starlette.applications import Starlette

from bff.edge.websocket import websockets_over
from services.chassis.serve import configuration
from services.chassis.wire import Wire
from tests.waiting import until

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: whoever is at the other end hears a reset, not a polite end."""


class _Server(uvicorn.Server):
    """Leaves signals to pytest."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(
    app: Starlette, wire: Wire | None = None, proxies: Sequence[str] = ()
) -> AsyncIterator[str]:
    """Serve as production does; the address, without its scheme."""
    server = _Server(configuration(app, wire, proxies, websockets_over, port=0, timeout_graceful_shutdown=1))
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started or task.done())
    assert not task.done(), "it did not start"
    yield f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await task


@dataclass(frozen=True)
class Heard:
    """A request; `connection` counts from 1."""

    method: str
    path: str
    body: bytes
    connection: int


Script = Callable[[Heard], Awaitable[bytes | None]]


def reply(message: BaseModel | str, status: int = 200, headers: str = "") -> bytes:
    """An HTTP response."""
    body = (message if isinstance(message, str) else message.model_dump_json()).encode()
    head = f"HTTP/1.1 {status} It is said\r\ncontent-type: application/json\r\n{headers}"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


def says(*answers: bytes | None) -> Script:
    """Give these answers one after the other, and then the last one for ever; None resets the connection."""
    left = list(answers)

    async def script(_: Heard) -> bytes | None:
        return left.pop(0) if len(left) > 1 else left[0]

    return script


def never() -> Script:
    """Hear, and say nothing."""
    return once(asyncio.Event(), b"")


def once(event: asyncio.Event, answer: bytes) -> Script:
    """Answer when something has happened."""

    async def script(_: Heard) -> bytes | None:
        await event.wait()
        return answer

    return script


class Stub:
    """A service of which only the answers exist. Keeps what it heard."""

    def __init__(self) -> None:
        self.script: Script = says(reply("{}"))
        self.heard: list[Heard] = []
        self.port = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._connections = 0

    @property
    def url(self) -> str:
        """Where it is, or will be."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen; each time at the same port."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse connections, and close those that are open."""
        if self._server:
            self._server.close()
        self.hang_up()
        await until(lambda: not self._writers)

    def hang_up(self) -> None:
        """Close what is open."""
        for writer in self._writers:
            writer.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        self._writers.add(writer)
        talk = asyncio.create_task(self._talk(reader, writer, self._connections))
        gone = asyncio.create_task(writer.wait_closed())
        try:
            await asyncio.wait({talk, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            talk.cancel()
            writer.transport.abort()
            await asyncio.gather(talk, gone, return_exceptions=True)
            self._writers.discard(writer)

    async def _talk(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int
    ) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                method, path, _ = head.split(" ", 2)
                length = head.lower().partition("content-length: ")[2].partition("\r\n")[0] or "0"
                body = await reader.readexactly(int(length))
                self.heard.append(Heard(method, path, body, connection))
                answer = await self.script(self.heard[-1])
                if answer is None:
                    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                    return
                writer.write(answer)
                await writer.drain()


@contextmanager
def deaf() -> Iterator[str]:
    """Where a connection is neither taken nor refused: the queue of those that wait to be taken is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)  # noqa: FBT003 - the standard library's own
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@asynccontextmanager
async def stub() -> AsyncIterator[Stub]:
    """A stub that listens."""
    there = Stub()
    await there.start()
    try:
        yield there
    finally:
        await there.stop()
