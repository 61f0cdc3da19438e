"""From a fact's moment to the frame that shows it: the whole system, orders placed at their moments.

    .venv/bin/python -m tests.bench.freshness --help

Runs a stack of its own, on loopback, with instant payments. Customers watch all their orders over WebSockets
and place some, each at its moment, however the others fare. A fact's moment is its `at`, a little before
its commit. Prints a table and, as one line of JSON, the same figures.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

import aiohttp
from rich.console import Console
from rich.table import Table

from compose.siege import cpu
from tests.bench.answers import signed_in
from tests.stories.customer import APPLES, Customer, Watch
from tests.stories.stack import Stack, running
from tests.waiting import until

PLACE = "mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { __typename } }"
WATCH = "subscription { myOrderUpdates { id history { type at } } }"
PATIENT = {"BFF_PAYMENT_DEADLINE_MS": "20000", "BFF_ORDER_TIMEOUT_MS": "20000", "LOG_LEVEL": "warning"}
FACTS = 3
"""An order is placed, paid, and on its way; nobody delivers."""

P50_AT_MOST, P99_AT_MOST = 15.0, 100.0


class Crowd:
    """Customers, and what they were told when."""

    def __init__(self, customers: Sequence[Customer]) -> None:
        self._customers = customers
        self.answers: Counter[str] = Counter()
        self.after_ms: dict[tuple[str, str], float] = {}

    async def watch(self, watch: Watch) -> None:
        """Note of each fact how long after its moment it was first shown."""
        while True:
            order = await watch.order(within=600)
            at = time.time()
            for fact in order["history"]:
                since = datetime.fromisoformat(fact["at"]).timestamp()
                self.after_ms.setdefault((order["id"], fact["type"]), (at - since) * 1000)

    async def place(self, seconds: float, per_second: float) -> float:
        """Place orders, each at its moment, and let all of them be shown; how many were answered a second."""
        began, loop = time.monotonic(), asyncio.get_running_loop()
        count = round(seconds * per_second)
        placing = []
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / per_second - time.monotonic()))
            customer = self._customers[number % len(self._customers)]
            placing.append(loop.create_task(self._place(customer)))
        await asyncio.gather(*placing)
        rate = count / (time.monotonic() - began)
        await until(lambda: len(self.after_ms) >= count * FACTS, timeout=60)
        return rate

    def forget(self) -> None:
        """Begin to count anew."""
        self.answers.clear()
        self.after_ms.clear()

    async def _place(self, customer: Customer) -> None:
        data = await customer.data(PLACE, {"input": APPLES})
        self.answers[data["placeOrder"]["__typename"]] += 1


async def measure(options: argparse.Namespace) -> bool:
    """Run all, print the figures; whether they are good enough."""
    with tempfile.TemporaryDirectory() as folder:
        async with AsyncExitStack() as opened:
            stack = await opened.enter_async_context(running(Path(folder) / "stack", PATIENT))
            await stack.pull(latency_ms_min=0, latency_ms_max=0)
            session = await opened.enter_async_context(aiohttp.ClientSession())
            customers = [await signed_in(stack, session, f"watcher-{n}") for n in range(options.customers)]
            crowd = Crowd(customers)
            for customer in customers:
                watch = await opened.enter_async_context(customer.watching(WATCH))
                watching = asyncio.create_task(crowd.watch(watch))
                opened.callback(watching.cancel)
            await crowd.place(options.warm_up, options.per_second)
            crowd.forget()
            figures = await measured(crowd, stack, options)
    console = Console(width=110)
    console.print(table(figures))
    console.print_json(json.dumps(figures), indent=None)
    well = figures["p50_ms"] <= P50_AT_MOST and figures["p99_ms"] <= P99_AT_MOST
    return well and figures["answered_per_second"] >= 0.95 * options.per_second


async def measured(crowd: Crowd, stack: Stack, options: argparse.Namespace) -> dict[str, float]:
    """The figures, by name."""
    before = cpu.spent(stack.directory)
    rate = await crowd.place(options.seconds, options.per_second)
    orders = sum(crowd.answers.values())
    used = cpu.between(before, cpu.spent(stack.directory))
    times = sorted(crowd.after_ms.values())
    return {
        "orders": orders,
        "asked_per_second": options.per_second,
        "answered_per_second": round(rate, 1),
        "paid_at_once": crowd.answers["OrderPlaced"],
        "p50_ms": round(times[len(times) // 2], 1),
        "p90_ms": round(times[int(len(times) * 0.9)], 1),
        "p99_ms": round(times[int(len(times) * 0.99)], 1),
        "longest_ms": round(times[-1], 1),
        **{f"{part}_cpu_ms": round(seconds / orders * 1000, 2) for part, seconds in used.items()},
    }


def table(figures: dict[str, float]) -> Table:
    """All figures, one a line."""
    result = Table("figure", "is")
    for name, figure in figures.items():
        result.add_row(name.replace("_", " "), f"{figure:g}")
    return result


def main() -> None:
    """Read the command line; exit status 1 where what is shown is not fresh enough."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--per-second", type=float, default=100, help="orders a second (100)")
    parser.add_argument("--seconds", type=float, default=20, help="for so long (20)")
    parser.add_argument("--warm-up", type=float, default=5, help="seconds before that (5)")
    parser.add_argument("--customers", type=int, default=50, help="who watch, and place in turns (50)")
    sys.exit(0 if asyncio.run(measure(parser.parse_args())) else 1)


if __name__ == "__main__":
    main()
