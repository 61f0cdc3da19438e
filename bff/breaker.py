"""A circuit breaker that judges the failure rate of a rolling window, and probes with one call."""

import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from math import ceil, inf
from typing import Literal, NoReturn, ParamSpec, Protocol, TypedDict, TypeVar

from circuitbreaker import CircuitBreaker, CircuitBreakerError

from bff.window import Window

P = ParamSpec("P")
T = TypeVar("T")
State = Literal["closed", "open", "half_open"]
Outcome = Literal["success", "failure", "neutral", "stale"]
Failures = tuple[type[Exception], ...] | Callable[[type[Exception], Exception], bool]


class CircuitOpen(CircuitBreakerError):  # type: ignore[misc]  # noqa: N818 - untyped base; names a refusal
    """The call was certainly not made; ask again in `retry_after_ms`."""

    def __init__(self, retry_after_ms: int) -> None:
        super().__init__(None)
        self.retry_after_ms = retry_after_ms

    def __str__(self) -> str:
        return f"the circuit is open; ask again in {self.retry_after_ms} ms"


class BreakerListener(Protocol):
    """Hears what a breaker does, after it is done; made for metrics and logs, so it must not raise."""

    def changed(self, old: State, new: State) -> None:
        """Told of a new state; half_open is told when the first call probes, not when time is up."""

    def finished(self, outcome: Outcome, seconds: float) -> None:
        """Told of each call let through when it has ended; neutral and stale ones count for nothing."""

    def refused(self) -> None:
        """Told of each call not let through."""


class BreakerSnapshot(TypedDict):
    """A breaker at one moment, ready for JSON."""

    state: State
    calls: int
    failures: int
    retry_after_ms: int
    last_failure: str | None


class RollingBreaker(CircuitBreaker):  # type: ignore[misc] # the library ships no types
    """A circuit breaker for asyncio: `async with breaker.permit(), bulkhead, asyncio.timeout(seconds): ...`.

    The library's own breaker counts only consecutive failures, lets every caller through when half-open,
    lets calls begun earlier close the circuit or keep it open, takes cancellations and unexpected errors
    for successes, turns 0 into its defaults, keeps tracebacks alive and registers decorators globally.

    Here the circuit opens when `window` seconds hold at least `minimum_volume` calls of which the fraction
    `failure_rate` failed, and after about `recovery` seconds (give or take the fraction `jitter`) one call
    probes: its success closes the circuit with an empty window, its failure opens it anew. Each change
    starts a generation; a call begun in an earlier one counts for nothing. So does one ended by anything
    but success or one of the `failures`: cancellation says nothing of the other side, a bug is no outage.
    A probe ending so leaves the probing to the next caller. Every 0 is a 0, or refused.

    The deadline belongs inside: an asyncio.timeout outside looks like a cancellation. A predicate for
    `failures` is asked as the library asks it, with an exception's type and the exception.
    """

    _state: State
    _last_failure: str | None

    def __init__(
        self,
        name: str,
        *,
        failures: Failures,
        window: float = 10.0,
        minimum_volume: int = 20,
        failure_rate: float = 0.5,
        recovery: float = 5.0,
        jitter: float = 0.2,
        retry_floor: float = 1.0,
        listener: BreakerListener | None = None,
        clock: Callable[[], float] = time.monotonic,
        uniform: Callable[[float, float], float] = random.uniform,
    ) -> None:
        _require(bool(failures), "failures must name at least one exception, or be a predicate")
        _require(0 < window < inf, f"window must be above 0 seconds, not {window!r}")
        _require(minimum_volume >= 1, f"minimum_volume must be at least 1 call, not {minimum_volume!r}")
        _require(0 < failure_rate <= 1, f"failure_rate must be above 0 and at most 1, not {failure_rate!r}")
        _require(0 <= recovery < inf, f"recovery must be 0 seconds or more, not {recovery!r}")
        _require(0 <= jitter < 1, f"jitter must be a fraction from 0 to below 1, not {jitter!r}")
        _require(0 < retry_floor < inf, f"retry_floor must be above 0 seconds, not {retry_floor!r}")
        super().__init__(name=name, expected_exception=failures)
        self._minimum_volume = minimum_volume
        self._failure_rate = failure_rate
        self._recovery_bounds = recovery * (1 - jitter), recovery * (1 + jitter)
        self._retry_floor = retry_floor
        self._listener = _Nobody() if listener is None else listener
        self._clock = clock
        self._uniform = uniform
        self._window = Window(window)
        self._generation = 0
        self._probing = False
        self._probe_at = 0.0

    @asynccontextmanager
    async def permit(self) -> AsyncIterator[None]:
        """Let one call through, and learn from how it ends; raises CircuitOpen where it may not be made."""
        generation = self._admit()
        began = self._clock()
        try:
            yield
        except BaseException as error:
            self._listener.finished(self._settle(generation, error), self._clock() - began)
            raise
        self._listener.finished(self._settle(generation, None), self._clock() - began)

    async def call_async(self, function: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Await the function's answer with a permit."""
        async with self.permit():
            return await function(*args, **kwargs)

    @property
    def state(self) -> State:
        """Half-open is an open circuit whose time is up, whether or not anyone has probed yet."""
        return "half_open" if self._state == "open" and not self.open_remaining else self._state

    @property
    def open_remaining(self) -> float:
        """Seconds until an open circuit may be probed; 0 in the other states."""
        return max(0.0, self._probe_at - self._clock()) if self._state == "open" else 0.0

    @property
    def retry_after_ms(self) -> int:
        """Milliseconds after which a refused call may be tried again; 0 where a call would be let through."""
        remaining = self.open_remaining
        return ceil(1000 * max(remaining, self._retry_floor)) if remaining or self._probing else 0

    @property
    def failure_count(self) -> int:
        """Failures in the window."""
        return self._window.count(self._clock())[1]

    def snapshot(self) -> BreakerSnapshot:
        """What readiness shows of the breaker; the last failure is named by its type."""
        calls, failures = self._window.count(self._clock())
        return {
            "state": self.state,
            "calls": calls,
            "failures": failures,
            "retry_after_ms": self.retry_after_ms,
            "last_failure": self.last_failure,
        }

    def reset(self) -> None:
        """Close the circuit with an empty window; calls under way are of no account."""
        self._window.clear()
        self._last_failure = None
        self._change("closed")

    def decorate(self, *_: object) -> NoReturn:
        """Refuse: a decorator's breaker would be global."""
        raise TypeError(f"{self.name}: breakers are made in wiring; use permit() or call_async()")

    def __enter__(self) -> NoReturn:
        raise TypeError(f"{self.name}: concurrent calls cannot share a context; use permit() or call_async()")

    def _admit(self) -> int:
        if retry_after_ms := self.retry_after_ms:
            self._listener.refused()
            raise CircuitOpen(retry_after_ms)
        if self.state == "half_open":
            self._change("half_open")
            self._probing = True
        return self._generation

    def _settle(self, generation: int, error: BaseException | None) -> Outcome:
        fresh = generation == self._generation
        if fresh:
            self._probing = False
        outcome = self._judge(error)
        if outcome == "neutral":
            return outcome
        if not fresh:
            return "stale"
        failed = outcome == "failure"
        if failed:
            # the type alone: the exception's traceback would keep its request alive
            self._last_failure = type(error).__name__
        if self._state == "closed":
            self._window.add(self._clock(), failed=failed)
            if self._exceeded():
                self._open()
        elif failed:
            self._open()
        else:
            self.reset()
        return outcome

    def _judge(self, error: BaseException | None) -> Outcome:
        if error is None:
            return "success"
        failed = isinstance(error, Exception) and self.is_failure(type(error), error)
        return "failure" if failed else "neutral"

    def _exceeded(self) -> bool:
        calls, failures = self._window.count(self._clock())
        return calls >= self._minimum_volume and failures / calls >= self._failure_rate

    def _open(self) -> None:
        self._probe_at = self._clock() + self._uniform(*self._recovery_bounds)
        self._change("open")

    def _change(self, new: State) -> None:
        old, self._state = self._state, new
        self._generation += 1
        self._probing = False
        if old != new:
            self._listener.changed(old, new)


class _Nobody:
    def changed(self, old: State, new: State) -> None: ...
    def finished(self, outcome: Outcome, seconds: float) -> None: ...
    def refused(self) -> None: ...


def _require(holds: bool, sentence: str) -> None:  # noqa: FBT001 - reads as one sentence
    if not holds:
        raise ValueError(sentence)
