"""What a siege does: how many users order for how long, and how payment behaves meanwhile."""

import re
from dataclasses import dataclass
from typing import Any

from compose.trouble import Trouble

LONGEST_MS = 600_000
"""The longest that a charge may take."""


@dataclass(frozen=True, slots=True)
class Span:
    """From so many to so many milliseconds."""

    least: int
    most: int

    @classmethod
    def of(cls, text: str) -> "Span":
        """Read `400-620`, or `500` alone. Raises Trouble for what is neither."""
        found = re.fullmatch(r"\s*(\d{1,9})\s*(?:-\s*(\d{1,9})\s*)?", text, re.ASCII)
        if not found:
            raise Trouble(f"--payment {text!r} is no time: say milliseconds, as 500 or 400-620.")
        least, most = int(found[1]), int(found[2] or found[1])
        if not least <= most <= LONGEST_MS:
            raise Trouble(
                f"--payment {text!r} cannot be: the first number is the shortest time,"
                f" the second the longest, of {LONGEST_MS:,} ms at most."
            )
        return cls(least, most)

    @property
    def mean_seconds(self) -> float:
        """The mean of what lies between."""
        return (self.least + self.most) / 2000

    def __str__(self) -> str:
        return f"{self.least}-{self.most} ms" if self.most > self.least else f"{self.least} ms"


@dataclass(frozen=True, slots=True)
class Plan:
    """`users` order for `seconds`, each again `think_seconds` after an answer; the patient also wait as told.

    Payment takes `payment`, fails for the share `failing`, and does `capacity` at once (None: any number).
    """

    users: int
    seconds: float
    payment: Span
    failing: float = 0
    capacity: int | None = None
    think_seconds: float = 0
    patient: bool = False

    def levers(self) -> dict[str, Any]:
        """How payment's sandbox is to behave."""
        return {
            "latency_ms_min": self.payment.least,
            "latency_ms_max": self.payment.most,
            "failure_rate": self.failing,
            "capacity": self.capacity or 100_000,
            "stopped": False,
        }

    @property
    def limit(self) -> float | None:
        """Orders a second that cannot be surpassed: users / mean payment time; None where nothing limits.

        Who thinks is away meanwhile, and payment does no more at once than it can.
        """
        mean = self.payment.mean_seconds
        by_users = self.users / (mean + self.think_seconds) if mean + self.think_seconds else None
        by_payment = self.capacity / mean if self.capacity and mean else None
        return min((limit for limit in (by_users, by_payment) if limit), default=None)

    def __str__(self) -> str:
        more = f", {self.failing:.0%} failing" if self.failing else ""
        more += f", {self.capacity} at once" if self.capacity else ""
        more += f", thinking {self.think_seconds * 1000:.0f} ms" if self.think_seconds else ""
        more += ", patient" if self.patient else ""
        return f"{self.users} users, {self.seconds:g} s, payment {self.payment}{more}"
