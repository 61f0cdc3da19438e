"""WebSocket as bytes: frames that may break any rule, and what the other side makes of them."""

import asyncio
import base64
import os
import struct
from dataclasses import dataclass
from enum import IntEnum

from tests.hostile.wire import Reply, heard_from

ABNORMAL = 1006
NO_CODE = 1005
WITHOUT_MASK = b""


class Opcode(IntEnum):
    """What a frame is."""

    CONTINUATION = 0
    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, mask: bytes = bytes(4)
) -> bytes:
    """A client's frame; without a mask where that is empty. One of zeros leaves the payload readable."""
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    return head(first, len(payload), masked=bool(mask)) + mask + (_masked(payload, mask) if mask else payload)


def head(first: int, length: int, *, masked: bool = True) -> bytes:
    """A frame's first bytes, for a payload that may never come."""
    bit = 0x80 if masked else 0
    if length < 126:
        return struct.pack("!BB", first, bit | length)
    if length < 2**16:
        return struct.pack("!BBH", first, bit | 126, length)
    return struct.pack("!BBQ", first, bit | 127, length)


def close(code: int, reason: bytes = b"") -> bytes:
    """A close frame."""
    return frame(Opcode.CLOSE, struct.pack("!H", code) + reason)


def _masked(payload: bytes, mask: bytes) -> bytes:
    repeated = (mask * (len(payload) // 4 + 1))[: len(payload)]
    size = len(payload)
    return (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(size, "big")


def handshake(host: bytes, protocol: bytes | None, headers: bytes = b"") -> bytes:
    """A request to talk WebSocket."""
    key = base64.b64encode(os.urandom(16))
    spoken = b"" if protocol is None else b"sec-websocket-protocol: " + protocol + b"\r\n"
    return (
        b"GET /graphql HTTP/1.1\r\nhost: " + host + b"\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
        b"sec-websocket-version: 13\r\nsec-websocket-key: " + key + b"\r\n" + spoken + headers + b"\r\n"
    )


@dataclass(frozen=True)
class Ended:
    """How the other side ended it."""

    code: int
    reason: str = ""


class Peer:
    """The other side of a WebSocket, as it was shaken hands with."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer
        self.texts: list[str] = []

    async def greeted(self, request: bytes) -> Reply:
        """Ask for the handshake."""
        self.writer.write(request)
        return await heard_from(self._reader)

    async def hears(self) -> str | Ended:
        """The next text, or the end. Pings are answered, as a browser answers them."""
        while True:
            try:
                opcode, payload = await self._frame()
            except (asyncio.IncompleteReadError, OSError):
                return Ended(ABNORMAL)
            if opcode == Opcode.CLOSE:
                code = struct.unpack("!H", payload[:2])[0] if payload else NO_CODE
                return Ended(code, payload[2:].decode())
            if opcode == Opcode.PING:
                self.writer.write(frame(Opcode.PONG, payload))
            if opcode == Opcode.TEXT:
                self.texts.append(payload.decode())
                return self.texts[-1]

    async def end(self) -> Ended:
        """How it ends, whatever comes before."""
        while not isinstance(heard := await self.hears(), Ended):
            pass
        return heard

    async def _frame(self) -> tuple[int, bytes]:
        first, second = await self._reader.readexactly(2)
        assert first & 0x80, "a server of ours never fragments"
        assert not first & 0x70, "nobody asked for an extension"
        assert not second & 0x80, "a server never masks"
        length = second
        if length == 126:
            (length,) = struct.unpack("!H", await self._reader.readexactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", await self._reader.readexactly(8))
        return first & 0x0F, await self._reader.readexactly(length)
