"""What becomes of a message that could not be taken in: tried again after a while, in the end set aside."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import aio_pika
import pydantic
from aio_pika.abc import DeliveryMode, HeadersType
from prometheus_client import CollectorRegistry, Counter, Gauge

from schema import channels
from services.chassis.acknowledging import acknowledge, is_held
from services.chassis.clock import now
from services.chassis.logs import logger
from services.chassis.patience import patiently

log = logger(__name__)

Publish = Callable[[aio_pika.Message, str, str], Awaitable[None]]
"""Message, exchange, routing key: kept by the broker and confirmed, or NotToldError."""

EXCEPTION_AT_MOST = 500
"""Characters of an exception that a header holds."""

BROKERS_OWN = ("CC", "BCC", "x-death", "x-first-death-", "x-last-death-", "x-delivery-count")
"""Headers (or how they begin) that make the broker send a message elsewhere too, or take it for another's."""


class Setbacks:
    """Meets what a hearer could not take in. Nothing is acknowledged before the broker has it elsewhere."""

    def __init__(self, hearer: str, publish: Publish, registry: CollectorRegistry) -> None:
        self.letters_queue = channels.dead_letter_queue_name(hearer)
        self.waiting: int | None = None
        self._hearer = hearer
        self._publish = publish
        self._retried = Counter("messages_retried", "Messages to be tried again.", registry=registry)
        said = "Messages set aside, by why."
        self._letters = Counter("dead_letters", said, ["reason"], registry=registry)
        for reason in (channels.FAILED, channels.MALFORMED):
            self._letters.labels(reason)
        self._depth = Gauge("dead_letters_waiting", "Dead letters of this service.", registry=registry)

    def wait(self, letters: int) -> None:
        """So many dead letters wait now, as the broker counts them."""
        self.waiting = letters
        self._depth.set(letters)

    async def malformed(self, message: aio_pika.IncomingMessage, error: Exception) -> None:
        """Set a message aside that is no fact. Raises NoLongerHeldError."""
        await self._set_aside(message, error, channels.MALFORMED)

    async def failed(self, message: aio_pika.IncomingMessage, error: Exception) -> None:
        """Let a fact be tried again after a while, or set it aside. Raises NoLongerHeldError."""
        retries = _retries(message)
        if retries >= len(channels.RETRY_AFTER_SECONDS):
            await self._set_aside(message, error, channels.FAILED)
            return
        headers = self._headers(message, error, channels.FAILED)
        headers[channels.RETRIES_HEADER] = retries + 1
        seconds = channels.RETRY_AFTER_SECONDS[retries]
        queue = channels.retry_queue_name(self._hearer, seconds)
        await self._move(message, headers, "", queue)
        self._retried.inc()
        said = {"id": message.message_id, "after": seconds, "error": sentence(error)}
        log.warning("will be tried again", **said)

    async def _set_aside(self, message: aio_pika.IncomingMessage, error: Exception, reason: str) -> None:
        headers = self._headers(message, error, reason)
        headers[channels.SET_ASIDE_HEADER] = now().isoformat()
        headers[channels.TRIES_HEADER] = _retries(message) + 1
        await self._move(message, headers, channels.DEAD, self._hearer)
        self._letters.labels(reason).inc()
        said = {"id": message.message_id, "reason": reason, "error": sentence(error)}
        log.error("set aside", **said)

    def _headers(self, message: aio_pika.IncomingMessage, error: Exception, reason: str) -> dict[str, Any]:
        origin = {
            "exchange": message.exchange or "",
            "routing-key": message.routing_key or "",
            "queue": channels.queue_name(self._hearer),
        }
        first = {channels.FIRST_FAILED_HEADER: now().isoformat(), channels.ORIGIN_HEADER: origin}
        said = {channels.REASON_HEADER: reason, channels.EXCEPTION_HEADER: sentence(error)}
        return {**first, **without(message.headers, BROKERS_OWN), **said}

    async def _move(
        self, message: aio_pika.IncomingMessage, headers: dict[str, Any], exchange: str, key: str
    ) -> None:
        copy = again(message, headers)
        publish = partial(self._publish, copy, exchange, key)
        await patiently(publish, partial(is_held, message), message.message_id)
        acknowledge(message)


def again(message: aio_pika.abc.AbstractIncomingMessage, headers: HeadersType) -> aio_pika.Message:
    """The same body and properties under other headers, kept by the broker.

    Without the sender's time to live (it has been waited for) and user (who is not who sends it now).
    """
    return aio_pika.Message(
        message.body,
        headers=headers,
        content_type=message.content_type,
        content_encoding=message.content_encoding,
        delivery_mode=DeliveryMode.PERSISTENT,
        priority=message.priority,
        correlation_id=message.correlation_id,
        reply_to=message.reply_to,
        message_id=message.message_id,
        timestamp=message.timestamp,
        type=message.type,
        app_id=message.app_id,
    )


def without(headers: HeadersType, names: tuple[str, ...]) -> dict[str, Any]:
    """Headers but those that are so named, or whose names begin so."""
    return {name: value for name, value in headers.items() if not name.startswith(names)}


def _retries(message: aio_pika.IncomingMessage) -> int:
    """How often it was tried again, as far as a service wrote that down: what cannot be ours counts as 0."""
    value = message.headers.get(channels.RETRIES_HEADER)
    if isinstance(value, bool) or not isinstance(value, int):
        return 0
    return value if 0 <= value <= len(channels.RETRY_AFTER_SECONDS) else 0


def sentence(error: BaseException) -> str:
    """Type and message, in as many characters as a header may hold."""
    said = _problems(error) if isinstance(error, pydantic.ValidationError) else str(error)
    text = f"{type(error).__name__}: {said}".encode("utf-8", "replace").decode()
    return text if len(text) <= EXCEPTION_AT_MOST else f"{text[: EXCEPTION_AT_MOST - 1]}…"


def _problems(error: pydantic.ValidationError) -> str:
    """Where and what, without what was said there: that stands in the body, for those who may read it."""
    return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
