"""What the processes of a stack hold in memory, over time, and whether it grows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import linear_regression, median

import psutil

from compose.topology import MODULES
from tests.stories.stack import Stack

PARTS = (*MODULES, "mongod", "rabbitmq")
MIB = 2**20
SECONDS_AN_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What a process held at a moment, in seconds since the first."""

    at: float
    rss_mib: float
    threads: int
    files: int


@dataclass(slots=True)
class Course:
    """One process over time; several process ids where it was started again."""

    part: str
    samples: list[Sample] = field(default_factory=list)
    pids: set[int] = field(default_factory=set)

    def look(self, at: float, stack: Stack) -> None:
        """Take a sample; none where the process is being replaced."""
        pid = stack.pid(self.part)
        try:
            family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)] if pid else []
            rss = sum(each.memory_info().rss for each in family)
        except psutil.NoSuchProcess:
            return
        if family:
            self.pids.add(pid)
            self.samples.append(Sample(at, rss / MIB, family[0].num_threads(), family[0].num_fds()))

    def after(self, warm_up: float) -> list[Sample]:
        """Samples from a moment on."""
        return [each for each in self.samples if each.at >= warm_up]

    def middle(self, warm_up: float) -> float:
        """The median of MiB after the warm-up."""
        return median(each.rss_mib for each in self.after(warm_up))

    def slope(self, warm_up: float) -> float:
        """MiB an hour after the warm-up, by linear regression."""
        return slope([(each.at, each.rss_mib) for each in self.after(warm_up)])


def slope(points: Sequence[tuple[float, float]]) -> float:
    """How much values grow an hour, of seconds and values."""
    if len(points) < 2:
        return 0.0
    return linear_regression(*zip(*points, strict=True)).slope * SECONDS_AN_HOUR
