"""Everything that was answered during a siege, second by second."""

import math
from array import array
from collections import Counter
from dataclasses import dataclass, field

from compose.siege.answers import GOOD, NO_ANSWER, TAKEN, UNAVAILABLE, Answer


@dataclass(slots=True)
class Second:
    """The answers that came within one second: how many of each kind, and how long each took, in seconds."""

    kinds: Counter[str] = field(default_factory=Counter)
    took: array[float] = field(default_factory=lambda: array("d"))


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
        """One more answer, `at` so many seconds from the beginning."""
        second = self.seconds.setdefault(int(at), Second())
        second.kinds[answer.kind] += 1
        second.took.append(took)
        self.count += 1
        if answer.order_id:
            self.told[answer.order_id] = answer.kind
        elif answer.kind == UNAVAILABLE:
            self.refused.add(key)

    def kinds(self, before: float = math.inf) -> Counter[str]:
        """How many of each kind; of those that came in the seconds before that one."""
        counted: Counter[str] = Counter()
        for number, second in self.seconds.items():
            if number < before:
                counted.update(second.kinds)
        return counted


@dataclass(frozen=True, slots=True)
class Figures:
    """What a tally adds up to; times in seconds, the rates per second of what came within `seconds`.

    `latencies` is empty where nothing was answered; what got no answer took no time.
    """

    seconds: float
    kinds: Counter[str]
    rate: float
    taken_rate: float
    concurrency: float
    latencies: tuple[float, ...]

    @classmethod
    def of(cls, tally: Tally, seconds: float) -> "Figures":
        """Add up. Users begin and end in the midst of an order: what came late belongs to no second."""
        kinds, in_time = tally.kinds(), tally.kinds(seconds)
        latencies = sorted(took for second in tally.seconds.values() for took in second.took)
        within = sum(sum(each.took) for number, each in tally.seconds.items() if number < seconds)
        taken = sum(in_time[kind] for kind in TAKEN)
        rates = (in_time.total() / seconds, taken / seconds, within / seconds)
        return cls(seconds, kinds, *rates, latencies=tuple(latencies))

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
    def unanswered(self) -> int:
        """How many got no answer."""
        return self.kinds[NO_ANSWER]

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
