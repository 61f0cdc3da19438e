"""Facts that come at the same time are taken in together: while some are being kept, the next collect."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context, copy_context
from typing import NamedTuple

from schema.events import Event
from services.chassis.background import is_ours
from services.chassis.carried import apart
from services.mypage.together import Outcome

TakeInAll = Callable[[Sequence[Event]], Awaitable[Sequence[Outcome]]]

AT_MOST = 100
"""Facts taken in at once."""

LONGEST_SECONDS = 30.0
"""Nobody waits longer for those before them: a driver has been seen never to end a call."""


class _Handed(NamedTuple):
    """A fact, to whom it belongs, and what is to become of it."""

    fact: Event
    context: Context
    outcome: asyncio.Future[Outcome]


class Collector:
    """Takes in what is there, and nobody waits for more to come: one fact alone goes on at once."""

    def __init__(self, take_in_all: TakeInAll, at_most: int | None = None) -> None:
        self._take_in_all = take_in_all
        self._at_most = at_most or AT_MOST
        self._handed: deque[_Handed] = deque()
        self._going_on: asyncio.Task[None] | None = None

    async def take_in(self, fact: Event) -> Outcome:
        """Take a fact in, together with others. Who stops waiting takes nothing back."""
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._handed.append(_Handed(fact, copy_context(), outcome))
        if self._going_on is None or self._going_on.done():
            with apart():
                self._going_on = asyncio.create_task(self._go_on())
        return await outcome

    async def _go_on(self) -> None:
        while self._handed:
            batch = [self._handed.popleft() for _ in range(min(len(self._handed), self._at_most))]
            try:
                await self._settle(batch)
            except asyncio.CancelledError:
                for each in batch:
                    each.outcome.cancel()
                if is_ours():
                    raise

    async def _settle(self, batch: Sequence[_Handed]) -> None:
        """Let each know what became of its fact. One by itself is taken in as a part of its own trace."""
        work = self._taken_in([each.fact for each in batch])
        context = batch[0].context if len(batch) == 1 else None
        outcomes = await asyncio.create_task(work, context=context)
        for each, outcome in zip(batch, outcomes, strict=True):
            if not each.outcome.done():
                each.outcome.set_result(outcome)

    async def _taken_in(self, facts: Sequence[Event]) -> Sequence[Outcome]:
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                return await self._take_in_all(facts)
        except Exception as error:  # noqa: BLE001 # whoever brought one of them is to meet it
            return [error] * len(facts)
