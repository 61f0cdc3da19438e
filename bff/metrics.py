"""The gateway's numbers: the breaker, payment calls, and what became of operations."""

import time
from collections.abc import Callable
from functools import partial
from math import inf
from typing import get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from bff.breaker import Outcome, RollingBreaker, State
from bff.bulkhead import Bulkhead
from bff.payments import Became
from services.chassis.logs import logger

log = logger(__name__)


REFUSALS_NOTED_EVERY_SECONDS = 1.0
"""Of those who were turned away within it one is noted: a crowd is counted, and not written down."""

LATENCY = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.61, 0.75, 1, 2)


class BreakerMetrics:
    """Hears the payment breaker, counts, and logs each change."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._opened = Counter("payment_breaker_opened", "Times it opened.", registry=registry)
        self._refused = Counter(
            "payment_breaker_refused", "Payment calls not made because it was open.", registry=registry
        )
        self._calls = Histogram(
            "payment_call_seconds",
            "Payment calls by what they said of payment's health.",
            ["outcome"],
            buckets=LATENCY,
            registry=registry,
        )
        for outcome in get_args(Outcome):
            self._calls.labels(outcome)

    def changed(self, old: State, new: State) -> None:
        """Count and log a change."""
        if new == "open":
            self._opened.inc()
        log.warning("payment circuit", was=old, now=new)

    def finished(self, outcome: Outcome, seconds: float) -> None:
        """Count a call."""
        self._calls.labels(outcome).observe(seconds)

    def refused(self) -> None:
        """Count a refusal."""
        self._refused.inc()


class PaymentMetrics:
    """Counts what became of asking payment, as far as that is known."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._answers = Counter(
            "payment_answers",
            "Orders that payment was asked about, or would have been, by what became of that.",
            ["answer"],
            registry=registry,
        )
        for answer in Became:
            self._answers.labels(answer.value)

    def became(self, answer: Became) -> None:
        """Count one."""
        self._answers.labels(answer.value).inc()


class OrderingMetrics:
    """Counts what customers were told."""

    def __init__(self, registry: CollectorRegistry, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._refusal_noted_at = -inf
        self._outcomes = Counter(
            "ordering_outcomes",
            "Answers to commands, by command and type of outcome.",
            ["command", "outcome"],
            registry=registry,
        )

    def told(self, command: str, outcome: object) -> None:
        """Count an answer; one that leaves a customer waiting is noted, and some that turn one away."""
        name = "NotFound" if outcome is None else type(outcome).__name__
        if name == "Pending" or (name == "Unavailable" and self._is_to_be_noted()):
            log.info("told", command=command, outcome=name)
        self._outcomes.labels(command, name).inc()

    def _is_to_be_noted(self) -> bool:
        now = self._clock()
        if now - self._refusal_noted_at < REFUSALS_NOTED_EVERY_SECONDS:
            return False
        self._refusal_noted_at = now
        return True


def show(breaker: RollingBreaker, bulkhead: Bulkhead, registry: CollectorRegistry) -> None:
    """Show the circuit's state (1 for the one it is in) and the calls in flight, as they are when read."""
    state = Gauge("payment_breaker_state", "The payment circuit.", ["state"], registry=registry)
    for each in get_args(State):
        state.labels(each).set_function(partial(_is, breaker, each))
    in_flight = Gauge(
        "payment_calls_in_flight",
        "Payment calls in flight, those included whose order is being placed.",
        registry=registry,
    )
    in_flight.set_function(lambda: bulkhead.in_flight)
    allowed = Gauge("payment_calls_allowed", "Payment calls that may be in flight now.", registry=registry)
    allowed.set_function(lambda: bulkhead.capacity)


def _is(breaker: RollingBreaker, state: State) -> float:
    return float(breaker.state == state)
