"""What stays open: every WebSocket and every stream of this replica, how many may be, and why each ends."""

import asyncio
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Literal

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client import Counter as Counted

from bff.caller import Caller
from bff.graph.codes import Code
from bff.graph.errors import CodedError

LOOKED_AT_EVERY_SECONDS = 1.0
COME_BACK_MS = 1000

Kind = Literal["websocket", "sse", "multipart"]


class End(Enum):
    """Why something that stays open ends before its client wants it to."""

    NOT_AUTHENTICATED = "The token has expired or was taken away"
    GOING_AWAY = "This replica is being replaced"


@dataclass(frozen=True)
class Room:
    """How many may stay open. `strangers` are those of one address that have not said who they are."""

    at_most: int = 10_000
    per_customer: int = 20
    strangers: int = 100
    spread_seconds: float = 2.0
    """At the end of the replica each ends at a moment of its own within these."""


class Life:
    """One connection or stream. Whoever serves it learns of its end."""

    def __init__(self, lives: "Lives", kind: Kind, address: str | None) -> None:
        self.kind = kind
        self.address = address
        self.caller: Caller | None = None
        self.why: End | None = None
        self._lives = lives
        self._when_ended: Callable[[], None] | None = None

    def sign_in(self, caller: Caller | None) -> None:
        """Say whose it is. Raises a CodedError (TOO_MANY_CONNECTIONS)."""
        if caller is not None:
            self._lives.sign_in(self, caller)

    def end(self, why: End) -> None:
        """End it; the first reason stands."""
        if self.why is None:
            self.why = why
            if self._when_ended is not None:
                self._when_ended()

    def when_ended(self, do: Callable[[], None] | None) -> None:
        """Have it done when it ends: at once, if that was before."""
        self._when_ended = do
        if self.why is not None and do is not None:
            do()

    async def until_ended(self) -> None:
        """Wait for its end."""
        ended = asyncio.Event()
        self.when_ended(ended.set)
        await ended.wait()

    def may_go_on(self) -> bool:
        """Whether whoever listens still may, to the second: what comes next is for them alone."""
        if self.caller is not None and not self._lives.is_still_good(self.caller):
            self.end(End.NOT_AUTHENTICATED)
        return self.why is None


class Lives:
    """All of them."""

    def __init__(
        self,
        is_still_good: Callable[[Caller], bool],
        room: Room | None = None,
        registry: CollectorRegistry | None = None,
        *,
        standing: Callable[[], object] = object,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`standing` is equal as long as nothing was taken back: what was good is so until it expires."""
        self.is_still_good = is_still_good
        self._standing, self._stood = standing, object()
        self._clock = clock
        self._first_expires_at = math.inf
        self._signed_in: list[Life] = []
        """Those at whom nobody has looked since."""
        self._room = room or Room()
        self._open: set[Life] = set()
        self._customers: Counter[str] = Counter()
        self._strangers: Counter[str] = Counter()
        self._none_left = asyncio.Event()
        self._leaving = False
        registry = registry or CollectorRegistry()
        self._count = Gauge("connections_open", "What stays open now.", ["transport"], registry=registry)
        self._refused = Counted("connections_refused", "Not let in, by why.", ["reason"], registry=registry)

    @contextmanager
    def one(self, caller: Caller | None, kind: Kind = "sse", address: str | None = None) -> Iterator[Life]:
        """One more, while the body runs; its caller may sign in later.

        Raises a CodedError: TOO_MANY_CONNECTIONS, or SERVICE_UNAVAILABLE where another replica may have room.
        """
        life = Life(self, kind, address)
        self._let_in(life)
        try:
            with self._count.labels(kind).track_inprogress():
                life.sign_in(caller)
                yield life
        finally:
            self._let_out(life)

    def sign_in(self, life: Life, caller: Caller) -> None:
        """Say whose it is. Raises a CodedError (TOO_MANY_CONNECTIONS)."""
        if self._customers[caller.customer_id] >= self._room.per_customer:
            raise self._refusal("customer", Code.TOO_MANY_CONNECTIONS)
        self._customers[caller.customer_id] += 1
        life.caller = caller
        self._signed_in.append(life)
        _less(self._strangers, life.address)

    async def watch(self) -> None:
        """End those whose token is no good any more; to be called every second.

        All are looked at where something was taken back or one has expired, else those who have come since.
        """
        standing = self._standing()
        if standing == self._stood and self._clock() < self._first_expires_at:
            self._look_at(self._signed_in)
        else:
            self._stood, self._first_expires_at = standing, math.inf
            self._look_at(self._open)
        self._signed_in.clear()

    async def close(self) -> None:
        """Let nobody in any more, end each at a moment of its own, and wait until none is left."""
        self._leaving = True
        loop = asyncio.get_running_loop()
        for life in self._open:
            moment = random.uniform(0, self._room.spread_seconds)  # noqa: S311 # a moment is no secret
            loop.call_later(moment, life.end, End.GOING_AWAY)
        while self._open:
            self._none_left.clear()
            await self._none_left.wait()

    def _look_at(self, lives: Iterable[Life]) -> None:
        for life in list(lives):
            if life.caller is None or life.why is not None:
                continue
            if self.is_still_good(life.caller):
                self._first_expires_at = min(self._first_expires_at, life.caller.expires_at)
            else:
                life.end(End.NOT_AUTHENTICATED)

    def _let_in(self, life: Life) -> None:
        if self._leaving:
            raise self._refusal("leaving", Code.SERVICE_UNAVAILABLE)
        if len(self._open) >= self._room.at_most:
            raise self._refusal("full", Code.SERVICE_UNAVAILABLE)
        if life.address is not None:
            if self._strangers[life.address] >= self._room.strangers:
                raise self._refusal("address", Code.TOO_MANY_CONNECTIONS)
            self._strangers[life.address] += 1
        self._open.add(life)

    def _let_out(self, life: Life) -> None:
        self._open.discard(life)
        if life.caller is None:
            _less(self._strangers, life.address)
        else:
            _less(self._customers, life.caller.customer_id)
        if not self._open:
            self._none_left.set()

    def refuse(self, reason: str) -> None:
        """Count one that is not let in."""
        self._refused.labels(reason).inc()

    def _refusal(self, reason: str, code: Code) -> CodedError:
        self.refuse(reason)
        return CodedError(code, retryAfterMs=COME_BACK_MS)


def _less(counter: Counter[str], name: str | None) -> None:
    if name is not None:
        counter[name] -= 1
        if counter[name] <= 0:
            del counter[name]
