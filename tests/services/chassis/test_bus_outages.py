"""Telling and hearing while the broker is away, silent, or killed."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Sequence

import pytest
from yarl import URL

from compose.servers import Servers
from schema import channels
from schema.projection import project
from schema.views import OrderView
from services.chassis.bus import Bus
from services.chassis.patience import NotToldError
from tests import facts
from tests.conftest import NOWHERE
from tests.proxy import Link, linked
from tests.services.chassis.hearing import Hearer, looking, on, settings, waiting_in
from tests.waiting import until


@pytest.fixture
async def link(rabbitmq_url: str) -> AsyncIterator[Link]:
    async with linked(URL(rabbitmq_url).port or 0) as link:
        yield link


@pytest.fixture
def url(rabbitmq_url: str, link: Link) -> str:
    """The way to the broker that can be cut."""
    return str(URL(rabbitmq_url).with_port(link.port))


async def told(bus: Bus, number: int) -> bool:
    try:
        await bus.tell(facts.approved(f"order-{number}"))
    except NotToldError:
        return False
    return True


async def test_a_bus_that_starts_before_the_broker_comes_up_by_itself(url: str, link: Link) -> None:
    await link.cut()
    hearer, bus = Hearer(), Bus(settings(url))
    bus.hear("order", hearer)
    assert not await bus.connected()
    assert not await told(bus, 1)
    await link.mend()
    async with on(bus):
        assert await told(bus, 2)
        await until(lambda: hearer.heard == [facts.approved("order-2").id])


async def test_a_connection_that_goes_while_it_is_looked_at_is_not_there(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def goes(_: float | None) -> bool:
        raise AttributeError("'NoneType' object has no attribute 'connected'")

    async with on(Bus(settings(url))) as bus:
        monkeypatch.setattr(bus.outgoing, "ping", goes)
        assert not await bus.connected()
        monkeypatch.undo()
        assert await bus.connected()


async def test_nobody_is_told_while_the_link_is_cut_and_everybody_after(
    url: str, link: Link, rabbitmq_url: str
) -> None:
    hearer, bus = Hearer(), Bus(settings(url, publish_timeout_seconds=0.5))
    bus.hear("order", hearer)
    async with on(bus):
        await link.cut()
        began = time.monotonic()
        assert not await told(bus, 1)
        assert time.monotonic() - began < 5
        await until(lambda: _away(bus))
        await link.mend()
        await until(lambda: told(bus, 2))
        await until(lambda: facts.approved("order-2").id in hearer.heard)
        async with on(Bus(settings(rabbitmq_url))) as other:
            await other.tell(facts.started())
            await until(lambda: facts.started().id in hearer.heard)


async def _away(bus: Bus) -> bool:
    return not await bus.connected()


async def test_a_silent_broker_is_given_up_on_in_time(url: str, link: Link) -> None:
    bus = Bus(settings(url, publish_timeout_seconds=0.3))
    async with on(bus):
        link.freeze()
        began = time.monotonic()
        assert not await told(bus, 1)
        assert 0.3 <= time.monotonic() - began < 5
        link.thaw()
        await until(lambda: told(bus, 2))


async def test_what_nobody_hears_was_not_told(rabbitmq_url: str) -> None:
    async with on(Bus(settings(rabbitmq_url))) as bus, looking(rabbitmq_url) as channel:
        queue = await channel.get_queue(channels.queue_name("mypage"))
        await queue.delete(if_unused=False, if_empty=False)
        with pytest.raises(NotToldError):
            await bus.tell(facts.placed())
        assert await told(bus, 1)


async def test_of_two_tellings_of_one_fact_that_nobody_hears_neither_was_told(rabbitmq_url: str) -> None:
    async with on(Bus(settings(rabbitmq_url))) as bus, looking(rabbitmq_url) as channel:
        await channel.queue_delete(channels.queue_name("mypage"))
        tellings = (bus.tell(facts.placed()) for _ in range(10))
        outcomes = await asyncio.gather(*tellings, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {NotToldError}


async def test_without_its_exchange_nothing_is_told_and_the_bus_outlives_it(rabbitmq_url: str) -> None:
    async with on(Bus(settings(rabbitmq_url))) as bus, looking(rabbitmq_url) as channel:
        exchange = await channel.get_exchange(channels.EVENTS)
        await exchange.delete()
        assert not await told(bus, 1)
        await until(lambda: _told_again_once_it_is_back(rabbitmq_url, bus))


async def _told_again_once_it_is_back(url: str, bus: Bus) -> bool:
    """Another process declares it anew when it starts."""
    async with on(Bus(settings(url))):
        return await told(bus, 2)


async def test_after_a_kill_of_the_broker_all_is_told_and_heard_again_and_nothing_kept_is_lost(
    servers: Servers, rabbitmq_url: str
) -> None:
    hearer, views, reconnected = Hearer(), list[OrderView](), list[bool]()

    async def hear_views(new: Sequence[OrderView]) -> None:
        views.extend(new)

    async def on_reconnected() -> None:
        reconnected.append(True)

    bus = Bus(settings(rabbitmq_url), on_reconnected=[on_reconnected])
    bus.hear("order", hearer)
    bus.hear_changes("a", hear_views)
    view = project([facts.placed()])
    assert view is not None
    async with on(bus):
        assert await told(bus, 1)
        await bus.tell(facts.canceled())  # which waits for payment
        await until(lambda: len(hearer.heard) == 1)
        await until(servers.settled)
        os.kill(servers.pid("rabbitmq"), signal.SIGKILL)
        await until(lambda: _away(bus))
        assert not await told(bus, 2)
        await until(lambda: servers.supervisor.ready, timeout=90)
        await until(lambda: told(bus, 3), timeout=30)
        await until(lambda: facts.approved("order-3").id in hearer.heard, timeout=30)
        await until(lambda: reconnected)
        await bus.announce([view])
        await until(lambda: views == [view])
        async with looking(rabbitmq_url) as channel:
            await until(lambda: waiting_in(channel, channels.queue_name("payment")))


async def test_what_waits_to_be_tried_again_outlives_a_kill_of_the_broker(
    servers: Servers, rabbitmq_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "RETRY_AFTER_SECONDS", (5,))
    hearer, bus = Hearer(), Bus(settings(rabbitmq_url))
    bus.hear("order", hearer)
    hearer.trouble = ZeroDivisionError()
    async with on(bus):
        await until(servers.settled)
        async with looking(rabbitmq_url) as channel:
            await bus.tell(facts.approved())
            await until(lambda: waiting_in(channel, channels.retry_queue_name("order", 5)))
            os.kill(servers.pid("rabbitmq"), signal.SIGKILL)
        hearer.trouble = None
        await until(lambda: _away(bus))
        await until(lambda: hearer.heard == [facts.approved().id], timeout=60)


async def test_a_process_that_ends_while_there_is_no_broker_ends_whatever_the_driver_makes_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bus = Bus(settings(f"amqp://{NOWHERE}"))
    begun = asyncio.Event()

    async def swallows() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise ConnectionError from None

    monkeypatch.setattr(bus, "_start", swallows)
    running = asyncio.create_task(bus.run())
    await begun.wait()
    running.cancel()
    _, left = await asyncio.wait({running}, timeout=20)
    assert not left
    assert running.cancelled()
