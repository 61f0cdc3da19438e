"""Acknowledgements: what is done at the same time is said with one frame, where nothing before it is held.

Of a batch of 50 facts that is 49 frames less, here and at the broker, which writes each down in its log.
"""

import asyncio
from weakref import WeakKeyDictionary

import aio_pika
from aio_pika.exceptions import AMQPError
from aiormq.abc import AbstractChannel

from services.chassis.logs import logger

log = logger(__name__)


class _Deliveries:
    """What one channel has brought and is not done with, by delivery tag: as many as are prefetched."""

    def __init__(self, channel: AbstractChannel) -> None:
        self._channel = channel
        self._held: set[int] = set()
        self._done: list[int] = []
        self._last = 0
        self._all_came_here = True
        self._saying: asyncio.Task[None] | None = None

    def came(self, tag: int) -> None:
        """It was handed in. Where another was kept from here, nothing is said of several at once."""
        self._all_came_here &= tag == self._last + 1
        self._last = tag
        self._held.add(tag)

    def is_done(self, tag: int) -> None:
        """Say so soon: with all that are done in this turn of the loop."""
        self._done.append(tag)
        if self._saying is None:
            self._saying = asyncio.create_task(self._say())

    def is_gone(self, tag: int) -> None:
        """The broker was told otherwise."""
        self._held.discard(tag)

    async def _say(self) -> None:
        done, self._done, self._saying = sorted(self._done), [], None
        self._held.difference_update(done)
        oldest = min(self._held, default=self._last + 1) if self._all_came_here else 0
        together = [tag for tag in done if tag < oldest]
        try:
            if together:
                await self._channel.basic_ack(together[-1], multiple=len(together) > 1, wait=False)
            for tag in done[len(together) :]:
                await self._channel.basic_ack(tag, wait=False)
        except (AMQPError, RuntimeError, OSError) as error:
            log.debug("not acknowledged", tags=len(done), error=type(error).__name__)


_deliveries: WeakKeyDictionary[AbstractChannel, _Deliveries] = WeakKeyDictionary()


def came(message: aio_pika.IncomingMessage) -> None:
    """Count a message as held, in the order in which its channel brings them."""
    channel = message.channel
    deliveries = _deliveries.get(channel)
    if deliveries is None:
        deliveries = _deliveries[channel] = _Deliveries(channel)
    deliveries.came(message.delivery_tag or 0)


def acknowledge(message: aio_pika.IncomingMessage) -> None:
    """Be done with a message. Where its channel has closed meanwhile, it will come again."""
    if is_held(message):
        _deliveries[message.channel].is_done(message.delivery_tag or 0)


async def reject(message: aio_pika.IncomingMessage) -> None:
    """Leave a message to the broker: to be set aside, or let go."""
    if is_held(message):
        _deliveries[message.channel].is_gone(message.delivery_tag or 0)
        await message.reject()


def is_held(message: aio_pika.IncomingMessage) -> bool:
    """Whether it is this process that the broker waits for: its channel is still open."""
    try:
        return not message.channel.is_closed
    except RuntimeError:
        return False
