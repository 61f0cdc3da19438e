"""Work that goes on beside requests: endless, outliving its own failures, ended with the process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager

from services.chassis.logs import logger

log = logger(__name__)

Work = Callable[[], Awaitable[None]]


async def forever(name: str, work: Work, *, seconds: float) -> None:
    """Do `work` again and again, `seconds` after it ended last; a failure is logged and outlived."""
    while True:
        try:
            await work()
        except Exception as error:  # noqa: BLE001 # the loop must outlive whatever its work meets
            log.warning("background work failed", work=name, error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(seconds)


@asynccontextmanager
async def running(*work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Run coroutines beside the body; cancel them, and wait for their end, when it ends."""
    tasks = [asyncio.create_task(each) for each in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
