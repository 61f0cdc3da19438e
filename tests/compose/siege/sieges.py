"""Sieges that were never laid, with answers that are known."""

from collections.abc import Iterable

from compose.siege.answers import PLACED, Answer
from compose.siege.breaker import Circuit
from compose.siege.laying import Siege
from compose.siege.plan import Plan, Span
from compose.siege.tally import Tally

PLAN = Plan(users=10, seconds=10, payment=Span(400, 600))


def siege(
    answers: Iterable[tuple[str, float, float]], plan: Plan = PLAN, circuit: Circuit | None = None
) -> Siege:
    """One with these answers: of which kind, when, and after how long, in seconds."""
    tally = Tally()
    for number, (kind, at, took) in enumerate(answers):
        tally.add(Answer(kind, f"order-{number}" if kind == PLACED else None), f"key-{number}", at, took)
    return Siege(plan, tally, circuit or Circuit(), load_cpu=0.5, parts={"bff": 1.5})
