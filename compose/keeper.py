"""Keeps one program running: starts it, sees it become ready, starts it again when it dies or hangs."""

import asyncio
import collections
import signal
import time
from pathlib import Path
from typing import Protocol

from compose.child import Child, ending
from compose.program import Program
from compose.trouble import Trouble

FIRST_DELAY, LONGEST_DELAY = 0.2, 5.0
"""Seconds before a program that died is started again: doubling from the first to the longest."""

LIVED = 30.0
"""Seconds after which a program counts as having lived: the delay starts over."""

TRIES = 5
"""How often a program that has never been ready may die before the stack gives up."""

PROBE_EVERY = 0.1

ALIVE_EVERY = 5.0
"""Seconds from asking a program that has become ready whether it is alive to asking again."""

FAILURES = 6
"""How often in a row it may fail to say so before it is killed, and started again as if it had died."""


class Listener(Protocol):
    """Who wants to hear what becomes of the programs."""

    def died(self, program: Program, how: str, delay: float) -> None:
        """It died, and is started again after `delay` seconds."""

    def became_ready(self, program: Program, restarts: int) -> None:
        """It is ready, for the first time (no restarts) or again."""


class Keeper:
    """One program's life."""

    def __init__(self, program: Program, log: Path, listener: Listener) -> None:
        self.program = program
        self.ready = asyncio.Event()
        self.child: Child | None = None
        self.restarts = 0
        self._log = log
        self._listener = listener
        self._has_been_ready = False

    async def keep(self) -> None:
        """Run the program for ever; returns never, raises Trouble if it cannot even start."""
        delay = FIRST_DELAY
        while True:
            started = time.monotonic()
            how = await self._one_life()
            self._give_up_if_hopeless(how)
            delay = FIRST_DELAY if time.monotonic() - started >= LIVED else delay
            self.restarts += 1
            self._listener.died(self.program, how, delay)
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY)

    async def stop(self, hurry: asyncio.Event) -> None:
        """Stop the program, if it runs. Call it when `keep` is cancelled."""
        if self.child:
            await self.child.stop(hurry)
            self.child = None

    async def _one_life(self) -> str:
        """From start to death; says how it ended."""
        self.child = await Child.start(self.program, self._log)
        watching = asyncio.create_task(self._watch(self.child))
        try:
            status = await self.child.wait()
        finally:
            watching.cancel()
            self.ready.clear()
        self.child = None
        hung = watching.done() and not watching.cancelled() and watching.exception() is None
        return "did not answer any more" if hung else ending(status)

    async def _watch(self, child: Child) -> None:
        """See it become ready, and say so; then see to it that it answers, or kill it. Ends only then."""
        while not await self.program.ready():  # noqa: ASYNC110 - another process has no event to wait for
            await asyncio.sleep(PROBE_EVERY)
        if self.program.mend:
            await self.program.mend()
        self._has_been_ready = True
        self.ready.set()
        self._listener.became_ready(self.program, self.restarts)
        await self._until_it_hangs()
        child.signal(signal.SIGKILL)

    async def _until_it_hangs(self) -> None:
        """For ever, where nothing can be asked."""
        failures = 0
        while failures < FAILURES:
            answers, _ = await asyncio.gather(self._is_alive(), asyncio.sleep(ALIVE_EVERY))
            failures = 0 if answers else failures + 1

    async def _is_alive(self) -> bool:
        return self.program.alive is None or await self.program.alive()

    def _give_up_if_hopeless(self, how: str) -> None:
        if self._has_been_ready or self.restarts + 1 < TRIES:
            return
        raise Trouble(
            f"{self.program.name} died {TRIES} times without ever being ready ({how}); "
            f"it last said, in {self._log}:\n{last_lines(self._log)}"
        )


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log, indented."""
    with log.open(errors="replace") as lines:
        return "".join(f"  {line.rstrip()}\n" for line in collections.deque(lines, count)).rstrip()
