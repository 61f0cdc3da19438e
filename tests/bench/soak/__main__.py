"""Orders at a steady rate for a long time: what each process holds in memory, and whether it grows.

    .venv/bin/python -m tests.bench.soak --minutes 60 --per-second 50

Runs the whole system with its settings as they come, in a folder of its own, on loopback. Customers come and
go, each with a subscription; some cancel, some look. Memory is read every ten seconds. Exit status 0: none of
our processes grew faster than the bound, or was replaced. 1: one did, or was.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from rich.console import Console

from compose.siege.target import Places
from compose.topology import MODULES
from tests.bench.answers import SETTINGS_AS_THEY_COME
from tests.bench.soak.crowd import Crowd
from tests.bench.soak.memory import PARTS, Course
from tests.bench.soak.report import is_flat, table, write
from tests.bench.tracing import PATIENT
from tests.stories.stack import Stack, running

EVERY_SECONDS = 10.0
SAID_EVERY = 6
"""Samples."""

ITSELF = {"DELIVERY_SANDBOX": "true", "DELIVERY_SANDBOX_SECONDS": "2", "BFF_RATES": "true"}
"""Couriers come by themselves, and it is counted how often customers come."""


@dataclass(frozen=True)
class Plan:
    """How much, for how long, and what is flat."""

    minutes: float
    per_second: float
    customers: int
    warm_up: float
    slope_at_most: float
    into: Path

    def __str__(self) -> str:
        return f"{self.minutes:g} minutes, {self.per_second:g} orders/s, {self.customers} customers at a time"


async def soak(plan: Plan, console: Console) -> bool:
    """Run it and print the table; whether nothing of ours grew."""
    with tempfile.TemporaryDirectory() as folder:
        async with running(Path(folder) / "stack", SETTINGS_AS_THEY_COME | PATIENT | ITSELF) as stack:
            courses, crowd = await _under_load(stack, plan, console)
            shutil.copytree(stack.directory / "logs", plan.into / "logs", dirs_exist_ok=True)
    warm_up = plan.minutes * 60 * plan.warm_up
    console.print(table(courses, warm_up, plan.slope_at_most))
    console.print("; ".join(f"{name}: {count}" for name, count in crowd.answers.most_common()))
    console.print(f"{crowd.came} customers came, {crowd.seen} changes were seen; kept in {plan.into}")
    write(plan.into, courses, warm_up, crowd.answers, str(plan))
    ours = [each for each in courses if each.part in MODULES]
    return all(is_flat(each, warm_up, plan.slope_at_most) for each in ours)


async def _under_load(stack: Stack, plan: Plan, console: Console) -> tuple[list[Course], Crowd]:
    courses = [Course(part) for part in PARTS]
    from_everywhere = aiohttp.TCPConnector(limit=0, socket_factory=Places())
    async with aiohttp.ClientSession(connector=from_everywhere) as session:
        crowd = Crowd(stack.http, session, plan.customers)
        start = time.monotonic()
        ends = start + plan.minutes * 60
        watching = asyncio.create_task(_watch(stack, courses, crowd, ends, console))
        async with crowd.coming_and_going():
            await crowd.order(plan.per_second, ends)
            await watching
    return courses, crowd


async def _watch(stack: Stack, courses: list[Course], crowd: Crowd, ends: float, console: Console) -> None:
    start, number = time.monotonic(), 0
    while (moment := start + number * EVERY_SECONDS) < ends:
        await asyncio.sleep(max(0.0, moment - time.monotonic()))
        for each in courses:
            each.look(time.monotonic() - start, stack)
        if number % SAID_EVERY == 0:
            held = " ".join(f"{each.part} {each.samples[-1].rss_mib:.1f}" for each in courses if each.samples)
            console.print(f"{number * EVERY_SECONDS / 60:5.1f} min  {held}  answers {crowd.answers.total()}")
        number += 1


def main() -> None:
    """Run what the command line says."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.soak",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--minutes", type=float, default=60, help="for how long, at most 240 (60)")
    parser.add_argument("--per-second", type=float, default=50, help="orders, at most 200 (50)")
    parser.add_argument("--customers", type=int, default=300, help="there at a time, at most 2000 (300)")
    parser.add_argument("--warm-up", type=float, default=0.25, help="share that no slope is taken of (0.25)")
    parser.add_argument("--slope-at-most", type=float, default=4.0, help="MiB an hour that is flat (4)")
    parser.add_argument("--into", type=Path, default=Path(".fruitstore/soak"), help="where results are kept")
    said = parser.parse_args()
    plan = Plan(
        minutes=max(0.5, min(said.minutes, 240)),
        per_second=max(0.1, min(said.per_second, 200)),
        customers=max(1, min(said.customers, 2000)),
        warm_up=max(0.0, min(said.warm_up, 0.9)),
        slope_at_most=said.slope_at_most,
        into=said.into,
    )
    sys.exit(0 if asyncio.run(soak(plan, Console(width=200))) else 1)


if __name__ == "__main__":
    main()
