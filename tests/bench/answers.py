"""How placeOrder answers while payment is well, slow, or stopped; and what an idle stack weighs.

    .venv/bin/python -m tests.bench.answers --help

Runs a stack of its own with the settings as they come, on loopback, and prints a table.
"""

import argparse
import asyncio
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import psutil
from rich.console import Console
from rich.table import Table

from tests.stories.customer import Customer, Json
from tests.stories.stack import Stack, running
from tests.waiting import until

SETTINGS_AS_THEY_COME = {
    "ORDER_PAYMENT_PATIENCE_SECONDS": "30",
    "ORDER_WATCH_SECONDS": "1",
    "PAYMENT_CHARGE_PATIENCE_SECONDS": "5",
    "BFF_BREAKER_RECOVERY_SECONDS": "5",
    "BFF_BREAKER_WINDOW_SECONDS": "10",
}

FEWER_THAN_OPEN_THE_CIRCUIT = 18
SLOW_ROUNDS = 5


async def measure(orders: int) -> None:
    """Run the stack and print both tables."""
    with tempfile.TemporaryDirectory() as folder:
        async with running(Path(folder) / "stack", SETTINGS_AS_THEY_COME) as stack:
            await stack.pull(latency_ms_min=50, latency_ms_max=150)
            weights = weigh(stack)
            async with aiohttp.ClientSession() as session:
                answers = await answer_times(await signed_in(stack, session), stack, orders)
    Console(width=130).print(answers, weights)


async def signed_in(stack: Stack, session: aiohttp.ClientSession, name: str = "bench") -> Customer:
    """A customer."""
    async with session.post(f"{stack.http}/dev/token", json={"customerId": name}) as response:
        return Customer(stack, session, name, (await response.json())["token"])


async def answer_times(customer: Customer, stack: Stack, orders: int) -> Table:
    """Order while payment is in each state; every order is waited for until it has settled."""
    table = Table("payment", "orders", "p50 ms", "p99 ms", "longest ms", "answers", "settled as")
    await row(table, "well, 50–150 ms", customer, orders, at_once=4)
    await stack.pull(latency_ms_min=700, latency_ms_max=900)
    for number in range(SLOW_ROUNDS):
        title = f"slow, 700–900 ms ({number + 1})"
        await row(table, title, customer, FEWER_THAN_OPEN_THE_CIRCUIT, at_once=6)
        await until(lambda: has_forgotten(stack), timeout=30)
    await stack.pull(stopped=True)
    await open_the_circuit(customer, stack)
    before = await calls(stack)
    await row(table, "stopped, circuit open", customer, orders, at_once=4)
    table.caption = f"payment calls while the circuit was open: {await calls(stack) - before:.0f}"
    return table


async def row(table: Table, title: str, customer: Customer, orders: int, at_once: int) -> None:
    """Order so many, so many at once, and add what came of it."""
    answers: list[tuple[Json, float]] = []
    for start in range(0, orders, at_once):
        many = range(start, min(start + at_once, orders))
        answers += await asyncio.gather(*(customer.timed_place() for _ in many))
    times = sorted(seconds * 1000 for _, seconds in answers)
    told = Counter(outcome["__typename"] for outcome, _ in answers)
    ids = [outcome["order"]["id"] for outcome, _ in answers if outcome.get("order")]
    settled = Counter([await settled_status(customer, order_id) for order_id in ids])
    p50, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
    figures = (f"{figure:.0f}" for figure in (p50, p99, times[-1]))
    table.add_row(title, str(orders), *figures, _said(told), _said(settled))


async def settled_status(customer: Customer, order_id: str) -> str:
    """Wait until an order is on its way or canceled; which."""

    async def status() -> str:
        order: dict[str, Any] = await customer.order(order_id) or {}
        return order.get("status", "") if order.get("status") in {"DELIVERING", "CANCELED"} else ""

    return str(await until(status, timeout=60))


async def open_the_circuit(customer: Customer, stack: Stack) -> None:
    """Order until the circuit opens."""

    async def opened() -> bool:
        await asyncio.gather(*(customer.place() for _ in range(10)))
        return bool((await stack.breaker())["state"] == "open")

    await until(opened, timeout=30)


async def has_forgotten(stack: Stack) -> bool:
    """Whether the breaker's window holds no failure."""
    return not (await stack.breaker())["failures"]


async def calls(stack: Stack) -> float:
    """Payment calls that were made."""
    metrics = await stack.metrics("bff")
    return sum(value for name, value in metrics.items() if name.startswith("payment_call_seconds_count"))


def weigh(stack: Stack) -> Table:
    """The resident memory of every process of the stack."""
    table = Table("process", "RSS MiB")
    total = 0.0
    for part in stack.state()["parts"]:
        process = psutil.Process(stack.pid(part))
        family = [process, *process.children(recursive=True)]
        mebibytes = sum(each.memory_info().rss for each in family) / 2**20
        total += mebibytes
        table.add_row(part, f"{mebibytes:.0f}")
    table.add_row("all", f"{total:.0f}")
    return table


def _said(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--orders", type=int, default=200, help="orders per row, at most 2000 (200)")
    asyncio.run(measure(min(parser.parse_args().orders, 2000)))


if __name__ == "__main__":
    main()
