import asyncio
import gc
import weakref
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial
from math import floor, inf, nan
from random import Random
from typing import Any

import circuitbreaker
import pytest
from circuitbreaker import CircuitBreaker, CircuitBreakerError, CircuitBreakerMonitor
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from bff.breaker import CircuitOpen, Outcome, RollingBreaker, State

Permit = AbstractAsyncContextManager[None]


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class Recorder:
    changes: list[tuple[State, State]] = field(default_factory=list)
    ends: list[tuple[Outcome, float]] = field(default_factory=list)
    refusals: int = 0

    def changed(self, old: State, new: State) -> None:
        self.changes.append((old, new))

    def finished(self, outcome: Outcome, seconds: float) -> None:
        self.ends.append((outcome, seconds))

    def refused(self) -> None:
        self.refusals += 1


def middle(low: float, high: float) -> float:
    return (low + high) / 2


def state(breaker: RollingBreaker) -> State:
    """Ask anew each time: mypy takes a state once seen for lasting."""
    return breaker.state


Make = Callable[..., RollingBreaker]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def make(clock: Clock, recorder: Recorder) -> Make:
    """Makes breakers that open at 2 of 4 calls and recover in exactly 5 s."""
    return partial(
        RollingBreaker,
        "payment",
        failures=(TimeoutError,),
        minimum_volume=4,
        uniform=middle,
        listener=recorder,
        clock=clock,
    )


@pytest.fixture
def breaker(make: Make) -> RollingBreaker:
    return make()


@pytest.fixture
def library_clock(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Clock:
    """Sets the library's own clock and leaves its global registry as it was."""
    monkeypatch.setattr(circuitbreaker, "monotonic", clock)
    monkeypatch.setattr(CircuitBreakerMonitor, "circuit_breakers", {})
    return clock


async def begin(breaker: RollingBreaker) -> Permit:
    permit = breaker.permit()
    await permit.__aenter__()
    return permit


async def end(permit: Permit, error: BaseException | None = None) -> None:
    assert not await permit.__aexit__(type(error) if error else None, error, None)


async def succeed(breaker: RollingBreaker, times: int = 1) -> None:
    for _ in range(times):
        await end(await begin(breaker))


async def fail(breaker: RollingBreaker, times: int = 1) -> None:
    for _ in range(times):
        await end(await begin(breaker), TimeoutError())


async def trip(breaker: RollingBreaker) -> None:
    await fail(breaker, 4)
    assert state(breaker) == "open"


async def half_open(breaker: RollingBreaker, clock: Clock) -> None:
    await trip(breaker)
    clock.pass_by(5)
    assert state(breaker) == "half_open"


def library_call(base: CircuitBreaker, error: BaseException | None = None) -> None:
    base.__enter__()
    base.__exit__(type(error) if error else None, error, None)


# The library's faults, one by one: first that it has them, then that the subclass does not.


async def test_failures_count_when_successes_come_between(breaker: RollingBreaker) -> None:
    base = CircuitBreaker(failure_threshold=5, expected_exception=TimeoutError)
    for _ in range(100):
        for _ in range(4):
            library_call(base, TimeoutError())
        library_call(base)
    assert base.closed, "the library: 80 % failures, and never five in a row"

    await fail(breaker)
    await succeed(breaker)
    await succeed(breaker)
    await fail(breaker)
    assert state(breaker) == "open"


async def test_exactly_one_of_a_hundred_callers_probes_a_half_open_circuit(
    breaker: RollingBreaker, clock: Clock, recorder: Recorder, library_clock: Clock
) -> None:
    let_through, answer = 0, asyncio.Event()

    async def pay() -> None:
        nonlocal let_through
        let_through += 1
        await answer.wait()

    async def hundred(call: Callable[[], Coroutine[Any, Any, None]]) -> list[BaseException | None]:
        answer.clear()
        calls = asyncio.gather(*(call() for _ in range(100)), return_exceptions=True)
        await asyncio.sleep(0)
        answer.set()
        return await calls

    base = CircuitBreaker(failure_threshold=1, recovery_timeout=5, expected_exception=TimeoutError)
    decorated = base(pay)
    library_call(base, TimeoutError())
    library_clock.pass_by(6)
    assert base.state == "half_open"
    await hundred(decorated)
    assert let_through == 100, "the library: all of them"

    let_through = 0
    await half_open(breaker, clock)
    answers = await hundred(lambda: breaker.call_async(pay))
    assert let_through == 1
    assert sum(isinstance(answer, CircuitOpen) for answer in answers) == 99
    assert recorder.refusals == 99
    assert state(breaker) == "closed"


async def test_a_success_begun_before_the_circuit_opened_does_not_close_it(
    breaker: RollingBreaker, clock: Clock, recorder: Recorder
) -> None:
    base = CircuitBreaker(failure_threshold=1, expected_exception=TimeoutError)
    base.__enter__()
    library_call(base, TimeoutError())
    assert base.opened
    base.__exit__(None, None, None)
    assert base.closed, "the library: closed by a stale success"

    while_open, while_half_open, while_probed, once_closed = [await begin(breaker) for _ in range(4)]
    await trip(breaker)
    await end(while_open)
    assert state(breaker) == "open"
    clock.pass_by(5)
    await end(while_half_open)
    assert state(breaker) == "half_open"
    probe = await begin(breaker)
    await end(while_probed)
    assert state(breaker) == "half_open"
    assert breaker.retry_after_ms, "the probe is still under way"
    await end(probe)
    await end(once_closed)
    assert breaker.snapshot()["calls"] == 0
    assert [outcome for outcome, _ in recorder.ends[4:]] == ["stale", "stale", "stale", "success", "stale"]


async def test_slow_failures_do_not_keep_the_circuit_open_longer(
    breaker: RollingBreaker, library_clock: Clock
) -> None:
    base = CircuitBreaker(failure_threshold=1, recovery_timeout=5, expected_exception=TimeoutError)
    library_call(base, TimeoutError())
    slow = [await begin(breaker) for _ in range(10)]
    await trip(breaker)
    for call in slow[:9]:
        library_clock.pass_by(0.5)
        await end(call, TimeoutError())
        library_call(base, TimeoutError())
    library_clock.pass_by(0.5)
    assert base.open_remaining > 4, "the library: opened again by each late failure"
    assert state(breaker) == "half_open"

    await succeed(breaker)
    await end(slow[9], TimeoutError())
    assert state(breaker) == "closed"
    assert breaker.failure_count == 0


async def test_a_cancelled_call_is_neither_a_success_nor_a_failure(
    breaker: RollingBreaker, recorder: Recorder
) -> None:
    base = CircuitBreaker(failure_threshold=5, expected_exception=TimeoutError)
    library_call(base, TimeoutError())
    library_call(base, asyncio.CancelledError())
    assert base.failure_count == 0, "the library: taken for a success"

    await fail(breaker)
    for _ in range(10):
        await end(await begin(breaker), asyncio.CancelledError())
    assert breaker.snapshot()["calls"] == 1
    assert breaker.failure_count == 1
    assert recorder.ends[1:] == [("neutral", 0.0)] * 10


async def test_a_cancelled_task_gives_its_probe_to_the_next_caller(
    breaker: RollingBreaker, clock: Clock, recorder: Recorder, library_clock: Clock
) -> None:
    base = CircuitBreaker(failure_threshold=1, recovery_timeout=5, expected_exception=TimeoutError)
    library_call(base, TimeoutError())
    library_clock.pass_by(6)
    library_call(base, asyncio.CancelledError())
    assert base.closed, "the library: closed by a cancelled probe"

    await half_open(breaker, clock)
    probe = asyncio.create_task(breaker.call_async(asyncio.Event().wait))
    await asyncio.sleep(0)
    with pytest.raises(CircuitOpen):
        await begin(breaker)
    probe.cancel()
    with pytest.raises(asyncio.CancelledError):
        await probe
    assert state(breaker) == "half_open"
    assert breaker.retry_after_ms == 0
    await succeed(breaker)
    assert recorder.changes == [("closed", "open"), ("open", "half_open"), ("half_open", "closed")]


async def test_an_unexpected_error_counts_for_nothing_and_gives_the_probe_back(
    breaker: RollingBreaker, clock: Clock
) -> None:
    base = CircuitBreaker(failure_threshold=5, expected_exception=TimeoutError)
    library_call(base, TimeoutError())
    library_call(base, KeyError("a bug"))
    assert base.failure_count == 0, "the library: a bug resets the count"

    await fail(breaker, 3)
    await end(await begin(breaker), KeyError("a bug"))
    assert state(breaker) == "closed"
    assert breaker.failure_count == 3
    await fail(breaker)
    clock.pass_by(5)
    await end(await begin(breaker), KeyError("a bug"))
    assert state(breaker) == "half_open"
    await succeed(breaker)
    assert state(breaker) == "closed"


async def test_zero_seconds_of_recovery_are_zero_seconds(make: Make) -> None:
    base = CircuitBreaker(failure_threshold=1, recovery_timeout=0, expected_exception=TimeoutError)
    library_call(base, TimeoutError())
    assert base.open_remaining > 29, "the library: 0 is its default, 30 s"

    breaker = make(recovery=0)
    await fail(breaker, 4)
    assert state(breaker) == "half_open"
    assert breaker.retry_after_ms == 0


@pytest.mark.usefixtures("library_clock")
async def test_breakers_of_one_name_are_strangers_and_none_is_global(
    make: Make,
) -> None:
    async def pay() -> None: ...

    CircuitBreaker(name="payment")(pay)
    second = CircuitBreaker(name="payment")
    second(pay)
    assert list(CircuitBreakerMonitor.get_circuits()) == [second], "the library: one name, one global state"
    CircuitBreakerMonitor.circuit_breakers.clear()

    one, other = make(), make()
    await trip(one)
    assert state(other) == "closed"
    assert other.failure_count == 0
    with pytest.raises(TypeError, match="made in wiring"):
        one(pay)
    assert not list(CircuitBreakerMonitor.get_circuits())


async def test_the_last_failure_does_not_keep_its_request_alive(breaker: RollingBreaker) -> None:
    class Request: ...

    async def pay(request: Request) -> None:
        raise TimeoutError(request)

    async def remains_of(call: Callable[[Request], Coroutine[Any, Any, None]]) -> Request | None:
        request = Request()
        remains = weakref.ref(request)
        with pytest.raises(TimeoutError):
            await call(request)
        del request
        gc.collect()
        return remains()

    base = CircuitBreaker(expected_exception=TimeoutError)
    assert await remains_of(lambda request: base.call_async(pay, request)), (
        "the library: kept by the traceback"
    )
    assert await remains_of(lambda request: breaker.call_async(pay, request)) is None
    assert breaker.snapshot()["last_failure"] == "TimeoutError"


def test_the_librarys_shared_context_is_refused(breaker: RollingBreaker) -> None:
    with pytest.raises(TypeError, match="cannot share a context"), breaker:
        pytest.fail("entered")
    with pytest.raises(TypeError, match="cannot share a context"):
        breaker.call(print)


# Opening.


async def test_the_circuit_opens_at_exactly_the_minimum_volume(make: Make) -> None:
    breaker = make(minimum_volume=20)
    await fail(breaker, 19)
    assert state(breaker) == "closed"
    await fail(breaker)
    assert state(breaker) == "open"


async def test_a_success_can_complete_the_volume_that_opens_the_circuit(make: Make) -> None:
    breaker = make(minimum_volume=20)
    await fail(breaker, 19)
    await succeed(breaker)
    assert state(breaker) == "open"


@pytest.mark.parametrize(
    ("rate", "failures", "calls"), [(0.5, 10, 20), (0.07, 7, 100), (0.3, 9, 30), (1.0, 20, 20)]
)
async def test_the_circuit_opens_at_exactly_the_failure_rate(
    make: Make, rate: float, failures: int, calls: int
) -> None:
    below, at = (make(failure_rate=rate, minimum_volume=calls) for _ in range(2))
    await succeed(below, calls - failures + 1)
    await fail(below, failures - 1)
    assert state(below) == "closed"
    await succeed(at, calls - failures)
    await fail(at, failures)
    assert state(at) == "open"


async def test_outcomes_leave_the_window_between_nine_tenths_and_the_whole_of_it(
    breaker: RollingBreaker, clock: Clock
) -> None:
    clock.now = 1000.9
    await fail(breaker, 3)
    clock.now = 1009.9
    assert breaker.failure_count == 3
    clock.now = 1010.9
    assert breaker.failure_count == 0
    await fail(breaker)
    assert state(breaker) == "closed"
    assert breaker.snapshot()["calls"] == 1


async def test_the_window_takes_bounded_memory(make: Make, clock: Clock) -> None:
    breaker = make(minimum_volume=10**9)
    for _ in range(100):
        await fail(breaker, 10)
        clock.pass_by(0.5)
    assert len(breaker._window._buckets) == 10
    assert breaker.failure_count == 20 * 9  # the tenth bucket has only begun


async def test_an_open_circuit_refuses_at_once_and_says_when_to_come_back(
    breaker: RollingBreaker, clock: Clock, recorder: Recorder
) -> None:
    assert breaker.retry_after_ms == 0
    await trip(breaker)
    for passed, remaining in [(0, 5000), (1.5, 3500), (2.25, 1250), (1, 1000)]:
        clock.pass_by(passed)
        with pytest.raises(CircuitOpen) as refusal:
            await begin(breaker)
        assert refusal.value.retry_after_ms == breaker.retry_after_ms == remaining
        assert type(refusal.value.retry_after_ms) is int
    assert isinstance(refusal.value, CircuitBreakerError)
    assert str(refusal.value) == "the circuit is open; ask again in 1000 ms"
    assert recorder.refusals == 4
    clock.pass_by(0.25)
    assert breaker.retry_after_ms == 0


async def test_recovery_is_jittered_within_its_bounds(make: Make) -> None:
    waits = []
    for seed in range(200):
        breaker = make(recovery=5, jitter=0.2, uniform=Random(seed).uniform)  # noqa: S311 - no secret
        await trip(breaker)
        waits.append(breaker.open_remaining)
    assert 4.0 <= min(waits) < 4.1
    assert 5.9 < max(waits) <= 6.0


# Half-open.


async def test_while_a_probe_is_under_way_others_hear_the_retry_floor(
    make: Make, clock: Clock, recorder: Recorder
) -> None:
    breaker = make(retry_floor=0.7)
    await half_open(breaker, clock)
    assert recorder.changes == [("closed", "open")]
    probe = await begin(breaker)
    assert recorder.changes[1:] == [("open", "half_open")]
    with pytest.raises(CircuitOpen) as refusal:
        await begin(breaker)
    assert refusal.value.retry_after_ms == 700
    await end(probe)


async def test_a_failed_probe_opens_the_circuit_anew_with_a_new_recovery(make: Make, clock: Clock) -> None:
    recoveries = iter([4.0, 6.0])
    breaker = make(uniform=lambda _low, _high: next(recoveries))
    await trip(breaker)
    assert breaker.open_remaining == 4
    clock.pass_by(4)
    await fail(breaker)
    assert state(breaker) == "open"
    assert breaker.open_remaining == 6


async def test_a_successful_probe_closes_the_circuit_with_an_empty_window(
    breaker: RollingBreaker, clock: Clock, recorder: Recorder
) -> None:
    await half_open(breaker, clock)
    assert breaker.failure_count == 4
    await succeed(breaker)
    assert breaker.snapshot() == {
        "state": "closed",
        "calls": 0,
        "failures": 0,
        "retry_after_ms": 0,
        "last_failure": None,
    }
    await fail(breaker, 3)
    assert state(breaker) == "closed"
    assert recorder.changes == [("closed", "open"), ("open", "half_open"), ("half_open", "closed")]


async def test_a_reset_closes_the_circuit_and_forgets_the_probe_under_way(
    breaker: RollingBreaker, clock: Clock
) -> None:
    await half_open(breaker, clock)
    probe = await begin(breaker)
    breaker.reset()
    assert state(breaker) == "closed"
    await succeed(breaker)
    await end(probe, TimeoutError())
    assert (breaker.snapshot()["calls"], breaker.failure_count) == (1, 0)


async def test_a_predicate_that_breaks_on_a_probe_gives_the_probe_back(make: Make, clock: Clock) -> None:
    def is_failure(kind: type[Exception], _: Exception) -> bool:
        if kind is KeyError:
            raise RuntimeError("a bug")
        return True

    breaker = make(failures=is_failure)
    await half_open(breaker, clock)
    probe = await begin(breaker)
    with pytest.raises(RuntimeError, match="a bug"):
        await end(probe, KeyError())
    await succeed(breaker)
    assert state(breaker) == "closed"


# What a caller sees.


async def test_a_deadline_inside_the_breaker_is_a_failure(breaker: RollingBreaker) -> None:
    with pytest.raises(TimeoutError):
        async with breaker.permit(), asyncio.timeout(0):
            await asyncio.Event().wait()
    assert breaker.failure_count == 1


async def test_a_call_gives_its_answer_and_its_own_error(breaker: RollingBreaker) -> None:
    async def pay(amount: int, *, currency: str) -> str:
        if not amount:
            raise TimeoutError(currency)
        return f"{amount} {currency}"

    assert await breaker.call_async(pay, 3, currency="KRW") == "3 KRW"
    with pytest.raises(TimeoutError, match="KRW"):
        await breaker.call_async(pay, 0, currency="KRW")


async def test_each_call_is_timed_by_itself(
    breaker: RollingBreaker, clock: Clock, recorder: Recorder
) -> None:
    first = await begin(breaker)
    clock.pass_by(1)
    second = await begin(breaker)
    clock.pass_by(2)
    await end(first, TimeoutError())
    await end(second)
    assert recorder.ends == [("failure", 3.0), ("success", 2.0)]


async def test_a_breaker_needs_no_listener() -> None:
    breaker = RollingBreaker("payment", failures=(TimeoutError,), minimum_volume=1)
    await fail(breaker)
    with pytest.raises(CircuitOpen):
        await begin(breaker)


@pytest.mark.parametrize(
    ("setting", "wrong"),
    [
        ("failures", ()),
        *[("window", value) for value in (0, -1, inf, nan)],
        *[("minimum_volume", value) for value in (0, -1)],
        *[("failure_rate", value) for value in (0, -0.1, 50, nan)],
        *[("recovery", value) for value in (-1, inf, nan)],
        *[("jitter", value) for value in (-0.1, 1, nan)],
        *[("retry_floor", value) for value in (0, -1, inf, nan)],
    ],
)
def test_a_wrong_setting_is_refused_by_name(make: Make, setting: str, wrong: object) -> None:
    with pytest.raises(ValueError, match=f"^{setting} must"):
        make(**{setting: wrong})


# Any sequence of events, against a model as naive as can be.


def at_once(step: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine that may not wait for anything."""
    try:
        step.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("the breaker waited")


@dataclass(eq=False)
class Call:
    permit: Permit
    era: int
    probe: bool


LEGAL = {("closed", "open"), ("open", "half_open"), ("half_open", "open"), ("half_open", "closed")}


class AgainstTheModel(RuleBasedStateMachine):
    """Keeps every outcome with its time, and works out from them what the breaker should say."""

    calls = Bundle("calls")

    @initialize(
        volume=st.integers(1, 6), rate=st.sampled_from([0.1, 0.5, 1.0]), recovery=st.sampled_from([0, 5])
    )
    def start(self, volume: int, rate: float, recovery: int) -> None:
        self.clock, self.recorder = Clock(), Recorder()
        self.volume, self.rate, self.recovery = volume, rate, recovery
        self.breaker = RollingBreaker(
            "payment",
            failures=(TimeoutError,),
            minimum_volume=volume,
            failure_rate=rate,
            recovery=recovery,
            uniform=middle,
            listener=self.recorder,
            clock=self.clock,
        )
        self.opened_at: float | None = None
        self.outcomes: list[tuple[float, bool]] = []
        self.under_way: list[Call] = []
        self.era = 0

    def state(self) -> State:
        if self.opened_at is None:
            return "closed"
        return "open" if self.clock.now < self.opened_at + self.recovery else "half_open"

    def probes(self) -> list[Call]:
        return [call for call in self.under_way if call.probe and call.era == self.era]

    def in_window(self) -> list[bool]:
        return [failed for at, failed in self.outcomes if floor(at) > floor(self.clock.now) - 10]

    @rule(target=calls, callers=st.integers(1, 5))
    def begin(self, callers: int) -> Any:
        return multiple(*filter(None, [self.ask() for _ in range(callers)]))

    @rule(call=consumes(calls), failed=st.booleans())
    def answer(self, call: Call, *, failed: bool) -> None:
        self.finish(call, TimeoutError() if failed else None)
        if call.era == self.era:
            self.count(call, failed=failed)

    @rule(failures=st.lists(st.booleans(), min_size=1, max_size=8))
    def ask_and_answer(self, failures: list[bool]) -> None:
        for failed in failures:
            if call := self.ask():
                self.answer(call, failed=failed)

    @rule(call=consumes(calls), error=st.sampled_from([asyncio.CancelledError, KeyError, KeyboardInterrupt]))
    def come_to_nothing(self, call: Call, error: type[BaseException]) -> None:
        self.finish(call, error())

    @rule(quarters=st.integers(1, 60))
    def wait(self, quarters: int) -> None:
        self.clock.pass_by(quarters / 4)

    @rule()
    def wait_for_recovery(self) -> None:
        if self.state() == "open" and self.opened_at is not None:
            self.clock.now = self.opened_at + self.recovery

    def ask(self) -> Call | None:
        permit = self.breaker.permit()
        if self.state() == "open" or self.probes():
            with pytest.raises(CircuitOpen):
                at_once(permit.__aenter__())
            return None
        at_once(permit.__aenter__())
        self.under_way.append(Call(permit, self.era, self.state() == "half_open"))
        return self.under_way[-1]

    def finish(self, call: Call, error: BaseException | None) -> None:
        self.under_way.remove(call)
        at_once(call.permit.__aexit__(type(error) if error else None, error, None))

    def count(self, call: Call, *, failed: bool) -> None:
        if not call.probe:
            self.outcomes.append((self.clock.now, failed))
            seen = self.in_window()
            failed = len(seen) >= self.volume and sum(seen) / len(seen) >= self.rate
        if failed:
            self.opened_at = self.clock.now
            self.era += 1
        elif call.probe:
            self.opened_at = None
            self.outcomes.clear()
            self.era += 1

    @invariant()
    def the_breaker_says_what_the_model_says(self) -> None:
        seen = self.in_window()
        snapshot = self.breaker.snapshot()
        assert snapshot["state"] == self.state()
        assert (snapshot["calls"], snapshot["failures"]) == (len(seen), sum(seen))
        assert (snapshot["retry_after_ms"] == 0) == (self.state() != "open" and not self.probes())

    @invariant()
    def there_is_at_most_one_probe(self) -> None:
        assert len(self.probes()) <= 1

    @invariant()
    def each_change_is_legal_and_follows_on_the_last(self) -> None:
        at: State = "closed"
        for old, new in self.recorder.changes:
            assert old == at
            assert (old, new) in LEGAL
            at = new


def test_any_sequence_of_events_agrees_with_a_naive_model() -> None:
    run_state_machine_as_test(AgainstTheModel, settings=settings(max_examples=200, stateful_step_count=60))
