"""Lays a siege: payment behaves as planned, users order, the circuit is watched, and all is put back."""

import asyncio
import contextlib
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from compose.ops import levers
from compose.ops.addresses import Addresses
from compose.siege import breaker, cpu, target
from compose.siege.breaker import Circuit
from compose.siege.interruption import on_termination, run
from compose.siege.plan import Plan
from compose.siege.tally import Figures, Tally
from compose.siege.users import Crowd

SAY_EVERY = 0.5

Progress = Callable[[float, int], None]
"""Told how many seconds are over, and how many answers have come."""


@dataclass(frozen=True, slots=True)
class Siege:
    """One that is over. CPU times are in seconds, `parts` those of what the stack on this machine runs."""

    plan: Plan
    tally: Tally
    circuit: Circuit
    load_cpu: float
    parts: dict[str, float] = field(default_factory=dict)

    @property
    def figures(self) -> Figures:
        """What it adds up to."""
        return Figures.of(self.tally, self.plan.seconds)


def lay(plan: Plan, url: str, where: Addresses, directory: Path, progress: Progress) -> Siege:
    """Lay it. Raises Trouble where nothing can be begun; also interrupted, the levers are put back."""
    with on_termination(signal.default_int_handler), _behaving(plan, where):
        return run(_laid(plan, url, directory, progress))


@contextlib.contextmanager
def _behaving(plan: Plan, where: Addresses) -> Iterator[None]:
    """Payment, as planned, during the body."""
    shows = where.shows("payment")
    before = levers.pull(where.payment, shows, {})
    try:
        levers.pull(where.payment, shows, plan.levers())
        yield
    finally:
        levers.pull(where.payment, shows, before.model_dump())


async def _laid(plan: Plan, url: str, directory: Path, progress: Progress) -> Siege:
    async with target.session(url, plan.users) as session:
        crowd, circuit = Crowd(plan, url, session), Circuit()
        users = await crowd.sign_in()
        before, own = cpu.spent(directory), time.process_time()
        async with _alongside(crowd, circuit, progress):
            await crowd.order(users)
        own, parts = time.process_time() - own, cpu.between(before, cpu.spent(directory))
        return Siege(plan, crowd.tally, circuit, own, parts)


@contextlib.asynccontextmanager
async def _alongside(crowd: Crowd, circuit: Circuit, progress: Progress) -> AsyncIterator[None]:
    """Watch the circuit and say how far it is, during the body."""
    async with target.session(crowd.url, 1) as session:
        await breaker.look(circuit, session, lambda: 0.0)
        tasks = [
            asyncio.create_task(breaker.watch(circuit, session, lambda: crowd.elapsed)),
            asyncio.create_task(_say(crowd, progress)),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        await breaker.look(circuit, session, lambda: crowd.elapsed)


async def _say(crowd: Crowd, progress: Progress) -> None:
    while True:
        progress(max(0.0, crowd.elapsed), crowd.tally.count)
        await asyncio.sleep(SAY_EVERY)
