"""What stays open: every WebSocket and every stream of this replica, and why it ends."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum

from bff.caller import Caller

LOOKED_AT_EVERY_SECONDS = 1.0


class End(Enum):
    """Why something that stays open ends before its client wants it to."""

    NOT_AUTHENTICATED = "the token has expired or was taken away"
    GOING_AWAY = "the replica is being replaced"


class Life:
    """One connection or stream. Whoever serves it waits for `ended` beside what it does."""

    def __init__(self, caller: Caller | None) -> None:
        self.caller = caller
        self.why: End | None = None
        self.ended = asyncio.Event()

    def end(self, why: End) -> None:
        """End it; the first reason stands."""
        self.why = self.why or why
        self.ended.set()


class Lives:
    """All of them."""

    def __init__(self, is_still_good: Callable[[Caller], bool]) -> None:
        self._is_still_good = is_still_good
        self._open: set[Life] = set()
        self._closed = False

    @contextmanager
    def one(self, caller: Caller | None) -> Iterator[Life]:
        """One more, while the body runs. Its caller may be set later."""
        life = Life(caller)
        if self._closed:
            life.end(End.GOING_AWAY)
        self._open.add(life)
        try:
            yield life
        finally:
            self._open.discard(life)

    async def watch(self) -> None:
        """End those whose token is no good any more; to be called every second."""
        for life in list(self._open):
            if life.caller is not None and not self._is_still_good(life.caller):
                life.end(End.NOT_AUTHENTICATED)

    def close(self) -> None:
        """End them all, and each that still begins."""
        self._closed = True
        for life in list(self._open):
            life.end(End.GOING_AWAY)
