"""A hundred users, a slow provider, and then one that has too little room: everybody gets a good answer."""

import asyncio

from tests.compose.containers.crowd import Crowd, crowd
from tests.compose.containers.levers import payment_takes
from tests.compose.containers.load import Kind
from tests.compose.containers.stack import Stack
from tests.waiting import until

SLOW = {"latency_min": 400, "latency_max": 620}
SECONDS = 12

TOLD_WITHIN_SECONDS = 90
"""On a machine that has little time for the system the circuit opens, and opens again, before it closes."""


async def under_load(stack: Stack, *told: Kind, **levers: int) -> Crowd:
    """The crowd after a while with the levers so, in which somebody was told one of these."""
    async with payment_takes(stack, **levers), crowd(stack, users=100, subscriptions=0) as they:
        await asyncio.sleep(SECONDS)
        await until(lambda: any(they.tally.kinds[each] for each in told), timeout=TOLD_WITHIN_SECONDS)
    return they


async def test_with_a_slow_provider_every_answer_is_a_good_one(stack: Stack) -> None:
    they = await under_load(stack, Kind.ORDERED, **SLOW)
    assert not they.complaints(), they.report()
    assert await they.audited() >= sum(len(user.told) for user in they.users)


async def test_where_the_provider_has_too_little_room_whoever_orders_is_told_politely(stack: Stack) -> None:
    they = await under_load(stack, Kind.TRY_LATER, Kind.PENDING, **SLOW, capacity=2)
    assert not they.complaints(), they.report()
    assert await they.audited() >= sum(len(user.told) for user in they.users)
