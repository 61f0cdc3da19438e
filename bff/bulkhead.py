"""A bulkhead: a sick neighbour can hold only so many of the gateway's calls."""

from types import TracebackType


class BulkheadFull(Exception):  # noqa: N818 - it names a refusal, not a fault
    """Every place is taken: the call was certainly not made."""


class Bulkhead:
    """Lets at most `capacity` calls run at a time; the next is refused at once, and never queued.

    `async with bulkhead:` raises BulkheadFull. For the event loop it was made in, as all of asyncio.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be at least 1 call, not {capacity!r}")
        self.capacity = capacity
        self._in_flight = 0

    @property
    def in_flight(self) -> int:
        """Calls running now."""
        return self._in_flight

    async def __aenter__(self) -> None:
        if self._in_flight >= self.capacity:
            raise BulkheadFull(f"all {self.capacity} places are taken")
        self._in_flight += 1

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._in_flight -= 1
