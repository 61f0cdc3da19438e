"""The other side of a WebSocket: what it is told, and whether there is room for more."""

from collections.abc import Callable
from contextvars import copy_context
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected

from bff.edge import frames
from bff.edge.lives import Life
from bff.edge.websocket import WebSocket


class GoneError(Exception):
    """Nobody is there any more to be told anything."""


class Peer:
    """One that reads, or does not: then those who have something to tell are called once it does again."""

    def __init__(self, wire: WebSocket, life: Life) -> None:
        self._wire = wire
        self._life = life
        self._context = copy_context()
        self._have_more: dict[Callable[[], Any], None] = {}
        wire.has_room_again = self._go_on

    async def tell(self, kind: str, name: str | None = None, payload: Any = None) -> None:
        """Send a frame once there is room for it. Raises GoneError."""
        await self.room()
        self.say(kind, name, payload)

    async def room(self) -> None:
        """Wait until there is room for something."""
        await self._wire.writable.wait()

    @property
    def has_room(self) -> bool:
        """Whether it reads what it is told."""
        return self._wire.writable.is_set()

    @property
    def may_hear(self) -> bool:
        """Whether it still has the right to."""
        return self._life.may_go_on()

    def once_it_has_room(self, more: Callable[[], Any]) -> None:
        """Have somebody called who has more to tell."""
        self._have_more[more] = None

    def say(self, kind: str, name: str | None = None, payload: Any = None) -> None:
        """Send a frame, room or not. Raises GoneError."""
        try:
            self._wire.say(frames.written(kind, name, payload))
        except ClientDisconnected:
            raise GoneError from None

    def _go_on(self) -> None:
        have_more, self._have_more = self._have_more, {}
        for more in have_more:
            self._context.copy().run(more)
