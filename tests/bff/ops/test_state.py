"""What an operator sees of a system in which everything runs, and of one in which something does not."""

import asyncio
import time
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.bff.ops.conftest import System
from tests.bff.ops.page import Page, page_of
from tests.bff.serving import Stub, deaf, reply, says
from tests.conftest import NOWHERE, Place
from tests.proxy import linked
from tests.waiting import until

AT_ONCE_SECONDS = 2.0
"""A snapshot is there within this, whoever is away: a second, and what this machine is busy with."""


async def taken(page: Page) -> tuple[Any, float]:
    """A snapshot, and how long it took."""
    begun = time.perf_counter()
    return await page.state(), time.perf_counter() - begun


async def test_of_a_system_that_is_well_all_is_known(page: Page) -> None:
    for _ in range(3):
        assert (await page.orders())["__typename"] == "OrderPlaced"
    state = await until(lambda: _all_taken_in(page))
    assert datetime.fromisoformat(state["at"]).tzinfo
    assert state["replica"]
    assert state["breaker"] == {
        "state": "closed",
        "retryInMs": None,
        "calls": 3,
        "failures": 0,
        "rate": 0.0,
        "lastFailure": None,
        "failureRate": 0.5,
        "minimumVolume": 20,
        "windowSeconds": 10.0,
    }
    assert state["orders"] == {"OrderPlaced": 3}
    assert state["dependencies"] == {"mongodb": True, "rabbitmq": True}
    assert state["sandbox"] == {"available": True}
    assert [(each["name"], each["ready"], each["said"]) for each in state["services"]] == [
        (name, True, None) for name in ("order", "payment", "delivery", "mypage")
    ]
    outboxes = {each["name"]: each["outbox"] for each in state["services"]}
    assert outboxes.pop("mypage") is None
    assert {each["depth"] for each in outboxes.values()} == {0}
    assert {each["oldestSeconds"] for each in outboxes.values()} == {0}
    letters = state["deadLetters"]
    assert letters["total"] == sum(each["count"] for each in letters["queues"]) == 0
    assert [each["hearer"] for each in letters["queues"]] == ["order", "payment", "delivery", "mypage"]


async def _all_taken_in(page: Page) -> Any:
    """Facts are told to mypage a little later than the customer is answered."""
    state = await page.state()
    lag = state["projection"]["lagSeconds"]
    return state if lag is not None and state["projection"]["waiting"] == 0 else None


async def test_payments_are_counted_with_their_latency_and_what_became_of_them(page: Page) -> None:
    before = (await page.state())["payment"]
    assert (before["calls"], before["seconds"], before["inFlight"], before["atOnce"]) == (0, 0, 0, 256)
    assert before["buckets"]
    assert {count for _, count in before["buckets"]} == {0}
    assert set(before["outcomes"].values()) == {0}
    for _ in range(2):
        await page.orders()
    payment = (await _fresh(page))["payment"]
    assert payment["calls"] == 2
    assert 0 < payment["seconds"] < 10
    assert {name: count for name, count in payment["outcomes"].items() if count} == {"approved": 2}
    bounds, counts = zip(*payment["buckets"], strict=True)
    assert list(bounds) == sorted(bounds)
    assert list(counts) == sorted(counts)
    assert counts[-1] <= 2


async def _fresh(page: Page) -> Any:
    """A snapshot that is newer than now."""
    now = (await page.state())["at"]

    async def newer() -> Any:
        state = await page.state()
        return state if state["at"] != now else None

    return await until(newer)


async def test_what_mypage_takes_in_shows_how_late_it_is(page: Page) -> None:
    await page.state()
    await page.orders()
    projection = (await until(lambda: _all_taken_in(page)))["projection"]
    assert 0 < projection["lagSeconds"] < 30
    assert 0 < projection["quantiles"]["p50"] <= projection["quantiles"]["p99"]


async def test_who_watches_is_counted_by_how(page: Page) -> None:
    async with page.gateway.connected() as socket:
        await socket.subscribes("1", "subscription { myOrderUpdates { id } }")
        await until(lambda: _watched(page, {"open": 1, "connections": 1}, websocket=1, sse=0, multipart=0))
    await until(lambda: _watched(page, {"open": 0, "connections": 0}, websocket=0, sse=0, multipart=0))


async def _watched(page: Page, counts: dict[str, int], **by_transport: int) -> bool:
    said: dict[str, Any] = (await page.state())["subscriptions"]
    return said == {**counts, "byTransport": by_transport}


async def test_a_service_that_was_killed_is_not_ready_and_holds_up_nothing(
    system: System, page: Page
) -> None:
    await system.parts.kill("delivery")
    try:
        await until(lambda: _is_away(page, "delivery"))
        state, seconds = await taken(page)
        delivery = next(each for each in state["services"] if each["name"] == "delivery")
        assert delivery == {"name": "delivery", "ready": False, "said": "It does not answer.", "outbox": None}
        assert seconds < AT_ONCE_SECONDS
        assert [each["ready"] for each in state["services"]] == [True, True, False, True]
        assert state["deadLetters"]["total"] == 0
        assert state["projection"]["waiting"] == 0
    finally:
        await system.parts.start("delivery")
    await until(lambda: page.service("delivery"))


async def _is_away(page: Page, name: str) -> bool:
    return (await page.service(name))["ready"] is False


async def test_whoever_takes_the_question_and_never_answers_is_left_out_in_time(system: System) -> None:
    with deaf() as url:
        everywhere: dict[str, Any] = {
            "order_url": url,
            "payment_url": url,
            "delivery_url": url,
            "mypage_url": url,
        }
        async with page_of(system.place, **everywhere) as page:
            state, seconds = await taken(page)
    assert seconds < AT_ONCE_SECONDS
    assert [each["ready"] for each in state["services"]] == [False] * 4
    assert [each["outbox"] for each in state["services"]] == [None] * 4
    assert state["projection"]["lagSeconds"] is None
    assert state["sandbox"] == {"available": False}


async def test_where_a_service_is_need_not_be_said(place: Place) -> None:
    async with page_of(place) as page:
        services = {each["name"]: each for each in (await page.state())["services"]}
    for name in ("delivery", "mypage"):
        said = f"{name.upper()}_URL does not say where it is."
        assert services[name] == {"name": name, "ready": None, "said": said, "outbox": None}


@pytest.mark.parametrize("how", ["frozen", "cut"])
async def test_without_the_broker_what_it_knows_is_not_known_and_the_rest_is(
    system: System, how: str
) -> None:
    port = urlsplit(system.place.rabbitmq_url).port
    assert port
    async with linked(port) as link:
        url = system.place.rabbitmq_url.replace(f":{port}/", f":{link.port}/")
        async with page_of(system.place, system.parts, rabbitmq_url=url) as page:
            await until(lambda: _knows_the_letters(page))
            if how == "frozen":
                link.freeze()
            else:
                await link.cut()
            await until(lambda: _knows_nothing_of_queues(page))
            for _ in range(3):
                state, seconds = await taken(page)
                assert seconds < AT_ONCE_SECONDS
            assert state["deadLetters"] == {"total": None, "queues": []}
            assert [each["ready"] for each in state["services"]] == [True] * 4
            assert state["dependencies"]["mongodb"]
            await until(lambda: _sees_the_broker_away(page), timeout=20)
            await link.mend()
            await until(lambda: _knows_the_letters(page), timeout=30)


async def _knows_the_letters(page: Page) -> bool:
    return (await page.state())["deadLetters"]["total"] is not None


async def _knows_nothing_of_queues(page: Page) -> bool:
    state = await page.state()
    return state["deadLetters"]["total"] is None and state["projection"]["waiting"] is None


async def _sees_the_broker_away(page: Page) -> bool:
    return (await page.state())["dependencies"]["rabbitmq"] is False


async def test_without_its_database_the_rest_is_known(system: System) -> None:
    away = {"mongo_url": f"mongodb://{NOWHERE}/?directConnection=true", "mongo_timeout_seconds": 0.2}
    async with page_of(system.place, system.parts, **away) as page:
        state, seconds = await taken(page)
    assert seconds < AT_ONCE_SECONDS
    assert state["dependencies"]["mongodb"] is False
    assert [each["ready"] for each in state["services"]] == [True] * 4


async def test_however_many_look_services_are_asked_once_a_second(place: Place) -> None:
    service = Stub()
    service.script = says(reply('{"ready": true, "draining": false, "dependencies": {}}'))
    await service.start()
    names = ("order_url", "payment_url", "delivery_url", "mypage_url")
    urls: dict[str, Any] = dict.fromkeys(names, service.url)
    try:
        async with page_of(place, **urls) as page:
            asyncio.get_running_loop()
            assert service.heard == []
            begun = time.perf_counter()
            states = [
                each for _ in range(40) for each in await asyncio.gather(*(page.state() for _ in range(10)))
            ]
            seconds = time.perf_counter() - begun
            snapshots = {each["at"] for each in states}
            assert len(snapshots) <= 1 + seconds / 0.9
            for path in ("/readyz", "/metrics"):
                assert sum(each.path == path for each in service.heard) == 4 * len(snapshots)
            assert sum(each.path == "/sandbox" for each in service.heard) == len(snapshots)
            assert {each.path for each in service.heard} == {"/readyz", "/metrics", "/sandbox"}
    finally:
        await service.stop()


async def test_looking_takes_no_place_of_a_payment_and_says_nothing_of_payments_health(
    system: System,
) -> None:
    url = f"http://{NOWHERE}"
    async with page_of(system.place, system.parts, payment_url=url, bff_breaker_minimum_volume=1) as page:
        for _ in range(3):
            state = await _fresh(page)
        assert (state["breaker"]["state"], state["breaker"]["calls"]) == ("closed", 0)
        assert state["payment"]["calls"] == 0
        assert (await page.gateway.readiness())[0] == 200
