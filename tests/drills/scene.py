"""What a fault works on: the system, its own randomness, and a tally of what it did."""

import asyncio
import contextlib
import random
from collections import Counter
from dataclasses import dataclass, field

from tests.drills.system import System


@dataclass(slots=True)
class Scene:
    """One drill's faults go on until it is closed; each leaves the system as it found it."""

    system: System
    chance: random.Random
    faults: Counter[str] = field(default_factory=Counter)
    _closed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def open(self) -> bool:
        """Whether to go on."""
        return not self._closed.is_set()

    def close(self) -> None:
        """No more faults."""
        self._closed.set()

    def note(self, what: str) -> None:
        """Count something that was done."""
        self.faults[what] += 1

    async def pause(self, least: float, most: float) -> None:
        """Let some seconds pass, or fewer where it is closed meanwhile."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closed.wait(), self.chance.uniform(least, most))
