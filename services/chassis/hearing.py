"""Whether a process really hears: what the broker says of its queue, and what comes out of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import aio_pika
from faststream import BaseMiddleware, ContextRepo
from faststream.rabbit.subscriber import RabbitSubscriber

from services.chassis.logs import logger
from services.chassis.patience import NoLongerHeldError, patiently
from services.chassis.setbacks import Setbacks, acknowledge, is_held

log = logger(__name__)

STALLED_SECONDS = 10.0
"""So long may messages wait in a queue whose hearer has nothing to do."""


class QueueState(NamedTuple):
    """What the broker says of a queue: messages that wait, and how many hear it."""

    messages: int
    consumers: int


Probe = Callable[[str], Awaitable[QueueState | None]]
"""The state of a queue; None where there is none. Raises whatever where the broker is away."""


class HandlerFailedError(Exception):
    """The message is a fact, and its handler raised the cause of this."""


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

    def receives(self) -> None:
        """A message has come."""
        self._held += 1
        self._moved = time.monotonic()

    def is_done(self) -> None:
        """A message has been dealt with."""
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
        if channel.is_closed:
            return False
        underlay: Any = await channel.get_underlay_channel()
        return not underlay.is_closed and self.subscriber._consumer_tag in underlay.consumers  # noqa: SLF001


async def take_in(handle: Callable[[], Awaitable[None]], message: aio_pika.IncomingMessage) -> None:
    """Hand a fact on, patiently. Raises HandlerFailedError and NoLongerHeldError."""
    try:
        await patiently(handle, partial(is_held, message), message.message_id)
    except NoLongerHeldError:
        raise
    except Exception as error:
        raise HandlerFailedError from error


class Delivery(BaseMiddleware[Any, Any]):
    """One message on its way through: counted, and in the end acknowledged or met as a setback.

    It is around everything, so it sees also what cannot be decoded or is not what is heard here.
    """

    def __init__(
        self, msg: aio_pika.IncomingMessage, /, *, context: ContextRepo, ears: Sequence[Ear]
    ) -> None:
        super().__init__(msg, context=context)
        subscriber = context.get_local("handler_")
        self._ear = next(ear for ear in ears if ear.subscriber is subscriber)

    async def on_receive(self) -> None:
        """It has come."""
        self._ear.receives()

    async def after_processed(
        self,
        exc_type: type[BaseException] | None = None,
        exc_val: BaseException | None = None,
        exc_tb: Any = None,
    ) -> bool | None:
        """It was dealt with, or not."""
        del exc_type, exc_tb
        try:
            return await self._end(exc_val)
        except NoLongerHeldError:
            return True
        except Exception:
            log.exception("left to the broker to set aside", id=self.msg.message_id)
            await self.msg.reject()
            return True
        finally:
            self._ear.is_done()

    async def _end(self, error: BaseException | None) -> bool:
        setbacks = self._ear.setbacks
        if setbacks is None:  # of what nobody keeps, FastStream lets go
            return False
        match error:
            case None:
                await acknowledge(self.msg)
            case HandlerFailedError(__cause__=Exception() as cause):
                await setbacks.failed(self.msg, cause)
            case NoLongerHeldError():
                pass
            case Exception():
                await setbacks.malformed(self.msg, error)
            case _:
                return False
        return True


class Hearing:
    """All that a process hears, looked at every so often."""

    def __init__(self, probe: Probe) -> None:
        self.ears: list[Ear] = []
        self.trouble: str | None = None
        self._probe = probe
        self._deaf_since: float | None = None

    async def look(self, seconds: float) -> bool:
        """Look whether all is heard; true where it was not, now and the last time. Raises what probes do."""
        async with asyncio.timeout(seconds):
            trouble = await self._look_at_all()
        again = self.trouble is not None and trouble is not None
        self.trouble = trouble
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
        """The broker is away: that nothing is heard is nobody's fault here."""
        self._deaf_since = None

    def deaf_for(self) -> float:
        """Seconds for which nothing was heard though the broker was there."""
        return 0.0 if self._deaf_since is None else time.monotonic() - self._deaf_since

    async def _look_at_all(self) -> str | None:
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
