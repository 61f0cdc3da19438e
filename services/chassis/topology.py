"""The exchanges and queues that `schema.channels` names, as the broker is to have them."""

from faststream.rabbit import ExchangeType, QueueType, RabbitBroker, RabbitExchange, RabbitQueue

from schema import channels

FACTS = RabbitExchange(channels.EVENTS, type=ExchangeType.TOPIC, durable=True)
CHANGES = RabbitExchange(channels.CHANGES, type=ExchangeType.TOPIC, durable=True)
DEAD = RabbitExchange(channels.DEAD, type=ExchangeType.DIRECT, durable=True)


async def declare(broker: RabbitBroker) -> None:
    """Declare all that `schema.channels` names; what is there already is left as it is."""
    facts = await broker.declare_exchange(FACTS)
    await broker.declare_exchange(CHANGES)
    dead = await broker.declare_exchange(DEAD)
    for hearer, keys in channels.HEARS.items():
        letters = await broker.declare_queue(
            RabbitQueue(
                channels.dead_letter_queue_name(hearer),
                durable=True,
                queue_type=QueueType.QUORUM,
            )
        )
        await letters.bind(dead, routing_key=hearer)
        queue = await broker.declare_queue(
            RabbitQueue(
                channels.queue_name(hearer),
                durable=True,
                queue_type=QueueType.QUORUM,
                arguments={
                    "x-dead-letter-exchange": channels.DEAD,
                    "x-dead-letter-routing-key": hearer,
                    "x-delivery-limit": channels.MAX_DELIVERIES,
                },
            )
        )
        for key in keys:
            await queue.bind(facts, routing_key=key)
