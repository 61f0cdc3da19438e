"""Views that nobody watches, and further replicas that hear them: what broadcasting costs."""

import asyncio
import time

import aio_pika
from aio_pika.abc import AbstractConnection, AbstractIncomingMessage, AbstractQueue
from rich.progress import track

from schema import channels
from schema.projection import project
from schema.views import OrderView
from tests import facts
from tests.bench.footprint.spending import Meters, Reading, spent
from tests.waiting import until

AT_ONCE = 50
"""As many as a process takes in at once; as many are told at once here."""


async def announced(url: str, meters: Meters, views: int, replicas: int) -> Reading:
    """What so many views cost that nobody watches, with so many replicas beside the gateway's own."""
    async with await aio_pika.connect(url) as connection:
        for number in range(replicas):
            queue = await _bound(connection, f"changes.footprint.{number}")
            await queue.consume(_take)
        heard = await meters.heard()
        before = await meters.read()
        await _announce(connection, views)
        await until(lambda: _has_heard(meters, heard + views), timeout=120, every=0.1)
        return spent(before, await meters.read())


async def heard_plainly(url: str, views: int) -> float:
    """CPU seconds of whoever hears so many views, parses and acknowledges them, and does nothing else."""
    async with await aio_pika.connect(url) as connection:
        queue = await _bound(connection, "changes.footprint.plain")
        await _announce(connection, views)
        done, began = asyncio.Event(), time.process_time()
        left = iter(range(views - 1, -1, -1))

        async def take(message: AbstractIncomingMessage) -> None:
            OrderView.model_validate_json(message.body)
            await message.ack()
            if not next(left):
                done.set()

        await queue.consume(take)
        await asyncio.wait_for(done.wait(), timeout=120)
        return time.process_time() - began


async def _has_heard(meters: Meters, views: float) -> bool:
    return await meters.heard() >= views


def _view() -> aio_pika.Message:
    view = project((facts.placed(), facts.approved(), facts.started(), facts.completed()))
    assert view is not None
    said = view.model_dump_json().encode()
    return aio_pika.Message(said, content_type="application/json", type=channels.CHANGED)


async def _announce(connection: AbstractConnection, views: int) -> None:
    exchange = await (await connection.channel()).get_exchange(channels.CHANGES)
    for start in track(range(0, views, AT_ONCE), "announcing", transient=True):
        some = range(start, min(start + AT_ONCE, views))
        await asyncio.gather(*(exchange.publish(_view(), "order-1") for _ in some))


async def _bound(connection: AbstractConnection, name: str) -> AbstractQueue:
    """A queue, on a channel of its own, bound as a gateway's is."""
    channel = await connection.channel()
    await channel.set_qos(prefetch_count=AT_ONCE)
    queue = await channel.declare_queue(name, exclusive=True)
    await queue.bind(channels.CHANGES, routing_key="#")
    return queue


async def _take(message: AbstractIncomingMessage) -> None:
    await message.ack()
