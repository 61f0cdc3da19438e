"""Who watches through the edge sees what happens at whichever replica, at once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from tests.compose.containers.looking import addresses, metric
from tests.compose.containers.stack import Customer, Stack
from tests.stories.customer import WATCH_ALL, Watch
from tests.waiting import until

AT_ONCE_SECONDS = 1.0
"""What is buffered on the way comes much later, or with the end."""

FEW = 4
"""As many as let both replicas have some, nearly always."""


@asynccontextmanager
async def watching(stack: Stack, name: str, *, over: str) -> AsyncIterator[list[Watch]]:
    """Watchers through the edge: so many that each replica holds some."""
    replicas = await addresses(stack, "bff")
    async with AsyncExitStack() as opened:
        watchers: list[Watch] = []

        async def each_has_some() -> bool:
            for _ in range(FEW):
                customer = await opened.enter_async_context(stack.customer(name))
                watch = customer.watching if over == "ws" else customer.listening
                watchers.append(await opened.enter_async_context(watch(WATCH_ALL)))
            return all([await metric(replica, "subscriptions_open") for replica in replicas])

        await until(each_has_some, every=1)
        yield watchers


@pytest.mark.parametrize("over", ["ws", "sse"])
async def test_what_is_ordered_at_one_replica_is_seen_by_watchers_of_both(stack: Stack, over: str) -> None:
    async with watching(stack, f"watch-{over}", over=over) as watchers:
        for replica in await addresses(stack, "bff"):
            async with stack.customer(f"watch-{over}", url=replica) as customer:
                placed = await customer.places()
                await asyncio.gather(*(sees(watch, placed) for watch in watchers))


async def sees(watch: Watch, order_id: str) -> None:
    async with asyncio.timeout(10):
        while (await watch.order())["id"] != order_id:
            pass


@pytest.mark.parametrize("over", ["ws", "sse"])
async def test_the_edge_holds_nothing_of_a_stream_back(stack: Stack, over: str) -> None:
    name = f"at-once-{over}"
    async with stack.customer(name) as customer:
        placed = await customer.places()
        await customer.sees(placed, status="DELIVERING")
        times = [await first_seen_after(customer, over) for _ in range(3)]
    assert min(times) < AT_ONCE_SECONDS, times


async def first_seen_after(customer: Customer, over: str) -> float:
    """Seconds from opening a stream to the first thing that it brings."""
    began = asyncio.get_running_loop().time()
    async with (customer.watching if over == "ws" else customer.listening)(WATCH_ALL) as watch:
        await watch.order()
        return asyncio.get_running_loop().time() - began


async def test_a_stream_is_not_compressed_even_for_who_would_take_it(stack: Stack) -> None:
    headers = {"accept": "text/event-stream", "accept-encoding": "gzip, zstd"}
    async with stack.customer("plain") as customer:
        query = {"query": "subscription { myOrderUpdates { id } }"}
        async with customer.session.post("/graphql", json=query, headers=headers) as response:
            assert response.content_type == "text/event-stream"
            assert "content-encoding" not in response.headers
