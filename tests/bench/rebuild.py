"""MyPage made anew from the feeds of many orders, while orders go on and pages are read: how long it takes.

    .venv/bin/python -m tests.bench.rebuild --help

Runs the real services, a mongod and a RabbitMQ of its own, on loopback, and prints a table.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

import psutil
from motor.motor_asyncio import AsyncIOMotorClient
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bff.mypage import MyPage
from compose.servers import running as running_servers
from schema.rebuild import Rebuild
from schema.views import MYPAGE_ORDERS, OrderStatus
from services.chassis import mongo
from tests import parts
from tests.filling import fill
from tests.living import Life
from tests.parts import Parts
from tests.ports import free_ports
from tests.waiting import until

AT_MOST_SECONDS = 300.0
PREFIX = "bench"
FILLED_AT_ONCE = 5000


async def measure(orders: int) -> bool:
    """Fill, rebuild, print; whether everything held."""
    with tempfile.TemporaryDirectory() as folder:
        async with running_servers(Path(folder), free_ports()) as servers:
            client: mongo.Client = AsyncIOMotorClient(servers.mongo_url, tz_aware=True, timeoutMS=5000)
            await filled(client, orders)
            async with parts.running(servers.mongo_url, servers.rabbitmq_url, PREFIX) as system:
                held = await rebuilt(system, client[f"{PREFIX}_mypage"][MYPAGE_ORDERS], orders)
            client.close()
    return held


async def filled(client: mongo.Client, orders: int) -> None:
    """Keep so many orders everywhere."""
    with Progress(transient=True) as progress:
        bar = progress.add_task("filling", total=orders)
        for start in range(0, orders, FILLED_AT_ONCE):
            numbers = range(start, min(start + FILLED_AT_ONCE, orders))
            await fill(client, PREFIX, numbers)
            progress.advance(bar, len(numbers))


async def rebuilt(system: Parts, pages: mongo.Collection, orders: int) -> bool:
    """Rebuild amid life, and look whether anything was lost."""
    process = psutil.Process(system.processes["mypage"].pid)
    life = Life(system, pages, orders, pause=0.1, reader=0.01)
    before = peak = process.memory_info().rss
    took: dict[str, float] = {}
    async with life.going_on():
        start = time.monotonic()
        assert await system.rebuild() == 202
        with Progress(transient=True) as progress:
            bar = progress.add_task("", total=None)
            while not (seen := await system.rebuilding()).ended:
                peak = max(peak, process.memory_info().rss)
                took[seen.state] = time.monotonic() - start
                progress.update(bar, description=seen.state, completed=seen.done, total=seen.total or None)
                await asyncio.sleep(0.1)
        seconds = time.monotonic() - start
    lost = await changes_lost(life, MyPage(pages))
    held = seen.state == "swapped" and not (seen.differences or life.failures or lost)
    Console(width=110).print(table(seen, life, seconds, took, lost, (before, peak)))
    return held and seconds <= AT_MOST_SECONDS


async def changes_lost(life: Life, mypage: MyPage) -> int:
    """How many of the changes made meanwhile are not to be seen, also after a while."""
    expected = dict.fromkeys(life.completed, OrderStatus.DELIVERED)
    expected |= dict.fromkeys(life.placed, OrderStatus.PAYMENT_PENDING)

    async def lacking() -> int:
        ids = list(expected)
        shown = {view.id: view.status async for view in mypage.orders(ids)}
        return sum(shown.get(order_id) != status for order_id, status in expected.items())

    async def none_lacking() -> bool:
        return not await lacking()

    try:
        await until(none_lacking, timeout=20)
    except AssertionError:
        return await lacking()
    return 0


def table(
    seen: Rebuild, life: Life, seconds: float, took: dict[str, float], lost: int, memory: tuple[int, int]
) -> Table:
    """The figures."""
    phases = ", ".join(f"{state} until {at:.0f} s" for state, at in took.items())
    before, peak = (f"{size / 2**20:.0f} MiB" for size in memory)
    changes = f"{len(life.placed)} placed, {len(life.completed)} delivered; {lost} lost"
    result = Table("rebuild", f"{seen.state}, {seen.pages} pages")
    result.add_row("took", f"{seconds:.1f} s (at most {AT_MOST_SECONDS:.0f}): {phases}")
    result.add_row(
        "differences", ", ".join(f"{each.kind}: {each.orders}" for each in seen.differences) or "0"
    )
    result.add_row("reads meanwhile", f"{life.reads}")
    result.add_row("changes meanwhile", changes)
    result.add_row("failures", f"{len(life.failures)} {life.failures[:3] or ''}")
    result.add_row("mypage's RSS", f"{before} before, {peak} at most")
    return result


def main() -> None:
    """Read the command line; exit status 1 where anything failed, differed, was lost, or took too long."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--orders", type=int, default=100_000, help="orders (100000)")
    sys.exit(0 if asyncio.run(measure(parser.parse_args().orders)) else 1)


if __name__ == "__main__":
    main()
