"""Everything that was answered during a siege, second by second."""

import math
from array import array
from collections import Counter
from dataclasses import dataclass, field

from compose.siege.answers import GOOD, TAKEN, UNAVAILABLE, Answer


@dataclass(slots=True)
class Second:
    """The answers that came within one second: how many of each kind, and how long each took, in seconds."""

    kinds: Counter[str] = field(default_factory=Counter)
    took: "array[float]" = field(default_factory=lambda: array("d"))


@dataclass(slots=True)
class Tally:
    """What was answered, and what was told of which order or key. Times are in seconds."""

    seconds: dict[int, Second] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    """What was told of an order, by its id."""
    refused: set[str] = field(default_factory=set)
    """The keys of which it was told that nothing was ordered."""
    count: int = 0

    def add(self, answer: Answer, key: str, at: float, took: float) -> None:
        """One more answer, `at` so many seconds from the beginning; less than 0: while users came."""
        second = self.seconds.setdefault(math.floor(at), Second())
        second.kinds[answer.kind] += 1
        second.took.append(took)
        self.count += 1
        if answer.order_id:
            self.told[answer.order_id] = answer.kind
        elif answer.kind == UNAVAILABLE:
            self.refused.add(key)

    def within(self, seconds: float) -> list[Second]:
        """While all users ordered: not what came before, or after the time was up."""
        return [second for number, second in self.seconds.items() if 0 <= number < seconds]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a tally adds up to; times in seconds, the rates per second of what came within `seconds`.

    A rate is of the time in which all users ordered; all else is of every answer.
    """

    seconds: float
    kinds: Counter[str]
    rate: float
    taken_rate: float
    concurrency: float
    latencies: tuple[float, ...]

    @classmethod
    def of(cls, tally: Tally, seconds: float) -> "Figures":
        """Add up."""
        every, within = tally.seconds.values(), tally.within(seconds)
        kinds, in_time = (sum((each.kinds for each in them), Counter[str]()) for them in (every, within))
        latencies = tuple(sorted(took for second in every for took in second.took))
        taken = sum(in_time[kind] for kind in TAKEN)
        rates = in_time.total() / seconds, taken / seconds, sum(sum(each.took) for each in within) / seconds
        return cls(seconds, kinds, *rates, latencies)

    @property
    def good(self) -> int:
        """How many were answered well."""
        return sum(self.kinds[kind] for kind in GOOD)

    @property
    def bad(self) -> int:
        """How many were not, or not at all."""
        return self.kinds.total() - self.good

    @property
    def availability(self) -> float:
        """The share that was answered well."""
        return self.good / self.kinds.total() if self.kinds else 0.0

    @property
    def mean(self) -> float:
        """The mean time to an answer."""
        return sum(self.latencies) / len(self.latencies) if self.latencies else 0.0

    def percentile(self, share: float) -> float:
        """The time within which this share of the answers came."""
        return percentile(self.latencies, share)


def percentile(ascending: tuple[float, ...] | list[float], share: float) -> float:
    """The least of them that this share of them does not surpass; 0 of none."""
    if not ascending:
        return 0.0
    return ascending[max(0, math.ceil(share * len(ascending)) - 1)]
