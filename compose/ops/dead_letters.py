"""Dead letters: looked at without touching them, sent again, or thrown away."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import aio_pika
import aiormq.exceptions
from aio_pika.abc import AbstractChannel, AbstractConnection, AbstractIncomingMessage, AbstractQueue
from aio_pika.exceptions import AMQPError, ChannelInvalidStateError, ChannelNotFoundEntity, DeliveryError
from rich.console import Console
from rich.progress import Progress
from yarl import URL

from compose.ops import addresses
from compose.ops.letter import Letter
from compose.trouble import Trouble
from schema import channels
from services.chassis.setbacks import BROKERS_OWN, again, without

IN_USE = "fruitstore.dead-letters.in-use"
CONNECT_SECONDS = 10
ANSWER_SECONDS = 30
BACK_SECONDS = 5

T = TypeVar("T")
Deal = Callable[[AbstractChannel, str, AbstractIncomingMessage], Awaitable[None]]
"""What is done with a hearer's letter before it is taken out of the queue."""


@dataclass(frozen=True)
class Post:
    """The dead letters of some hearers, on one broker."""

    url: str
    hearers: tuple[str, ...]

    @classmethod
    def found(cls, directory: Path, environment: Mapping[str, str], hearer: str | None) -> "Post":
        """Those of the system to operate; of one hearer, or of all. Raises Trouble."""
        if hearer is not None and hearer not in channels.HEARS:
            names = ", ".join(channels.HEARS)
            raise Trouble(f"Nobody called {hearer} hears facts: say one of {names} with --hearer.")
        named = environment.get("RABBITMQ_URL")
        url = (
            addresses.checked("RABBITMQ_URL", named)
            if named
            else addresses.found(directory, environment).rabbitmq
        )
        return cls(url, (hearer,) if hearer else tuple(channels.HEARS))

    def letters(self) -> list[Letter]:
        """All that wait, the oldest of each hearer first; they stay as they are. Raises Trouble."""
        return self._run(self._look)

    def chosen(self, letter: str | None, *, everything: bool) -> list[Letter]:
        """The one with this id (and its exact duplicates), or all. Raises Trouble."""
        if (letter is None) is not everything:
            raise Trouble("Say which: the ID of one, as fruitstore dead-letters list shows it, or --all.")
        chosen = [each for each in self.letters() if everything or each.id == letter]
        if not chosen and not everything:
            raise Trouble(f"There is no dead letter {letter}: see fruitstore dead-letters list.")
        return chosen

    def redrive(self, chosen: Sequence[Letter]) -> list[Letter]:
        """Send these to their hearers again; those that were still there. Raises Trouble."""
        return self._run(lambda connection: self._deal(connection, chosen, "Sending again", _send_again))

    def discard(self, chosen: Sequence[Letter]) -> list[Letter]:
        """Throw these away; those that were still there. Raises Trouble."""
        return self._run(lambda connection: self._deal(connection, chosen, "Throwing away", _throw_away))

    def _run(self, do: Callable[[AbstractConnection], Awaitable[T]]) -> T:
        for noisy in ("aio_pika", "aiormq"):  # what they meet is said by us
            logging.getLogger(noisy).setLevel(logging.CRITICAL)

        async def run() -> T:
            async with (
                await aio_pika.connect(self.url, timeout=CONNECT_SECONDS) as connection,
                _alone(connection),
            ):
                return await do(connection)

        try:
            return asyncio.run(run())
        except aiormq.exceptions.ChannelLockedResource as error:
            raise Trouble("Somebody else is at the dead letters: try again in a moment.") from error
        except (AMQPError, OSError, TimeoutError, ChannelInvalidStateError, asyncio.CancelledError) as error:
            raise Trouble(
                f"The broker at {URL(self.url).with_user(None)} does not answer ({type(error).__name__}):"
                " see that it runs, and try again; no letter is lost."
            ) from error

    async def _look(self, connection: AbstractConnection) -> list[Letter]:
        found: list[Letter] = []
        with _progress() as progress:
            for hearer in self.hearers:
                async with _opened(connection, hearer) as (_, messages, count):
                    task = progress.add_task(f"Looking: {hearer}", total=count)
                    async for message in messages:
                        found.append(Letter.of(hearer, message))
                        progress.advance(task)
                await _until_back(connection, hearer, count)
        return sorted(
            found, key=lambda letter: (self.hearers.index(letter.hearer), letter.set_aside, letter.id)
        )

    async def _deal(
        self, connection: AbstractConnection, chosen: Sequence[Letter], doing: str, deal: Deal
    ) -> list[Letter]:
        """One by one: a queue takes in only so many acknowledgements at once, and what is more is lost."""
        done: list[Letter] = []
        with _progress() as progress:
            for hearer in self.hearers:
                ids = {letter.id for letter in chosen if letter.hearer == hearer}
                async with _opened(connection, hearer) as (channel, messages, count):
                    task = progress.add_task(f"{doing}: {hearer}", total=count)
                    before = len(done)
                    async for message in messages:
                        letter = Letter.of(hearer, message)
                        if letter.id in ids:
                            await deal(channel, hearer, message)
                            await message.ack()
                            done.append(letter)
                        progress.advance(task)
                await _until_back(connection, hearer, count - (len(done) - before))
        return done


@asynccontextmanager
async def _alone(connection: AbstractConnection) -> AsyncIterator[None]:
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
) -> AsyncIterator[tuple[AbstractChannel, AsyncIterator[AbstractIncomingMessage], int]]:
    """A hearer's letters, as many as there are now. What is not acknowledged in the body stays there.

    Whatever ends the body, and be it the whole program, the broker puts them back as they were.
    """
    async with await connection.channel(on_return_raises=True) as channel:
        queue = None
        with suppress(ChannelNotFoundEntity):  # where the services have never run
            queue = await channel.get_queue(channels.dead_letter_queue_name(hearer))
        count = (queue.declaration_result.message_count or 0) if queue else 0
        yield channel, _taken_out(queue, count), count


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
    task = asyncio.current_task()
    if task and task.cancelling():
        raise asyncio.CancelledError


async def _send_again(channel: AbstractChannel, hearer: str, message: AbstractIncomingMessage) -> None:
    """Put a copy without its story into the hearer's own queue: nobody else is to hear it twice."""
    headers = without(message.headers, (*BROKERS_OWN, *channels.SETBACK_HEADERS))
    queue = channels.queue_name(hearer)
    try:
        await channel.default_exchange.publish(
            again(message, headers), queue, mandatory=True, timeout=ANSWER_SECONDS
        )
    except DeliveryError as error:
        raise Trouble(f"There is no queue {queue} to send to: start {hearer}, and try again.") from error


async def _throw_away(_: AbstractChannel, __: str, ___: AbstractIncomingMessage) -> None:
    """Nothing is done with it before it is taken out."""


def _progress() -> Progress:
    console = Console(stderr=True)
    return Progress(console=console, transient=True, disable=not console.is_terminal)
