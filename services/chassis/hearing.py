"""Whether a process really hears: what the broker says of its queue, and what comes out of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import aio_pika
from faststream.rabbit.subscriber import RabbitSubscriber

from services.chassis.setbacks import Setbacks

STALLED_SECONDS = 10.0
"""So long may messages wait in a queue whose hearer has nothing to do."""

REOPENED_SECONDS = 0.5
"""So long may a channel take to be open again; it is looked at again soon."""

UNANSWERED_AT_MOST = 2

TakeIn = Callable[[aio_pika.IncomingMessage], Awaitable[None]]
"""What becomes of a message."""


class QueueState(NamedTuple):
    """What the broker says of a queue: messages that wait, and how many hear it."""

    messages: int
    consumers: int


Probe = Callable[[str], Awaitable[QueueState | None]]
"""The state of a queue; None where there is none. Raises whatever where the broker is away."""


class Ear:
    """One queue that this process hears."""

    def __init__(self, queue: str, prefetch: int, setbacks: Setbacks | None = None) -> None:
        self.queue = queue
        self.setbacks = setbacks
        self.subscriber: RabbitSubscriber | None = None
        self._prefetch = prefetch
        self._held = 0
        self._moved = time.monotonic()
        self._waiting_since: float | None = None

    def attend(self, subscriber: RabbitSubscriber, take_in: TakeIn) -> None:
        """Hear by this subscriber; what it is given is taken in this way instead of its own."""
        self.subscriber = subscriber
        vars(subscriber)["process_message"] = take_in

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Hold a message that has come, while the body deals with it: to stop hearing waits for that."""
        if self.subscriber is None:
            raise RuntimeError("nobody attends")
        self._held += 1
        self._moved = time.monotonic()
        try:
            with self.subscriber.lock:
                yield
        finally:
            self._held -= 1
            self._moved = time.monotonic()

    def begins_anew(self) -> None:
        """It has just begun to hear again."""
        self._moved = time.monotonic()
        self._waiting_since = None

    async def trouble(self, state: QueueState | None, *, at: float) -> str | None:
        """Why nothing can be heard, by what the broker says of the queue at that time; None: all is well."""
        if state is None:
            return "the queue is gone"
        if not state.consumers:
            return "the broker knows of nobody who hears"
        if not await self._is_registered():
            return "the channel or its consumer was closed"
        idle = state.messages > 0 and self._held < self._prefetch
        if not idle or self._waiting_since is None or self._moved > self._waiting_since:
            self._waiting_since = at if idle else None
            return None
        return "messages wait, and none comes" if at - self._waiting_since >= STALLED_SECONDS else None

    async def _is_registered(self) -> bool:
        if self.subscriber is None or self.subscriber._queue_obj is None:  # noqa: SLF001 # nowhere else is it said
            return False
        channel = self.subscriber._queue_obj.channel  # noqa: SLF001
        try:
            async with asyncio.timeout(REOPENED_SECONDS):
                underlay: Any = await channel.get_underlay_channel()
        except (TimeoutError, RuntimeError):
            return False
        return not underlay.is_closed and self.subscriber._consumer_tag in underlay.consumers  # noqa: SLF001


class Hearing:
    """All that a process hears, and whether it can tell, looked at every so often."""

    def __init__(self, probe: Probe, can_tell: Callable[[], Awaitable[bool]]) -> None:
        self.ears: list[Ear] = []
        self.trouble: str | None = None
        self._probe = probe
        self._can_tell = can_tell
        self._deaf_since: float | None = None
        self._unanswered = 0

    async def look(self, seconds: float) -> bool:
        """Look whether all is heard; true where it was not, now and the last time. Raises what probes do."""
        async with asyncio.timeout(seconds):
            trouble = await self._look_at_all()
        again = self.trouble is not None and trouble is not None
        self.trouble = trouble
        self._unanswered = 0
        if trouble is None:
            self._deaf_since = None
        elif self._deaf_since is None:
            self._deaf_since = time.monotonic()
        return again

    def begins_anew(self) -> None:
        """All ears have just begun to hear again; the next look tells whether they do."""
        for ear in self.ears:
            ear.begins_anew()

    def cannot_know(self) -> None:
        """The broker does not answer: that nothing is heard is nobody's fault here."""
        self._deaf_since = None
        self._unanswered += 1

    @property
    def is_answered(self) -> bool:
        """Whether the broker answers what it is asked; once it may be late."""
        return self._unanswered < UNANSWERED_AT_MOST

    def deaf_for(self) -> float:
        """Seconds for which nothing was heard though the broker was there."""
        return 0.0 if self._deaf_since is None else time.monotonic() - self._deaf_since

    async def _look_at_all(self) -> str | None:
        if not await self._can_tell():
            return "the channel that tells was closed"
        for ear in self.ears:
            state = await self._probe(ear.queue)
            if trouble := await ear.trouble(state, at=time.monotonic()):
                return f"{ear.queue}: {trouble}"
            await self._count_letters(ear)
        return None

    async def _count_letters(self, ear: Ear) -> None:
        if ear.setbacks is not None:
            state = await self._probe(ear.setbacks.letters_queue)
            ear.setbacks.wait(state.messages if state else 0)
