import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest
from prometheus_client import CollectorRegistry

from bff import app
from bff.payments import Became, NotCharged, PaymentAnswer, Payments, TurnedAway, Unclear
from bff.settings import BffSettings
from schema.requests import PaymentReply
from schema.views import PaymentStatus
from services.chassis.upstream import Upstream
from tests import facts
from tests.bff.asking import SECRET
from tests.bff.serving import Heard, Script, Stub, deaf, never, once, reply, says
from tests.waiting import until

APPROVED = reply(PaymentReply(order_id=facts.ORDER, status=PaymentStatus.APPROVED, facts=(facts.approved(),)))

Make = Callable[..., Payments]


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
async def make(payment_service: Stub, registry: CollectorRegistry) -> AsyncIterator[Make]:
    """Payment as the gateway wires it, with other settings where a test gives them."""
    upstream = Upstream(payment_service.url)

    def make(**others: int) -> Payments:
        settings = BffSettings.model_validate({"auth_jwt_secret": SECRET, **others})
        return app.payments(settings, upstream, registry)

    yield make
    await upstream.close()


async def approve(payments: Payments, order_id: str = facts.ORDER) -> PaymentAnswer:
    with payments.reserved():
        return await payments.approve(order_id, facts.approve_payment())


async def test_the_deadline_includes_the_wait_for_a_connection(registry: CollectorRegistry) -> None:
    settings = BffSettings.model_validate({"auth_jwt_secret": SECRET, "bff_payment_deadline_ms": 100})
    with deaf() as url:
        upstream = Upstream(url)
        payments = app.payments(settings, upstream, registry)
        began = time.perf_counter()
        assert await approve(payments) == Unclear()
        assert 0.09 < time.perf_counter() - began < 2
        await upstream.close()


async def test_what_came_in_time_is_an_answer_however_late_it_is_looked_at(
    make: Make, payment_service: Stub
) -> None:
    """Payment answers at once, and the gateway stands still until its deadline is over."""

    async def answer(_: Heard) -> bytes | None:
        loop = asyncio.get_running_loop()
        now = loop.create_future()
        loop.call_soon(now.set_result, None)
        loop.call_soon(loop.call_soon, time.sleep, 1.2)  # in the turn in which this goes on, and after it
        await now
        return APPROVED

    payment_service.script = answer
    assert isinstance(await approve(make(bff_payment_deadline_ms=1000)), PaymentReply)


async def test_the_deadline_includes_the_answers_body(make: Make, payment_service: Stub) -> None:
    payment_service.script = says(APPROVED[:-5])
    payments = make(bff_payment_deadline_ms=100)
    assert await approve(payments) == Unclear()
    assert payments.breaker.last_failure == "TimeoutError"


async def test_a_payment_service_that_does_not_let_us_in_has_charged_nothing(
    make: Make, payment_service: Stub
) -> None:
    payment_service.script = says(reply('{"error": "who are you"}', 401))
    payments = make()
    refused = await approve(payments)
    assert isinstance(refused, NotCharged)
    assert not refused.by_payment
    assert payments.breaker.last_failure == "NotLetInError"


async def test_a_call_that_is_given_up_leaves_its_place_to_others(make: Make, payment_service: Stub) -> None:
    payment_service.script = never()
    payments = make(bff_payment_deadline_ms=50, bff_payment_at_once=1)
    for _ in range(3):
        assert await approve(payments) == Unclear()
    assert payments.bulkhead.in_flight == 0
    payment_service.script = says(APPROVED)
    assert isinstance(await approve(payments), PaymentReply)


async def test_a_connection_that_payment_closed_while_it_was_idle_hurts_nobody(
    make: Make, payment_service: Stub
) -> None:
    payment_service.script = says(APPROVED)
    payments = make()
    for connection in range(1, 4):
        assert isinstance(await approve(payments), PaymentReply)
        assert payment_service.heard[-1].connection == connection
        payment_service.hang_up()


async def test_a_request_that_was_lost_with_a_kept_connection_is_sent_again_on_a_new_one(
    make: Make, payment_service: Stub
) -> None:
    payment_service.script = says(APPROVED, None, APPROVED)
    payments = make()
    await approve(payments)
    assert isinstance(await approve(payments), PaymentReply)
    assert [heard.connection for heard in payment_service.heard] == [1, 1, 2]
    assert len({(heard.method, heard.path, heard.body) for heard in payment_service.heard}) == 1
    assert payments.breaker.snapshot()["failures"] == 0


@pytest.mark.parametrize("kept", [0, 1])
async def test_a_request_that_was_sent_and_never_answered_is_never_said_to_be_uncharged(
    make: Make, payment_service: Stub, kept: int
) -> None:
    """Also where payment is gone when the request is sent again: it may have charged the first time."""
    payment_service.script = says(*[APPROVED] * kept, None)
    payments = make()
    for _ in range(kept):
        await approve(payments)
    assert await approve(payments) == Unclear()


async def test_a_request_that_was_lost_and_could_not_be_sent_again_is_unclear(
    make: Make, payment_service: Stub
) -> None:
    payments = make()
    payment_service.script = says(APPROVED)
    await approve(payments)

    async def die(_: object) -> None:
        assert payment_service._server is not None
        payment_service._server.close()

    payment_service.script = die
    assert await approve(payments) == Unclear()


async def test_a_refused_connection_is_certainly_no_charge(make: Make, payment_service: Stub) -> None:
    await payment_service.stop()
    assert await approve(make()) == NotCharged(1000)


def _said(status: PaymentStatus) -> bytes:
    return reply(PaymentReply(order_id=facts.ORDER, status=status, facts=()))


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        *((says(_said(status)), status.lower()) for status in PaymentStatus),
        (says(reply('{"error": "no"}', 503)), "unavailable"),
        (says(reply('{"error": "who are you"}', 401)), "unavailable"),
        (never(), "timeout"),
        (says(reply("oh", 500)), "broken"),
        (says(reply("{}")), "broken"),
        (says(None), "broken"),
    ],
    ids=str,
)
async def test_what_becomes_of_asking_payment_is_counted(
    script: Script, answer: str, make: Make, payment_service: Stub, registry: CollectorRegistry
) -> None:
    payment_service.script = script
    await approve(make(bff_payment_deadline_ms=200 if answer == "timeout" else 9000))
    assert _became(registry) == {answer: 1}


async def test_who_is_not_let_through_to_payment_is_counted_too(
    make: Make, payment_service: Stub, registry: CollectorRegistry
) -> None:
    payment_service.script = never()
    payments = make(bff_payment_at_once=1, bff_breaker_minimum_volume=1, bff_payment_deadline_ms=200)
    with payments.reserved():
        with pytest.raises(TurnedAway):
            await approve(payments)
        for _ in range(2):
            await payments.approve(facts.ORDER, facts.approve_payment())
    assert _became(registry) == {"full": 1, "timeout": 1, "refused": 1}


def _became(registry: CollectorRegistry) -> dict[str, float]:
    names = [each.value for each in Became]
    counts = {name: registry.get_sample_value("payment_answers_total", {"answer": name}) for name in names}
    return {name: count for name, count in counts.items() if count}


async def test_how_calls_end_is_counted(
    make: Make, payment_service: Stub, registry: CollectorRegistry
) -> None:
    def calls(outcome: str) -> float | None:
        return registry.get_sample_value("payment_call_seconds_count", {"outcome": outcome})

    answered = asyncio.Event()
    payments = make(bff_breaker_minimum_volume=3, bff_payment_deadline_ms=5000)
    payment_service.script = once(answered, APPROVED)
    cancelled = asyncio.create_task(approve(payments))
    served = asyncio.create_task(approve(payments))
    await until(lambda: len(payment_service.heard) == 2)
    assert registry.get_sample_value("payment_calls_in_flight") == 2
    cancelled.cancel()
    await asyncio.gather(cancelled, return_exceptions=True)
    answered.set()
    assert isinstance(await served, PaymentReply)
    assert registry.get_sample_value("payment_calls_in_flight") == 0
    assert (calls("success"), calls("neutral"), calls("failure")) == (1, 1, 0)

    payment_service.script = says(reply("busy", 503))
    for _ in range(2):
        assert (
            await approve(payments) == NotCharged(1000, by_payment=True) or payments.breaker.state == "open"
        )
    assert calls("failure") == 2
    assert registry.get_sample_value("payment_breaker_opened_total") == 1
    assert registry.get_sample_value("payment_breaker_state", {"state": "open"}) == 1
    refusal = await payments.approve(facts.ORDER, facts.approve_payment())
    assert isinstance(refusal, NotCharged)
    assert refusal.retry_after_ms > 1000
    assert registry.get_sample_value("payment_breaker_refused_total") == 1
    assert len(payment_service.heard) == 4


def test_a_place_is_kept_from_before_anything_is_ordered(make: Make, registry: CollectorRegistry) -> None:
    payments = make(bff_payment_at_once=1)
    with payments.reserved():
        assert registry.get_sample_value("payment_calls_in_flight") == 1
        with pytest.raises(TurnedAway) as turned_away, payments.reserved():
            pytest.fail("there was a second place")
    assert turned_away.value.retry_after_ms == 1000
    with payments.reserved():
        assert payments.breaker.snapshot()["calls"] == 0


async def test_no_place_is_kept_while_the_circuit_is_open(make: Make, payment_service: Stub) -> None:
    payment_service.script = says(reply("busy", 503))
    payments = make(bff_breaker_minimum_volume=1)
    await approve(payments)
    with pytest.raises(TurnedAway) as turned_away, payments.reserved():
        pytest.fail("there was a place")
    assert 1000 < turned_away.value.retry_after_ms <= 6000
    assert payments.bulkhead.in_flight == 0


async def test_a_payment_that_is_too_slow_is_asked_less_and_a_refusal_of_the_card_is_no_reason(
    make: Make, payment_service: Stub
) -> None:
    payments = make(bff_payment_deadline_ms=50, bff_payment_at_once=100)
    declined = PaymentReply(order_id=facts.ORDER, status=PaymentStatus.DECLINED, facts=(facts.declined(),))
    payment_service.script = says(reply(declined))
    await approve(payments)
    assert payments.bulkhead.capacity == 100
    payment_service.script = never()
    for _ in range(3):
        assert await approve(payments) == Unclear()
    assert payments.bulkhead.capacity == 91
    payment_service.script = says(APPROVED)
    await approve(payments)
    assert payments.bulkhead.capacity == 92
