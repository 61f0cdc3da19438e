"""The exchanges and queues that `schema.channels` names, as the broker is to have them."""

from typing import Any

from aio_pika.abc import AbstractChannel, AbstractExchange, AbstractQueue
from faststream.rabbit import ExchangeType, RabbitExchange

from schema import channels

FACTS = RabbitExchange(channels.EVENTS, type=ExchangeType.TOPIC, durable=True)
CHANGES = RabbitExchange(channels.CHANGES, type=ExchangeType.TOPIC, durable=True)
DEAD = RabbitExchange(channels.DEAD, type=ExchangeType.DIRECT, durable=True)

NO_DELIVERY_LIMIT = 2**31 - 1
"""Dead letters may be looked at as often as anybody likes; RabbitMQ 4 would drop them after 20 times."""


async def declare(channel: AbstractChannel) -> None:
    """Declare all that `schema.channels` names; what is there already is left as it is."""
    facts = await _exchange(channel, FACTS)
    await _exchange(channel, CHANGES)
    dead = await _exchange(channel, DEAD)
    for hearer, keys in channels.HEARS.items():
        letters = await _dead_letters(channel, hearer)
        await letters.bind(dead, routing_key=hearer)
        former = await channel.get_queue(channels.former_dead_letter_queue_name(hearer), ensure=False)
        await former.unbind(dead, routing_key=hearer)
        for seconds in channels.RETRY_AFTER_SECONDS:
            await _retry(channel, hearer, seconds)
        queue = await _facts(channel, hearer)
        for key in keys:
            await queue.bind(facts, routing_key=key)


async def _exchange(channel: AbstractChannel, like: RabbitExchange) -> AbstractExchange:
    return await channel.declare_exchange(like.name, like.type.value, durable=like.durable)


async def _dead_letters(channel: AbstractChannel, hearer: str) -> AbstractQueue:
    name = channels.dead_letter_queue_name(hearer)
    return await _quorum(channel, name, {"x-delivery-limit": NO_DELIVERY_LIMIT})


async def _facts(channel: AbstractChannel, hearer: str) -> AbstractQueue:
    arguments = {
        "x-dead-letter-exchange": channels.DEAD,
        "x-dead-letter-routing-key": hearer,
        "x-delivery-limit": channels.MAX_DELIVERIES,
    }
    return await _quorum(channel, channels.queue_name(hearer), arguments)


async def _retry(channel: AbstractChannel, hearer: str, seconds: float) -> None:
    """A queue nobody hears: its messages go back when their time is up, and stay until that is confirmed."""
    arguments = {
        "x-message-ttl": int(seconds * 1000),
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": channels.queue_name(hearer),
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    await _quorum(channel, channels.retry_queue_name(hearer, seconds), arguments)


async def _quorum(channel: AbstractChannel, name: str, arguments: dict[str, Any]) -> AbstractQueue:
    return await channel.declare_queue(name, durable=True, arguments={"x-queue-type": "quorum", **arguments})
