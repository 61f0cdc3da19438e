"""HTTP as bytes: what is sent need not be HTTP; what comes back is read strictly."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

STREAMS = ("text/event-stream", "multipart/mixed")
LISTENED_SECONDS = 0.2
"""How long a stream is listened to that need not end."""


@dataclass
class Reply:
    """One response; `status` 0 where the connection ended before there was any."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def header(self, name: str) -> str:
        """A header's value, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def seen(self) -> str:
        """All of it, as anybody can read it."""
        head = "\n".join(f"{name}: {value}" for name, value in self.headers)
        return f"{self.status}\n{head}\n\n{self.body.decode(errors='replace')}"


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to this machine, aborted at the end."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()


async def exchange(
    port: int,
    pieces: Sequence[bytes],
    *,
    pause: float = 0,
    half_close: bool = False,
    replies: int = 1,
    head_only: bool = False,
    listened: float = LISTENED_SECONDS,
) -> list[Reply]:
    """Send the pieces, hear so many replies. An early end is a reply with status 0."""
    async with connected(port) as (reader, writer):
        sending = asyncio.create_task(_send(writer, pieces, pause, half_close=half_close))
        try:
            heard: list[Reply] = []
            while len(heard) < replies and (not heard or heard[-1].status):
                heard.append(await heard_from(reader, head_only=head_only, listened=listened))
            return heard
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)


async def _send(
    writer: asyncio.StreamWriter, pieces: Sequence[bytes], pause: float, *, half_close: bool
) -> None:
    with suppress(OSError):
        for number, piece in enumerate(pieces):
            if number:
                await asyncio.sleep(pause)
            writer.write(piece)
            await writer.drain()
        if half_close:
            writer.write_eof()


async def heard_from(
    reader: asyncio.StreamReader, *, head_only: bool = False, listened: float = LISTENED_SECONDS
) -> Reply:
    """The next final response; what came of it where the connection ended early."""
    reply = Reply()
    with suppress(asyncio.IncompleteReadError, OSError):
        while reply.status in {0, 100, 103}:
            reply = _head(await reader.readuntil(b"\r\n\r\n"))
        if reply.status not in {101, 204, 304} and not head_only:
            await _read_body(reader, reply, listened)
    return reply


def _head(data: bytes) -> Reply:
    first, *lines = data.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    version, _, rest = first.partition(" ")
    assert version in {"HTTP/1.1", "HTTP/1.0"}, first
    pairs = [line.partition(":") for line in lines]
    return Reply(int(rest[:3]), [(name, value.strip()) for name, _, value in pairs])


async def _read_body(reader: asyncio.StreamReader, reply: Reply, listened: float) -> None:
    if reply.header("content-type").startswith(STREAMS):
        with suppress(TimeoutError):
            async with asyncio.timeout(listened):
                await _read_chunks(reader, reply)
    elif reply.header("transfer-encoding"):
        await _read_chunks(reader, reply)
    elif length := reply.header("content-length"):
        reply.body = await reader.readexactly(int(length))
    else:
        reply.body = await reader.read()


async def _read_chunks(reader: asyncio.StreamReader, reply: Reply) -> None:
    while size := int((await reader.readuntil(b"\r\n")).strip(), 16):
        reply.body += (await reader.readexactly(size + 2))[:-2]
    await reader.readuntil(b"\r\n")
