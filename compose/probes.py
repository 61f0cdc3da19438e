"""Asking a program whether it is ready, with as little as will do."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

PATIENCE = 1.0
"""Seconds a program may take to answer."""

AMQP_GREETING = b"AMQP\x00\x00\x09\x01"

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@contextlib.asynccontextmanager
async def connected(port: int, host: str = "127.0.0.1") -> AsyncIterator[Connection]:
    """A TCP connection that is closed afterwards."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def answers_http(port: int, path: str = "/readyz", patience: float = PATIENCE) -> bool:
    """Whether GET on this path is answered with 200, within `patience` seconds."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
    return await _exchange(port, request.encode(), 12, patience) in (b"HTTP/1.1 200", b"HTTP/1.0 200")


async def answers_amqp(port: int) -> bool:
    """Whether a broker answers the AMQP greeting with its Connection.Start (a method frame, type 1)."""
    return await _exchange(port, AMQP_GREETING, 1) == b"\x01"


async def accepts(port: int) -> bool:
    """Whether anything accepts connections."""
    return await _exchange(port, b"", 0) is not None


async def _exchange(port: int, request: bytes, expected: int, patience: float = PATIENCE) -> bytes | None:
    """Send the request and read that many bytes; None if there is no such answer in time."""
    try:
        async with asyncio.timeout(patience), connected(port) as (reader, writer):
            writer.write(request)
            return await reader.readexactly(expected)
    except (OSError, TimeoutError, asyncio.IncompleteReadError):
        return None
