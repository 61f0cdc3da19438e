"""What can be asked of a siege, and what nobody can surpass."""

import pytest

from compose.siege.plan import Plan, Span
from compose.trouble import Trouble


@pytest.mark.parametrize(
    ("said", "meant"),
    [("400-620", Span(400, 620)), ("500", Span(500, 500)), (" 0 - 10 ", Span(0, 10)), ("0", Span(0, 0))],
)
def test_a_time_is_a_number_of_milliseconds_or_two(said: str, meant: Span) -> None:
    assert Span.of(said) == meant


@pytest.mark.parametrize("said", ["", "-", "4-", "-4", "0.5", "4e2", "a-b", "1-2-3", "٤", "1" * 50])
def test_what_is_no_time_is_said_to_be_none(said: str) -> None:
    with pytest.raises(Trouble, match="is no time: say milliseconds"):
        Span.of(said)


@pytest.mark.parametrize("said", ["620-400", "0-600001"])
def test_what_cannot_be_is_said_to_be_so(said: str) -> None:
    with pytest.raises(Trouble, match="cannot be: the first number is the shortest"):
        Span.of(said)


@pytest.mark.parametrize(
    ("plan", "limit"),
    [
        (Plan(100, 90, Span(400, 620)), 100 / 0.51),
        (Plan(100, 90, Span(500, 500), capacity=10), 20),
        (Plan(10, 90, Span(500, 500), capacity=1000), 20),
        (Plan(10, 90, Span(500, 500), think_seconds=0.5), 10),
        (Plan(10, 90, Span(0, 0)), None),
    ],
    ids=["users", "capacity", "more capacity than users", "thinking", "nothing limits"],
)
def test_the_limit_is_users_by_mean_payment_time_or_what_payment_can(plan: Plan, limit: float | None) -> None:
    assert plan.limit == pytest.approx(limit)
