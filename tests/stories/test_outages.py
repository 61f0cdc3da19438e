"""Whatever else is down: ordering goes on, nothing accepted is lost, and all is caught up after."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import aiohttp
import pytest

from tests.stories.customer import WATCH_ONE, Customer
from tests.stories.stack import Stack
from tests.waiting import until

CAUGHT_UP_SECONDS = 40


async def ordered(customer: Customer, count: int) -> list[str]:
    """So many orders, some at once, all accepted and paid."""
    ids: list[str] = []
    for start in range(0, count, 10):
        many = range(start, min(start + 10, count))
        ids += await asyncio.gather(*(customer.places(quantity=1 + number) for number in many))
    return ids


async def all_seen(customer: Customer, ids: list[str], status: str) -> None:
    """Wait until every one of these orders stands so."""

    async def count() -> bool:
        seen: dict[str, str] = {}
        page = await customer.page(first=50)
        while True:
            seen |= {edge["node"]["id"]: edge["node"]["status"] for edge in page["edges"]}
            if not page["pageInfo"]["hasNextPage"]:
                return {order_id for order_id in ids if seen.get(order_id) != status} == set()
            page = await customer.page(first=50, after=page["pageInfo"]["endCursor"])

    await until(count, timeout=CAUGHT_UP_SECONDS, every=0.2)


@pytest.mark.parametrize("part", ["rabbitmq", "delivery", "mypage"])
async def test_ordering_goes_on_without_them_and_is_caught_up_after(
    customer: Customer, stack: Stack, part: str
) -> None:
    """For longer than the order service waits for a payment: silence of the bus is not of payment."""
    with stack.frozen(part):
        ids = await ordered(customer, 30)
        await asyncio.sleep(5)  # time itself is what is tested: the watchdog's patience is 3 s
        ids += await ordered(customer, 10)
    await all_seen(customer, ids, "DELIVERING")


async def test_a_broker_that_dies_and_comes_back_loses_nothing(customer: Customer, stack: Stack) -> None:
    before = await ordered(customer, 10)
    stack.kill("rabbitmq")
    during = await ordered(customer, 20)
    await all_seen(customer, before + during, "DELIVERING")
    await customer.cancel(during[0])
    await customer.sees(during[0], status="CANCELED", delivery__status="CANCELED", within=20)


async def test_queries_work_while_the_services_and_the_broker_are_frozen(
    customer: Customer, stack: Stack
) -> None:
    order_id = await customer.places()
    await customer.sees(order_id, status="DELIVERING")
    await customer.data("{ fruits { id } }")
    with stack.frozen("order"), stack.frozen("payment"), stack.frozen("delivery"), stack.frozen("rabbitmq"):
        async with asyncio.timeout(10):
            assert (await customer.order(order_id) or {})["status"] == "DELIVERING"
            assert len((await customer.page())["edges"]) == 1
            assert await stack.is_ready("bff")


async def test_an_order_service_that_does_not_answer_is_an_error_with_a_code(
    customer: Customer, stack: Stack
) -> None:
    with stack.frozen("order"):
        answer = await customer.ask('mutation { cancelOrder(orderId: "x") { __typename } }')
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["SERVICE_UNAVAILABLE"]
    assert "127.0.0.1" not in json.dumps(answer)


@pytest.mark.parametrize("part", ["order", "payment", "delivery", "mypage", "bff"])
async def test_a_part_that_is_killed_comes_back_and_no_accepted_order_is_lost(
    customer: Customer, stack: Stack, part: str
) -> None:
    told: dict[str, list[str]] = {"OrderPlaced": [], "PaymentPending": []}
    accepted = told["OrderPlaced"]
    async with ordering_on(customer, told):
        await until(lambda: len(accepted) >= 10)
        killed = stack.kill(part)
        await stack.is_back(part, after=killed)
        enough = len(accepted) + 10
        await until(lambda: len(accepted) >= enough, timeout=20)
    await all_seen(customer, accepted, "DELIVERING")
    for order_id in told["PaymentPending"]:
        await until(partial(_is_settled, customer, order_id), timeout=20)


@asynccontextmanager
async def ordering_on(customer: Customer, told: dict[str, list[str]]) -> AsyncIterator[None]:
    """Order again and again, four at a time, while the body runs; what was promised is in `told`."""
    going_on = True

    async def order_on() -> None:
        while going_on:
            try:
                outcome = await customer.place()
            except (AssertionError, aiohttp.ClientError):  # nothing was promised
                await asyncio.sleep(0.05)
                continue
            if outcome["__typename"] in told:
                told[outcome["__typename"]].append(outcome["order"]["id"])

    customers = [asyncio.create_task(order_on()) for _ in range(4)]
    try:
        yield
    finally:
        going_on = False
        await asyncio.gather(*customers)


async def test_a_watch_survives_the_brokers_death(customer: Customer, stack: Stack) -> None:
    order_id = await customer.places()
    await customer.sees(order_id, status="DELIVERING")
    async with customer.watching(WATCH_ONE, {"id": order_id}) as watch:
        assert (await watch.order())["status"] == "DELIVERING"
        stack.kill("rabbitmq")
        await customer.cancel(order_id)
        seen = await watch.until_complete(within=40)
    assert (seen[-1]["status"], seen[-1]["delivery"]["status"]) == ("CANCELED", "CANCELED")


async def test_a_gateway_that_is_asked_to_stop_tells_its_sockets_to_reconnect(
    customer: Customer, stack: Stack
) -> None:
    order_id = await customer.places()
    async with customer.watching(WATCH_ONE, {"id": order_id}) as watch:
        await watch.order()
        pid = stack.signal("bff", signal.SIGTERM)
        assert await watch.close_code() == 1012
    await stack.is_back("bff", after=pid)


async def _is_settled(customer: Customer, order_id: str) -> bool:
    order = await customer.order(order_id)
    return order is not None and order["status"] in {"DELIVERING", "CANCELED"}
