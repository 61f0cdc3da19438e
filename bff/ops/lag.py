"""How far MyPage lags behind, from a histogram that has only ever counted up."""

from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, Self

from bff.ops.numbers import Numbers

NAME: Final = "projection_lag_seconds"
OF_LATE_SECONDS: Final = 10.0
REMEMBERED_SECONDS: Final = 60.0
QUANTILES: Final = (0.5, 0.95, 0.99)


@dataclass(frozen=True)
class Reading:
    """The histogram at one moment, in seconds of our own clock; or what came to it since another."""

    at: float
    count: int
    total: float
    buckets: tuple[tuple[float, int], ...]

    @classmethod
    def of(cls, at: float, numbers: Numbers) -> Self:
        """Read it."""
        total = numbers.total(f"{NAME}_sum") or 0.0
        return cls(at, numbers.count(f"{NAME}_count"), total, tuple(numbers.buckets(NAME)))

    def since(self, former: "Reading") -> "Reading":
        """What came since."""
        counts = dict(former.buckets)
        came = tuple((bound, count - counts.get(bound, 0)) for bound, count in self.buckets)
        return Reading(self.at, self.count - former.count, self.total - former.total, came)

    @property
    def mean(self) -> float | None:
        """The mean lag; None of nothing."""
        return self.total / self.count if self.count else None

    def quantile(self, share: float) -> float | None:
        """Estimated as Prometheus does, evenly within a bucket; beyond the last bound, that."""
        rank = share * self.count
        for (low, before), (high, until) in pairwise(((0.0, 0), *self.buckets)):
            if self.count and until >= rank:
                even = (rank - before) / (until - before) if until > before else 1.0
                return low if high == float("inf") else low + (high - low) * even
        return None


class Lag:
    """What was read within the last minute; nothing is known before the second reading."""

    def __init__(self) -> None:
        self._readings: deque[Reading] = deque()

    def read(self, at: float, numbers: Numbers | None) -> dict[str, Any]:
        """`lagSeconds`, the mean of the last ten seconds, and `quantiles` of the last minute.

        None each, where nothing was taken in meanwhile or mypage does not say.
        """
        if numbers is None:
            return {"lagSeconds": None, "quantiles": None}
        now = Reading.of(at, numbers)
        if self._readings and now.count < self._readings[-1].count:  # mypage has begun anew
            self._readings.clear()
        while self._readings and self._readings[0].at < at - REMEMBERED_SECONDS:
            self._readings.popleft()
        of_late = next((each for each in self._readings if each.at >= at - OF_LATE_SECONDS), now)
        minute = now.since(self._readings[0]) if self._readings else now.since(now)
        self._readings.append(now)
        quantiles = {f"p{share * 100:g}": minute.quantile(share) for share in QUANTILES}
        return {"lagSeconds": now.since(of_late).mean, "quantiles": quantiles if minute.count else None}
