"""On Docker Swarm: all comes up by itself, is updated under load, and taken back where it is not well."""

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest

from tests.compose.containers.engine import EngineError, docker
from tests.compose.containers.stack import IMAGE, Customer, built
from tests.compose.containers.swarm import CONVERGES_SECONDS, Swarm, deployed
from tests.compose.containers.test_story import ORDER, PLACE
from tests.waiting import until

pytestmark = pytest.mark.timeout(900)

NEXT, ILL = f"{IMAGE}-next", f"{IMAGE}-ill"
USERS, THINK_SECONDS = 5, 0.5
CONVENIENCES = {
    "BFF_DEV_LOGIN": "true",
    "PAYMENT_SANDBOX": "true",
    "DELIVERY_SANDBOX": "true",
    "BFF_RATES": "false",
}

NO_GOOD_ANSWER = (AssertionError, aiohttp.ClientError, TimeoutError, KeyError)


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


class Shopping:
    """What a few users were answered."""

    def __init__(self) -> None:
        self.orders = 0
        self.failed: list[str] = []
        self.enough = asyncio.Event()

    async def goes_on(self, customer: Customer) -> None:
        """Order, and look, until it is enough; then wait until every order is on its way."""
        told: list[str] = []
        while not self.enough.is_set():
            try:
                if order_id := await _orders(customer):
                    told.append(order_id)
                    self.orders += 1
                await customer.asks("{ myOrders(first: 5) { edges { node { id status } } } }")
            except NO_GOOD_ANSWER as error:
                self.failed.append(repr(error)[:300])
            await asyncio.sleep(THINK_SECONDS)
        for order_id in told:
            await _is_delivered(customer, order_id)


async def _orders(customer: Customer) -> str | None:
    """Order something; the order, if it is paid at once."""
    key = str(uuid.uuid4())
    customer.session.headers["idempotency-key"] = key
    command = {"fruitId": "apple", "quantity": 1, "address": "서울", "idempotencyKey": key}
    placed = (await customer.asks(PLACE, input=command))["placeOrder"]
    assert placed["__typename"] in {"OrderPlaced", "PaymentPending", "PaymentUnavailable"}, placed
    order_id: str | None = placed.get("order", {}).get("id")
    return order_id


async def _is_delivered(customer: Customer, order_id: str) -> None:
    """What counts is that it comes to that: while it is asked about, failing counts for nothing."""

    async def delivering() -> bool:
        with suppress(*NO_GOOD_ANSWER):
            order = (await customer.asks(ORDER, id=order_id))["order"]
            return bool(order and order["status"] == "DELIVERING")
        return False

    await until(delivering, timeout=60, every=0.2)


@asynccontextmanager
async def shopping(swarm: Swarm) -> AsyncIterator[Shopping]:
    """A few users, who shop as long as the body runs; then everything is as they were told."""
    they = Shopping()

    async def shops(name: str) -> None:
        async with swarm.customer(name) as customer:
            await they.goes_on(customer)

    async with asyncio.TaskGroup() as users:
        for number in range(USERS):
            users.create_task(shops(f"user-{number}"))
        try:
            await until(lambda: they.orders > USERS, timeout=60)
            yield they
        finally:
            they.enough.set()


async def test_all_comes_up_though_nobody_waits_for_anybody_and_nobody_is_started_again(swarm: Swarm) -> None:
    assert await swarm.failed() == []
    async with swarm.customer("story-1") as customer:
        order_id = await _orders(customer)
        assert order_id
        await _is_delivered(customer, order_id)


async def test_a_new_image_takes_over_under_load_and_no_request_fails(swarm: Swarm) -> None:
    await docker("tag", IMAGE, NEXT)
    async with shopping(swarm) as they:
        await swarm.deploy(NEXT)
        await until(swarm.is_updated, timeout=CONVERGES_SECONDS, every=1)
        await until(swarm.is_complete, timeout=60, every=1)
    assert they.failed == []
    assert await swarm.images() == {NEXT}


async def test_an_image_that_never_gets_healthy_is_taken_back_and_the_old_tasks_go_on(swarm: Swarm) -> None:
    before = await swarm.images()
    tasks = await swarm.running()
    await built_ill()
    async with shopping(swarm) as they:
        await swarm.deploy(ILL)
        await until(swarm.is_taken_back, timeout=CONVERGES_SECONDS, every=1)
    assert they.failed == []
    assert await swarm.images() == before
    assert await swarm.running() == tasks


async def built_ill() -> None:
    """An image of which every process ends at once."""
    await docker("create", "--name", ILL.replace(":", "-"), "--entrypoint", "false", IMAGE)
    try:
        await docker("commit", ILL.replace(":", "-"), ILL)
    finally:
        await docker("rm", ILL.replace(":", "-"))
