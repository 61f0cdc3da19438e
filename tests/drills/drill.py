"""One drill: customers order while something breaks; then the system settles, and the truth is looked for."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

from compose.trouble import Trouble
from tests.drills import faults, network, settling, shims, truth
from tests.drills.auditing import Auditor
from tests.drills.load import Crowd
from tests.drills.scene import Scene
from tests.drills.system import System
from tests.drills.watching import Watcher, watchers

WATCHERS = 2
CONVERGED_WITHIN_SECONDS = 5.0
"""How long after everything is well again a watcher may be behind."""


@dataclass(frozen=True, slots=True)
class Drill:
    """What goes wrong, and how often at least."""

    fault: Callable[[Scene], Awaitable[None]]
    times: int = 6


DRILLS: dict[str, Drill] = {
    "kills": Drill(faults.parts_killed, 4),
    "freezes": Drill(faults.frozen),
    "broker": Drill(faults.broker_killed, 2),
    "database": Drill(faults.database_killed, 2),
    "network": Drill(network.ways_broken),
    "payment": Drill(shims.payment_in_trouble, 30),
    "messages": Drill(shims.messages_shuffled, 100),
    "disk": Drill(faults.disk_trouble, 4),
}
"""Every drill by its name."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much: orders at least, seconds at most, customers at once, seconds between orders of one."""

    orders: int
    seconds: float
    customers: int
    pause: float


SHORT = Plan(orders=40, seconds=30, customers=6, pause=0.3)

Progress = Callable[[str, int, int], None]
"""Told what a drill is doing, how many orders it has, and how many faults."""


@dataclass(slots=True)
class Result:
    """What a drill has shown. `violations` must never be; `stuck` is what did not settle by itself."""

    drill: str
    seed: int
    orders: int = 0
    cancels: int = 0
    told: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    dead_letters: list[str] = field(default_factory=list)
    audits: int = 0
    seconds: float = 0.0

    @property
    def findings(self) -> list[str]:
        """All that should not be."""
        return [*self.violations, *self.stuck, *self.dead_letters]


async def run(
    system: System, name: str, seed: int, plan: Plan, progress: Progress = lambda *_: None
) -> Result:
    """Run a drill on a system that is well, and leave it well."""
    chance = random.Random(f"{seed}/{name}")  # noqa: S311 # no secret: a seed
    scene = Scene(system, chance)
    crowd = Crowd(system, name, seed, plan.customers, plan.pause)
    auditor = Auditor(system)
    async with AsyncExitStack() as opened:
        await crowd.sign_in(opened)
        watching = await opened.enter_async_context(watchers(crowd.callers[:WATCHERS]))
        async with asyncio.TaskGroup() as going_on:
            going_on.create_task(_gone_on(DRILLS[name], scene))
            going_on.create_task(crowd.shop())
            going_on.create_task(auditor.go_on(scene))
            going_on.create_task(_until_enough(scene, crowd, DRILLS[name].times, plan, progress))
        progress(f"{name}: settling", len(crowd.intentions), scene.faults.total())
        result = Result(drill=name, seed=seed, faults=scene.faults, audits=auditor.audits)
        return await _LookedAt(system, crowd, auditor, watching).result(result)


async def _gone_on(drill: Drill, scene: Scene) -> None:
    await drill.fault(scene)


async def _until_enough(scene: Scene, crowd: Crowd, times: int, plan: Plan, progress: Progress) -> None:
    """Close the scene and the shop when there was enough of both, or it took long enough."""
    began = time.monotonic()
    while time.monotonic() - began < plan.seconds:
        if len(crowd.intentions) >= plan.orders and scene.faults.total() >= times:
            break
        progress(crowd.name, len(crowd.intentions), scene.faults.total())
        await asyncio.sleep(0.1)
    scene.close()
    crowd.close()


@dataclass(frozen=True, slots=True)
class _LookedAt:
    """What there is to see after the faults."""

    system: System
    crowd: Crowd
    auditor: Auditor
    watching: list[Watcher]

    async def result(self, result: Result) -> Result:
        """Wait until all has settled, and compare."""
        began = time.monotonic()
        await self.system.is_whole()
        result.stuck = await settling.settled(self.system, self.crowd.customers)
        result.seconds = time.monotonic() - began
        known = await truth.truths(self.system, self.crowd.customers)
        result.stuck += await self._behind(known)
        result.violations += truth.lies(self.crowd.intentions, known)
        result.violations += await truth.shown_otherwise(self.crowd.callers, known)
        result.violations += [said for each in self.watching for said in each.backwards]
        await self._audited(result)
        result.dead_letters = await settling.dead_letters(self.system)
        result.orders = len(known)
        result.cancels = sum(1 for each in self.crowd.intentions if each.cancellations)
        result.told = self.crowd.told
        return result

    async def _audited(self, result: Result) -> None:
        try:
            await self.auditor.conclude()
        except Trouble as trouble:
            result.stuck.append(f"no audit: {trouble}")
        result.violations += self.auditor.violations
        result.stuck += self.auditor.stuck

    async def _behind(self, known: dict[str, truth.Truth]) -> list[str]:
        """Watchers that do not see in time how their orders are."""
        deadline = time.monotonic() + CONVERGED_WITHIN_SECONDS
        while True:
            behind = [said for each in self.watching for said in each.behind(known.values())]
            if not behind or time.monotonic() > deadline:
                return behind
            await asyncio.sleep(0.1)
