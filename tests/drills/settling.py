"""Whether everything has come to rest: stories over, outboxes and queues empty, nothing set aside."""

import itertools
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractChannel
from aio_pika.exceptions import AMQPError

from schema import channels
from tests.drills.system import System
from tests.waiting import until

SETTLED_WITHIN_SECONDS = 60.0

OUTBOXES = {"order": "orders", "payment": "payments", "delivery": "deliveries"}
OWED = ("charge_due", "refund_due")


async def settled(system: System, customers: list[str]) -> list[str]:
    """Wait until nothing is left to be done; what still is after a minute, a sentence each."""
    left: list[str] = ["nothing was looked at"]
    deadline = time.monotonic() + SETTLED_WITHIN_SECONDS

    async def nothing_is() -> bool:
        left[:] = await _left(system, customers)
        return not left or time.monotonic() > deadline

    await until(nothing_is, timeout=2 * SETTLED_WITHIN_SECONDS, every=0.3)
    return left


async def _left(system: System, customers: list[str]) -> list[str]:
    """What is still to be done."""
    found = []
    mine = {"customer_id": {"$in": customers}}
    placed = await system.database("order")["orders"].count_documents(mine)
    shown = await system.database("mypage")["orders"].count_documents({**mine, "settled": True})
    if placed != shown:
        found.append(f"{placed - shown} of {placed} orders are not over")
    for room, collection in OUTBOXES.items():
        untold = await system.database(room)[collection].count_documents({"outbox.0": {"$exists": True}})
        if untold:
            found.append(f"{room} has {untold} documents with facts untold")
    for due in OWED:
        owed = await system.database("payment")["payments"].count_documents({due: {"$type": "date"}})
        if owed:
            found.append(f"payment has {owed} with a {due}")
    return found + await _waiting(system)


async def _waiting(system: System) -> list[str]:
    """Queues that hold messages."""
    try:
        async with looking(system) as channel:
            counts = {name: await _count(channel, name) for name in _queues()}
    except (AMQPError, OSError) as error:
        return [f"the broker does not answer: {error!r}"]
    return [f"{count} messages wait in {name}" for name, count in counts.items() if count]


def _queues() -> list[str]:
    """Every queue that is to be empty in the end."""
    retries = itertools.product(channels.HEARS, channels.RETRY_AFTER_SECONDS)
    return [
        *(channels.queue_name(hearer) for hearer in channels.HEARS),
        *(channels.retry_queue_name(hearer, seconds) for hearer, seconds in retries),
    ]


async def dead_letters(system: System) -> list[str]:
    """Take out what was set aside, a sentence each."""
    found = []
    async with looking(system) as channel:
        for hearer in channels.HEARS:
            queue = await channel.get_queue(channels.dead_letter_queue_name(hearer))
            while message := await queue.get(fail=False):
                await message.ack()
                found.append(f"{hearer} set aside {message.message_id}: {message.headers!r}")
    return found


async def _count(channel: AbstractChannel, name: str) -> int:
    return (await channel.get_queue(name)).declaration_result.message_count or 0


@asynccontextmanager
async def looking(system: System) -> AsyncIterator[AbstractChannel]:
    """A channel of our own, past every link."""
    connection = await aio_pika.connect(system.rabbitmq_url)
    async with connection, connection.channel() as channel:
        yield channel
