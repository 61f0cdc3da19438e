"""What the breaker remembers: how many calls there were lately, and how many failed."""

from collections import deque
from math import floor


class Window:
    """Calls and failures of the last seconds, in ten buckets whatever the load; the oldest leaves whole."""

    _buckets_kept = 10

    def __init__(self, seconds: float) -> None:
        self._width = seconds / self._buckets_kept
        self._buckets: deque[list[int]] = deque(maxlen=self._buckets_kept)  # [which, calls, failures]

    def add(self, now: float, *, failed: bool) -> None:
        """Count a call."""
        which = floor(now / self._width)
        if not self._buckets or self._buckets[-1][0] != which:
            self._buckets.append([which, 0, 0])
        self._buckets[-1][1] += 1
        self._buckets[-1][2] += failed

    def count(self, now: float) -> tuple[int, int]:
        """Calls and failures, as of now."""
        gone = floor(now / self._width) - self._buckets_kept
        kept = [bucket for bucket in self._buckets if bucket[0] > gone]
        return sum(calls for _, calls, _ in kept), sum(failures for *_, failures in kept)

    def clear(self) -> None:
        """Forget all."""
        self._buckets.clear()
