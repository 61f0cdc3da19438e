"""Spans of what MongoDB is asked: which command, of which collection, and never with what."""

from opentelemetry.trace import INVALID_SPAN, Span, SpanKind, StatusCode, get_current_span
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from services.chassis import telemetry
from services.chassis.telemetry import Telemetry


def listeners(of: Telemetry) -> list[CommandListener]:
    """Whom a client is to tell of its commands: nobody, where traces are not to have them."""
    return [CommandSpans()] if of.sees_database else []


class CommandSpans(CommandListener):
    """A span for each command within a recorded one. Motor's threads have the context of who asked.

    The published instrumentation takes the server's message into the span, where a customer's words may be.
    """

    def __init__(self) -> None:
        self._open: dict[tuple[int, object], Span] = {}

    def started(self, event: CommandStartedEvent) -> None:
        """It was sent."""
        if not get_current_span().is_recording():
            return
        collection = event.command.get(event.command_name)
        where = collection if isinstance(collection, str) else ""
        span = telemetry.begin(f"{event.command_name} {where}".strip(), SpanKind.CLIENT)
        if span is INVALID_SPAN:
            return
        said = {"db.namespace": event.database_name, "db.operation.name": event.command_name}
        span.set_attributes({"db.system.name": "mongodb", "db.collection.name": where, **said})
        self._open[event.request_id, event.connection_id] = span

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """It was answered."""
        if span := self._open.pop((event.request_id, event.connection_id), None):
            span.end()

    def failed(self, event: CommandFailedEvent) -> None:
        """It was refused, or lost."""
        if span := self._open.pop((event.request_id, event.connection_id), None):
            code = event.failure.get("code")
            span.set_attribute("error.type", str(code) if code else "lost")
            span.set_status(StatusCode.ERROR)
            span.end()
