"""What an answer to placeOrder is: an outcome, an error by its code, an HTTP status, or none."""

from http import HTTPStatus
from typing import Any, Final, NamedTuple

import orjson

PLACED, PENDING, DECLINED = "OrderPlaced", "PaymentPending", "PaymentDeclined"
UNAVAILABLE = "PaymentUnavailable"
NO_ANSWER, MALFORMED = "no answer", "malformed"
RATE_LIMITED = "RATE_LIMITED"

TAKEN: Final = (PLACED, PENDING, DECLINED)
"""With these, there is an order."""

GOOD: Final = (*TAKEN, UNAVAILABLE)
"""What may be answered to an order that can be fulfilled."""


class Answer(NamedTuple):
    """What kind it is, the order that it tells of, and after how many seconds to try again."""

    kind: str
    order_id: str | None = None
    retry_after: float = 0


def read(status: int, body: bytes) -> Answer:
    """What was answered. Whatever says neither an outcome nor a code goes by its HTTP status."""
    try:
        said: Any = orjson.loads(body)
        if errors := said.get("errors"):
            return Answer(str(errors[0]["extensions"]["code"]))
        outcome = said["data"]["placeOrder"]
        kind = str(outcome["__typename"])
        if status == HTTPStatus.OK and kind == UNAVAILABLE:
            return Answer(kind, retry_after=outcome["retryAfterMs"] / 1000)
        if status == HTTPStatus.OK:
            return Answer(kind, str(outcome["order"]["id"]) if kind in TAKEN else None)
    except (orjson.JSONDecodeError, LookupError, TypeError, AttributeError):
        pass
    return Answer(MALFORMED if status == HTTPStatus.OK else f"HTTP {status}")
