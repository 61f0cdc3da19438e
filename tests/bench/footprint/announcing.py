"""Views that nobody watches, and further replicas that hear them: what broadcasting costs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractIncomingMessage
from rich.progress import track

from schema import channels
from schema.projection import project
from tests import facts
from tests.bench.footprint.spending import Meters, Reading, spent
from tests.waiting import until

AT_ONCE = 50
"""As many as a process takes in at once; as many are told at once here."""


async def announced(url: str, meters: Meters, views: int, replicas: int) -> Reading:
    """What so many views cost that nobody watches, with so many replicas beside the gateway's own."""
    async with AsyncExitStack() as opened:
        for number in range(replicas):
            await opened.enter_async_context(_replica(url, f"changes.footprint.{number}"))
        connection = await opened.enter_async_context(await aio_pika.connect(url))
        exchange = await (await connection.channel()).get_exchange(channels.CHANGES)
        heard = await meters.heard()
        before = await meters.read()
        for start in track(range(0, views, AT_ONCE), "announcing", transient=True):
            some = range(start, min(start + AT_ONCE, views))
            await asyncio.gather(*(exchange.publish(_view(), "order-1") for _ in some))
        await until(lambda: _has_heard(meters, heard + views), timeout=120, every=0.1)
        return spent(before, await meters.read())


async def _has_heard(meters: Meters, views: float) -> bool:
    return await meters.heard() >= views


def _view() -> aio_pika.Message:
    view = project((facts.placed(), facts.approved(), facts.started(), facts.completed()))
    assert view is not None
    said = view.model_dump_json().encode()
    return aio_pika.Message(said, content_type="application/json", type=channels.CHANGED)


@asynccontextmanager
async def _replica(url: str, name: str) -> AsyncIterator[None]:
    """A queue that is bound as a gateway's is, and somebody who acknowledges what comes."""
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=AT_ONCE)
        queue = await channel.declare_queue(name, auto_delete=True)
        await queue.bind(channels.CHANGES, routing_key="#")
        await queue.consume(_take)
        yield


async def _take(message: AbstractIncomingMessage) -> None:
    await message.ack()
