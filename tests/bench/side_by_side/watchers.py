"""Watchers by the thousand: WebSockets that cost next to nothing, and note when they are told something."""

import asyncio
import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from tests.bff.asking import token
from tests.bff.raw_socket import CLOSE, PING, PONG, TEXT, frame, said

DOCUMENT: Final = """
subscription Watch($id: ID!) {
  orderStatus(orderId: $id) {
    id version status statusLabel updatedAt payment { status amount } delivery { status }
  }
}
"""
TOLD: Final = re.compile(rb'"orderStatus":\{"id":"([^"]+)","version":(\d+)')
ACKNOWLEDGED: Final = b'"connection_ack"'
CONNECTS_AT_ONCE: Final = 50

Heard = Callable[[str, int, float], None]
"""Is told each view: which order, which version, and when it came."""


@dataclass(frozen=True)
class Watch:
    """One connection: whose, and which orders it watches."""

    customer: str
    orders: Sequence[str]


class Watcher(asyncio.Protocol):
    """One connection; `ready` once all that it watches has been shown."""

    def __init__(self, watch: Watch, host: str, heard: Heard) -> None:
        self._watch = watch
        self._host = host
        self._heard = heard
        self._left = len(watch.orders)
        self._rest = b""
        self._is_open = False
        self.ready = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Knock."""
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport
        transport.write(
            f"GET /graphql HTTP/1.1\r\nhost: {self._host}\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
            "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            "sec-websocket-protocol: graphql-transport-ws\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Take in whole frames."""
        data = self._rest + data
        if not self._is_open:
            head, end, data = data.partition(b"\r\n\r\n")
            if not end:
                self._rest = head
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self._is_open = True
            bearer = f"Bearer {token(self._watch.customer)}"
            self._transport.write(said("connection_init", payload={"Authorization": bearer}))
        at = 0
        while (found := _frame(data, at)) is not None:
            start, end_ = found
            self._take(data[at] & 0xF, data[start:end_])
            at = end_
        self._rest = data[at:]

    def connection_lost(self, exc: Exception | None) -> None:
        """Say so to whoever waits."""
        if not self.ready.done():
            self.ready.set_exception(exc or ConnectionError("hung up on"))

    def close(self) -> None:
        """Go."""
        self._transport.write(frame(CLOSE, b"\x03\xe8"))
        self._transport.close()

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self._transport.write(frame(PONG, payload))
        elif opcode != TEXT:
            return
        elif told := TOLD.search(payload):
            self._told(told[1].decode(), int(told[2]))
        elif ACKNOWLEDGED in payload:
            for number, order in enumerate(self._watch.orders):
                asked = {"query": DOCUMENT, "variables": {"id": order}}
                self._transport.write(said("subscribe", id=str(number), payload=asked))
        else:
            assert b'"ping"' in payload, payload

    def _told(self, order: str, version: int) -> None:
        if self.ready.done():
            self._heard(order, version, time.perf_counter())
            return
        self._left -= 1
        if not self._left:
            self.ready.set_result(None)


async def watching(url: str, watches: Iterable[Watch], heard: Heard) -> list[Watcher]:
    """Open them all, and wait until each has been shown what it watches."""
    loop, place, watchers = asyncio.get_running_loop(), urlsplit(url), list[Watcher]()
    address = place.hostname or "", place.port or 80
    turns = asyncio.Semaphore(CONNECTS_AT_ONCE)

    async def one(watch: Watch) -> None:
        async with turns:
            _, watcher = await loop.create_connection(lambda: Watcher(watch, place.netloc, heard), *address)
            watchers.append(watcher)
            await asyncio.wait_for(watcher.ready, 30)

    await asyncio.gather(*(one(watch) for watch in watches))
    return watchers


def _frame(data: bytes, at: int) -> tuple[int, int] | None:
    """Where the payload of a server's frame begins and ends; None where not all of it is there."""
    if len(data) < at + 4 and (len(data) < at + 2 or data[at + 1] > len(data) - at - 2):
        return None
    length, start = data[at + 1], at + 2
    if length == 126:
        length, start = int.from_bytes(data[start : start + 2], "big"), start + 2
    return (start, start + length) if len(data) >= start + length else None
