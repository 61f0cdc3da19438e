"""A WebSocket client that sends whatever it is told to, and reads only when it is told to."""

import asyncio
import base64
import json
import os
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.bff.asking import TRANSPORT_WS, token
from tests.bff.serving import RESET

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


def frame(opcode: int, payload: bytes, *, fin: bool = True, masked: bool = True, reserved: int = 0) -> bytes:
    """A frame, right or wrong."""
    head = bytes([(0x80 if fin else 0) | reserved | opcode])
    mask = 0x80 if masked else 0
    if len(payload) < 126:
        head += bytes([mask | len(payload)])
    elif len(payload) < 65536:
        head += struct.pack("!BH", mask | 126, len(payload))
    else:
        head += struct.pack("!BQ", mask | 127, len(payload))
    return head + (b"\0\0\0\0" if masked else b"") + payload


def said(type: str, **fields: Any) -> bytes:  # noqa: A002 - the protocol's word
    """A message of the protocol."""
    return frame(TEXT, json.dumps({"type": type, **fields}).encode())


class Raw:
    """One connection. Nothing is answered by itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def sends(self, *data: bytes) -> None:
        """Send, and wait until it is on its way."""
        self.writer.writelines(data)
        await self.writer.drain()

    async def hears(self) -> tuple[int, bytes]:
        """The next frame: its opcode and what is in it."""
        async with asyncio.timeout(10):
            first, length = await self.reader.readexactly(2)
            if length == 126:
                (length,) = struct.unpack("!H", await self.reader.readexactly(2))
            elif length == 127:
                (length,) = struct.unpack("!Q", await self.reader.readexactly(8))
            return first & 0xF, await self.reader.readexactly(length)

    async def message(self) -> Any:
        """The next message of the protocol's."""
        opcode, payload = await self.hears()
        assert opcode == TEXT, (opcode, payload)
        return json.loads(payload)

    async def end(self) -> tuple[int, str]:
        """How the other side ends it: with what code and reason, and then nothing, and no reset."""
        opcode = payload = None
        while opcode != CLOSE:
            opcode, payload = await self.hears()
        assert payload is not None
        async with asyncio.timeout(10):
            assert await self.reader.read() == b""
        return struct.unpack("!H", payload[:2])[0], payload[2:].decode()

    def reset(self) -> None:
        """Go away as a machine does that loses its power."""
        self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.writer.transport.abort()


@asynccontextmanager
async def knocking(address: str, *, buffer: int | None = None) -> AsyncIterator[Raw]:
    """A WebSocket on which nothing has been said; what it does not read is kept in so many bytes."""
    host, port = address.split(":")
    plain = socket.socket()
    if buffer is not None:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    plain.setblocking(False)  # noqa: FBT003 - the standard library's own
    await asyncio.get_running_loop().sock_connect(plain, (host, int(port)))
    reader, writer = await asyncio.open_connection(sock=plain, limit=buffer or 2**16)
    key = base64.b64encode(os.urandom(16)).decode()
    head = f"GET /graphql HTTP/1.1\r\nhost: {address}\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
    protocol = f"sec-websocket-version: 13\r\nsec-websocket-protocol: {TRANSPORT_WS}\r\n"
    writer.write(f"{head}{protocol}sec-websocket-key: {key}\r\n\r\n".encode())
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    try:
        yield Raw(reader, writer)
    finally:
        writer.transport.abort()


@asynccontextmanager
async def signed_in(address: str, customer: str = "customer-1", **options: Any) -> AsyncIterator[Raw]:
    """One on which somebody is signed in."""
    async with knocking(address, **options) as raw:
        await raw.sends(said("connection_init", payload={"Authorization": f"Bearer {token(customer)}"}))
        assert await raw.message() == {"type": "connection_ack"}
        yield raw
