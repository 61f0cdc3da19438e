"""Asking without haste and without waiting: one question for all who want to know, and an answer in time."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Generic, TypeVar

from services.chassis.logs import logger

log = logger(__name__)

T = TypeVar("T")


class Shared(Generic[T]):
    """One answer for all who ask within `seconds` from when it was asked for; unasked, nothing is done."""

    def __init__(
        self,
        ask: Callable[[], Coroutine[Any, Any, T]],
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = ask
        self._seconds = seconds
        self._clock = clock
        self._asked_at = 0.0
        self._task: asyncio.Task[T] | None = None

    async def __call__(self) -> T:
        """The answer of now; whoever leaves meanwhile takes it from nobody else. Raises as asking does."""
        if self._task is None or (self._task.done() and self._is_old()):
            self._asked_at = self._clock()
            self._task = asyncio.create_task(self._ask())
        return await asyncio.shield(self._task)

    def _is_old(self) -> bool:
        return self._clock() - self._asked_at >= self._seconds


class InTime(Generic[T]):
    """Something that may fail or hang: None then, after `seconds` at the most.

    It is told to stop, but not waited for: what does not even stop is not asked again before it has.
    """

    def __init__(self, name: str, ask: Callable[[], Awaitable[T]], seconds: float) -> None:
        self._name = name
        self._ask = ask
        self._seconds = seconds
        self._task: asyncio.Task[T | None] | None = None

    async def __call__(self) -> T | None:
        """What it says, or None."""
        if self._task is not None and not self._task.done():
            return None
        self._task = asyncio.create_task(self._guarded())
        try:
            done, _ = await asyncio.wait({self._task}, timeout=self._seconds)
        finally:
            self._task.cancel()
        return self._task.result() if done and not self._task.cancelled() else None

    async def _guarded(self) -> T | None:
        try:
            return await self._ask()
        except Exception as error:  # noqa: BLE001 # whatever it is, the rest of the answer does not need it
            log.debug("not known now", what=self._name, error=f"{type(error).__name__}: {error}")
            return None
