"""Dead letters on the operators' page: seen, sent again, gone, and taken in after all."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

import aio_pika
import pytest
from aio_pika.abc import AbstractChannel

from schema import channels
from services.chassis import dead_letters, topology
from tests import facts
from tests.bff.ops.conftest import System
from tests.bff.ops.page import Page, page_of
from tests.conftest import Place
from tests.proxy import linked
from tests.services.chassis.hearing import looking, taken_from, waiting_in
from tests.waiting import until

BUSY = {"error": "Somebody else is at the dead letters: try again in a moment."}
AWAY = {"error": "The broker does not answer: try again. No letter is lost."}


@pytest.fixture
async def channel(place: Place) -> AsyncIterator[AbstractChannel]:
    """A broker with all queues, and nobody who hears."""
    async with looking(place.rabbitmq_url) as channel:
        await topology.declare(channel)
        yield channel


@pytest.fixture
async def page(place: Place, channel: AbstractChannel) -> AsyncIterator[Page]:
    """A page of a gateway without services."""
    del channel
    async with page_of(place) as page:
        await until(lambda: _counts(page, 0))
        yield page


async def _counts(page: Page, letters: int) -> bool:
    return bool((await page.state())["deadLetters"]["total"] == letters)


async def set_aside(
    channel: AbstractChannel, hearer: str, *bodies: bytes, headers: dict[str, Any] | None = None
) -> None:
    """As a service does it."""
    exchange = await channel.get_exchange(channels.DEAD)
    why: dict[str, Any] = {channels.REASON_HEADER: channels.FAILED, channels.TRIES_HEADER: 4}
    why[channels.EXCEPTION_HEADER] = "ZeroDivisionError: by zero"
    for number, body in enumerate(bodies):
        when = {channels.SET_ASIDE_HEADER: facts.after(number).isoformat()}
        message = aio_pika.Message(body, headers=why | when | (headers or {}), delivery_mode=2)
        await exchange.publish(message, hearer)


async def test_a_dead_letter_is_seen_sent_again_and_takes_its_effect(system: System) -> None:
    async with page_of(system.place, system.parts) as page, looking(system.place.rabbitmq_url) as channel:
        await until(lambda: _counts(page, 0))
        await system.parts.kill("delivery")
        order_id = (await page.orders())["order"]["id"]
        approved = await taken_from(channel, channels.queue_name("delivery"))
        await set_aside(channel, "delivery", approved.body, headers=dict(approved.headers))
        await system.parts.start("delivery")
        await until(lambda: _counts(page, 1))
        (letter,) = await page.letters()
        assert (letter["hearer"], letter["type"], letter["orderId"]) == (
            "delivery",
            "payment.approved",
            order_id,
        )
        assert await page.status_of(order_id) == "PAID"
        assert await page.asks("POST", "dead-letters/redrive", {"id": letter["id"]}) == (200, {"redriven": 1})
        assert await page.letters() == []
        await until(lambda: _counts(page, 0))
        await until(lambda: _stands(page, order_id, "DELIVERING"))


async def _stands(page: Page, order_id: str, status: str) -> bool:
    return await page.status_of(order_id) == status


async def test_letters_are_shown_with_what_is_known_of_them_and_stay(
    page: Page, channel: AbstractChannel
) -> None:
    fact = facts.approved().model_dump_json().encode()
    await set_aside(channel, "order", fact, b"\xff[")
    first, second = await page.letters()
    assert first == {
        "id": first["id"],
        "hearer": "order",
        "type": "payment.approved",
        "orderId": facts.ORDER,
        "reason": "failed",
        "exception": "ZeroDivisionError: by zero",
        "at": facts.after(0).isoformat(),
        "attempts": 4,
    }
    assert (second["type"], second["orderId"]) == (None, None)
    assert await page.letters() == [first, second]
    await until(lambda: _counts(page, 2))


async def test_what_the_broker_set_aside_itself_is_shown(page: Page, channel: AbstractChannel) -> None:
    message = aio_pika.Message(facts.placed().model_dump_json().encode(), delivery_mode=2)
    await channel.default_exchange.publish(message, channels.queue_name("mypage"))
    queue = await channel.get_queue(channels.queue_name("mypage"))
    await (await until(lambda: queue.get(fail=False))).reject()
    (letter,) = await until(page.letters)
    assert (letter["hearer"], letter["type"], letter["reason"]) == ("mypage", "order.placed", "rejected")
    assert letter["at"].endswith("+00:00")


async def test_so_many_of_each_are_shown_as_are_asked_for(page: Page, channel: AbstractChannel) -> None:
    await set_aside(channel, "order", *(b"%d" % number for number in range(60)))
    await set_aside(channel, "mypage", b"one")
    assert len(await page.letters()) == 51
    _, said = await page.asks("GET", "dead-letters?first=2")
    moments = [facts.after(0).isoformat(), facts.after(1).isoformat(), facts.after(0).isoformat()]
    assert [letter["at"] for letter in said["letters"]] == moments
    await until(lambda: _counts(page, 61))


@pytest.mark.parametrize("first", ["0", "201", "-1", "x", "", "99999999999", "²"])
async def test_a_number_that_makes_no_sense_is_refused(first: str, page: Page) -> None:
    status, said = await page.asks("GET", f"dead-letters?first={first}")
    assert (status, said) == (400, {"error": "`first` is a number from 1 to 200."})


async def test_all_are_sent_again_to_those_who_could_not_take_them_in(
    page: Page, channel: AbstractChannel
) -> None:
    await set_aside(channel, "order", b"one", b"two")
    await set_aside(channel, "delivery", b"three")
    assert await page.asks("POST", "dead-letters/redrive", {"all": True}) == (200, {"redriven": 3})
    assert await page.letters() == []
    assert await waiting_in(channel, channels.queue_name("order")) == 2
    assert await waiting_in(channel, channels.queue_name("delivery")) == 1


async def test_one_that_is_not_there_any_more_is_not_sent(page: Page, channel: AbstractChannel) -> None:
    await set_aside(channel, "order", b"one")
    assert await page.asks("POST", "dead-letters/redrive", {"id": "nothing"}) == (200, {"redriven": 0})
    assert len(await page.letters()) == 1


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b"{}", b'{"all": false}', b'{"all": "yes"}', b'{"id": 7}', b'{"id": ""}'),
        *(b'{"id": "x", "all": true}', b'{"all": true, "hearer": "order"}'),
    ],
)
async def test_who_does_not_say_which_is_refused(body: bytes, page: Page, channel: AbstractChannel) -> None:
    await set_aside(channel, "order", b"one")
    status, said = await page.asks("POST", "dead-letters/redrive", body)
    assert (status, said) == (400, {"error": "This is not what is asked for here."})
    assert len(await page.letters()) == 1


async def test_nothing_is_lost_where_there_is_nobody_to_send_it_to(
    page: Page, channel: AbstractChannel
) -> None:
    await set_aside(channel, "order", b"one")
    await channel.queue_delete(channels.queue_name("order"))
    status, said = await page.asks("POST", "dead-letters/redrive", {"all": True})
    assert status == 409
    assert said["error"].startswith("There is no queue order.facts.v1 to send to")
    assert len(await page.letters()) == 1


async def test_while_somebody_else_is_at_them_that_is_said_and_none_seems_to_be_gone(
    page: Page, channel: AbstractChannel, place: Place
) -> None:
    await set_aside(channel, "order", b"one", b"two")
    await until(lambda: _counts(page, 2))
    async with looking(place.rabbitmq_url) as others:
        await others.declare_queue(dead_letters.IN_USE, exclusive=True, auto_delete=True)
        queue = await others.get_queue(channels.dead_letter_queue_name("order"))
        assert await queue.get()
        assert await page.asks("GET", "dead-letters") == (409, BUSY)
        assert await page.asks("POST", "dead-letters/redrive", {"all": True}) == (409, BUSY)
        now = (await page.state())["at"]
        assert await until(lambda: _counts_since(page, now)) == 2
    await until(page.letters)
    assert len(await page.letters()) == 2


async def _counts_since(page: Page, moment: str) -> int | None:
    state = await page.state()
    total: int = state["deadLetters"]["total"]
    return total if state["at"] > moment else None


async def test_pages_that_look_at_once_all_see_everything(page: Page, channel: AbstractChannel) -> None:
    await set_aside(channel, "order", *(b"%d" % number for number in range(20)))
    looks = await asyncio.gather(*(page.letters() for _ in range(5)))
    assert [len(letters) for letters in looks] == [20] * 5


@pytest.mark.parametrize("how", ["frozen", "cut"])
async def test_without_the_broker_that_is_said_in_time(
    how: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bff.ops.desk.LOOKING_SECONDS", 1)
    monkeypatch.setattr("bff.ops.desk.SENDING_SECONDS", 1)
    monkeypatch.setattr("bff.ops.desk.TURN_SECONDS", 0.2)
    port = urlsplit(place.rabbitmq_url).port
    assert port
    async with linked(port) as link:
        url = place.rabbitmq_url.replace(f":{port}/", f":{link.port}/")
        async with page_of(place, rabbitmq_url=url) as page:
            await until(lambda: _counts(page, 0))
            if how == "frozen":
                link.freeze()
            else:
                await link.cut()
            async with asyncio.timeout(5):
                assert await page.asks("GET", "dead-letters") == (503, AWAY)
            await link.mend()
            assert await until(lambda: _sees_letters(page), timeout=30)


async def _sees_letters(page: Page) -> bool:
    return (await page.asks("GET", "dead-letters"))[0] == 200
