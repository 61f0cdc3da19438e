"""What watchdogs put right, counted and logged, and whether silence says anything at all."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter

from schema.events import Event
from services.chassis.clock import Clock
from services.chassis.logs import logger

log = logger(__name__)

ON_ITS_WAY = timedelta(seconds=5)
"""So long an answer may take to arrive before it counts as lost."""

Healed = Callable[[str, str], None]
"""Says which wait was mended, and of which order."""


def healing(registry: CollectorRegistry) -> Healed:
    """Count and log what is mended: in a healthy system next to nothing."""
    counter = Counter(
        "watchdog_healed", "Waits that took too long and were mended.", ["wait"], registry=registry
    )

    def healed(wait: str, order_id: str) -> None:
        counter.labels(wait).inc()
        log.warning("a watchdog mended a wait", wait=wait, order=order_id)

    return healed


def is_on_its_way(facts: Sequence[Event], now: datetime) -> bool:
    """Whether the last of these was told just now: who calls for it again only cannot have it yet."""
    return bool(facts) and now - facts[-1].at < ON_ITS_WAY


class Hearing:
    """For how long the bus has been there without a break, as far as was looked."""

    def __init__(self, connected: Callable[[], Awaitable[bool]], clock: Clock) -> None:
        self._connected = connected
        self._clock = clock
        self._since: datetime | None = None

    async def lasted(self, long: timedelta) -> bool:
        """Look, and say whether it has been there for so long."""
        if not await self._connected():
            self._since = None
            return False
        self._since = self._since or self._clock()
        return self._clock() - self._since >= long
