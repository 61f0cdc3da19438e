"""The bus: telling facts and hearing them, over RabbitMQ by FastStream."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from inspect import getdoc

import aio_pika
from aio_pika.abc import DeliveryMode
from faststream import AckPolicy
from faststream.rabbit import Channel, RabbitExchange, RabbitQueue
from opentelemetry.trace import SpanKind
from pydantic import BaseModel

from schema import channels, events
from schema.events import EVENT, Event
from schema.views import VIEWS, OrderView
from services.chassis import carried, spans, topology
from services.chassis.clock import now
from services.chassis.connections import Connections
from services.chassis.hearing import Ear
from services.chassis.intake import Intake
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
        subscriber = self.incoming.subscriber(
            RabbitQueue(ear.queue, declare=False),
            exchange=topology.FACTS,
            channel=Channel(prefetch_count=self._prefetch),
            ack_policy=AckPolicy.MANUAL,
            no_reply=True,
            title=f"{hearer} hears",
            description=f"Bound to {', '.join(channels.HEARS[hearer])}.",
        )

        @subscriber
        async def take_fact_in(fact: Event) -> None:
            await handler(fact)

        ear.attend(subscriber, Intake(ear, EVENT.validate_json, take_fact_in, self._telemetry))

    def hear_changes(self, replica: str, handler: Callable[[Sequence[OrderView]], Awaitable[None]]) -> None:
        """Hand announced views to `handler`, as many as were announced together; every replica hears all.

        The queue outlives a short break of its replica, and is bounded: what is dropped, and what a
        restart of the broker loses, has to be read again (`on_reconnected`).
        """
        ear = Ear(f"changes.{replica}", self._prefetch)
        self._hearing.ears.append(ear)
        subscriber = self.incoming.subscriber(
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
            ack_policy=AckPolicy.MANUAL,
            no_reply=True,
            title=f"{replica} hears changes",
        )

        @subscriber
        async def take_views_in(views: Sequence[OrderView]) -> None:
            await handler(views)

        ear.attend(subscriber, Intake(ear, _views, take_views_in, self._telemetry))

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
            exchange=topology.CHANGES,
            routing_key=channels.CHANGED,
            schema=Sequence[OrderView],
            title="OrderViews",
        )

    async def tell(self, fact: Event) -> None:
        """Publish a fact, kept by the broker and confirmed. Raises NotToldError."""
        body = fact.model_dump_json().encode()
        await self._caused(topology.FACTS, fact.type, fact.id, body, events.headers(fact), kept=True)

    async def announce(self, views: Sequence[OrderView]) -> None:
        """Publish new views, at least one, to whoever listens now; nobody need. Raises NotToldError.

        It is confirmed too: a broker's end is noticed by whoever listens, this process's lost connection not.
        """
        body = VIEWS.dump_json(views)
        name = f"{views[0].id}/{views[0].version}"
        await self._caused(topology.CHANGES, channels.CHANGED, name, body, {}, kept=False)

    async def _caused(
        self,
        exchange: RabbitExchange,
        kind: str,
        name: str,
        body: bytes,
        headers: Mapping[str, str],
        *,
        kept: bool,
    ) -> None:
        """Publish, and say what caused it. What is to be kept must reach a queue. Raises NotToldError."""
        with self._telemetry.caused(f"publish {kind}", SpanKind.PRODUCER) as span:
            spans.publishes(span, exchange.name, name)
            cause = carried.carried()
            beside = {carried.TRACEPARENT: cause.traceparent} if cause.traceparent else {}
            message = aio_pika.Message(
                body,
                headers={**headers, **beside},
                content_type="application/json",
                delivery_mode=DeliveryMode.PERSISTENT if kept else DeliveryMode.NOT_PERSISTENT,
                correlation_id=cause.correlation_id,
                message_id=name,
                timestamp=now(),
                type=kind,
            )
            await self._publish(message, exchange, kind, mandatory=kept)

    async def _keep(self, message: aio_pika.Message, exchange: str, routing_key: str) -> None:
        """Have the broker keep a message as it is. Raises NotToldError."""
        where = topology.DEAD if exchange == channels.DEAD else RabbitExchange(exchange)
        await self._publish(message, where, routing_key, mandatory=True)


def _views(body: bytes) -> Sequence[OrderView]:
    """What was announced together; a former version announces one by itself."""
    return VIEWS.validate_json(body if body.startswith(b"[") else b"[%b]" % body)
