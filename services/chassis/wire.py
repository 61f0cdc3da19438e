"""Connections that cost little however slow the other side is."""

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from services.chassis.protocol import HttpProtocol


@dataclass(frozen=True)
class Wire:
    """What a peer may do. `frames_per_second` and no more are read, the rest waits on its side."""

    frame_bytes: int = 64 * 1024
    frames_per_second: float = 100
    ping_seconds: float = 20
    stalled_seconds: float = 60


class Impatient(asyncio.Protocol):
    """Whoever reads nothing for too long is dropped, with all that waits for it."""

    wire: ClassVar[Wire]
    transport: asyncio.Transport
    loop: asyncio.AbstractEventLoop
    _stalled: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """The other side does not read."""
        super().pause_writing()
        self._stalled = self.loop.call_later(self.wire.stalled_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """It has read."""
        self._forgive()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._forgive()
        super().connection_lost(exc)

    def _forgive(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None


class Http(Impatient, HttpProtocol):
    """A connection that asks by HTTP."""

    wire = Wire()


def http_over(wire: Wire) -> type[asyncio.Protocol]:
    """HTTP connections within these limits, for uvicorn."""
    return type("Http", (Http,), {"wire": wire})
