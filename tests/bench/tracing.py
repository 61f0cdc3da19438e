"""What traces cost: CPU seconds per order of all five parts, with tracing off and on, in turns.

    .venv/bin/python -m tests.bench.tracing --help

Runs two stacks with servers of their own, on loopback, one of which sends its traces to a collector here, and
gives the same orders to one and then to the other. A customer watches them all. Prints one line.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import psutil
from rich.console import Console
from rich.progress import track

from tests.bench.answers import signed_in
from tests.collector import collecting
from tests.stories.customer import WATCH_ALL, Customer, Watch
from tests.stories.stack import Stack, running

PARTS = ("order", "payment", "delivery", "mypage", "bff")
AT_ONCE = 4
PATIENT = {"BFF_PAYMENT_DEADLINE_MS": "20000", "BFF_ORDER_TIMEOUT_MS": "20000"}
MORE_AT_MOST = 0.05


async def measure(rounds: int, orders: int, rate: float) -> bool:
    """Order in turns, print the figures; whether they are good enough."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        collector = await stack.enter_async_context(collecting())
        told = PATIENT | {"OTLP_ENDPOINT": collector.url, "TRACE_SAMPLE_RATE": str(rate)}
        session = await stack.enter_async_context(aiohttp.ClientSession())
        off = await watcher(stack, await stack.enter_async_context(running(folder / "off", PATIENT)), session)
        on = await watcher(stack, await stack.enter_async_context(running(folder / "on", told)), session)
        for customer, watch in (off, on):
            await cost(customer, watch, orders)  # until everything is warm
        pairs = [await turn(number, off, on, orders) for number in track(range(rounds), transient=True)]
    without, traced = (sum(each) / rounds / orders * 1000 for each in zip(*pairs, strict=True))
    more = traced / without - 1
    middle = statistics.median(after / before for before, after in pairs) - 1
    Console(width=130).print(
        f"{rounds} rounds of {orders} orders: {without:.2f} ms of CPU an order without traces,"
        f" {traced:.2f} ms with {rate:.0%} of them ({len(collector.spans)} spans came):"
        f" {more:+.1%}, a round's median {middle:+.1%} (at most {MORE_AT_MOST:+.0%})"
    )
    return bool(min(more, middle) <= MORE_AT_MOST)


async def watcher(
    stack: AsyncExitStack, system: Stack, session: aiohttp.ClientSession
) -> tuple[Customer, Watch]:
    """A customer who watches."""
    customer = await signed_in(system, session)
    await system.pull(latency_ms_min=1, latency_ms_max=2)
    return customer, await stack.enter_async_context(customer.watching(WATCH_ALL))


async def turn(
    number: int, off: tuple[Customer, Watch], on: tuple[Customer, Watch], orders: int
) -> tuple[float, float]:
    """A round for each; who is first changes."""
    if number % 2:
        after = await cost(*on, orders)
        return await cost(*off, orders), after
    return await cost(*off, orders), await cost(*on, orders)


async def cost(customer: Customer, watch: Watch, orders: int) -> float:
    """CPU seconds of all parts, from the first order until all are on their way, and seen to be."""
    before = spent(customer.stack)
    seen = asyncio.create_task(see(watch, orders))
    for start in range(0, orders, AT_ONCE):
        await asyncio.gather(*(customer.places() for _ in range(start, min(start + AT_ONCE, orders))))
    await seen
    return spent(customer.stack) - before


async def see(watch: Watch, orders: int) -> None:
    """Wait until so many are on their way."""
    while orders:
        orders -= (await watch.order(within=60))["status"] == "DELIVERING"


def spent(system: Stack) -> float:
    """CPU seconds that the five parts have taken so far."""
    times = [psutil.Process(system.pid(part)).cpu_times() for part in PARTS]
    return sum(each.user + each.system for each in times)


def main() -> None:
    """Read the command line; exit status 1 where it costs too much."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=12, help="rounds, at most 100 (12)")
    parser.add_argument("--orders", type=int, default=80, help="orders a round, at most 1000 (80)")
    parser.add_argument("--rate", type=float, default=0.1, help="share of traces that are recorded (0.1)")
    said = parser.parse_args()
    good = asyncio.run(measure(min(said.rounds, 100), min(said.orders, 1000), said.rate))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
