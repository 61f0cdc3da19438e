"""Runs the programs of a stack together: starts them, keeps them, and stops them in order."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from compose.keeper import Keeper, Listener
from compose.program import Program


class Supervisor:
    """The programs of one stack, kept running until told to stop."""

    def __init__(self, programs: Sequence[Program], logs: Path, listener: Listener) -> None:
        self.hurry = asyncio.Event()
        self.keepers = {p.name: Keeper(p, logs / f"{p.name}.log", listener) for p in programs}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @property
    def ready(self) -> bool:
        """Whether every program is ready now."""
        return all(keeper.ready.is_set() for keeper in self.keepers.values())

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start everything; on the way out, whatever the reason, stop everything."""
        self._tasks = {name: asyncio.create_task(self._keep(k)) for name, k in self.keepers.items()}
        try:
            yield
        finally:
            await self._stop()

    async def until_ready(self) -> None:
        """Wait until every program is ready; raises Trouble if one never will be."""
        everything = asyncio.create_task(self._all_ready())
        try:
            await asyncio.wait({everything, *self._tasks.values()}, return_when=asyncio.FIRST_COMPLETED)
            self._raise_trouble()
        finally:
            everything.cancel()

    async def until_trouble(self) -> None:
        """Wait until a program cannot be kept running, and raise that Trouble; usually for ever."""
        await asyncio.wait(self._tasks.values(), return_when=asyncio.FIRST_COMPLETED)
        self._raise_trouble()

    def _raise_trouble(self) -> None:
        for task in self._tasks.values():
            if task.done():
                task.result()

    async def _all_ready(self) -> None:
        while not self.ready:
            for keeper in self.keepers.values():
                await keeper.ready.wait()

    async def _keep(self, keeper: Keeper) -> None:
        for name in keeper.program.after:
            if name in self.keepers:
                await self.keepers[name].ready.wait()
        await keeper.keep()

    async def _stop(self) -> None:
        """Stop tier by tier, the lowest first; the others are kept running meanwhile."""
        keepers = sorted(self.keepers.values(), key=lambda keeper: keeper.program.tier)
        for _, tier in itertools.groupby(keepers, key=lambda keeper: keeper.program.tier):
            await asyncio.gather(*(self._stop_one(keeper) for keeper in tier))

    async def _stop_one(self, keeper: Keeper) -> None:
        task = self._tasks[keeper.program.name]
        task.cancel()
        await asyncio.wait({task})
        await keeper.stop(self.hurry)
