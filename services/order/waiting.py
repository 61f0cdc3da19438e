"""What an order waits for from others, and which fact to tell again when it has waited too long."""

from collections.abc import Iterable

from schema.events import Event, OrderPlaced
from schema.expected import expected

WAITS = {
    "payment.approved": "unknown payment",
    "payment.canceled": "unanswered cancellation",
    "delivery.started": "undelivered",
    "delivery.canceled": "unstopped delivery",
    "delivery.completed": "unknown handover",
}
"""What it is called that a fact is overdue."""


def unpaid(facts: Iterable[Event]) -> bool:
    """Whether nobody has said anything yet: this wait has a rule of its own."""
    return all(isinstance(fact, OrderPlaced) for fact in facts)


def unanswered(facts: tuple[Event, ...]) -> str | None:
    """The name of the wait for another's answer.

    None while nobody has said anything, while the courier takes his time, and at the end.
    """
    if unpaid(facts):
        return None
    waiting = expected(facts)
    if waiting is None or waiting.open_ended:
        return None
    return WAITS.get(waiting.type, waiting.type)


def reminder(facts: tuple[Event, ...]) -> Event | None:
    """The known fact that calls for what is missing: whoever hears it again, answers again.

    None where no such fact is known, so that only payment can be asked what it was.
    """
    waiting = expected(facts)
    if waiting is None:
        return None
    calls = ("order.canceled",) if waiting.by == "payment" else ("payment.canceled", "payment.approved")
    known = {fact.type: fact for fact in facts}
    return next((known[call] for call in calls if call in known), None)
