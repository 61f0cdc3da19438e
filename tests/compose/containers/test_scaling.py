"""More replicas, and fewer: under load nothing is lost, and nothing is done twice."""

from collections.abc import Mapping

from tests.compose.containers.crowd import crowd
from tests.compose.containers.stack import Stack

CONSUMERS = ("order", "payment", "delivery", "mypage")


async def scaled(stack: Stack, numbers: Mapping[str, int]) -> None:
    """Have so many of each, and wait until they are well."""
    scale = [word for service, number in numbers.items() for word in ("--scale", f"{service}={number}")]
    await stack.compose("up", "--detach", "--no-deps", "--no-recreate", "--wait", *scale, *numbers)
    assert {service: len(await stack.containers(service)) for service in numbers} == dict(numbers)


async def test_with_more_consumers_and_with_fewer_nothing_is_lost_or_done_twice(stack: Stack) -> None:
    before = {service: len(await stack.containers(service)) for service in CONSUMERS}
    try:
        async with crowd(stack, users=30, subscriptions=30) as they:
            for number in (1, 3, 1):
                await scaled(stack, dict.fromkeys(CONSUMERS, number))
                await they.some_orders()
    finally:
        await scaled(stack, before)
    assert not they.complaints(), they.report()
    assert await they.audited() >= sum(len(user.told) for user in they.users)
