"""What to do with a message while something it needs is away: hold it, and try again."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps

from schema.events import Event
from services.chassis import mongo
from services.chassis.logs import logger

log = logger(__name__)

RETRY_AT_FIRST_SECONDS = 0.1
RETRY_AT_MOST_SECONDS = 5.0


class NotToldError(Exception):
    """The broker did not confirm in time, or is away; whether it has the message is not known."""


def patiently(handler: Callable[[Event], Awaitable[None]]) -> Callable[[Event], Awaitable[None]]:
    """The same handler, tried again while the database or the broker is away.

    The message stays unacknowledged meanwhile, so if this process ends, another takes it over.
    """

    @wraps(handler)
    async def handle(fact: Event) -> None:
        seconds = RETRY_AT_FIRST_SECONDS
        while True:
            try:
                return await handler(fact)
            except (*mongo.AWAY, NotToldError) as error:
                log.warning("waiting to take in a fact", fact=fact.id, error=type(error).__name__)
            await asyncio.sleep(seconds)
            seconds = min(2 * seconds, RETRY_AT_MOST_SECONDS)

    return handle
