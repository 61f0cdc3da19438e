"""Ends a siege by signals: SIGTERM does what Ctrl-C does, so that what is to be put back is."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine, Iterator
from types import FrameType
from typing import Any, TypeVar

import uvloop

Result = TypeVar("Result")
Handler = Callable[[int, FrameType | None], Any]


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run it in a loop of its own. SIGINT or SIGTERM cancels it; then raises KeyboardInterrupt."""
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_cancelled_by_termination(work))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


@contextlib.contextmanager
def on_termination(handler: Handler) -> Iterator[None]:
    """SIGTERM calls it during the body, if that runs in the main thread: signals are that one's."""
    try:
        before = signal.signal(signal.SIGTERM, handler)
    except ValueError:
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


async def _cancelled_by_termination(work: Coroutine[Any, Any, Result]) -> Result:
    """Cancelled, as what a handler raises in the midst of a loop's turn can be a transport's to swallow."""
    task, loop = asyncio.create_task(work), asyncio.get_running_loop()

    def cancel(*_: object) -> None:
        task.cancel()
        loop.call_soon_threadsafe(lambda: None)  # a loop that waits for its sockets takes notice

    with on_termination(cancel):
        return await task
