"""Subscriptions opened and dropped in every way that clients have of going away."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from tests.bff.asking import bearer
from tests.bff.raw_socket import CLOSE, Raw, frame, said, signed_in

WATCH_ALL = "subscription { myOrderUpdates { id } }"
WATCH_ONE = 'subscription { orderStatus(orderId: "order-1") { id } }'
SUBSCRIBED = [
    said("subscribe", id="1", payload={"query": WATCH_ALL}),
    said("subscribe", id="2", payload={"query": WATCH_ONE}),
    said("ping"),
]
EVENTS = json.dumps({"query": WATCH_ALL}).encode()


async def _are_watched(raw: Raw) -> None:
    await raw.sends(*SUBSCRIBED)
    while (await raw.message())["type"] != "pong":
        pass


async def politely(address: str, customer: str) -> None:
    """Complete, close, and wait for the other side to close."""
    async with signed_in(address, customer) as raw:
        await _are_watched(raw)
        await raw.sends(said("complete", id="1"), frame(CLOSE, b"\x03\xe8"))
        await raw.end()


async def without_a_word(address: str, customer: str) -> None:
    """Be gone, in the middle of two subscriptions."""
    async with signed_in(address, customer) as raw:
        await _are_watched(raw)
        raw.reset()


async def while_it_begins(address: str, customer: str) -> None:
    """Be gone before the other side could have read what was asked."""
    async with signed_in(address, customer) as raw:
        await raw.sends(*SUBSCRIBED)
        raw.reset()


async def out_of_protocol(address: str, customer: str) -> None:
    """Say nonsense, and be sent away."""
    async with signed_in(address, customer) as raw:
        await _are_watched(raw)
        await raw.sends(frame(1, b"nonsense"))
        await raw.end()


async def from_events(address: str, customer: str) -> None:
    """Listen to server-sent events, and be gone."""
    host, port = address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    head = (
        f"POST /graphql HTTP/1.1\r\nhost: {address}\r\nauthorization: {bearer(customer)['authorization']}\r\n"
    )
    kind = "content-type: application/json\r\naccept: text/event-stream\r\n"
    writer.write(f"{head}{kind}content-length: {len(EVENTS)}\r\n\r\n".encode() + EVENTS)
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
    await reader.readuntil(b":")
    writer.transport.abort()


WAYS: Sequence[Callable[[str, str], Awaitable[None]]] = (
    politely,
    without_a_word,
    while_it_begins,
    out_of_protocol,
    from_events,
)


async def drop(address: str, numbers: Sequence[int], at_once: int = 20) -> None:
    """Open and drop one for each number; the customer and the way of going go by it."""
    turns = asyncio.Semaphore(at_once)

    async def one(number: int) -> None:
        async with turns:
            with suppress(ConnectionError):  # a reset may be heard by whoever made it
                await WAYS[number % len(WAYS)](address, f"customer-{number % 50}")

    async with asyncio.TaskGroup() as group:
        for number in numbers:
            group.create_task(one(number))
