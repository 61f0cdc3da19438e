"""One dead letter: what is known of a message that a hearer could not take in."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from aio_pika.abc import AbstractIncomingMessage

from schema import channels

ID_CHARACTERS = 10


@dataclass(frozen=True)
class Letter:
    """A message that a hearer could not take in. What is not known of it is empty.

    The id is made of what it is and when it was set aside: the same each time one looks.
    """

    id: str
    hearer: str
    reason: str
    exception: str
    message_id: str
    tries: int
    first_failed: str
    set_aside: str
    origin: dict[str, Any]
    headers: dict[str, Any]
    body: bytes

    @classmethod
    def of(cls, hearer: str, message: AbstractIncomingMessage) -> "Letter":
        """Read one, whether its hearer set it aside or the broker did (too many deliveries, a rejection)."""
        headers: dict[str, Any] = json.loads(json.dumps(dict(message.headers), default=str))
        headers.pop("x-delivery-count", None)  # how often it was looked at
        said = headers if channels.SET_ASIDE_HEADER in headers else {**headers, **_brokers(headers)}
        tries, origin = said.get(channels.TRIES_HEADER), said.get(channels.ORIGIN_HEADER)
        set_aside = str(said.get(channels.SET_ASIDE_HEADER, ""))
        what = (set_aside, message.message_id or "", message.body.hex())
        return cls(
            id=hashlib.sha256("\n".join(what).encode()).hexdigest()[:ID_CHARACTERS],
            hearer=hearer,
            reason=str(said.get(channels.REASON_HEADER, "")),
            exception=str(said.get(channels.EXCEPTION_HEADER, "")),
            message_id=message.message_id or "",
            tries=tries if isinstance(tries, int) else 0,
            first_failed=str(said.get(channels.FIRST_FAILED_HEADER, "")),
            set_aside=set_aside,
            origin=origin if isinstance(origin, dict) else {},
            headers=headers,
            body=message.body,
        )

    @property
    def text(self) -> str:
        """The body, as far as it is text."""
        return self.body.decode("utf-8", "backslashreplace")


def _brokers(headers: dict[str, Any]) -> dict[str, Any]:
    """What the broker wrote down where it set a message aside itself, in our headers' names."""
    deaths = headers.get("x-death")
    death: dict[str, Any] = deaths[0] if isinstance(deaths, list) and deaths else {}
    keys = death.get("routing-keys") or [""]
    return {
        channels.REASON_HEADER: death.get("reason", "unknown"),
        channels.SET_ASIDE_HEADER: death.get("time", ""),
        channels.ORIGIN_HEADER: headers.get(channels.ORIGIN_HEADER)
        or {"exchange": death.get("exchange", ""), "routing-key": keys[0], "queue": death.get("queue", "")},
    }
