"""Bytes between the parts, counted by the links between any two of them."""

import asyncio
import tempfile
from pathlib import Path

from tests.bench.footprint.shopping import repeated, shoppers
from tests.drills.system import System, Way, running

IDLE_SECONDS = 5.0

Carried = dict[Way, tuple[float, float]]
"""Bytes there and back, by who connected to whom."""


async def carried(orders: int, customers: int) -> Carried:
    """Bytes for each of so many orders, in a system of its own, less what goes on without any."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            running(Path(folder)) as system,
            shoppers(system.http, system.ports.url("delivery"), customers) as crowd,
        ):
            await repeated(crowd[0].order, 1)  # until all connections are open
            first, began = _so_far(system), _now()
            await asyncio.sleep(IDLE_SECONDS)
            second, idle = _so_far(system), _now() - began
            turns = iter(range(orders))
            await repeated(lambda: crowd[next(turns) % customers].order(), orders)
            third, busy = _so_far(system), _now() - began - idle
    return {way: _each(orders, first[way], second[way], third[way], busy / idle) for way in system.links}


def _now() -> float:
    return asyncio.get_running_loop().time()


def _so_far(system: System) -> dict[Way, tuple[int, int]]:
    return {way: (link.there.carried, link.back.carried) for way, link in system.links.items()}


def _each(
    orders: int, first: tuple[int, int], second: tuple[int, int], third: tuple[int, int], longer: float
) -> tuple[float, float]:
    """What an order added, there and back; the first span was idle, the second so many times as long."""
    there, back = (
        (busy - idle - (idle - start) * longer) / orders
        for start, idle, busy in zip(first, second, third, strict=True)
    )
    return there, back
