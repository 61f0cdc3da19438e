"""A client that says what it likes: bytes over a socket, as slowly as it likes."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

HEAD = b"POST /graphql HTTP/1.1\r\nhost: there\r\ncontent-type: application/json\r\n"
LITTLE = 4096
"""A receive buffer that is soon full."""


class Wire:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def says(self, data: bytes) -> None:
        """Send bytes."""
        self.writer.write(data)
        await self.writer.drain()

    async def hears(self) -> tuple[int, dict[str, str], Any]:
        """One answer: its status, headers and JSON."""
        async with asyncio.timeout(10):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
            body = await self.reader.readexactly(int(headers.get("content-length", 0)))
            return int(head[0].split()[1]), headers, json.loads(body)

    async def is_hung_up(self) -> bool:
        """Wait until the other side has nothing more to say."""
        with suppress(ConnectionError):
            async with asyncio.timeout(10):
                await self.reader.read()
        return True

    async def is_cut_off_saying(self, again_and_again: bytes) -> bool:
        """Say it until the other side has enough."""
        with suppress(ConnectionError):
            for _ in range(10_000):
                await self.says(again_and_again)
            return False
        return True


@asynccontextmanager
async def wire(address: str, *, buffer: int | None = None) -> AsyncIterator[Wire]:
    """Connect; with a receive buffer of so many bytes, where a number is given."""
    host, _, port = address.partition(":")
    there = socket.socket()
    if buffer is not None:
        there.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    there.setblocking(False)  # noqa: FBT003 - the standard library's own
    await asyncio.get_running_loop().sock_connect(there, (host, int(port)))
    reader, writer = await asyncio.open_connection(sock=there, limit=buffer or 2**16)
    try:
        yield Wire(reader, writer)
    finally:
        writer.transport.abort()
