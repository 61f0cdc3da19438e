"""Who hears what: the exchanges, the queues, and what is bound to them.

Every publisher declares all of it, so a fact told before its hearer's first start waits for it.
A queue's arguments cannot be changed in place: change the version in its name.
"""

from typing import Final

EVENTS: Final = "fruitstore.events"
"""Topic exchange of facts; the routing key is the fact's type."""

CHANGES: Final = "fruitstore.changes"
"""Topic exchange of new views; every gateway replica hears all of them."""

DEAD: Final = "fruitstore.dead"
"""Direct exchange of messages that could not be taken in; the routing key is the hearer's name."""

HEARS: Final[dict[str, tuple[str, ...]]] = {
    "order": ("payment.*", "delivery.*"),
    "payment": ("order.canceled",),
    "delivery": ("payment.approved", "payment.canceled"),
    "mypage": ("order.*", "payment.*", "delivery.*"),
}

MAX_DELIVERIES: Final = 20
"""How often the broker hands out a message that nobody acknowledges before it is a dead letter."""


def queue_name(hearer: str) -> str:
    """The queue of all replicas of a service."""
    return f"{hearer}.facts.v1"


def dead_letter_queue_name(hearer: str) -> str:
    """Where a service's dead letters wait to be looked at."""
    return f"{hearer}.dead.v1"
