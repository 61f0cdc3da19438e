"""A hundred users, a slow provider, and then one that has too little room: everybody gets a good answer."""

import asyncio

from tests.compose.containers.crowd import Crowd, crowd
from tests.compose.containers.levers import payment_takes
from tests.compose.containers.load import Kind
from tests.compose.containers.stack import Stack

SLOW = {"latency_min": 400, "latency_max": 620}
SECONDS = 12


async def under_load(stack: Stack, **levers: int) -> Crowd:
    """The crowd after a while with the levers so."""
    async with payment_takes(stack, **levers), crowd(stack, users=100, subscriptions=0) as they:
        await asyncio.sleep(SECONDS)
    return they


async def test_with_a_slow_provider_every_answer_is_a_good_one(stack: Stack) -> None:
    they = await under_load(stack, **SLOW)
    assert not they.complaints(), they.report()
    assert they.tally.kinds[Kind.ORDERED], they
    assert await they.audited() >= sum(len(user.told) for user in they.users)


async def test_where_the_provider_has_too_little_room_whoever_orders_is_told_politely(stack: Stack) -> None:
    they = await under_load(stack, **SLOW, capacity=2)
    assert not they.complaints(), they.report()
    assert they.tally.kinds[Kind.TRY_LATER] + they.tally.kinds[Kind.PENDING], they
    assert await they.audited() >= sum(len(user.told) for user in they.users)
