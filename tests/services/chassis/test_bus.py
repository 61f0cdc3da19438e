"""Telling and hearing, on the real RabbitMQ."""

import asyncio
import json
from collections.abc import Sequence

import aio_pika
import pymongo.errors
import pytest
from aio_pika.abc import AbstractChannel

from schema import channels
from schema.events import EVENT, headers
from schema.projection import project
from schema.views import OrderView
from services.chassis.bus import Bus
from services.chassis.patience import NotToldError
from tests import facts
from tests.services.chassis.hearing import (
    Hearer,
    looking,
    next_dead_letter,
    on,
    settings,
    taken_from,
    waiting_in,
)
from tests.waiting import until


@pytest.fixture
def hearer() -> Hearer:
    return Hearer()


@pytest.fixture
def bus(rabbitmq_url: str, hearer: Hearer) -> Bus:
    bus = Bus(settings(rabbitmq_url))
    bus.hear("order", hearer)
    return bus


async def test_a_fact_waits_for_hearers_that_have_never_run(rabbitmq_url: str) -> None:
    async with on(Bus(settings(rabbitmq_url))) as bus, looking(rabbitmq_url) as channel:
        for fact in facts.every_kind():
            await bus.tell(fact)
        waiting = {name: await waiting_in(channel, channels.queue_name(name)) for name in channels.HEARS}
        assert waiting == {"order": 7, "payment": 1, "delivery": 2, "mypage": 9}
        message = await taken_from(channel, channels.queue_name("payment"))
        assert EVENT.validate_json(message.body) == facts.canceled()


async def test_a_fact_travels_as_a_cloud_event_that_the_broker_keeps(rabbitmq_url: str) -> None:
    async with on(Bus(settings(rabbitmq_url))) as bus, looking(rabbitmq_url) as channel:
        await bus.tell(facts.approved())
        message = await taken_from(channel, channels.queue_name("mypage"))
    assert message.delivery_mode is aio_pika.DeliveryMode.PERSISTENT
    assert message.content_type == "application/json"
    assert message.message_id == facts.approved().id
    assert message.type == message.routing_key == "payment.approved"
    assert message.headers.items() >= headers(facts.approved()).items()


async def test_what_is_told_is_heard(bus: Bus, hearer: Hearer) -> None:
    async with on(bus):
        await bus.tell(facts.approved())
        await bus.tell(facts.started())
        await until(lambda: len(hearer.heard) == 2)
    assert set(hearer.heard) == {facts.approved().id, facts.started().id}


async def test_two_replicas_share_the_facts_of_their_service(rabbitmq_url: str) -> None:
    replicas = [Hearer(), Hearer()]
    buses = [Bus(settings(rabbitmq_url, prefetch=1)) for _ in replicas]
    everybody_has_one = asyncio.Barrier(2)
    for bus, replica in zip(buses, replicas, strict=True):
        bus.hear("order", replica)
        replica.during = everybody_has_one.wait  # type: ignore[assignment] # what it gives is of no interest
    async with on(buses[0]), on(buses[1]):
        await asyncio.gather(*(buses[0].tell(facts.approved(f"order-{n}")) for n in range(6)))
        await until(lambda: sum(len(replica.heard) for replica in replicas) == 6)
    assert sorted(replicas[0].heard + replicas[1].heard) == [
        facts.approved(f"order-{n}").id for n in range(6)
    ]
    assert all(replica.heard for replica in replicas)


POISON = {
    "not JSON": b"{",
    "nothing": b"",
    "not text": b"\xff\xfe",
    "a number": b"7",
    "a list": b"[]",
    "an unknown fact": b'{"type": "order.eaten", "order_id": "o", "at": "2026-11-22T12:00:00Z"}',
    "a fact with something missing": b'{"type": "payment.approved", "order_id": "o"}',
    "half a surrogate pair": b'{"type": "payment.approved", "order_id": "\\ud83c"}',
}


async def publish(
    channel: AbstractChannel, body: bytes, content_type: str | None = "application/json"
) -> None:
    exchange = await channel.get_exchange(channels.EVENTS)
    await exchange.publish(aio_pika.Message(body, content_type=content_type), "payment.approved")


@pytest.mark.parametrize("body", POISON.values(), ids=POISON)
async def test_what_is_not_a_fact_is_set_aside_at_once_and_holds_nobody_up(
    body: bytes, bus: Bus, hearer: Hearer, rabbitmq_url: str
) -> None:
    async with on(bus), looking(rabbitmq_url) as channel:
        await publish(channel, body)
        letter = await next_dead_letter(channel, "order")
        assert letter.body == body
        assert letter.headers[channels.REASON_HEADER] == channels.MALFORMED
        await bus.tell(facts.approved())
        await until(lambda: hearer.heard == [facts.approved().id])
    assert hearer.tried == 1


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/octet-stream"])
async def test_poison_is_poison_whatever_it_calls_itself(
    content_type: str | None, bus: Bus, rabbitmq_url: str
) -> None:
    async with on(bus), looking(rabbitmq_url) as channel:
        await publish(channel, b"\xff", content_type)
        assert (await next_dead_letter(channel, "order")).body == b"\xff"


async def test_the_queue_of_an_earlier_version_gets_no_more_letters(bus: Bus, rabbitmq_url: str) -> None:
    async with looking(rabbitmq_url) as channel:
        exchange = await channel.declare_exchange(channels.DEAD, durable=True)
        former = channels.former_dead_letter_queue_name("order")
        await (await channel.declare_queue(former, durable=True)).bind(exchange, "order")
        async with on(bus):
            await publish(channel, b"{")
            await next_dead_letter(channel, "order")
        assert await waiting_in(channel, former) == 0


async def test_a_dead_letter_is_one_hearers_and_not_the_others(bus: Bus, rabbitmq_url: str) -> None:
    async with on(bus), looking(rabbitmq_url) as channel:
        await publish(channel, b"{")
        await next_dead_letter(channel, "order")
        assert await waiting_in(channel, channels.queue_name("mypage")) == 1
        assert await waiting_in(channel, channels.dead_letter_queue_name("mypage")) == 0


@pytest.mark.parametrize(
    "away",
    [
        pymongo.errors.ServerSelectionTimeoutError("no server"),
        pymongo.errors.AutoReconnect("gone"),
        pymongo.errors.NetworkTimeout("late"),
        pymongo.errors.ExecutionTimeout("late"),
        pymongo.errors.NotPrimaryError("shutting down"),
        pymongo.errors.WriteConcernError("Replication is being shut down", 91),
        pymongo.errors.OperationFailure("no space left on device", 14031),
        NotToldError("no broker"),
    ],
    ids=repr,
)
async def test_while_the_database_is_away_a_fact_is_held_and_tried_again(
    away: Exception, bus: Bus, hearer: Hearer, rabbitmq_url: str
) -> None:
    hearer.trouble = away
    async with on(bus), looking(rabbitmq_url) as channel:
        await bus.tell(facts.approved())
        await until(lambda: hearer.tried >= 2)
        hearer.trouble = None
        await until(lambda: hearer.heard == [facts.approved().id])
        assert await waiting_in(channel, channels.dead_letter_queue_name("order")) == 0


async def test_what_is_held_is_taken_over_by_another_replica(
    bus: Bus, hearer: Hearer, rabbitmq_url: str
) -> None:
    other, other_bus = Hearer(), Bus(settings(rabbitmq_url))
    other_bus.hear("order", other)
    held = asyncio.Event()
    hearer.during = held.wait  # type: ignore[assignment] # what it gives is of no interest
    async with on(bus):
        await bus.tell(facts.approved())
        await until(lambda: hearer.tried)
        await bus.incoming._connection.close()  # type: ignore[union-attr] # as if the process had died
        async with on(other_bus):
            await until(lambda: other.heard == [facts.approved().id])
        held.set()


async def test_what_has_begun_is_finished_before_the_bus_stops(
    bus: Bus, hearer: Hearer, rabbitmq_url: str
) -> None:
    going_on = asyncio.Event()
    hearer.during = going_on.wait  # type: ignore[assignment] # what it gives is of no interest
    async with on(bus), looking(rabbitmq_url) as channel:
        await bus.tell(facts.approved())
        await until(lambda: hearer.tried)
        stopping = asyncio.create_task(bus.stop_hearing())
        await bus.tell(facts.started())
        going_on.set()
        await stopping
        assert hearer.heard == [facts.approved().id]
        await until(lambda: waiting_in(channel, channels.queue_name("order")))


async def test_the_queues_survive_the_broker_and_set_aside_what_nobody_can_take_in(rabbitmq_url: str) -> None:
    async with on(Bus(settings(rabbitmq_url))), looking(rabbitmq_url) as channel:
        for name in channels.HEARS:
            await channel.declare_queue(
                channels.queue_name(name),
                durable=True,
                arguments={
                    "x-queue-type": "quorum",
                    "x-dead-letter-exchange": channels.DEAD,
                    "x-dead-letter-routing-key": name,
                    "x-delivery-limit": channels.MAX_DELIVERIES,
                },
            )
            await channel.declare_queue(
                channels.dead_letter_queue_name(name),
                durable=True,
                arguments={"x-queue-type": "quorum", "x-delivery-limit": 2**31 - 1},
            )
            for seconds in (1, 5, 30):
                await channel.declare_queue(
                    channels.retry_queue_name(name, seconds),
                    durable=True,
                    arguments={
                        "x-queue-type": "quorum",
                        "x-message-ttl": seconds * 1000,
                        "x-dead-letter-exchange": "",
                        "x-dead-letter-routing-key": channels.queue_name(name),
                        "x-dead-letter-strategy": "at-least-once",
                        "x-overflow": "reject-publish",
                    },
                )


async def test_every_replica_hears_every_new_view(rabbitmq_url: str) -> None:
    heard: dict[str, list[OrderView]] = {"a": [], "b": []}
    buses = [Bus(settings(rabbitmq_url)) for _ in heard]
    for bus, (name, views) in zip(buses, heard.items(), strict=True):

        async def hear(new: Sequence[OrderView], views: list[OrderView] = views) -> None:
            views.extend(new)

        bus.hear_changes(name, hear)
    view = project([facts.placed(), facts.approved()])
    assert view is not None
    async with on(buses[0]), on(buses[1]), looking(rabbitmq_url) as channel:
        await buses[0].announce([view])
        await until(lambda: heard == {"a": [view], "b": [view]})
        with pytest.raises(aio_pika.exceptions.ChannelPreconditionFailed, match="x-expires"):
            await channel.declare_queue("changes.a", durable=True)


async def test_a_view_is_announced_even_if_nobody_listens(rabbitmq_url: str) -> None:
    view = project([facts.placed()])
    assert view is not None
    async with on(Bus(settings(rabbitmq_url))) as bus:
        await bus.announce([view])


async def test_a_view_that_cannot_be_read_holds_no_listener_up(rabbitmq_url: str) -> None:
    heard: list[int] = []

    async def hear(views: Sequence[OrderView]) -> None:
        heard.extend(view.version for view in views)

    bus = Bus(settings(rabbitmq_url))
    bus.hear_changes("a", hear)
    view = project([facts.placed()])
    assert view is not None
    async with on(bus), looking(rabbitmq_url) as channel:
        exchange = await channel.get_exchange(channels.CHANGES)
        await exchange.publish(aio_pika.Message(json.dumps({"id": 1}).encode()), "order-1")
        await bus.announce([view])
        await until(lambda: heard == [1])


async def test_what_is_announced_together_is_heard_together_and_one_of_a_former_version_by_itself(
    rabbitmq_url: str,
) -> None:
    heard: list[Sequence[OrderView]] = []

    async def hear(views: Sequence[OrderView]) -> None:
        heard.append(views)

    bus = Bus(settings(rabbitmq_url))
    bus.hear_changes("a", hear)
    views = [view for n in range(3) if (view := project([facts.placed(f"order-{n}")]))]
    async with on(bus), looking(rabbitmq_url) as channel:
        await bus.announce(views)
        await until(lambda: heard == [views])
        exchange = await channel.get_exchange(channels.CHANGES)
        await exchange.publish(aio_pika.Message(views[0].model_dump_json().encode()), "order-0")
        await until(lambda: heard == [views, views[:1]])
