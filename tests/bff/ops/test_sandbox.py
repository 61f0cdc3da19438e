"""The sandbox's levers, and the circuit that they open and close."""

from typing import Any

import pytest

from tests.bff.ops.conftest import System
from tests.bff.ops.page import Page, page_of
from tests.bff.serving import Stub, never, reply, says
from tests.conftest import NOWHERE, Place
from tests.waiting import until

AT_FIRST = {"latency_ms_min": 1, "latency_ms_max": 3, "failure_rate": 0.0, "capacity": 1000, "stopped": False}


async def test_the_levers_are_seen_pulled_and_refused_as_payment_says(page: Page) -> None:
    assert await page.asks("GET", "sandbox") == (200, AT_FIRST)
    pulled = AT_FIRST | {"capacity": 7}
    try:
        assert await page.pulls(**pulled) == pulled
        assert await page.asks("GET", "sandbox") == (200, pulled)
        status, said = await page.asks("PUT", "sandbox", {"capacity": 0})
        assert (status, said["error"]) == (422, "The request is not valid.")
        assert said["problems"][0]["loc"] == ["capacity"]
        assert await page.asks("GET", "sandbox") == (200, pulled)
    finally:
        await page.pulls(**AT_FIRST)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"null", b'{"a":' + b"[" * 2000 + b"]" * 2000 + b"}"], ids=len
)
async def test_what_is_no_object_is_refused(body: bytes, page: Page) -> None:
    status, said = await page.asks("PUT", "sandbox", body)
    assert (status, said) == (400, {"error": "This is not what is asked for here."})


async def test_what_is_too_long_is_refused(page: Page) -> None:
    status, said = await page.asks("PUT", "sandbox", b" " * 5000)
    assert (status, said) == (413, {"error": "A request has at most 4096 bytes."})


async def test_the_circuit_is_seen_to_open_while_the_sandbox_is_stopped_and_to_close(system: System) -> None:
    settings = {"bff_breaker_minimum_volume": 3, "bff_breaker_recovery_seconds": 2}
    async with page_of(system.place, system.parts, **settings) as page:
        await page.pulls(**AT_FIRST | {"stopped": True})
        try:
            for _ in range(4):
                assert (await page.orders())["__typename"] == "PaymentUnavailable"
            state = await until(lambda: _circuit(page, "open"))
            breaker, outcomes = state["breaker"], state["payment"]["outcomes"]
            assert 0 < breaker["retryInMs"] <= 2400
            assert breaker["lastFailure"] == "ProviderRefusedError"
            assert (outcomes["unavailable"], outcomes["approved"]) == (3, 0)
            assert state["orders"] == {"PaymentUnavailable": 4}
            half_open = (await until(lambda: _circuit(page, "half_open")))["breaker"]
            assert half_open["retryInMs"] is None
        finally:
            await page.pulls(**AT_FIRST)
        assert (await page.orders())["__typename"] == "OrderPlaced"
        closed = (await until(lambda: _circuit(page, "closed")))["breaker"]
        assert (closed["retryInMs"], closed["failures"]) == (None, 0)


async def _circuit(page: Page, state: str) -> Any:
    seen = await page.state()
    return seen if seen["breaker"]["state"] == state else None


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (reply("Not Found", 404), (404, {"error": "Payment has no sandbox here."})),
        (reply('{"error": "no"}', 401), (503, {"error": "Payment cannot say how its levers stand."})),
        (reply("oh", 500), (503, {"error": "Payment cannot say how its levers stand."})),
        (reply('{"error": "No."}', 409), (409, {"error": "No."})),
    ],
)
async def test_what_payment_says_is_handed_on_unless_it_is_about_us(
    answer: bytes, expected: tuple[int, object], place_without_broker: Place, payment_service: Stub
) -> None:
    payment_service.script = says(answer)
    async with page_of(place_without_broker, payment_url=payment_service.url) as page:
        assert await page.asks("GET", "sandbox") == expected
        assert await page.asks("PUT", "sandbox", {"stopped": True}) == expected
        assert (await page.state())["sandbox"] == {"available": False}


async def test_a_payment_that_is_away_or_never_answers_is_not_waited_for(
    place_without_broker: Place, payment_service: Stub
) -> None:
    payment_service.script = never()
    for url in (payment_service.url, f"http://{NOWHERE}"):
        async with page_of(place_without_broker, payment_url=url) as page:
            status, said = await page.asks("GET", "sandbox")
            assert (status, said["error"].startswith("Payment does not answer")) == (503, True)
