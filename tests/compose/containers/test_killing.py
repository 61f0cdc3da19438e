"""`kill -9` of any container: nobody notices if there are two, nothing is lost if there is one."""

import asyncio
import logging
from functools import partial

import pytest

from tests.compose.containers.looking import audited, process
from tests.compose.containers.stack import Stack
from tests.compose.containers.traffic import Traffic, traffic
from tests.waiting import until

RECOVERED_WITHIN_SECONDS = 15
NOISE = 4
"""A machine that does other things too is so many times slower."""

DOUBLE = ("bff", "order", "payment", "mypage")
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
    assert seen.again <= seen.customers, "only what was under way at the one that was killed is asked again"
    await nothing_is_lost(stack, seen)


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
