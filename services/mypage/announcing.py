"""Views that are new at the same time are announced together."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from opentelemetry.trace import get_current_span

from schema.views import OrderView
from services.chassis.carried import apart

Announce = Callable[[Sequence[OrderView]], Awaitable[None]]


class Announcer:
    """Collects the new views of one turn of the event loop, of each order the last.

    What belongs to a trace that is recorded goes by itself, so that the trace goes on.
    """

    def __init__(self, announce: Announce) -> None:
        self._announce = announce
        self._next: dict[str, OrderView] = {}
        self._under_way: asyncio.Task[None] | None = None

    async def announce(self, view: OrderView) -> None:
        """Announce a view, in company. Raises what announcing does; who stops waiting takes nothing back."""
        if get_current_span().is_recording():
            await self._announce([view])
            return
        if (known := self._next.get(view.id)) is None or known.version < view.version:
            self._next[view.id] = view
        if self._under_way is None:
            with apart():
                self._under_way = asyncio.create_task(self._go())
        await asyncio.shield(self._under_way)

    async def _go(self) -> None:
        views, self._next, self._under_way = [*self._next.values()], {}, None
        await self._announce(views)
