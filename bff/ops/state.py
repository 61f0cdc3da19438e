"""How the whole system is at one moment, as far as it can be known within a second."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bff.ops import queues
from bff.ops.lag import Lag
from bff.ops.neighbours import Neighbour, Report
from bff.ops.own import Own
from bff.ops.queues import Queues
from bff.ops.sharing import InTime
from services.chassis.clock import now


@dataclass(frozen=True)
class State:
    """Everybody is asked at once, and whoever does not answer is left out."""

    own: Own
    neighbours: Sequence[Neighbour]
    queues: Queues
    mongodb: InTime[bool]
    rabbitmq: InTime[bool]
    sandbox: InTime[bool]
    lag: Lag = field(default_factory=Lag)

    async def seen(self) -> dict[str, Any]:
        """One snapshot, as it is answered. Raises nothing but bugs."""
        (reports, waiting, letters), (mongodb, rabbitmq, sandbox) = await asyncio.gather(
            self._asked(), self._answering()
        )
        numbers = next((each.numbers for each in reports if each.name == "mypage"), None)
        return {
            "at": now().isoformat(),
            **self.own.shown(),
            "services": [each.shown() for each in reports],
            "projection": self.lag.read(time.monotonic(), numbers) | {"waiting": waiting},
            "dependencies": {"mongodb": mongodb, "rabbitmq": rabbitmq},
            "deadLetters": queues.shown(letters),
            "sandbox": {"available": sandbox},
        }

    async def close(self) -> None:
        """Close what was opened to ask."""
        for each in self.neighbours:
            await each.close()

    async def _answering(self) -> tuple[bool, bool, bool]:
        """What does not say so in time does not answer."""
        mongodb, rabbitmq, sandbox = await asyncio.gather(self.mongodb(), self.rabbitmq(), self.sandbox())
        return bool(mongodb), bool(rabbitmq), bool(sandbox)

    async def _asked(self) -> tuple[list[Report], int | None, dict[str, int] | None]:
        reports, waiting, letters = await asyncio.gather(
            asyncio.gather(*(each.report() for each in self.neighbours)),
            self.queues.waiting(),
            self.queues.letters(),
        )
        return list(reports), waiting, letters
