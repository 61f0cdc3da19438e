"""What is done at the same time is acknowledged together, and nothing that is still held."""

import asyncio
from types import SimpleNamespace
from typing import Any

from schema import channels
from services.chassis import acknowledging
from services.chassis.bus import Bus
from tests import facts
from tests.services.chassis.hearing import Hearer, looking, on, settings, waiting_in
from tests.waiting import until


class Channel:
    """Keeps what the broker would be told: a tag, and whether all before it are meant too."""

    is_closed = False

    def __init__(self) -> None:
        self.said: list[tuple[int, bool]] = []

    async def basic_ack(self, tag: int, multiple: bool = False, *, wait: bool) -> None:  # noqa: FBT001, FBT002 # aiormq's
        assert not wait
        self.said.append((tag, multiple))

    def message(self, tag: int) -> Any:
        """One that it has brought."""
        message = SimpleNamespace(channel=self, delivery_tag=tag, reject=_rejected)
        acknowledging.came(message)  # type: ignore[arg-type] # all of a message that is looked at
        return message


async def _rejected() -> None:
    pass


async def a_turn() -> None:
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_what_is_done_in_one_turn_is_said_at_once_but_for_what_is_held_before_it() -> None:
    channel = Channel()
    first, second, third, fourth, fifth = map(channel.message, range(1, 6))
    for each in (fourth, second, first):
        acknowledging.acknowledge(each)
    await a_turn()
    assert channel.said == [(2, True), (4, False)]
    for each in (fifth, third):
        acknowledging.acknowledge(each)
    await a_turn()
    assert channel.said[2:] == [(5, True)]


async def test_what_was_rejected_keeps_nothing_back() -> None:
    channel = Channel()
    first, second, third = map(channel.message, range(1, 4))
    await acknowledging.reject(first)
    for each in (second, third):
        acknowledging.acknowledge(each)
    await a_turn()
    assert channel.said == [(3, True)]


async def test_where_one_was_kept_from_here_the_others_are_said_one_by_one() -> None:
    channel = Channel()
    for each in [channel.message(tag) for tag in (1, 3, 4)]:
        acknowledging.acknowledge(each)
    await a_turn()
    assert channel.said == [(1, False), (3, False), (4, False)]


async def test_nothing_is_said_to_a_channel_that_has_closed() -> None:
    channel = Channel()
    message = channel.message(1)
    channel.is_closed = True
    acknowledging.acknowledge(message)
    await a_turn()
    assert channel.said == []


async def test_all_that_was_heard_together_leaves_the_queue_and_what_is_held_does_not(
    rabbitmq_url: str,
) -> None:
    hearer, bus = Hearer(), Bus(settings(rabbitmq_url))
    bus.hear("order", hearer)
    going_on, held = asyncio.Event(), facts.approved("order-3").id

    async def wait() -> None:
        if hearer.tried == 4:
            await asyncio.Event().wait()
        await going_on.wait()

    hearer.during = wait
    async with on(bus), looking(rabbitmq_url) as channel:
        for number in range(8):
            await bus.tell(facts.approved(f"order-{number}"))
        await until(lambda: hearer.tried == 8)
        going_on.set()
        await until(lambda: len(hearer.heard) == 7)
        assert held not in hearer.heard
        await bus.incoming._connection.close()  # type: ignore[union-attr] # as if the process had died
        bus._stopping = True
        await until(lambda: waiting_in(channel, channels.queue_name("order")))
        assert await waiting_in(channel, channels.queue_name("order")) == 1
