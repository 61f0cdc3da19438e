"""Reading what one has just written: how often it has to be waited for, and how long.

    .venv/bin/python -m tests.bench.consistency --help

Runs a stack of its own on loopback, orders and reads the orders at once, with the consistency token and
without it, and prints a table. Exit status 1 where any page with the token was stale and did not say so.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from rich.console import Console
from rich.table import Table

from tests.bench.answers import SETTINGS_AS_THEY_COME, signed_in
from tests.stories.customer import Caller, Json
from tests.stories.stack import Stack, running

PLACE = """
mutation ($input: PlaceOrderInput!) {
  placeOrder(input: $input) {
    ... on OrderPlaced { consistencyToken order { id history { type } } }
    ... on PaymentPending { consistencyToken order { id history { type } } }
    ... on PaymentUnavailable { retryAfterMs }
  }
}"""
READ = """
query ($token: String) {
  myOrders(first: 5, consistencyToken: $token) { stale edges { node { id stale history { type } } } }
}"""
APPLES = {"fruitId": "apple", "quantity": 2, "address": "경기도 성남시"}


@dataclass(frozen=True)
class Pair:
    """An order and the page read at once after it; the read took so many seconds."""

    placed: Json
    page: Json
    seconds: float

    @property
    def is_older(self) -> bool:
        """Whether the page shows less than the answer did."""
        by_id = {edge["node"]["id"]: edge["node"] for edge in self.page["edges"]}
        shown = by_id.get(self.placed["order"]["id"], {"history": []})
        return not _types(self.placed["order"]) <= _types(shown)

    @property
    def is_untrue(self) -> bool:
        """Whether it shows less, and does not say so."""
        return self.is_older and not self.page["stale"]


async def pair(caller: Caller, *, with_token: bool) -> Pair:
    """Order, again where payment is busy, and read at once."""
    placed = (await caller.data(PLACE, {"input": APPLES}))["placeOrder"]
    if busy_ms := placed.get("retryAfterMs"):
        await asyncio.sleep(busy_ms / 1000)
        return await pair(caller, with_token=with_token)
    began = time.perf_counter()
    page = (await caller.data(READ, {"token": placed["consistencyToken"] if with_token else None}))[
        "myOrders"
    ]
    return Pair(placed, page, time.perf_counter() - began)


async def pairs(caller: Caller, count: int, at_once: int, *, with_token: bool) -> list[Pair]:
    """So many pairs, so many at once."""
    done: list[Pair] = []
    while len(done) < count:
        some = range(min(at_once, count - len(done)))
        done += await asyncio.gather(*(pair(caller, with_token=with_token) for _ in some))
    return done


async def measure(count: int, at_once: int) -> bool:
    """Run the stack, print the table; whether nothing was untrue."""
    with tempfile.TemporaryDirectory() as folder:
        stack_of_its_own = running(Path(folder) / "stack", SETTINGS_AS_THEY_COME | {"BFF_RATES": "false"})
        async with stack_of_its_own as stack, aiohttp.ClientSession() as session:
            caller = await signed_in(stack, session)
            await pairs(caller, 50, at_once, with_token=True)
            without = await pairs(caller, count, at_once, with_token=False)
            before = await reads(stack)
            with_token = await pairs(caller, count, at_once, with_token=True)
            after = await reads(stack)
    table = Table(
        "placeOrder, then myOrders", "pairs", "older", "older, unsaid", "waited", "p50 ms", "p99 ms"
    )
    _row(table, "without the token", without, "")
    waited = ", ".join(f"{name} {after[name] - before.get(name, 0):.0f}" for name in sorted(after))
    _row(table, "with the token", with_token, waited)
    Console(width=130).print(table)
    return not any(each.is_untrue for each in with_token)


async def reads(stack: Stack) -> dict[str, float]:
    """Reads with a token so far, by how they ended."""
    metrics, prefix = await stack.metrics("bff"), 'consistency_reads_total{outcome="'
    return {name[len(prefix) : -2]: value for name, value in metrics.items() if name.startswith(prefix)}


def _row(table: Table, title: str, done: Sequence[Pair], waited: str) -> None:
    times = sorted(each.seconds * 1000 for each in done)
    older, untrue = sum(each.is_older for each in done), sum(each.is_untrue for each in done)
    p50, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
    table.add_row(title, str(len(done)), str(older), str(untrue), waited, f"{p50:.1f}", f"{p99:.1f}")


def _types(order: Json) -> set[str]:
    return {entry["type"] for entry in order["history"]}


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--pairs", type=int, default=1000, help="pairs with the token, and without it (1000)")
    parser.add_argument("--at-once", type=int, default=4, help="how many at once (4)")
    arguments = parser.parse_args()
    sys.exit(0 if asyncio.run(measure(arguments.pairs, arguments.at_once)) else 1)


if __name__ == "__main__":
    main()
