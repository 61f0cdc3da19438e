"""One drill: customers order while something breaks; then the system settles, and the truth is looked for."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from tests.drills import faults, network, settling, shims, truth
from tests.drills.load import Crowd
from tests.drills.scene import Scene
from tests.drills.system import System

Fault = Callable[[Scene], Awaitable[None]]

DRILLS: dict[str, Fault] = {
    "kills": faults.parts_killed,
    "freezes": faults.frozen,
    "broker": faults.broker_killed,
    "database": faults.database_killed,
    "network": network.ways_broken,
    "payment": shims.payment_in_trouble,
    "messages": shims.messages_shuffled,
    "disk": faults.disk_trouble,
}
"""Every drill by its name, and what breaks in it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much: orders and faults at least, seconds at most, customers at once, seconds between orders."""

    orders: int
    faults: int
    seconds: float
    customers: int
    pause: float


SHORT = Plan(orders=40, faults=6, seconds=20, customers=6, pause=0.3)


@dataclass(slots=True)
class Result:
    """What a drill has shown. `violations` are sentences about what must never be."""

    drill: str
    seed: int
    orders: int = 0
    cancels: int = 0
    told: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    dead_letters: int = 0
    seconds: float = 0.0

    @property
    def findings(self) -> list[str]:
        """All that should not be."""
        return [*self.violations, *self.stuck]


async def run(system: System, name: str, seed: int, plan: Plan) -> Result:
    """Run a drill on a system that is well, and leave it well."""
    chance = random.Random(f"{seed}/{name}")  # noqa: S311 # no secret: a seed
    scene = Scene(system, chance)
    crowd = Crowd(system, name, seed, plan.customers, plan.pause)
    async with AsyncExitStack() as opened:
        await crowd.sign_in(opened)
        async with asyncio.TaskGroup() as going_on:
            going_on.create_task(_gone_on(DRILLS[name], scene))
            going_on.create_task(crowd.shop())
            going_on.create_task(_until_enough(scene, crowd, plan))
        return await _looked_at(system, crowd, Result(drill=name, seed=seed, faults=scene.done))


async def _gone_on(fault: Fault, scene: Scene) -> None:
    await fault(scene)


async def _until_enough(scene: Scene, crowd: Crowd, plan: Plan) -> None:
    """Close the scene, then the shop, when there was enough of both, or it took long enough."""
    began = time.monotonic()
    while time.monotonic() - began < plan.seconds:
        if len(crowd.intentions) >= plan.orders and scene.done.total() >= plan.faults:
            break
        await asyncio.sleep(0.1)
    scene.close()
    crowd.close()


async def _looked_at(system: System, crowd: Crowd, result: Result) -> Result:
    """Wait until all has settled, and compare."""
    began = time.monotonic()
    await system.is_whole()
    result.stuck = await settling.settled(system, crowd.customers)
    result.seconds = time.monotonic() - began
    known = await truth.truths(system, crowd.customers)
    result.violations += truth.lies(crowd, known)
    result.violations += await truth.shown_otherwise(crowd.callers, known)
    letters = await settling.dead_letters(system)
    result.dead_letters = len(letters)
    result.stuck += letters
    result.orders = len(known)
    result.cancels = sum(1 for each in crowd.intentions if each.cancellations)
    result.told = crowd.told
    return result
