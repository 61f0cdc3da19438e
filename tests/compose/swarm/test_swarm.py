"""On Docker Swarm: all comes up by itself, is updated under load, and taken back where it is not well."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import pytest

from tests.compose.containers.crowd import Crowd, crowd
from tests.compose.containers.engine import EngineError, docker
from tests.compose.containers.stack import IMAGE, built
from tests.compose.swarm.deployed import CONVERGES_SECONDS, Swarm, deployed
from tests.waiting import until

pytestmark = pytest.mark.timeout(900)

NEXT, ILL = f"{IMAGE}-next", f"{IMAGE}-ill"
USERS, THINK_SECONDS = 5, 0.5
WHILE_TASKS_COME_AND_GO = 0.1
"""The share of answers that may be 'not now' while the engine starts one task after another in vain: of five
users' answers one such moment is a share. Each still has theirs after a few tries."""

CONVENIENCES = {
    "BFF_DEV_LOGIN": "true",
    "PAYMENT_SANDBOX": "true",
    "DELIVERY_SANDBOX": "true",
    "BFF_RATES": "false",
}


@pytest.fixture(scope="module")
async def swarm(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Swarm]:
    """A system of what is checked out, in a swarm."""
    await built()
    secrets = tmp_path_factory.mktemp("swarm") / "secrets"
    try:
        async with deployed(f"fruitswarm-{os.getpid()}", secrets, **CONVENIENCES) as swarm:
            yield swarm
    finally:
        for image in (NEXT, ILL):
            with suppress(EngineError):
                await docker("rmi", image)


async def deployed_under_load(swarm: Swarm, image: str, *ends: Callable[[], Awaitable[bool]]) -> Crowd:
    """A few users, who shop while this image is deployed until it ends so; all is as they were told."""
    async with crowd(swarm, users=USERS, subscriptions=0, think_seconds=THINK_SECONDS) as they:
        await they.some_orders(USERS)
        await swarm.deploy(image)
        for end in ends:
            await until(end, timeout=CONVERGES_SECONDS, every=1)
    return they


async def test_all_comes_up_though_nobody_waits_for_anybody_and_nobody_is_started_again(swarm: Swarm) -> None:
    assert await swarm.failed() == []
    async with swarm.customer("story-1") as customer:
        placed = await customer.intends("story")
        assert placed["__typename"] == "OrderPlaced"
        await customer.sees(placed["order"]["id"], within=30, status="DELIVERING")


async def test_a_new_image_takes_over_under_load_and_no_request_fails(swarm: Swarm) -> None:
    await docker("tag", IMAGE, NEXT)
    they = await deployed_under_load(swarm, NEXT, swarm.is_updated, swarm.is_complete)
    assert not they.complaints(), they.report()
    assert await swarm.images() == {NEXT}


async def test_an_image_that_never_gets_healthy_is_taken_back_and_the_old_tasks_go_on(swarm: Swarm) -> None:
    before = await swarm.images()
    tasks = await swarm.running()
    await built_ill()
    they = await deployed_under_load(swarm, ILL, swarm.is_taken_back)
    assert not they.complaints(too_slow=WHILE_TASKS_COME_AND_GO), they.report()
    assert await swarm.images() == before
    assert await swarm.running() == tasks


async def built_ill() -> None:
    """An image of which every process ends at once."""
    await docker("create", "--name", ILL.replace(":", "-"), "--entrypoint", "false", IMAGE)
    try:
        await docker("commit", ILL.replace(":", "-"), ILL)
    finally:
        await docker("rm", ILL.replace(":", "-"))
