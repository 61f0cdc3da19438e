"""The bus: telling facts and hearing them, over RabbitMQ by FastStream."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from inspect import getdoc
from typing import Any

from aio_pika.exceptions import AMQPError
from faststream import AckPolicy
from faststream.exceptions import IncorrectState
from faststream.rabbit import Channel, RabbitBroker, RabbitQueue
from pydantic import BaseModel
from yarl import URL

from schema import channels, events
from schema.events import Event
from schema.views import OrderView
from services.chassis import topology
from services.chassis.background import is_ours
from services.chassis.logs import logger
from services.chassis.patience import NotToldError, patiently
from services.chassis.settings import ProcessSettings

log = logger(__name__)

HEARTBEAT_SECONDS = 10
START_SECONDS = 15
CHANGES_EXPIRE_MS = 60_000
CHANGES_AT_MOST = 10_000

Reconnected = Callable[[], Awaitable[None]]


class Bus:
    """A process's two connections to the broker: one tells, one hears.

    They are apart because a broker that throttles publishers must not silence consumers, and because
    only a connection without consumers keeps the setting that makes unroutable messages an error.
    """

    def __init__(self, settings: ProcessSettings, *, on_reconnected: Sequence[Reconnected] = ()) -> None:
        url = str(URL(settings.rabbitmq_url) % {"heartbeat": str(HEARTBEAT_SECONDS)})
        self._publish_seconds = settings.publish_timeout_seconds
        self._prefetch = settings.prefetch
        quiet = logging.getLogger("faststream")
        self.outgoing = RabbitBroker(
            url,
            logger=quiet,
            log_level=logging.DEBUG,
            reconnect_interval=1.0,
            default_channel=Channel(on_return_raises=True),
        )
        self.incoming = RabbitBroker(
            url,
            logger=quiet,
            log_level=logging.DEBUG,
            reconnect_interval=1.0,
            graceful_timeout=float(settings.shutdown_seconds),
            ack_policy=AckPolicy.REJECT_ON_ERROR,
            on_reconnected=[_ignoring_connection(each) for each in on_reconnected],
        )

    def hear(self, hearer: str, handler: Callable[[Event], Awaitable[None]]) -> None:
        """Hand each fact that is meant for `hearer` to `handler`.

        While the database is away the message is held and tried again. Any other failure, and whatever
        is not a fact, makes it a dead letter.
        """

        @self.incoming.subscriber(
            RabbitQueue(channels.queue_name(hearer), declare=False),
            exchange=topology.FACTS,
            channel=Channel(prefetch_count=self._prefetch),
            title=f"{hearer} hears",
            description=f"Bound to {', '.join(channels.HEARS[hearer])}.",
        )
        async def take_in(fact: Event) -> None:
            await patiently(handler)(fact)

    def hear_changes(self, replica: str, handler: Callable[[OrderView], Awaitable[None]]) -> None:
        """Hand each announced view to `handler`; every replica hears them all.

        The queue outlives a short break of its replica, and is bounded: what is dropped, and what a
        restart of the broker loses, has to be read again (`on_reconnected`).
        """

        @self.incoming.subscriber(
            RabbitQueue(
                f"changes.{replica}",
                durable=True,
                routing_key="#",
                arguments={
                    "x-expires": CHANGES_EXPIRE_MS,
                    "x-max-length": CHANGES_AT_MOST,
                    "x-overflow": "drop-head",
                },
            ),
            exchange=topology.CHANGES,
            channel=Channel(prefetch_count=self._prefetch),
            title=f"{replica} hears changes",
        )
        async def take_in(view: OrderView) -> None:
            await handler(view)

    def will_tell(self, *kinds: type[BaseModel]) -> None:
        """Say, for the AsyncAPI export, which facts this process tells."""
        for kind in kinds:
            self.outgoing.publisher(
                exchange=topology.FACTS,
                routing_key=kind.model_fields["type"].default,
                schema=kind,
                title=kind.__name__,
                description=getdoc(kind),
                persist=True,
            )

    def will_announce(self) -> None:
        """Say, for the AsyncAPI export, that this process announces views."""
        self.outgoing.publisher(
            exchange=topology.CHANGES, routing_key="{order_id}", schema=OrderView, title="OrderView"
        )

    async def tell(self, fact: Event) -> None:
        """Publish a fact, kept by the broker and confirmed. Raises NotToldError."""
        await self._publish(
            fact.model_dump_json().encode(),
            exchange=topology.FACTS,
            routing_key=fact.type,
            message_id=fact.id,
            message_type=fact.type,
            headers=dict(events.headers(fact)),
            persist=True,
            mandatory=True,
        )

    async def announce(self, view: OrderView) -> None:
        """Publish a new view to whoever listens now; nobody need. Raises NotToldError."""
        await self._publish(
            view.model_dump_json().encode(),
            exchange=topology.CHANGES,
            routing_key=view.id,
            message_id=f"{view.id}/{view.version}",
            message_type="order.changed",
            persist=False,
            mandatory=False,
        )

    async def connected(self) -> bool:
        """Whether both connections are up now."""
        ups = await asyncio.gather(self.outgoing.ping(0.05), self.incoming.ping(0.05))
        return all(ups)

    async def run(self) -> None:
        """Connect, however long it takes; then both connections come back by themselves."""
        while True:
            try:
                async with asyncio.timeout(START_SECONDS):
                    await self._start()
            except asyncio.CancelledError:
                if is_ours():
                    raise
                await asyncio.sleep(1)
            except Exception as error:  # noqa: BLE001 # whatever it is, the process must not stay deaf
                log.warning("no broker yet", error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(1)
            else:
                log.info("connected to the broker")
                return

    async def stop_hearing(self) -> None:
        """Hear no more, and finish what is held."""
        await self.incoming.stop()

    async def stop(self) -> None:
        """Hear no more, finish what is held, and tell no more."""
        await self.stop_hearing()
        await self.outgoing.stop()

    async def _start(self) -> None:
        try:
            await self.outgoing.connect()
            await topology.declare(self.outgoing)
            await self.outgoing.start()
            await self.incoming.start()
        except BaseException:
            await self.stop()
            raise

    async def _publish(self, body: bytes, **options: Any) -> None:
        try:
            async with asyncio.timeout(self._publish_seconds):
                await self.outgoing.publish(body, content_type="application/json", **options)
        except asyncio.CancelledError as error:
            if is_ours():
                raise
            raise NotToldError(f"the connection was closed: {error}") from error
        except (AMQPError, OSError, TimeoutError, RuntimeError, IncorrectState) as error:
            raise NotToldError(f"{type(error).__name__}: {error}") from error


def _ignoring_connection(callback: Reconnected) -> Callable[..., Awaitable[None]]:
    async def call(*_: object) -> None:
        await callback()

    return call
