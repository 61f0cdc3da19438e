import asyncio
import os
import signal
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import aiohttp
import pytest

from compose.observability.boards import DASHBOARDS
from tests.compose.prometheus import Prometheus, tool, watching
from tests.stories.customer import WATCH_ALL, Customer
from tests.stories.stack import Stack, running
from tests.waiting import until

PARTS = ("bff", "order", "payment", "delivery", "mypage")

EMPTY = {
    "What failed": "nothing failed",
    "Waits mended": "nothing waited in vain",
    "Read what was written": "nobody showed a consistency token",
    "At the edge": "fruitstore up has no edge",
}
"""Pictures that show nothing of a small, well system, and why."""


async def _customer(stack: Stack, session: aiohttp.ClientSession) -> Customer:
    name = f"customer-{uuid.uuid4().hex[:8]}"
    async with session.post(f"{stack.http}/dev/token", json={"customerId": name}) as response:
        return Customer(stack, session, name, (await response.json())["token"])


@pytest.fixture(scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    tool()
    async with running(tmp_path_factory.mktemp("watched") / "stack") as it:
        yield it


@pytest.fixture(scope="module")
async def customer(stack: Stack) -> AsyncIterator[Customer]:
    async with aiohttp.ClientSession() as session:
        yield await _customer(stack, session)


@pytest.fixture(scope="module")
async def prometheus(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Prometheus]:
    targets = {part: urlsplit(stack.state()["parts"][part]["url"]).netloc for part in PARTS}
    async with watching(tmp_path_factory.mktemp("prometheus"), targets) as it:
        yield it


@contextmanager
def _standing_still(stack: Stack) -> Iterator[None]:
    """Payment does nothing while the body runs, or until it is replaced for that."""
    pid = stack.signal("payment", signal.SIGSTOP)
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGCONT)


async def live(stack: Stack, customer: Customer) -> None:
    """A bit of everything: orders, a declined one, a canceled one, something that is refused."""
    for part in PARTS:
        await stack.is_ready(part)
    order = await customer.places()
    await customer.place(paymentMethod="card-declined")
    await customer.cancel(order)
    await customer.page(first=5)
    await customer.ask("{ nonsense }")


async def test_dashboards_show_a_system_that_is_well_and_no_alert_fires(
    stack: Stack, customer: Customer, prometheus: Prometheus
) -> None:
    async with customer.watching(WATCH_ALL):

        async def blank() -> set[str]:
            await live(stack, customer)
            panels = (panel for board in DASHBOARDS for panel in board.panels)
            asked = [(panel.title, query) for panel in panels for query in panel.queries.values()]
            return {
                title
                for title, query in asked
                if "rabbitmq_" not in query and not await prometheus.ask(query)
            }

        async def all_is_shown() -> bool:
            return await blank() <= EMPTY.keys()

        await until(all_is_shown, timeout=60, every=0.5)
        assert await blank() == EMPTY.keys(), "they show something after all"
    assert await prometheus.firing() == set()


async def test_payment_that_stands_still_is_noticed_and_so_is_its_recovery(
    stack: Stack, customer: Customer, prometheus: Prometheus
) -> None:
    gone = {("PartGone", "payment"), ("ReplicaNotReady", "payment")}
    follow = {("BreakerStaysOpen", "bff"), ("PaymentsUnclear", ""), ("ManyTryLaters", "")}
    fired: set[tuple[str, str]] = set()

    async def all_fired() -> bool:
        await asyncio.gather(*(customer.place() for _ in range(5)))
        fired.update(await prometheus.firing())
        return fired >= gone | follow

    async def payment_is_back() -> bool:
        return not gone & await prometheus.firing()

    with _standing_still(stack):
        await until(all_fired, timeout=60, every=0.5)
    assert {job for name, job in fired if name == "PartGone"} == {"payment"}
    await until(payment_is_back, timeout=60)
