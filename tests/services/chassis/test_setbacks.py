"""What becomes of messages that cannot be taken in, on the real RabbitMQ."""

import asyncio
import itertools
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel, DeliveryMode
from prometheus_client import CollectorRegistry

from schema import channels
from schema.events import EVENT, Event
from services.chassis.bus import Bus
from services.chassis.patience import NotToldError
from tests import facts
from tests.services.chassis.hearing import Hearer, looking, next_dead_letter, on, settings, waiting_in
from tests.waiting import until

RETRIES = (0.2, 0.4, 0.6)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "RETRY_AFTER_SECONDS", RETRIES)


@pytest.fixture
def hearer() -> Hearer:
    return Hearer()


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def bus(rabbitmq_url: str, hearer: Hearer, registry: CollectorRegistry) -> Bus:
    bus = Bus(settings(rabbitmq_url), registry)
    bus.hear("order", hearer)
    return bus


class Picky:
    """Fails on some orders, by their id."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, float]] = []
        self.failed: list[tuple[str, float]] = []

    async def __call__(self, fact: Event) -> None:
        where = self.failed if fact.order_id.startswith("bad") else self.heard
        where.append((fact.order_id, time.monotonic()))
        if where is self.failed:
            raise ZeroDivisionError("by zero, " + 100 * "as always, ")


async def put(channel: AbstractChannel, body: bytes, **properties: Any) -> None:
    """Put a message into the hearer's queue, the way a fact comes."""
    exchange = await channel.get_exchange(channels.EVENTS)
    await exchange.publish(aio_pika.Message(body, **properties), "payment.approved")


def bodies(numbers: range, prefix: str = "good") -> Iterator[bytes]:
    for number in numbers:
        yield facts.approved(f"{prefix}-{number}").model_dump_json().encode()


async def test_a_failing_fact_comes_again_ever_later_and_is_then_set_aside_with_its_story(
    rabbitmq_url: str, registry: CollectorRegistry
) -> None:
    picky, bus = Picky(), Bus(settings(rabbitmq_url), registry)
    bus.hear("order", picky)
    before = datetime.now(UTC)
    async with on(bus), looking(rabbitmq_url) as channel:
        await bus.tell(facts.approved("bad"))
        letter = await next_dead_letter(channel, "order")
        assert await waiting_in(channel, channels.queue_name("order")) == 0
    at = [moment for _, moment in picky.failed]
    assert len(at) == 1 + len(RETRIES)
    for (earlier, later), seconds in zip(itertools.pairwise(at), RETRIES, strict=True):
        assert later - earlier >= seconds
    assert EVENT.validate_json(letter.body) == facts.approved("bad")
    assert (letter.message_id, letter.type) == (facts.approved("bad").id, "payment.approved")
    assert letter.delivery_mode == DeliveryMode.PERSISTENT
    said = letter.headers
    assert said["ce-id"] == facts.approved("bad").id
    assert (said[channels.REASON_HEADER], said[channels.TRIES_HEADER]) == (channels.FAILED, 4)
    assert said[channels.ORIGIN_HEADER] == {
        "exchange": channels.EVENTS,
        "routing-key": "payment.approved",
        "queue": "order.facts.v1",
    }
    exception = said[channels.EXCEPTION_HEADER]
    assert str(exception).startswith("ZeroDivisionError: by zero")
    assert len(str(exception)) == 500
    first = datetime.fromisoformat(str(said[channels.FIRST_FAILED_HEADER]))
    last = datetime.fromisoformat(str(said[channels.SET_ASIDE_HEADER]))
    assert before.replace(microsecond=0) <= first < last <= datetime.now(UTC)
    assert registry.get_sample_value("messages_retried_total") == 3
    assert registry.get_sample_value("dead_letters_total", {"reason": "failed"}) == 1
    assert registry.get_sample_value("dead_letters_total", {"reason": "malformed"}) == 0


async def test_what_fails_only_at_first_is_taken_in_in_the_end(bus: Bus, hearer: Hearer) -> None:
    hearer.trouble = ZeroDivisionError()
    async with on(bus):
        await bus.tell(facts.approved())
        await until(lambda: hearer.tried == 2)
        hearer.trouble = None
        await until(lambda: hearer.heard == [facts.approved().id])


async def test_what_comes_again_holds_nobody_up(rabbitmq_url: str) -> None:
    picky, bus = Picky(), Bus(settings(rabbitmq_url, prefetch=1))
    bus.hear("order", picky)
    async with on(bus):
        await bus.tell(facts.approved("bad"))
        await until(lambda: picky.failed)
        await asyncio.gather(*(bus.tell(facts.approved(f"good-{n}")) for n in range(20)))
        await until(lambda: len(picky.heard) == 20)
        heard = len(picky.failed)
        await until(lambda: len(picky.failed) == 1 + len(RETRIES))
    assert heard < 1 + len(RETRIES)


async def test_a_hundred_that_make_no_sense_hold_up_none_of_a_thousand_that_do(
    rabbitmq_url: str, registry: CollectorRegistry
) -> None:
    picky, bus = Picky(), Bus(settings(rabbitmq_url), registry)
    bus.hear("order", picky)
    async with on(bus), looking(rabbitmq_url) as channel:

        async def took(sent: list[bytes]) -> float:
            picky.heard.clear()
            began = time.monotonic()
            await asyncio.gather(*(put(channel, body) for body in sent))
            await until(lambda: len(picky.heard) == 1000, timeout=60)
            return time.monotonic() - began

        good = list(bodies(range(1000)))
        clean = await took(good)
        mixed = [body for n, each in enumerate(good) for body in ([each] if n % 10 else [each, b"{"])]
        poisoned = await took(mixed)
        letters = channels.dead_letter_queue_name("order")
        await until(lambda: waiting_in(channel, letters), timeout=30)
        await until(lambda: _is(100, channel, letters), timeout=30)
    assert sorted({order for order, _ in picky.heard}) == sorted(f"good-{n}" for n in range(1000))
    assert poisoned < 3 * clean + 1
    assert registry.get_sample_value("dead_letters_total", {"reason": "malformed"}) == 100
    assert registry.get_sample_value("messages_retried_total") == 0


async def _is(number: int, channel: AbstractChannel, queue: str) -> bool:
    return await waiting_in(channel, queue) == number


async def test_what_is_wrong_with_a_message_is_said_without_repeating_it(bus: Bus, rabbitmq_url: str) -> None:
    said = facts.approved().model_dump(mode="json") | {"amount": "a secret"}
    async with on(bus), looking(rabbitmq_url) as channel:
        await put(channel, json.dumps(said).encode(), content_type="application/json")
        letter = await next_dead_letter(channel, "order")
    exception = str(letter.headers[channels.EXCEPTION_HEADER])
    assert "payment.approved.amount: Input should be a valid integer" in exception
    assert "secret" not in exception


async def test_headers_of_others_lead_a_message_nowhere_else(
    bus: Bus, hearer: Hearer, rabbitmq_url: str
) -> None:
    hearer.trouble = ZeroDivisionError()
    odd: dict[str, Any] = {
        "CC": ["mypage.facts.v1"],
        "x-retries": "many",
        "x-death": [{"queue": "order.facts.v1"}],
    }
    async with on(bus), looking(rabbitmq_url) as channel:
        await channel.default_exchange.publish(
            aio_pika.Message(
                next(bodies(range(1))), headers=odd | {"mine": 1}, reply_to="order.facts.v1", expiration=9
            ),
            "order.facts.v1",
        )
        letter = await next_dead_letter(channel, "order")
        copies = await waiting_in(channel, channels.queue_name("mypage"))
        assert (letter.headers["mine"], letter.reply_to, letter.expiration) == (1, "order.facts.v1", None)
        assert copies == 1, "the sender's own copy, and none for any try"
    assert hearer.tried == 1 + len(RETRIES)


@pytest.mark.parametrize("said", [2**62, len(RETRIES) + 1, -1, True, "3"])
async def test_a_number_of_retries_that_cannot_be_ours_takes_none_away(
    said: Any, bus: Bus, hearer: Hearer, rabbitmq_url: str
) -> None:
    hearer.trouble = ZeroDivisionError()
    async with on(bus), looking(rabbitmq_url) as channel:
        await put(channel, next(bodies(range(1))), headers={channels.RETRIES_HEADER: said})
        letter = await next_dead_letter(channel, "order")
    assert hearer.tried == letter.headers[channels.TRIES_HEADER] == 1 + len(RETRIES)


async def test_while_it_cannot_be_set_aside_a_message_is_held_and_then_set_aside_once(
    bus: Bus, hearer: Hearer, rabbitmq_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []
    publish = bus._publish

    async def unconfirmed(*arguments: Any, **options: Any) -> None:
        tried.append(arguments)
        if len(tried) < 3:
            raise NotToldError("no broker")
        await publish(*arguments, **options)

    async with on(bus), looking(rabbitmq_url) as channel:
        monkeypatch.setattr(bus, "_publish", unconfirmed)
        began = time.monotonic()
        await put(channel, b"{")
        letter = await next_dead_letter(channel, "order")
        assert letter.body == b"{"
        assert time.monotonic() - began >= 0.3, "no hot loop"
        assert await waiting_in(channel, channels.dead_letter_queue_name("order")) == 0
    assert len(tried) == 3
    assert hearer.tried == 0


async def test_what_is_not_confirmed_elsewhere_is_not_acknowledged(
    bus: Bus, rabbitmq_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    async def never(*arguments: Any, **_: Any) -> None:
        tried.append(arguments)
        raise NotToldError("no broker")

    async with on(bus), looking(rabbitmq_url) as channel:
        monkeypatch.setattr(bus, "_publish", never)
        await put(channel, b"{")
        await until(lambda: len(tried) >= 2)
        await bus.incoming._connection.close()  # type: ignore[union-attr] # as if the process had died
        bus._stopping = True
        await until(lambda: waiting_in(channel, channels.queue_name("order")))


async def test_what_cannot_even_be_written_down_the_broker_sets_aside(
    bus: Bus, rabbitmq_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def bug(*_: Any, **__: Any) -> None:
        raise TypeError("cannot be encoded")

    async with on(bus), looking(rabbitmq_url) as channel:
        monkeypatch.setattr(bus, "_publish", bug)
        await put(channel, b"{")
        letter = await next_dead_letter(channel, "order")
    assert letter.headers["x-first-death-reason"] == "rejected"
