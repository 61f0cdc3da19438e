"""What the pages may weigh, how soon they can be used, and how soon a change is seen."""

import os
import re
import statistics

from tests.browser.conftest import Say, Shops, Visits
from tests.browser.gateway import Gateway
from tests.browser.latency import spread
from tests.browser.measuring import until_seen, until_usable
from tests.browser.system import System
from tests.browser.weights import Weight

MOST_SCRIPT = 150 * 1024
"""Bytes of JavaScript, compressed, that the shop's first load may bring."""

USABLE_WITHIN_MS = 1000
LOADS = 5
ORDERS = 20


async def test_the_first_load_is_light_and_brings_nothing_of_graphiql(visits: Visits, say: Say) -> None:
    page = await (await visits()).new_page()
    weight = Weight()
    await weight.watch(page)
    await page.goto("/", wait_until="networkidle")
    scripts = weight.scripts()
    say(f"the shop's first load: {sum(scripts.values()) / 1024:.1f} KiB of JavaScript in {len(scripts)}")
    assert 0 < sum(scripts.values()) <= MOST_SCRIPT, scripts
    assert not [url for url in scripts if re.search("graphiql|monaco|editor|uplot", url, re.IGNORECASE)]


async def test_the_shop_can_be_used_at_once(visits: Visits, say: Say) -> None:
    taken = []
    for _ in range(LOADS):
        page = await (await visits(viewport={"width": 1280, "height": 900})).new_page()
        taken.append(await until_usable(page))
        await page.close()
    say(f"a fruit can be chosen after {sorted(round(each) for each in taken)} ms")
    assert statistics.median(taken) < USABLE_WITHIN_MS * _slowness()


def _slowness() -> float:
    """How many want each processor: 1 on a machine that does nothing else."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


async def test_every_change_is_seen_soon(
    shops: Shops, gateway: Gateway, browsed: System, customer: str, say: Say
) -> None:
    shop = await shops(customer, path="/orders")
    taken = await until_seen(shop.page, browsed, gateway, customer, ORDERS)
    say(spread(taken))
    assert len(taken) == 2 * ORDERS
    assert statistics.median(taken) < 5000
