"""Wait until, never sleep."""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any


async def until(
    condition: Callable[[], Any],
    timeout: float = 10,  # noqa: ASYNC109 - it ends in words of its own
    every: float = 0.02,
) -> Any:
    """Ask again and again until the answer is true, and return it; AssertionError after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        answer = condition()
        value = await answer if inspect.isawaitable(answer) else answer
        if value:
            return value
        assert time.monotonic() < deadline, f"still {value!r} after {timeout} s: {_said(condition)}"
        await asyncio.sleep(every)


def _said(condition: Callable[..., object]) -> str:
    try:
        return inspect.getsource(condition).strip()
    except (OSError, TypeError):
        return repr(condition)
