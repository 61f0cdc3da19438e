"""Buses for tests: connected, with a hearer that can be told to be in trouble, and a look into the queues."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aio_pika
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage

from schema import channels
from schema.events import Event
from services.chassis.background import running
from services.chassis.bus import Bus
from services.chassis.settings import ProcessSettings
from tests.waiting import until


class Hearer:
    """Takes facts in, unless it is told to raise."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.tried = 0
        self.trouble: Exception | None = None
        self.during: Callable[[], Awaitable[None]] | None = None

    async def __call__(self, fact: Event) -> None:
        self.tried += 1
        if self.trouble:
            raise self.trouble
        if self.during:
            await self.during()
        self.heard.append(fact.id)


def settings(url: str, **others: Any) -> ProcessSettings:
    return ProcessSettings(rabbitmq_url=url, **others)


@asynccontextmanager
async def on(bus: Bus) -> AsyncIterator[Bus]:
    """Run a bus until it is connected; stop it in the end."""
    try:
        async with running(bus.run()):
            await until(bus.connected)
            yield bus
    finally:
        await bus.stop()


@asynccontextmanager
async def looking(url: str) -> AsyncIterator[AbstractChannel]:
    """A channel of the test's own."""
    connection = await aio_pika.connect(url)
    async with connection, connection.channel() as channel:
        yield channel


async def waiting_in(channel: AbstractChannel, queue: str) -> int:
    """How many messages wait in a queue."""
    return (await channel.get_queue(queue)).declaration_result.message_count or 0


async def taken_from(channel: AbstractChannel, queue: str) -> AbstractIncomingMessage:
    """The next message of a queue, taken out."""
    there = await channel.get_queue(queue)
    message: AbstractIncomingMessage = await until(lambda: there.get(fail=False))
    await message.ack()
    return message


async def next_dead_letter(channel: AbstractChannel, hearer: str) -> AbstractIncomingMessage:
    return await taken_from(channel, channels.dead_letter_queue_name(hearer))
