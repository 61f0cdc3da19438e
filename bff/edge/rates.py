"""How often who may come: buckets that leak, in bounded memory, each replica its own.

Source: the generic cell rate algorithm, ITU-T I.371
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Final, NamedTuple, Self

from bff.edge.metrics import EdgeMetrics, Scope
from bff.graph.codes import Code
from bff.graph.errors import CodedError
from bff.settings import BffSettings

REMEMBERED: Final = 10_000
LEAST: Final = 50
"""What any operation takes, however little it costs, and whether or not it is executed."""
REFUSAL: Final = 1000
"""What a document takes beside that is refused after it was read: reading is the dearest part of it."""


class Who(NamedTuple):
    """Who asks, and from where."""

    address: str
    customer: str | None


class Buckets:
    """A bucket for each name: `a_minute` leaks out of it, and it holds `burst`.

    When there are too many, whoever has not come for longest is forgotten. A full bucket is empty after
    burst / a_minute minutes: to be forgotten before that takes ten thousand others within that time, each of
    them an address or a customer of its own, and whoever has as many needs nothing forgotten.
    """

    def __init__(
        self,
        a_minute: float,
        burst: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        remembered: int = REMEMBERED,
    ) -> None:
        self._seconds_each = 60 / a_minute
        self._holds = burst * self._seconds_each
        self._clock = clock
        self._remembered = remembered
        self._empty_at: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._empty_at)

    def wait(self, name: str, amount: float) -> float:
        """In how many seconds so much fits in; 0 where it does now. More than it holds fits an empty one."""
        needed = min(amount * self._seconds_each, self._holds)
        return max(0.0, self._left(name) + needed - self._holds)

    def put(self, name: str, amount: float) -> None:
        """Put so much in, whether it fits or not, up to twice of what it holds."""
        left = min(self._left(name) + amount * self._seconds_each, 2 * self._holds)
        self._empty_at[name] = self._clock() + left
        self._empty_at.move_to_end(name)
        if len(self._empty_at) > self._remembered:
            self._empty_at.popitem(last=False)

    def give_back(self, name: str, amount: float) -> None:
        """Take so much out again."""
        if name in self._empty_at:
            self._empty_at[name] -= amount * self._seconds_each

    def _left(self, name: str) -> float:
        """In how many seconds it will be empty."""
        return max(0.0, self._empty_at.get(name, 0.0) - self._clock())


@dataclass
class Rates:
    """All that is limited by how often it is done. Operations are counted by their cost."""

    metrics: EdgeMetrics
    customer: Buckets
    address: Buckets
    anonymous: Buckets
    placing: Buckets
    connections: Buckets
    sign_ins: Buckets
    on: bool = True

    @classmethod
    def of(
        cls, settings: BffSettings, metrics: EdgeMetrics, clock: Callable[[], float] = time.monotonic
    ) -> Self:
        """As the settings say."""

        def buckets(name: str) -> Buckets:
            a_minute = getattr(settings, f"bff_rate_{name}_a_minute")
            return Buckets(a_minute, getattr(settings, f"bff_rate_{name}_burst"), clock=clock)

        kinds = ("customer", "address", "anonymous", "placing", "connections", "sign_ins")
        return cls(metrics, **{name: buckets(name) for name in kinds}, on=settings.bff_rates)

    def come(self, who: Who) -> None:
        """Somebody asks for an operation of unknown cost. Raises a CodedError (RATE_LIMITED)."""
        self._take(who, LEAST)

    def read(self, who: Who, cost: int, placing: int) -> None:
        """The operation costs so much, and places so many orders. Raises a CodedError (RATE_LIMITED)."""
        if placing and who.customer:
            self._limit(("placing", self.placing, who.customer, placing))
        self._take(who, max(0, cost - LEAST))

    def refused(self, who: Who) -> None:
        """The document was read for nothing."""
        if self.on:
            for _, buckets, name in self._of(who):
                buckets.put(name, REFUSAL)

    def connect(self, address: str) -> None:
        """Somebody opens a WebSocket. Raises a CodedError (RATE_LIMITED)."""
        self._limit(("connections", self.connections, place(address), 1))

    def signed_in(self, address: str) -> None:
        """Whoever opened a WebSocket has said who it is: it counts as a stranger's no longer."""
        self.connections.give_back(place(address), 1)

    def bad_token(self, address: str) -> None:
        """A token from there was no good. Raises a CodedError (RATE_LIMITED) where too many were.

        Asked after it was read: whoever has a good one does not pay for neighbours who have not.
        """
        self._limit(("sign-ins", self.sign_ins, place(address), 1))

    def _of(self, who: Who) -> list[tuple[Scope, Buckets, str]]:
        where = place(who.address)
        if who.customer is None:  # and takes nothing from neighbours who are known
            return [("anonymous", self.anonymous, where)]
        return [("customer", self.customer, who.customer), ("address", self.address, where)]

    def _take(self, who: Who, amount: float) -> None:
        if self.on:
            self._limit(*((*each, amount) for each in self._of(who)))

    def _limit(self, *wanted: tuple[Scope, Buckets, str, float]) -> None:
        """Take from all or from none."""
        if not self.on:
            return
        for scope, buckets, name, amount in wanted:
            self._refuse(scope, buckets.wait(name, amount))
        for _, buckets, name, amount in wanted:
            buckets.put(name, amount)

    def _refuse(self, scope: Scope, seconds: float) -> None:
        if self.on and seconds > 0:
            self.metrics.limited(scope)
            raise CodedError(Code.RATE_LIMITED, retryAfterMs=max(1, round(seconds * 1000)))


@lru_cache(maxsize=4096)
def place(address: str) -> str:
    """Whom an address stands for: itself, or with IPv6 the network that one subscriber has whole (/64)."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
