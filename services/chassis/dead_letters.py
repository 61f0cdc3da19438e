"""Dead letters: looked at without touching them, sent again, or thrown away."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aio_pika
import aiormq.exceptions
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage, AbstractQueue
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError, ChannelNotFoundEntity, DeliveryError

from schema import channels
from services.chassis.background import is_ours
from services.chassis.hearing import Probe
from services.chassis.letter import Letter
from services.chassis.setbacks import BROKERS_OWN, again, without

IN_USE = "fruitstore.dead-letters.in-use"
CONNECT_SECONDS = 10
ANSWER_SECONDS = 30
BACK_SECONDS = 5


class SomebodyElseError(Exception):
    """Somebody else is at the dead letters."""


class BrokerAwayError(Exception):
    """The broker does not answer. The cause says how; no letter is lost."""


class NobodyThereError(Exception):
    """There is no queue to send letters of `hearer` to: it has never been there, or was deleted."""

    def __init__(self, hearer: str) -> None:
        super().__init__(hearer)
        self.hearer = hearer
        self.queue = channels.queue_name(hearer)


async def counted(state_of: Probe) -> dict[str, int] | None:
    """How many wait, by hearer; None while somebody is at them, who hides some. Raises as the probe."""
    try:
        await state_of(IN_USE)
    except aiormq.exceptions.ChannelLockedResource:
        return None
    states = {hearer: await state_of(channels.dead_letter_queue_name(hearer)) for hearer in channels.HEARS}
    return {hearer: state.messages if state else 0 for hearer, state in states.items()}


Which = Callable[[Letter], bool]
Deal = Callable[[AbstractChannel, str, AbstractIncomingMessage], Awaitable[None]]
"""What is done with a hearer's letter before it is taken out of the queue."""

Watch = Callable[[str, int], Callable[[], None]]
"""Told of each hearer and how many letters are gone through there; what it gives is called after each."""


def nobody(_: str, __: int) -> Callable[[], None]:
    """Nobody watches."""
    return lambda: None


@dataclass(frozen=True)
class Post:
    """The dead letters of some hearers, on one broker. All raises SomebodyElseError or BrokerAwayError."""

    url: str
    hearers: tuple[str, ...] = field(default_factory=lambda: tuple(channels.HEARS))

    async def letters(self, at_most: int | None = None, watch: Watch = nobody) -> list[Letter]:
        """All that wait, or some so many of each hearer; they stay as they are. The oldest come first."""
        async with self._alone() as connection:
            found: list[Letter] = []
            for hearer in self.hearers:
                async with _opened(connection, hearer) as (_, queue, count):
                    looks = count if at_most is None else min(count, at_most)
                    told = watch(hearer, looks)
                    async for message in _taken_out(queue, looks):
                        found.append(Letter.of(hearer, message))
                        told()
                await _until_back(connection, hearer, count)
            return sorted(found, key=self._place)

    async def redrive(self, which: Which, watch: Watch = nobody) -> list[Letter]:
        """Send these to their hearers again; those that were still there. Raises NobodyThereError besides."""
        return await self._deal(which, _send_again, watch)

    async def discard(self, which: Which, watch: Watch = nobody) -> list[Letter]:
        """Throw these away; those that were still there."""
        return await self._deal(which, _throw_away, watch)

    async def _deal(self, which: Which, deal: Deal, watch: Watch) -> list[Letter]:
        """One by one: a queue takes in only so many acknowledgements at once, and what is more is lost."""
        done: list[Letter] = []
        async with self._alone() as connection:
            for hearer in self.hearers:
                async with _opened(connection, hearer) as (channel, queue, count):
                    told, before = watch(hearer, count), len(done)
                    async for message in _taken_out(queue, count):
                        letter = Letter.of(hearer, message)
                        if which(letter):
                            await deal(channel, hearer, message)
                            await message.ack()
                            done.append(letter)
                        told()
                await _until_back(connection, hearer, count - (len(done) - before))
        return done

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[AbstractConnection]:
        """A connection of its own, and nobody else at the letters."""
        try:
            async with (
                await aio_pika.connect(self.url, timeout=CONNECT_SECONDS) as connection,
                _locked(connection),
            ):
                yield connection
        except aiormq.exceptions.ChannelLockedResource as error:
            raise SomebodyElseError from error
        except (AMQPError, OSError, TimeoutError, ChannelInvalidStateError) as error:
            raise BrokerAwayError(type(error).__name__) from error
        except asyncio.CancelledError as error:  # aiormq cancels what waits for a connection that was lost
            if is_ours():
                raise
            raise BrokerAwayError(type(error).__name__) from error

    def _place(self, letter: Letter) -> tuple[int, str, str]:
        return self.hearers.index(letter.hearer), letter.set_aside, letter.id


@asynccontextmanager
async def _locked(connection: AbstractConnection) -> AsyncIterator[None]:
    """Keep everybody else from the letters: who looks at some hides them from whoever looks beside.

    Raises ChannelLockedResource where somebody is there already. The lock goes with its connection.
    """
    async with await connection.channel() as channel:
        lock = await channel.declare_queue(IN_USE, exclusive=True, auto_delete=True)
        yield
        await lock.delete()


@asynccontextmanager
async def _opened(
    connection: AbstractConnection, hearer: str
) -> AsyncIterator[tuple[AbstractChannel, AbstractQueue | None, int]]:
    """A hearer's queue, and how many letters there are now. What is not acknowledged in the body stays.

    Whatever ends the body, and be it the whole program, the broker puts them back as they were.
    """
    async with await connection.channel(on_return_raises=True) as channel:
        queue = None
        with suppress(ChannelNotFoundEntity):  # where the services have never run
            queue = await channel.get_queue(channels.dead_letter_queue_name(hearer))
        yield channel, queue, (queue.declaration_result.message_count or 0) if queue else 0


async def _until_back(connection: AbstractConnection, hearer: str, count: int) -> None:
    """Wait for the broker to put back what was looked at, so that whoever looks next sees it.

    Not for long: somebody else may have taken some out.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(BACK_SECONDS):
            while True:
                async with _opened(connection, hearer) as (_, _, there):
                    if there >= count:
                        return
                await asyncio.sleep(0.02)


async def _taken_out(queue: AbstractQueue | None, count: int) -> AsyncIterator[AbstractIncomingMessage]:
    for _ in range(count):
        message = await queue.get(fail=False, timeout=ANSWER_SECONDS) if queue else None
        if message is None:  # somebody else was first
            return
        _stop_if_asked()
        yield message


def _stop_if_asked() -> None:
    """An interruption that comes together with an answer is swallowed by waiting with a timeout."""
    if is_ours():
        raise asyncio.CancelledError


async def _send_again(channel: AbstractChannel, hearer: str, message: AbstractIncomingMessage) -> None:
    """Put a copy without its story into the hearer's own queue: nobody else is to hear it twice."""
    headers = without(message.headers, (*BROKERS_OWN, *channels.SETBACK_HEADERS))
    try:
        await channel.default_exchange.publish(
            again(message, headers), channels.queue_name(hearer), mandatory=True, timeout=ANSWER_SECONDS
        )
    except DeliveryError as error:
        raise NobodyThereError(hearer) from error


async def _throw_away(_: AbstractChannel, __: str, ___: AbstractIncomingMessage) -> None:
    """Nothing is done with it before it is taken out."""
