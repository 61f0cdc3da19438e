"""The bus: telling facts and hearing them, over RabbitMQ by FastStream."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from inspect import getdoc
from typing import Any

import aio_pika
from faststream import AckPolicy
from faststream.rabbit import Channel, RabbitExchange, RabbitQueue
from faststream.rabbit.message import RabbitMessage
from opentelemetry.trace import SpanKind
from pydantic import BaseModel

from schema import channels, events
from schema.events import Event
from schema.views import OrderView
from services.chassis import carried, spans, topology
from services.chassis.connections import Connections
from services.chassis.hearing import Ear
from services.chassis.intake import take_in
from services.chassis.setbacks import Setbacks

CHANGES_EXPIRE_MS = 60_000
CHANGES_AT_MOST = 10_000


class Bus(Connections):
    """What a process hears and tells."""

    def hear(self, hearer: str, handler: Callable[[Event], Awaitable[None]]) -> None:
        """Hand each fact that is meant for `hearer` to `handler`.

        While the database is away the message is held and tried again. After any other failure it comes
        again a few times, ever later, and then is a dead letter; what is not a fact is one at once.
        """
        setbacks = Setbacks(hearer, self._keep, self._registry)
        ear = Ear(channels.queue_name(hearer), self._prefetch, setbacks)
        self._hearing.ears.append(ear)
        ear.subscriber = self.incoming.subscriber(
            RabbitQueue(ear.queue, declare=False),
            exchange=topology.FACTS,
            channel=Channel(prefetch_count=self._prefetch),
            ack_policy=AckPolicy.MANUAL,
            no_reply=True,
            title=f"{hearer} hears",
            description=f"Bound to {', '.join(channels.HEARS[hearer])}.",
        )

        @ear.subscriber
        async def take_fact_in(fact: Event) -> None:
            # to have the message handed in as a parameter costs a turn in a thread of its own
            message: RabbitMessage = self.incoming.context.get_local("message")
            await take_in(partial(handler, fact), message.raw_message)

    def hear_changes(self, replica: str, handler: Callable[[OrderView], Awaitable[None]]) -> None:
        """Hand each announced view to `handler`; every replica hears them all.

        The queue outlives a short break of its replica, and is bounded: what is dropped, and what a
        restart of the broker loses, has to be read again (`on_reconnected`).
        """
        ear = Ear(f"changes.{replica}", self._prefetch)
        self._hearing.ears.append(ear)
        ear.subscriber = self.incoming.subscriber(
            RabbitQueue(
                ear.queue,
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
            ack_policy=AckPolicy.REJECT_ON_ERROR,
            no_reply=True,
            title=f"{replica} hears changes",
        )

        @ear.subscriber
        async def take_view_in(view: OrderView) -> None:
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
        await self._caused(
            fact.model_dump_json().encode(),
            fact.id,
            exchange=topology.FACTS,
            routing_key=fact.type,
            message_type=fact.type,
            headers=events.headers(fact),
            persist=True,
            mandatory=True,
        )

    async def announce(self, view: OrderView) -> None:
        """Publish a new view to whoever listens now; nobody need. Raises NotToldError."""
        await self._caused(
            view.model_dump_json().encode(),
            f"{view.id}/{view.version}",
            exchange=topology.CHANGES,
            routing_key=view.id,
            message_type=channels.CHANGED,
            headers={},
            persist=False,
            mandatory=False,
        )

    async def _caused(
        self,
        body: bytes,
        name: str,
        *,
        exchange: RabbitExchange,
        message_type: str,
        headers: Mapping[str, str],
        **options: Any,
    ) -> None:
        """Publish, and say what caused it. Raises NotToldError."""
        with self._telemetry.caused(f"publish {message_type}", SpanKind.PRODUCER) as span:
            spans.publishes(span, exchange.name, name)
            cause = carried.carried()
            options |= {"exchange": exchange, "message_type": message_type}
            if cause.traceparent:
                headers = {**headers, carried.TRACEPARENT: cause.traceparent}
            await self._publish(
                body, name, headers=dict(headers), correlation_id=cause.correlation_id, **options
            )

    async def _keep(self, message: aio_pika.Message, exchange: str, routing_key: str) -> None:
        """Have the broker keep a message as it is. Raises NotToldError."""
        where = topology.DEAD if exchange == channels.DEAD else exchange
        await self._publish(
            message, message.message_id, exchange=where, routing_key=routing_key, mandatory=True
        )
