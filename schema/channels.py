"""Who hears what: the exchanges, the queues, and what is bound to them.

Every publisher declares all of it, so a fact told before its hearer's first start waits for it.
A queue's arguments cannot be changed in place: change the version in its name.
"""

from typing import Final

EVENTS: Final = "fruitstore.events"
"""Topic exchange of facts; the routing key is the fact's type."""

CHANGES: Final = "fruitstore.changes"
"""Topic exchange of new views; every gateway replica hears all of them."""

CHANGED: Final = "order.changed"
"""What a message with new views calls itself, in its type and routing key."""

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


RETRY_AFTER_SECONDS: Final[tuple[float, ...]] = (1, 5, 30)
"""A message that could not be taken in is tried again so long after each failure, then set aside."""

RETRIES_HEADER: Final = "x-retries"
"""How often a message has been tried again, as a number."""

FIRST_FAILED_HEADER: Final = "x-first-failed"
"""When it failed first; times in headers are in ISO 8601."""

SET_ASIDE_HEADER: Final = "x-set-aside"
"""When it became a dead letter."""

REASON_HEADER: Final = "x-reason"
"""Why it was not taken in: one of the two below. The broker's own reasons stand in its `x-death`."""

EXCEPTION_HEADER: Final = "x-exception"
"""What its hearer met, as a sentence of at most a few hundred characters."""

ORIGIN_HEADER: Final = "x-origin"
"""Where it was heard: a table of `exchange`, `routing-key` and `queue`."""

TRIES_HEADER: Final = "x-tries"
"""How often a dead letter was tried, as a number."""

SETBACK_HEADERS: Final = (
    RETRIES_HEADER,
    FIRST_FAILED_HEADER,
    SET_ASIDE_HEADER,
    REASON_HEADER,
    EXCEPTION_HEADER,
    ORIGIN_HEADER,
    TRIES_HEADER,
)
"""All that a message does not have that has never failed."""

MALFORMED: Final = "malformed"
"""It is no fact: not JSON, of no known type, or without what its type must have."""

FAILED: Final = "failed"
"""It is a fact, and its hearer failed on it, each time."""


def queue_name(hearer: str) -> str:
    """The queue of all replicas of a service."""
    return f"{hearer}.facts.v1"


def dead_letter_queue_name(hearer: str) -> str:
    """Where a service's dead letters wait to be looked at."""
    return f"{hearer}.dead.v2"


def former_dead_letter_queue_name(hearer: str) -> str:
    """Where they went before: it keeps what it has, and gets no more."""
    return f"{hearer}.dead.v1"


def retry_queue_name(hearer: str, seconds: float) -> str:
    """Where a message for a service waits so long, and then goes back to the service's queue."""
    return f"{hearer}.retry.{seconds}s.v1"
