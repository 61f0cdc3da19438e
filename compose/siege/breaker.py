"""The gateway's payment circuit, watched from its metrics while a siege goes on."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

import aiohttp

EVERY_SECONDS = 1.0

OPENED = re.compile(rb"^payment_breaker_opened_total ([0-9.e+]+)$", re.MULTILINE)
STATE = re.compile(rb'^payment_breaker_state\{state="(\w+)"\} 1\.0$', re.MULTILINE)


@dataclass(slots=True)
class Circuit:
    """What the circuit did: its state at seconds from the beginning, and how often it has opened."""

    states: list[tuple[float, str]] = field(default_factory=list)
    opened_before: int | None = None
    opened_after: int | None = None

    @property
    def openings(self) -> int | None:
        """How often it opened meanwhile; None where the gateway does not tell, or has begun anew."""
        if self.opened_before is None or self.opened_after is None or self.opened_after < self.opened_before:
            return None
        return self.opened_after - self.opened_before

    def take_in(self, metrics: bytes, at: float) -> None:
        """What the gateway shows at /metrics, so many seconds from the beginning."""
        opened, state = OPENED.search(metrics), STATE.search(metrics)
        if opened:
            self.opened_after = int(float(opened[1]))
            if self.opened_before is None:
                self.opened_before = self.opened_after
        if state:
            self.states.append((at, state[1].decode()))


async def watch(
    circuit: Circuit,
    session: aiohttp.ClientSession,
    elapsed: Callable[[], float],
    every: float = EVERY_SECONDS,
) -> None:
    """Look again and again until canceled."""
    while True:
        await look(circuit, session, elapsed)
        await asyncio.sleep(every)


async def look(circuit: Circuit, session: aiohttp.ClientSession, elapsed: Callable[[], float]) -> None:
    """Look once; a gateway that does not show it is let be."""
    try:
        async with session.get("/metrics") as response:
            if response.status == HTTPStatus.OK:
                circuit.take_in(await response.read(), elapsed())
    except (aiohttp.ClientError, TimeoutError, OSError):
        return
