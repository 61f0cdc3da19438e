"""What comes at the same time is taken in together: while some of it is being kept, the next collects."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context, copy_context
from typing import Generic, NamedTuple, TypeVar

from services.chassis.background import is_ours
from services.chassis.carried import apart

T = TypeVar("T")
Became = TypeVar("Became")

TakeInAll = Callable[[Sequence[T]], Awaitable[Sequence[Became | Exception]]]
"""Takes things in, many at once; says of each what became of it."""

AT_MOST = 100
"""Things taken in at once."""

LONGEST_SECONDS = 30.0
"""Nobody waits longer for those before them: a driver has been seen never to end a call."""


class _Handed(NamedTuple, Generic[T, Became]):
    """A thing, to whom it belongs, and what is to become of it."""

    thing: T
    context: Context
    outcome: asyncio.Future[Became | Exception]


class Collector(Generic[T, Became]):
    """Takes in what is there; one thing alone goes on at once.

    What need not be taken in at once goes at a pace: every so many seconds, unless a whole batch waits.
    """

    def __init__(
        self, take_in_all: TakeInAll[T, Became], at_most: int | None = None, *, pace_seconds: float = 0.0
    ) -> None:
        self._take_in_all = take_in_all
        self._at_most = at_most or AT_MOST
        self._pace = pace_seconds
        self._next_at = 0.0
        self._handed: deque[_Handed[T, Became]] = deque()
        self._going_on: asyncio.Task[None] | None = None

    async def take_in(self, thing: T) -> Became | Exception:
        """Take it in, together with others. Who stops waiting takes nothing back."""
        outcome: asyncio.Future[Became | Exception] = asyncio.get_running_loop().create_future()
        self._handed.append(_Handed(thing, copy_context(), outcome))
        if self._going_on is None or self._going_on.done():
            with apart():
                self._going_on = asyncio.create_task(self._go_on())
        return await outcome

    async def _go_on(self) -> None:
        while self._handed:
            batch: list[_Handed[T, Became]] = []
            try:
                if self._pace:
                    await self._keep_pace()
                batch += (self._handed.popleft() for _ in range(min(len(self._handed), self._at_most)))
                await self._settle(batch)
            except asyncio.CancelledError:
                for each in batch:
                    each.outcome.cancel()
                if is_ours():
                    raise

    async def _keep_pace(self) -> None:
        clock = asyncio.get_running_loop().time
        if len(self._handed) < self._at_most and (early := self._next_at - clock()) > 0:
            await asyncio.sleep(early)
        self._next_at = clock() + self._pace

    async def _settle(self, batch: Sequence[_Handed[T, Became]]) -> None:
        """Let each know what became of it. One by itself is taken in as a part of its own trace."""
        work = self._taken_in([each.thing for each in batch])
        context = batch[0].context if len(batch) == 1 else None
        outcomes = await asyncio.create_task(work, context=context)
        for each, outcome in zip(batch, outcomes, strict=True):
            if not each.outcome.done():
                each.outcome.set_result(outcome)

    async def _taken_in(self, things: Sequence[T]) -> Sequence[Became | Exception]:
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                return await self._take_in_all(things)
        except Exception as error:  # noqa: BLE001 # whoever brought one of them is to meet it
            return [error] * len(things)
