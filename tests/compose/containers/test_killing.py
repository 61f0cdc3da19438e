"""`kill -9` of any container: nobody notices if there are two, nothing is lost if there is one."""

import asyncio
import logging
import uuid
from functools import partial

import pytest

from tests.compose.containers.levers import payment_takes
from tests.compose.containers.looking import audited, process
from tests.compose.containers.stack import Customer, Stack
from tests.compose.containers.traffic import KEPT, POLITE, Traffic, noting, traffic
from tests.waiting import until

RECOVERED_WITHIN_SECONDS = 15
NOISE = 4
"""A machine that does other things too is so many times slower."""

DOUBLE = ("bff", "order", "payment", "mypage")
UNDER_WAY, PAGE = 8, 50
SINGLE = ("delivery", "mongo", "rabbitmq", "edge")


async def killed(stack: Stack, service: str) -> str:
    """One of its containers, its process ended outright."""
    container = (await stack.containers(service))[0]
    before = await process(container)
    await stack.kill(container)

    async def another_runs() -> bool:
        return await process(container) not in {0, before}

    await until(another_runs, timeout=RECOVERED_WITHIN_SECONDS)
    return container


@pytest.mark.parametrize("service", DOUBLE)
async def test_of_two_replicas_one_can_be_killed_and_nobody_notices(stack: Stack, service: str) -> None:
    async with traffic(stack) as seen:
        await seen.goes_on()
        container = await killed(stack, service)
        await until(lambda: stack.is_well(container), timeout=60, every=0.2)
        await seen.goes_on()
    assert not seen.failures, seen.failures
    assert len(seen.redirects) <= seen.customers, "only what was under way at the one that was killed"
    await nothing_is_lost(stack, seen)


async def test_what_is_under_way_at_a_gateway_that_is_killed_is_asked_again_and_done_once(
    stack: Stack,
) -> None:
    redirects: list[str] = []
    name = f"under-way-{uuid.uuid4().hex[:6]}"
    async with (
        payment_takes(stack, latency_min=400, latency_max=400),
        stack.customer(name, trace_configs=[noting(redirects)]) as customer,
    ):
        placed = 0
        while not redirects and placed + UNDER_WAY <= PAGE:  # by chance, none is at the one that is killed
            orders = asyncio.gather(*(customer.place() for _ in range(UNDER_WAY)))
            await until(partial(there_are_more, customer, placed))
            container = await killed(stack, "bff")
            outcomes = [outcome["__typename"] for outcome in await orders]
            assert set(outcomes) <= POLITE
            placed += sum(outcome in KEPT for outcome in outcomes)
            await until(partial(stack.is_well, container), timeout=60, every=0.2)
        assert redirects, "nothing was ever under way at the one that was killed"
        assert all(location.startswith("/graphql?again=") for location in redirects), redirects
        await until(lambda: settled(customer), timeout=60)
        there = [edge["node"]["status"] for edge in (await customer.page(first=PAGE))["edges"]]
    assert len(there) - there.count("CANCELED") == placed, "though no order was given a key"


async def there_are_more(customer: Customer, than: int) -> bool:
    """Whether the customer has more orders."""
    return len((await customer.page(first=PAGE))["edges"]) > than


async def settled(customer: Customer) -> bool:
    """Whether none of the customer's orders is being paid."""
    return all(
        edge["node"]["status"] != "PAYMENT_PENDING" for edge in (await customer.page(first=PAGE))["edges"]
    )


@pytest.mark.parametrize("service", SINGLE)
async def test_what_there_is_one_of_comes_back_and_nothing_is_lost(stack: Stack, service: str) -> None:
    async with traffic(stack) as seen:
        await seen.goes_on()
        await killed(stack, service)
        killed_at = asyncio.get_running_loop().time()
        await seen.all_goes_well(within=RECOVERED_WITHIN_SECONDS * NOISE)
        took = asyncio.get_running_loop().time() - killed_at
    logging.getLogger(__name__).info("%s: well again after %.1f s", service, took)
    await nothing_is_lost(stack, seen)
    await until(stack.are_well, timeout=60, every=0.5)


async def nothing_is_lost(stack: Stack, seen: Traffic) -> None:
    """What somebody was told of is there, and in the end all services say the same of all orders."""
    assert seen.placed
    for name in set(seen.placed.values()):
        async with stack.customer(name) as customer:
            for order in (order for order, whose in seen.placed.items() if whose == name):
                await until(partial(customer.order, order), timeout=60)  # the broker may just have come back

    said: list[str] = []

    async def nobody_complains() -> bool:
        said.append(await audited(stack))
        return not said[-1]

    try:
        await until(nobody_complains, timeout=90, every=1)  # an order may be left open for half a minute
    except AssertionError as error:
        raise AssertionError(said[-1]) from error
