"""A deadline that takes what came in time, however late this process is to look."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def deadline(seconds: float) -> AsyncIterator[None]:
    """Do the body within so many seconds. Raises TimeoutError.

    An event loop that was held up finds an answer and the end of the time in one turn. `asyncio.timeout` has
    the end win, and the answer is thrown away; here whoever waits for it goes on first.
    """
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(None) as ends:
        due = loop.call_later(seconds, ends.reschedule, 0)  # which is not now, but with the next turn
        try:
            yield
        finally:
            due.cancel()
