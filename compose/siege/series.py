"""A siege over time: columns of a second each, or of as many as fit a picture."""

import math
from collections import Counter
from dataclasses import dataclass

from compose.siege.laying import Siege
from compose.siege.tally import percentile

COLUMNS = 240


@dataclass(frozen=True, slots=True)
class Column:
    """What was answered from one second to another; `state` is the worst that the circuit was in."""

    begins: int
    ends: int
    kinds: Counter[str]
    p50: float
    p95: float
    p99: float
    state: str | None

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.kinds.total() / (self.ends - self.begins)


BADNESS = ("closed", "half_open", "open")


def columns(siege: Siege, at_most: int = COLUMNS) -> list[Column]:
    """From when all users were there to the last answer."""
    last = max((math.ceil(siege.plan.seconds), *(number + 1 for number in siege.tally.seconds)))
    width = math.ceil(last / at_most)
    return [_column(siege, begins, begins + width) for begins in range(0, last, width)]


def _column(siege: Siege, begins: int, ends: int) -> Column:
    seconds = [siege.tally.seconds[each] for each in range(begins, ends) if each in siege.tally.seconds]
    took = sorted(each for second in seconds for each in second.took)
    kinds = sum((second.kinds for second in seconds), Counter[str]())
    states = {state for at, state in siege.circuit.states if begins <= at < ends}
    worst = max(states, key=lambda state: BADNESS.index(state) if state in BADNESS else -1, default=None)
    p50, p95, p99 = (percentile(took, share) for share in (0.5, 0.95, 0.99))
    return Column(begins, ends, kinds, p50, p95, p99, worst)
