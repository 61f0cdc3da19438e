"""From an order's commit to the broker's confirmation of its fact, by the marks of the outbox.

    .venv/bin/python -m tests.bench.outbox --help

Runs the real order service, a mongod and a RabbitMQ of its own, on loopback, and prints one line.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from rich.console import Console
from rich.progress import track

from compose.servers import Servers
from compose.servers import running as running_servers
from schema.feed import FeedPage, OrderEntry
from tests import facts
from tests.ports import free_base, free_ports
from tests.trust import ENVIRONMENT, trusted
from tests.waiting import until

P99_AT_MOST_MS = 250.0


async def measure(per_second: int, seconds: int) -> bool:
    """Order at that rate, print the figures; whether they are good enough."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            running_servers(Path(folder), free_ports()) as servers,
            service(servers) as url,
            aiohttp.ClientSession(url, headers=trusted()) as session,
        ):
            await until(lambda: ready(session), timeout=60)
            await order(session, per_second, seconds)
            await until(lambda: nothing_untold(session), timeout=60)
            times = sorted([each async for each in told_after_ms(session)])
    p50, p99, longest = times[len(times) // 2], times[int(len(times) * 0.99)], times[-1]
    Console().print(
        f"{len(times)} orders at {per_second}/s, from commit to publish:"
        f" p50 {p50:.0f} ms, p99 {p99:.0f} ms (at most {P99_AT_MOST_MS:.0f}), longest {longest:.0f} ms"
    )
    return p99 <= P99_AT_MOST_MS and len(times) == per_second * seconds


@asynccontextmanager
async def service(servers: Servers) -> AsyncIterator[str]:
    """The order service as a process of its own; its address."""
    port = free_base()
    told = {"MONGO_URL": servers.mongo_url, "RABBITMQ_URL": servers.rabbitmq_url, "PORT": str(port)}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.order.app"),
        env={**os.environ, **ENVIRONMENT, **told, "LOG_LEVEL": "warning"},
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def ready(session: aiohttp.ClientSession) -> bool:
    """Whether it is ready, with its broker."""
    try:
        async with session.get("/readyz") as response:
            said = await response.json()
    except aiohttp.ClientError:
        return False
    return bool(said["ready"] and said["dependencies"]["rabbitmq"]["ok"])


async def order(session: aiohttp.ClientSession, per_second: int, seconds: int) -> None:
    """Place orders, each at its moment, whether or not the earlier ones were answered."""
    start = time.monotonic()
    async with asyncio.TaskGroup() as orders:
        for number in track(range(per_second * seconds), "ordering", transient=True):
            await asyncio.sleep(max(0.0, start + number / per_second - time.monotonic()))
            orders.create_task(place(session, number))


async def place(session: aiohttp.ClientSession, number: int) -> None:
    """Place one order."""
    command = facts.place_order(customer_id=f"customer-{number % 50}", idempotency_key=f"key-{number}")
    async with session.post("/orders", data=command.model_dump_json()) as response:
        assert response.status == 201, await response.text()


async def nothing_untold(session: aiohttp.ClientSession) -> bool:
    """Whether every fact is marked told."""
    return not [each async for each in entries(session) if each.untold]


async def told_after_ms(session: aiohttp.ClientSession) -> AsyncIterator[float]:
    """How long after its moment each fact was confirmed."""
    async for entry in entries(session):
        moments = {fact.id: fact.at for fact in entry.facts}
        for told in entry.told:
            yield (told.at - moments[told.id]).total_seconds() * 1000


async def entries(session: aiohttp.ClientSession) -> AsyncIterator[OrderEntry]:
    """The feed."""
    after: str | None = ""
    while after is not None:
        async with session.get("/feed", params={"after": after}) as response:
            page = FeedPage[OrderEntry].model_validate_json(await response.read())
        for entry in page.entries:
            yield entry
        after = page.next


def main() -> None:
    """Read the command line; exit status 1 where the 99th percentile is too long."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--per-second", type=int, default=100, help="orders per second (100)")
    parser.add_argument("--seconds", type=int, default=20, help="for how long (20)")
    said = parser.parse_args()
    sys.exit(0 if asyncio.run(measure(said.per_second, said.seconds)) else 1)


if __name__ == "__main__":
    main()
