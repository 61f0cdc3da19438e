"""A bulkhead: a sick neighbour can hold only so many of the gateway's calls, and the sicker, the fewer."""

from types import TracebackType
from typing import Final

NARROWER: Final = 0.97
"""By this factor each failure leaves fewer places; each success leaves one more.

Of 100 places all are kept up where a quarter of the calls fail: half as many as open the circuit.
"""

PLACES_AT_LEAST: Final = 8
"""So many are left however much fails: it is the circuit breaker's to let nobody through."""


class BulkheadFull(Exception):  # noqa: N818 - it names a refusal, not a fault
    """Every place is taken: the call was certainly not made."""


class Bulkhead:
    """Lets at most `capacity` calls run at a time; the next is refused at once, and never queued.

    Calls that fail make it narrower, calls that succeed wider again, up to what it was made with. So those
    who come back all at once to a neighbour that is slow, or has just recovered, find as many places as it
    can bear.

    `with bulkhead:` raises BulkheadFull. For the event loop it was made in, as all of asyncio.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be at least 1 call, not {capacity!r}")
        self._at_most = capacity
        self._width = float(capacity)
        self._in_flight = 0

    @property
    def capacity(self) -> int:
        """How many calls may run now."""
        return int(self._width)

    @property
    def in_flight(self) -> int:
        """Calls running now."""
        return self._in_flight

    def succeeded(self) -> None:
        """One of its calls did."""
        self._width = min(self._width + 1, self._at_most)

    def failed(self) -> None:
        """One of its calls did."""
        self._width = max(self._width * NARROWER, min(PLACES_AT_LEAST, self._at_most))

    def __enter__(self) -> None:
        if self._in_flight >= self.capacity:
            raise BulkheadFull(f"all {self.capacity} places are taken")
        self._in_flight += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._in_flight -= 1
