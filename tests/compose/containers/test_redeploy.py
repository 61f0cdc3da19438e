"""A rolling redeploy: nobody notices, and what goes wrong is taken back."""

import signal

from tests.compose.containers.crowd import crowd
from tests.compose.containers.redeploying import another_image, begun, images, redeployed
from tests.compose.containers.stack import Stack

PARTS = ("order", "payment", "delivery", "mypage", "bff")

RESUMED_WITHIN_SECONDS = 3.0


async def test_under_load_nobody_notices_that_everything_is_replaced(stack: Stack) -> None:
    stack.image = await another_image()
    numbers = {part: len(await stack.containers(part)) for part in PARTS}
    async with crowd(stack, users=40, subscriptions=60) as they:
        status, said = await redeployed(stack)
        assert status == 0, said
    assert not they.complaints(), they.report()
    assert all(each.interruptions for each in they.subscribers), "the gateways were replaced, and not noticed"
    assert they.interruptions[-1] < RESUMED_WITHIN_SECONDS, they
    assert {part: len(await stack.containers(part)) for part in PARTS} == numbers
    assert {image for part in PARTS for image in await images(stack, part)} == {stack.image}
    assert await they.audited() >= sum(len(user.told) for user in they.users)


async def test_what_is_as_it_should_be_stays(stack: Stack) -> None:
    there = set(await stack.containers("delivery"))
    status, said = await redeployed(stack, "--no-prepare", "delivery")
    assert (status, set(await stack.containers("delivery"))) == (0, there), said


async def test_what_does_not_become_healthy_is_taken_away_and_the_old_goes_on(stack: Stack) -> None:
    image, there = stack.image, set(await stack.containers("delivery"))
    stack.image = await another_image()
    try:
        status, said = await redeployed(stack, "--no-prepare", "delivery", REDEPLOY_SECONDS="1")
    finally:
        stack.image = image
    assert status == 1
    assert "the new delivery did not become healthy: it was taken away, and the old one goes on." in said
    assert set(await stack.containers("delivery")) == there
    assert await stack.are_well()


async def test_a_redeploy_that_is_interrupted_is_finished_by_another(stack: Stack) -> None:
    there = set(await stack.containers("delivery"))
    stack.image = await another_image()
    process = await begun(stack, "--no-prepare", "delivery")
    assert process.stdout is not None
    async for line in process.stdout:
        if b"1 new beside 1 old" in line:
            break
    process.send_signal(signal.SIGKILL)
    await process.wait()
    status, said = await redeployed(stack, "--no-prepare", "delivery")
    assert status == 0, said
    now = set(await stack.containers("delivery"))
    assert len(now) == 1
    assert not now & there
    assert await images(stack, "delivery") == {stack.image}
