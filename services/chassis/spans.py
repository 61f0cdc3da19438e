"""What spans of requests and messages say, in the words of OpenTelemetry's semantic conventions."""

from http import HTTPStatus
from typing import get_args

import aio_pika
from opentelemetry.trace import Span, StatusCode, get_current_span
from yarl import URL

from schema import channels
from schema.events import DeliveryEvent, OrderEvent, PaymentEvent
from services.chassis import carried, correlation

_EVENTS = get_args(OrderEvent | PaymentEvent | DeliveryEvent)
KINDS = frozenset({channels.CHANGED, *(kind.model_fields["type"].default for kind in _EVENTS)})
"""What messages call themselves."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})


def asks(span: Span, method: str, url: str) -> None:
    """Another service is asked."""
    if span.is_recording():
        address = URL(url)
        span.set_attribute("http.request.method", method)
        span.set_attributes({"server.address": address.host or "", "server.port": address.port or 0})


def answers(span: Span, status: int) -> None:
    """A request was answered."""
    if span.is_recording():
        span.set_attribute("http.response.status_code", status)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            span.set_attribute("error.type", str(status))
            span.set_status(StatusCode.ERROR)


def was_asked(span: Span, method: str, path: str | None) -> None:
    """A request came in, for a path as its route declares it: ids are no names."""
    if not span.is_recording():
        return
    span.set_attribute("http.request.method", method if method in METHODS else "_OTHER")
    if path:
        span.update_name(f"{method if method in METHODS else 'HTTP'} {path}")
        span.set_attribute("http.route", path)


def operates(kind: str) -> None:
    """The present span is of a GraphQL operation: a query, mutation or subscription."""
    get_current_span().set_attribute("graphql.operation.type", kind)


def publishes(span: Span, exchange: str, message_id: str) -> None:
    """A message is handed to the broker."""
    _message(span, "publish", "send", exchange, message_id)


def processing(message: aio_pika.abc.AbstractIncomingMessage) -> str:
    """The name of a span in which a message is processed."""
    return f"process {message.type if message.type in KINDS else 'message'}"


def processes(span: Span, message: aio_pika.abc.AbstractIncomingMessage) -> None:
    """A message was handed out by the broker."""
    _message(span, "process", "process", message.exchange or "", message.message_id or "")


def _message(span: Span, operation: str, kind: str, exchange: str, message_id: str) -> None:
    if span.is_recording():
        span.set_attributes(
            {
                "messaging.system": "rabbitmq",
                "messaging.operation.name": operation,
                "messaging.operation.type": kind,
                "messaging.destination.name": exchange,
                "messaging.message.id": message_id,
            }
        )


def headers() -> dict[str, str]:
    """What a request to another service says of its cause."""
    come = carried.carried()
    said = {carried.TRACEPARENT: come.traceparent, correlation.HEADER: come.correlation_id}
    return {name: value for name, value in said.items() if value is not None}
