"""placeOrder, one way: each row of what DESIGN.md promises."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial

import pytest

from bff.ordering import Declined, Pending, Placed, Unavailable
from bff.orders import OrdersUnavailableError
from schema.events import CancelReason
from schema.requests import ApprovePayment, FindOrders, FoundOrders, Problem, ProblemCode, Problems
from schema.views import OrderStatus, PaymentStatus
from tests import facts
from tests.bff.placing import Shop, known, order, order_service, payment, shop_of
from tests.bff.serving import Heard, Script, Stub, never, once, reply, says
from tests.waiting import until

APPROVED = payment(PaymentStatus.APPROVED, facts.approved())
SOON = 10.0
"""Seconds that a slow payment would take: nobody waits so long."""


async def test_an_approved_payment_is_an_order(shop: Shop) -> None:
    shop.payment_service.script = says(APPROVED)
    outcome = await shop.place()
    assert isinstance(outcome, Placed)
    assert (outcome.order.status, outcome.order.version) == (OrderStatus.PAID, 2)
    (heard,) = shop.payment_service.heard
    assert (heard.method, heard.path) == ("PUT", f"/payments/{facts.ORDER}")
    assert ApprovePayment.model_validate_json(heard.body) == facts.approve_payment()
    assert (shop.asked, shop.told("Placed")) == (["/orders"], 1)


async def test_the_price_is_the_order_services(shop: Shop) -> None:
    shop.order_service.script = order_service(place=order(facts.placed(amount=1)))
    shop.payment_service.script = says(APPROVED)
    await shop.place()
    assert ApprovePayment.model_validate_json(shop.payment_service.heard[0].body).amount == 1


async def test_a_declined_payment_is_a_business_answer(shop: Shop) -> None:
    shop.payment_service.script = says(payment(PaymentStatus.DECLINED, facts.declined()))
    for _ in range(4):
        outcome = await shop.place()
        assert isinstance(outcome, Declined)
        assert outcome.order.status is OrderStatus.PAYMENT_DECLINED
    assert shop.payments.breaker.snapshot()["failures"] == 0


async def test_a_payment_that_refuses_connections_leaves_nothing_ordered(shop: Shop) -> None:
    await shop.payment_service.stop()
    assert await shop.place() == Unavailable(1000)
    (how,) = shop.canceled
    assert (how.reason, how.attempt) == (CancelReason.PAYMENT_UNAVAILABLE, 1)
    assert (how.customer_id, shop.told("Unavailable")) == (facts.CUSTOMER, 1)


async def test_a_payment_that_says_it_did_not_charge_leaves_nothing_ordered(shop: Shop) -> None:
    shop.payment_service.script = says(reply("{}", 503))
    assert await shop.place() == Unavailable(1000)
    assert [how.attempt for how in shop.canceled] == [1]


async def test_an_open_circuit_is_told_at_once_and_nothing_is_created(shop: Shop) -> None:
    await shop.open_the_circuit()
    outcome = await shop.place()
    assert isinstance(outcome, Unavailable)
    assert 1000 <= outcome.retry_after_ms <= 6000
    assert shop.asked == []


async def test_those_who_are_turned_away_are_looked_up_together_and_each_is_told_their_own(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bff.orders.IN_A_CROWD_SECONDS", (0.1, 0.1))
    await shop.open_the_circuit()

    async def knows_every_other(heard: Heard) -> bytes:
        wanted = FindOrders.model_validate_json(heard.body).intentions
        found = (known(facts.approved()) if int(each.idempotency_key) % 2 else None for each in wanted)
        return reply(FoundOrders(found=tuple(found)))

    shop.order_service.script = knows_every_other
    outcomes = await asyncio.gather(
        *(
            shop.ordering.place(facts.place_order(idempotency_key=str(number)), sent_before=True)
            for number in range(100)
        )
    )
    assert [type(outcome) for outcome in outcomes] == [Unavailable, Placed] * 50
    assert len(shop.asked) < 10


async def test_in_a_crowd_who_is_turned_away_waits_and_who_is_alone_does_not(shop: Shop) -> None:
    await shop.open_the_circuit()
    alone, *others = (asyncio.create_task(shop.place(sent_before=True)) for _ in range(3))
    await asyncio.wait([alone])
    assert not any(each.done() for each in others)
    outcomes = await asyncio.gather(alone, *others)
    assert {type(outcome) for outcome in outcomes} == {Unavailable}


async def test_who_is_turned_away_while_the_order_service_is_away_is_told_nothing_untrue(
    hasty_shop: Shop,
) -> None:
    await hasty_shop.open_the_circuit()
    hasty_shop.order_service.script = never()
    turned_away = (hasty_shop.place(sent_before=True) for _ in range(3))
    outcomes = await asyncio.gather(*turned_away, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [OrdersUnavailableError] * 3


async def test_who_is_not_charged_while_the_circuit_opens_is_told_to_wait_for_it(shop: Shop) -> None:
    answered = asyncio.Event()
    shop.payment_service.script = once(answered, payment(PaymentStatus.CANCELED))
    placing = asyncio.create_task(shop.place())
    await until(lambda: shop.payment_service.heard)
    shop.payments.breaker._open()
    answered.set()
    outcome = await placing
    assert isinstance(outcome, Unavailable)
    assert outcome.retry_after_ms > 1000


async def test_a_circuit_that_opens_meanwhile_leaves_nothing_ordered(shop: Shop) -> None:
    answered = asyncio.Event()
    shop.order_service.script = _slowly(answered, order_service())
    placing = asyncio.create_task(shop.place())
    await until(lambda: shop.asked)
    await shop.open_the_circuit()
    answered.set()
    outcome = await placing
    assert isinstance(outcome, Unavailable)
    assert outcome.retry_after_ms >= 1000
    assert [how.attempt for how in shop.canceled] == [1]


@pytest.fixture
async def narrow_shop(order_service: Stub, payment_service: Stub) -> AsyncIterator[Shop]:
    """Ordering with place for one."""
    async with shop_of(order_service, payment_service, bff_payment_at_once=1) as shop:
        payment_service.script = says(APPROVED)
        yield shop


async def test_who_orders_has_a_place_to_pay_and_for_who_has_none_nothing_is_created(
    narrow_shop: Shop,
) -> None:
    placed = asyncio.Event()
    narrow_shop.order_service.script = _slowly(placed, order_service())
    first = asyncio.create_task(narrow_shop.place())
    await until(lambda: narrow_shop.asked)
    assert await narrow_shop.place() == Unavailable(1000)
    placed.set()
    assert isinstance(await first, Placed)
    assert (narrow_shop.asked, narrow_shop.canceled) == (["/orders"], [])
    assert isinstance(await narrow_shop.place(), Placed)
    assert narrow_shop.payments.breaker.snapshot()["failures"] == 0


async def test_who_finds_no_place_is_told_how_the_same_intention_stands(narrow_shop: Shop) -> None:
    narrow_shop.order_service.script = order_service(find=known(facts.approved()))
    with narrow_shop.payments.reserved():
        assert isinstance(await narrow_shop.place(sent_before=True), Placed)
    assert narrow_shop.asked == ["/orders/find"]


@pytest.mark.parametrize("status", [422, 500])
async def test_an_order_that_is_not_placed_gives_its_place_back(narrow_shop: Shop, status: int) -> None:
    narrow_shop.order_service.script = order_service(place=reply(Problems(problems=()), status))
    with suppress(OrdersUnavailableError):
        await narrow_shop.place()
    narrow_shop.order_service.script = order_service()
    assert isinstance(await narrow_shop.place(), Placed)


async def test_a_timeout_is_not_a_failure_and_nobody_waits_longer_than_the_deadline(hasty_shop: Shop) -> None:
    hasty_shop.payment_service.script = never()
    began = time.perf_counter()
    outcome = await hasty_shop.place()
    took = time.perf_counter() - began
    assert isinstance(outcome, Pending)
    assert outcome.order.status is OrderStatus.PAYMENT_PENDING
    assert 0.45 <= took < 3
    assert (hasty_shop.canceled, hasty_shop.payments.breaker.last_failure) == ([], "TimeoutError")


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(says(None), id="reset after the request was sent"),
        pytest.param(says(b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{", None), id="cut short"),
        pytest.param(says(b"220 smtp.example ESMTP\r\n\r\n"), id="no HTTP"),
        pytest.param(says(reply("oops", 500)), id="500"),
        pytest.param(says(reply("other amount", 409)), id="409"),
        pytest.param(says(reply("", 204)), id="204"),
        pytest.param(says(reply("<html>")), id="no JSON"),
        pytest.param(says(reply("{}")), id="no reply"),
        pytest.param(says(reply('{"order_id": "order-1", "status": "PAID", "facts": []}')), id="no status"),
        pytest.param(says(payment(PaymentStatus.REQUESTED)), id="requested"),
    ],
)
async def test_an_unclear_answer_is_pending_and_cancels_nothing(hasty_shop: Shop, script: Script) -> None:
    hasty_shop.payment_service.script = script
    outcome = await hasty_shop.place()
    assert isinstance(outcome, Pending)
    assert hasty_shop.canceled == []


async def test_answers_that_are_none_open_the_circuit(shop: Shop) -> None:
    shop.payment_service.script = says(reply("<html>"))
    await shop.place()
    await shop.place()
    assert shop.payments.breaker.state == "open"


async def test_what_cannot_be_ordered_is_never_paid(shop: Shop) -> None:
    unknown = Problems(problems=(Problem(field="fruit_id", code=ProblemCode.UNKNOWN_FRUIT),))
    shop.order_service.script = order_service(place=reply(unknown, 422))
    assert await shop.place() == unknown
    assert (shop.payment_service.heard, shop.told("Problems")) == ([], 1)


async def test_a_customer_who_goes_away_says_nothing_of_payment(shop: Shop) -> None:
    shop.payment_service.script = never()
    for number in range(1, 5):
        placing = asyncio.create_task(shop.place())
        await until(partial(_has_heard, shop.payment_service, number))
        placing.cancel()
        await asyncio.gather(placing, return_exceptions=True)
    assert shop.payments.breaker.snapshot()["calls"] == 0
    assert shop.payments.bulkhead.in_flight == 0
    assert shop.canceled == []


def _has_heard(stub: Stub, count: int) -> bool:
    return len(stub.heard) == count


def _slowly(event: asyncio.Event, script: Script) -> Script:
    async def wait(heard: Heard) -> bytes | None:
        await event.wait()
        return await script(heard)

    return wait
