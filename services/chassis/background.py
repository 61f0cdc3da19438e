"""Work that goes on beside requests: endless, outliving its own failures, ended with the process."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from typing import Any

from services.chassis.logs import logger

log = logger(__name__)

Work = Callable[[], Awaitable[None]]

TOLD_TO_END_EVERY_SECONDS = 1.0
"""A cancellation can be swallowed (in Python 3.11 `wait_for` may), so it is said again."""

TOLD_TO_END_TIMES = 5

CLOSE_SECONDS = 5.0
"""How long it may take to close what nothing is under way on: a driver has been seen never to end it."""


async def forever(name: str, work: Work, *, seconds: float, at_most: float | None = 60) -> None:
    """Do `work` again and again, `seconds` after it ended last; a failure is logged and outlived.

    So is a hang of more than `at_most` seconds, and a cancellation that nobody asked this task for. One that
    somebody did ask it for ends it after this round at the latest, also where a driver has swallowed it.
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
        if is_ours():
            raise asyncio.CancelledError
        await asyncio.sleep(seconds)


def is_ours() -> bool:
    """Whether this very task was asked to end: then a CancelledError that was just caught is that request.

    aiormq cancels its own futures when a connection closes, and whoever awaits one meets that.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def within(seconds: float, name: str, work: Work) -> None:
    """Do `work`, which ends a process's part: what does not end in time must not hold up the rest.

    It is told to end after `seconds`, and left behind where it does not. Raises as it does.
    """
    task = asyncio.create_task(_done(work), name=name)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    finally:
        await _ended({task})
    if done:
        task.result()
    else:
        log.warning("given up", work=name, seconds=seconds)


async def _done(work: Work) -> None:
    await work()


async def closed(*steps: Work) -> None:
    """Do what ends a process, one by one: neither a failure nor a hang of one keeps from the rest."""
    for step in steps:
        name = str(step)
        try:
            await within(CLOSE_SECONDS, name, step)
        except Exception as error:  # noqa: BLE001 # whatever it is, the rest wants closing too
            log.warning("not closed", work=name, error=f"{type(error).__name__}: {error}")


@asynccontextmanager
async def running(*work: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Run coroutines beside the body; cancel them, and wait for their end, when it ends."""
    tasks = {asyncio.create_task(each, name=str(each)) for each in work}
    try:
        yield
    finally:
        await _ended(tasks)


async def _ended(tasks: AbstractSet[asyncio.Task[None]]) -> None:
    """Tell them to end until they have, or are left behind."""
    left = {each for each in tasks if not each.done()}
    for _ in range(TOLD_TO_END_TIMES):
        for task in left:
            task.cancel()
        if left:
            _, left = await asyncio.wait(left, timeout=TOLD_TO_END_EVERY_SECONDS)
    for task in left:
        log.error("left behind: it does not end", work=task.get_name(), at=where(task))


def where(task: asyncio.Task[Any]) -> str:
    """Where a task waits: each coroutine on the way down, its file and line."""
    waits: list[str] = []
    step: Any = task.get_coro()
    while frame := getattr(step, "cr_frame", None):
        waits.append(f"{frame.f_code.co_qualname} ({frame.f_code.co_filename}:{frame.f_lineno})")
        step = step.cr_await
    return " > ".join(waits)
