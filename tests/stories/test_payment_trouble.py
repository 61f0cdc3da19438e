"""Payment slow, full, failing or gone: the customer is answered in time, politely, and truly."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from tests.stories.customer import WATCH_ONE, Customer
from tests.stories.stack import Stack
from tests.waiting import until

Levers = Callable[..., Awaitable[None]]


async def test_a_late_payment_is_pending_and_settles_by_itself(customer: Customer, levers: Levers) -> None:
    await levers(latency_ms_min=900, latency_ms_max=1000)
    outcome, seconds = await customer.timed_place()
    assert outcome["__typename"] == "PaymentPending"
    assert outcome["order"]["status"] == "PAYMENT_PENDING"
    assert seconds >= 0.6
    assert "자동으로 처리" in outcome["message"]
    async with customer.watching(WATCH_ONE, {"id": outcome["order"]["id"]}) as watch:
        order = await watch.order()
        while order["status"] != "DELIVERING":
            order = await watch.order()
    assert order["payment"]["status"] == "APPROVED"


async def test_a_payment_that_never_answers_is_voided_and_given_back(
    customer: Customer, levers: Levers
) -> None:
    await levers(latency_ms_min=6000, latency_ms_max=6000)
    outcome = await customer.place()
    assert outcome["__typename"] == "PaymentPending"
    seen = await customer.sees(
        outcome["order"]["id"], status="CANCELED", payment__status="CANCELED", within=10
    )
    assert (seen["cancelReason"], seen["delivery"]) == ("PAYMENT_TIMEOUT", None)


async def test_an_order_can_be_canceled_while_its_payment_is_pending(
    customer: Customer, levers: Levers
) -> None:
    await levers(latency_ms_min=1500, latency_ms_max=1500)
    order_id = (await customer.place())["order"]["id"]
    assert (await customer.cancel(order_id))["__typename"] == "OrderCanceled"
    seen = await customer.sees(order_id, status="CANCELED", payment__status="CANCELED")
    assert (seen["cancelReason"], seen["delivery"]) == ("BY_CUSTOMER", None)


async def test_a_payment_that_is_down_leaves_nothing_placed_and_the_key_free(
    customer: Customer, levers: Levers
) -> None:
    await levers(stopped=True)
    outcome = await customer.place(idempotencyKey="dinner")
    assert outcome["__typename"] == "PaymentUnavailable"
    assert outcome["retryAfterMs"] > 0
    assert "잠시 후 다시 시도" in outcome["message"]

    async def nothing_stands() -> bool:
        orders = [edge["node"] for edge in (await customer.page())["edges"]]
        return all(order["status"] == "CANCELED" for order in orders)

    await until(nothing_stands)
    await levers()
    await until(lambda: _closed(customer.stack))
    again = await customer.place(idempotencyKey="dinner")
    assert again["__typename"] == "OrderPlaced"
    await customer.sees(again["order"]["id"], status="DELIVERING")


async def test_the_circuit_opens_answers_at_once_and_closes_by_one_probe(
    customer: Customer, stack: Stack, levers: Levers
) -> None:
    await levers(stopped=True)

    async def opened() -> bool:
        await asyncio.gather(*(customer.place() for _ in range(10)))
        return await _is(stack, "open")

    await until(opened)
    before = await _calls(stack)
    answers = [await customer.place() for _ in range(5)]
    assert {answer["__typename"] for answer in answers} == {"PaymentUnavailable"}
    assert all(0 < answer["retryAfterMs"] <= 1200 for answer in answers)
    if await _is(stack, "open"):
        assert await _calls(stack) == before

    await levers(latency_ms_min=300, latency_ms_max=300)

    async def one_probe_goes_well() -> bool:
        await until(lambda: _is(stack, "half_open"))
        before = await _calls(stack)
        crowd = await asyncio.gather(*(customer.place() for _ in range(20)))
        outcomes = [answer["__typename"] for answer in crowd]
        assert outcomes.count("PaymentUnavailable") == 19
        assert await _calls(stack) == before + 1
        return outcomes.count("OrderPlaced") == 1  # a probe that takes over 610 ms opens the circuit again

    await until(one_probe_goes_well, timeout=60)
    assert await _closed(stack)


async def test_a_known_key_is_answered_truly_while_the_circuit_is_open(
    customer: Customer, stack: Stack, levers: Levers
) -> None:
    order_id = await customer.places(idempotencyKey="tea")
    await levers(stopped=True)

    async def opened() -> bool:
        await asyncio.gather(*(customer.place() for _ in range(10)))
        return await _is(stack, "open")

    await until(opened)
    again = await customer.place(idempotencyKey="tea")
    assert (again["__typename"], again["order"]["id"]) == ("OrderPlaced", order_id)


async def test_too_little_capacity_is_answered_in_time_and_settles(
    customer: Customer, levers: Levers
) -> None:
    await levers(latency_ms_min=300, latency_ms_max=300, capacity=1)
    answers = await asyncio.gather(*(customer.timed_place() for _ in range(12)))
    kinds = {outcome["__typename"] for outcome, _ in answers}
    assert kinds <= {"OrderPlaced", "PaymentPending", "PaymentUnavailable"}
    assert "PaymentPending" in kinds
    for outcome, _ in answers:
        if outcome["__typename"] == "PaymentPending":
            await until(partial(_settled, customer, outcome["order"]["id"]), timeout=20)


async def _settled(customer: Customer, order_id: str) -> bool:
    order = await customer.order(order_id)
    if order is None or order["payment"] is None:
        return False
    return (order["status"], order["payment"]["status"]) in {
        ("DELIVERING", "APPROVED"),
        ("CANCELED", "CANCELED"),
    }


async def _is(stack: Stack, state: str) -> bool:
    breaker = await stack.breaker()
    return bool(breaker["state"] == state)


async def _closed(stack: Stack) -> bool:
    return not await _is(stack, "open")


async def _calls(stack: Stack) -> float:
    """Payment calls that the breaker has let through."""
    metrics = await stack.metrics("bff")
    return sum(value for name, value in metrics.items() if name.startswith("payment_call_seconds_count"))
