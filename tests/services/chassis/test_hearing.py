"""Hearing that was lost is noticed and begun anew, on the real RabbitMQ."""

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

import pytest
from aio_pika.abc import AbstractChannel
from prometheus_client import CollectorRegistry

from schema import channels
from schema.projection import project
from schema.views import OrderView
from services.chassis import connections, hearing, topology
from services.chassis.bus import Bus
from services.chassis.patience import NotToldError
from tests import facts
from tests.proxy import linked
from tests.services.chassis.hearing import Hearer, looking, on, settings
from tests.waiting import until

QUEUE = channels.queue_name("order")
AGAIN_SECONDS = 30


class Heard:
    """A bus that hears, what it heard, and its numbers."""

    def __init__(self, url: str, **others: int) -> None:
        self.registry = CollectorRegistry()
        self.hearer = Hearer()
        self.bus = Bus(settings(url, **others), self.registry)
        self.bus.hear("order", self.hearer)
        self._number = 0

    def recovered(self) -> float | None:
        return self.registry.get_sample_value("hearing_recovered_total")

    async def hears(self) -> bool:
        """Whether what is told now arrives."""
        self._number += 1
        fact = facts.approved(f"order-{self._number}")
        try:
            await self.bus.tell(fact)
            await until(lambda: fact.id in self.hearer.heard, timeout=1)
        except (NotToldError, AssertionError):
            return False
        return True

    async def not_connected(self) -> bool:
        return not await self.bus.connected()


async def forget_consumer(bus: Bus) -> None:
    """As if it had never begun to consume; nothing in the libraries will begin again."""
    subscriber = bus._hearing.ears[0].subscriber
    assert subscriber is not None
    assert subscriber._queue_obj is not None
    await subscriber._queue_obj.cancel(subscriber._consumer_tag or "")


@pytest.fixture
async def heard(rabbitmq_url: str) -> AsyncIterator[Heard]:
    heard = Heard(rabbitmq_url)
    async with on(heard.bus):
        assert await heard.hears()
        yield heard


@pytest.fixture
async def channel(rabbitmq_url: str) -> AsyncIterator[AbstractChannel]:
    async with looking(rabbitmq_url) as channel:
        yield channel


async def test_a_queue_that_was_deleted_under_its_hearer_is_there_and_heard_again(
    heard: Heard, channel: AbstractChannel
) -> None:
    began = time.monotonic()
    await channel.queue_delete(QUEUE)
    await until(heard.not_connected)
    assert "order.facts.v1" in heard.bus.detail()["trouble"]
    await until(heard.hears, timeout=AGAIN_SECONDS)
    await until(heard.bus.connected)
    assert time.monotonic() - began < AGAIN_SECONDS
    assert "trouble" not in heard.bus.detail()


async def test_everything_that_was_deleted_is_there_again(heard: Heard, channel: AbstractChannel) -> None:
    for hearer in channels.HEARS:
        await channel.queue_delete(channels.queue_name(hearer))
        await channel.queue_delete(channels.dead_letter_queue_name(hearer))
        for seconds in channels.RETRY_AFTER_SECONDS:
            await channel.queue_delete(channels.retry_queue_name(hearer, seconds))
    for exchange in (channels.EVENTS, channels.DEAD, channels.CHANGES):
        await channel.exchange_delete(exchange)
    await until(heard.hears, timeout=AGAIN_SECONDS)
    heard.hearer.trouble = ZeroDivisionError()
    tried = heard.hearer.tried
    await heard.bus.tell(facts.approved())
    await until(lambda: heard.hearer.tried >= tried + 2, timeout=AGAIN_SECONDS)


async def test_who_could_not_restore_the_channel_that_tells_tells_again(heard: Heard) -> None:
    exchange = await heard.bus.outgoing.declare_exchange(topology.FACTS)
    await exchange.channel.close()
    await until(heard.not_connected)
    await until(heard.hears, timeout=AGAIN_SECONDS)
    await until(heard.bus.connected)
    assert heard.recovered() == 1


async def test_a_channel_that_the_broker_closed_is_open_and_heard_again(heard: Heard) -> None:
    subscriber = heard.bus._hearing.ears[0].subscriber
    assert subscriber is not None
    assert subscriber._queue_obj is not None
    underlay = await subscriber._queue_obj.channel.get_underlay_channel()
    await underlay.basic_ack(4711)  # which was never delivered
    await until(lambda: underlay.is_closed)
    await until(heard.hears, timeout=AGAIN_SECONDS)
    await until(heard.bus.connected)


async def test_a_consumer_that_only_this_process_has_forgotten_hears_again(heard: Heard) -> None:
    await forget_consumer(heard.bus)
    await until(heard.not_connected)
    await until(heard.hears, timeout=AGAIN_SECONDS)
    await until(heard.bus.connected)
    assert heard.recovered() == 1


async def test_one_deaf_replica_of_two_is_noticed_by_what_waits(
    rabbitmq_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own consumer is registered everywhere, but nothing comes out of it."""
    monkeypatch.setattr(hearing, "STALLED_SECONDS", 3.0)
    deaf = Heard(rabbitmq_url, prefetch=2)
    async with on(deaf.bus):
        subscriber = deaf.bus._hearing.ears[0].subscriber
        assert subscriber is not None
        subscriber.running = False  # it takes messages from the broker, and does nothing with them
        for n in range(5):
            await deaf.bus.tell(facts.approved(f"waiting-{n}"))
        await until(lambda: len(set(deaf.hearer.heard)) == 5, timeout=AGAIN_SECONDS)
    assert deaf.recovered() == 1


async def test_a_hearer_with_its_hands_full_is_not_deaf(
    rabbitmq_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "STALLED_SECONDS", 0.2)
    monkeypatch.setattr(connections, "LOOK_SECONDS", 0.1)
    busy = Heard(rabbitmq_url, prefetch=1)
    busy.hearer.trouble = NotToldError("no broker")
    async with on(busy.bus):
        await busy.bus.tell(facts.approved("order-1"))
        await busy.bus.tell(facts.approved("order-2"))
        await until(lambda: busy.hearer.tried >= 5)
        assert await busy.bus.connected()
        assert busy.recovered() == 0
        busy.hearer.trouble = None
        await until(lambda: len(busy.hearer.heard) == 2)


async def test_a_replica_whose_queue_of_changes_was_deleted_hears_them_again_and_reads_what_it_missed(
    rabbitmq_url: str, channel: AbstractChannel
) -> None:
    views, reread = list[OrderView](), list[bool]()

    async def hear(new: Sequence[OrderView]) -> None:
        views.extend(new)

    async def on_reconnected() -> None:
        reread.append(True)

    bus = Bus(settings(rabbitmq_url), on_reconnected=[on_reconnected])
    bus.hear_changes("a", hear)
    view = project([facts.placed()])
    assert view is not None

    async def hears() -> bool:
        with suppress(NotToldError):
            await bus.announce([view])
        return bool(views)

    async with on(bus):
        await channel.queue_delete("changes.a")
        await until(hears, timeout=AGAIN_SECONDS)
        await forget_consumer(bus)
        views.clear()
        await until(hears, timeout=AGAIN_SECONDS)
        await until(lambda: reread, timeout=AGAIN_SECONDS)


async def test_a_bus_that_was_told_to_stop_does_not_begin_to_hear_anew(heard: Heard) -> None:
    await heard.bus.stop_hearing()
    await heard.bus._begin_anew()  # which had been decided on before
    assert not await heard.bus.incoming.ping(0.05)
    await heard.bus.tell(facts.approved())
    assert heard.recovered() == 0


async def test_who_stays_deaf_though_the_broker_is_there_is_stuck_and_who_lost_the_broker_is_not(
    rabbitmq_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "LOOK_SECONDS", 0.5)
    monkeypatch.setattr(connections, "DEAF_AT_MOST_SECONDS", 1.0)

    async def never(_: object) -> None:
        raise OSError("this recovery does not work")

    async with linked(int(rabbitmq_url.split(":")[-1].split("/")[0])) as link:
        heard = Heard(
            rabbitmq_url.replace(f":{rabbitmq_url.split(':')[-1].split('/')[0]}/", f":{link.port}/")
        )
        async with on(heard.bus), looking(rabbitmq_url) as channel:
            assert not heard.bus.is_deaf_for_good()
            monkeypatch.setattr(Bus, "_begin_anew", never)
            monkeypatch.setattr(Bus, "_declare", never)
            await channel.queue_delete(QUEUE)
            await until(heard.bus.is_deaf_for_good)
            await link.cut()
            await until(lambda: not heard.bus.is_deaf_for_good())
            assert await heard.not_connected()


async def test_a_broker_that_keeps_its_connections_and_says_nothing_is_no_broker(rabbitmq_url: str) -> None:
    port = int(rabbitmq_url.rsplit(":", 1)[1].split("/")[0])
    async with linked(port) as link:
        heard = Heard(rabbitmq_url.replace(f":{port}/", f":{link.port}/"))
        async with on(heard.bus):
            link.freeze()
            await until(heard.not_connected, timeout=AGAIN_SECONDS)
            assert heard.bus.outgoing._connection is not None
            assert await heard.bus.outgoing.ping(0.05)
            assert heard.bus.detail()["trouble"] == "the broker does not answer"
            link.thaw()
            await until(heard.bus.connected, timeout=AGAIN_SECONDS)


async def test_who_connects_at_last_reads_what_was_told_before(rabbitmq_url: str) -> None:
    """Else a gateway that came up before its broker would show the past until it looks by itself."""
    read: list[bool] = []

    async def catch_up() -> None:
        read.append(True)
        raise OSError("a database that is away is no reason to be deaf")

    bus = Bus(settings(rabbitmq_url), on_reconnected=[catch_up])
    async with on(bus):
        await until(lambda: read)
        assert await bus.connected()
