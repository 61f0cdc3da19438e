"""Work that goes on beside requests: endless, outliving its own failures, ended with the process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager

from services.chassis.logs import logger

log = logger(__name__)

Work = Callable[[], Awaitable[None]]


async def forever(name: str, work: Work, *, seconds: float, at_most: float | None = 60) -> None:
    """Do `work` again and again, `seconds` after it ended last; a failure is logged and outlived.

    So is a hang of more than `at_most` seconds, and a cancellation that nobody asked this task for.
    """
    while True:
        try:
            async with asyncio.timeout(at_most):
                await work()
        except asyncio.CancelledError as error:
            if is_ours():
                raise
            log.warning("background work failed", work=name, error=f"cancelled from below: {error}")
        except Exception as error:  # noqa: BLE001 # the loop must outlive whatever its work meets
            log.warning("background work failed", work=name, error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(seconds)


def is_ours() -> bool:
    """Whether a CancelledError that was just caught is a request to this very task.

    aiormq cancels its own futures when a connection closes, and whoever awaits one meets that.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


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
