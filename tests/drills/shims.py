"""What is put in between: a payment that answers late or twice, a broker that repeats and shuffles."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import aio_pika
import aiohttp
from aio_pika.abc import AbstractChannel, AbstractIncomingMessage, AbstractQueue
from aiohttp import web

from schema import channels
from tests.drills.scene import Scene
from tests.drills.settling import looking
from tests.waiting import until

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

TELLINGS = 3
"""How often a message is delivered at most."""

LATEST_SECONDS = 1.5


async def payment_in_trouble(scene: Scene) -> None:
    """Payment slow, failing or stopped by turns; a proxy before it delays, repeats and loses its answers."""
    link = scene.system.links["bff", "payment"]
    async with _served(_Repeater(scene, f"http://127.0.0.1:{link.target}").handle) as port:
        usual, link.target = link.target, port
        try:
            await link.reset()
            await _levers_pulled(scene)
        finally:
            link.target = usual
            await link.reset()
            await scene.system.pull()


async def _levers_pulled(scene: Scene) -> None:
    moods: dict[str, dict[str, Any]] = {
        "well": {},
        "slow": {"latency_ms_min": 300, "latency_ms_max": 1500},
        "failing": {"failure_rate": 0.4},
        "full": {"capacity": 1, "latency_ms_min": 100, "latency_ms_max": 200},
        "stopped": {"stopped": True},
    }
    while scene.open:
        mood = scene.chance.choice(list(moods))
        scene.note(f"payment {mood}")
        await scene.system.pull(**moods[mood])
        await scene.pause(0.3, 1.5)


class _Repeater:
    """Passes requests on to payment, some late, some twice; some answers come when nobody waits any more."""

    def __init__(self, scene: Scene, url: str) -> None:
        self._scene = scene
        self._url = url

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request, in a manner drawn by chance."""
        body = await request.read()
        manner = self._scene.chance.choice(["at once", "late", "twice", "gone", "lost"])
        self._scene.note(f"answer {manner}")
        if manner == "late":
            await asyncio.sleep(self._scene.chance.uniform(0.2, LATEST_SECONDS))
        times = 2 if manner == "twice" else 1
        answers = await asyncio.gather(*(self._passed_on(request, body) for _ in range(times)))
        if manner == "gone":
            await asyncio.sleep(LATEST_SECONDS)
        if manner == "lost" and request.transport:
            request.transport.abort()
        return answers[-1]

    async def _passed_on(self, request: web.Request, body: bytes) -> web.Response:
        headers = {"authorization": request.headers["authorization"]}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.request(request.method, f"{self._url}{request.path}", data=body) as response,
        ):
            said = await response.read()
            return web.Response(status=response.status, body=said, content_type="application/json")


@asynccontextmanager
async def _served(handler: Handler) -> AsyncIterator[int]:
    """Serve it on the loopback; the port."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def messages_shuffled(scene: Scene) -> None:
    """Every message reaches its hearers one to three times, each time after a delay of its own."""
    async with looking(scene.system) as channel:
        shufflers = [await _Shuffler.between(scene, channel, hearer) for hearer in channels.HEARS]
        try:
            while scene.open:
                await scene.pause(0.5, 1)
        finally:
            for shuffler in shufflers:
                await shuffler.taken_out()


class _Shuffler:
    """Stands between the exchange and one hearer's queue."""

    def __init__(self, scene: Scene, channel: AbstractChannel, hearer: str, queue: AbstractQueue) -> None:
        self._scene = scene
        self._channel = channel
        self._hearer = hearer
        self._queue = queue
        self._tag = ""
        self._under_way: set[asyncio.Task[None]] = set()

    @classmethod
    async def between(cls, scene: Scene, channel: AbstractChannel, hearer: str) -> "_Shuffler":
        """Take the hearer's place at the exchange; nothing is missed meanwhile."""
        queue = await channel.declare_queue(f"shuffled.{hearer}", durable=True)
        hears = await channel.get_queue(channels.queue_name(hearer))
        for key in channels.HEARS[hearer]:
            await queue.bind(channels.EVENTS, key)
            await hears.unbind(channels.EVENTS, key)
        shuffler = cls(scene, channel, hearer, queue)
        shuffler._tag = await queue.consume(shuffler.take)
        return shuffler

    async def take(self, message: AbstractIncomingMessage) -> None:
        """Hand a message on, in a task of its own."""
        task = asyncio.create_task(self._hand_on(message))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def taken_out(self) -> None:
        """Give the hearer its place again, and hand on what is left."""
        hears = await self._channel.get_queue(channels.queue_name(self._hearer))
        for key in channels.HEARS[self._hearer]:
            await hears.bind(channels.EVENTS, key)
            await self._queue.unbind(channels.EVENTS, key)
        await until(self._is_empty)
        while self._under_way:
            await asyncio.gather(*self._under_way)
        await self._queue.cancel(self._tag)
        await self._queue.delete(if_unused=False, if_empty=False)

    async def _is_empty(self) -> bool:
        return not (await self._channel.get_queue(self._queue.name)).declaration_result.message_count

    async def _hand_on(self, message: AbstractIncomingMessage) -> None:
        times = self._scene.chance.randint(1, TELLINGS)
        self._scene.note(f"told {times} times")
        await asyncio.gather(*(self._one_copy(message) for _ in range(times)))
        await message.ack()

    async def _one_copy(self, message: AbstractIncomingMessage) -> None:
        await asyncio.sleep(self._scene.chance.uniform(0, LATEST_SECONDS))
        copy = aio_pika.Message(
            message.body,
            headers=message.headers,
            content_type=message.content_type,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            message_id=message.message_id,
            type=message.type,
        )
        queue = channels.queue_name(self._hearer)
        await self._channel.default_exchange.publish(copy, routing_key=queue)
