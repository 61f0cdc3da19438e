"""What to do with a message while something it needs is away: hold it, and try again."""

import asyncio
from collections.abc import Awaitable, Callable

from services.chassis import mongo
from services.chassis.background import is_ours
from services.chassis.logs import logger

log = logger(__name__)

RETRY_AT_FIRST_SECONDS = 0.1
RETRY_AT_MOST_SECONDS = 5.0


class NotToldError(Exception):
    """The broker did not confirm in time, or is away; whether it has the message is not known."""


class NoLongerHeldError(Exception):
    """The broker has the message back, and hands it out anew."""


def is_away(error: BaseException) -> bool:
    """Whether it says that the database or the broker is away: nothing is wrong with the message."""
    if isinstance(error, asyncio.CancelledError):
        return not is_ours()
    return isinstance(error, NotToldError) or mongo.is_away(error)


async def patiently(do: Callable[[], Awaitable[None]], held: Callable[[], bool], message: str | None) -> None:
    """Do it, and again while the database or the broker is away, as long as the message is `held`.

    It stays unacknowledged meanwhile, so if this process ends, another takes it over. Raises whatever else
    happens, and NoLongerHeldError.
    """
    seconds = RETRY_AT_FIRST_SECONDS
    while True:
        try:
            return await do()
        except (Exception, asyncio.CancelledError) as error:
            if not is_away(error):
                raise
            log.warning("holding a message", id=message, error=type(error).__name__)
        await asyncio.sleep(seconds)
        if not held():
            raise NoLongerHeldError(message)
        seconds = min(2 * seconds, RETRY_AT_MOST_SECONDS)
