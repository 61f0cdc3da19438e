"""How soon what changes in MyPage is seen, and how soon the shop can be used: figures.

    .venv/bin/python -m tests.browser.bench --help

Runs a mongod, a RabbitMQ, the services, a gateway and Chromium of its own, on loopback.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from motor.motor_asyncio import AsyncIOMotorClient
from playwright.async_api import Browser
from rich.console import Console

from compose import web
from compose.servers import running as running_servers
from services.chassis import mongo
from tests.browser import chromium, system
from tests.browser.gateway import Gateway
from tests.browser.latency import spread
from tests.browser.measuring import until_seen, until_usable
from tests.browser.shop import Shop
from tests.browser.system import System
from tests.ports import free_ports

SEEN_WITHIN_MS = 250
USABLE_WITHIN_MS = 1000


class Stage(NamedTuple):
    """All that the pages need, and a browser."""

    browser: Browser
    system: System
    gateway: Gateway


@asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """Everything of its own; nothing is left behind."""
    await web.build(print)
    with tempfile.TemporaryDirectory() as folder:
        async with running_servers(Path(folder), free_ports()) as servers, chromium.running() as browser:
            client: mongo.Client = AsyncIOMotorClient(servers.mongo_url, tz_aware=True)
            logs = Path(folder)
            async with (
                system.running(servers, servers.rabbitmq_url, client, logs) as parts,
                parts.gateway() as gateway,
            ):
                yield Stage(browser, parts, gateway)
            client.close()


async def measure(orders: int, loads: int) -> bool:
    """Measure, print; whether it is as it has to be."""
    async with stage() as (browser, parts, gateway):
        usable = [await _usable(browser, gateway) for _ in range(loads)]
        context = await browser.new_context(base_url=gateway.http, locale="ko-KR")
        shop = await Shop.visited(context, "7181")
        await shop.to_orders()
        seen = spread(await until_seen(shop.page, parts, gateway, "7181", orders))
    say = Console(soft_wrap=True).print
    say(f"a fruit can be chosen after {statistics.median(usable):.0f} ms (median of {loads} loads)")
    say(f"{seen}")
    return seen.p95 < SEEN_WITHIN_MS and statistics.median(usable) < USABLE_WITHIN_MS


async def _usable(browser: Browser, gateway: Gateway) -> float:
    context = await browser.new_context(base_url=gateway.http)
    taken = await until_usable(await context.new_page())
    await context.close()
    return taken


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--orders", type=int, default=50, help="each is two changes")
    parser.add_argument("--loads", type=int, default=9, help="of the shop")
    arguments = parser.parse_args()
    sys.exit(not asyncio.run(measure(arguments.orders, arguments.loads)))


if __name__ == "__main__":
    main()
