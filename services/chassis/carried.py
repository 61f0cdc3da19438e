"""What leads from a cause to its effect in another process: beside an outbox's fact, a message, a request."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from opentelemetry import context, trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

from services.chassis import correlation

TRACEPARENT = "traceparent"
KNOWN_FLAGS = TraceFlags.SAMPLED | TraceFlags.RANDOM_TRACE_ID
W3C = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")


class Carried(NamedTuple):
    """The span that caused something, as W3C Trace Context writes it, and the operation's correlation id."""

    traceparent: str | None = None
    correlation_id: str | None = None

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Carried":
        """What somebody else has said; what makes no sense was never said."""
        values = (said.get(name) for name in cls._fields)
        traceparent, correlation_id = (each if isinstance(each, str) else None for each in values)
        known = traceparent if read(traceparent) else None
        return cls(known, correlation.well_formed(correlation_id))

    @property
    def fields(self) -> dict[str, str]:
        """What there is of it, by name."""
        return {name: value for name, value in zip(self._fields, self, strict=True) if value is not None}

    @property
    def cause(self) -> SpanContext | None:
        """The span that caused it."""
        return read(self.traceparent)

    @contextmanager
    def resumed(self) -> Iterator[None]:
        """Let the body, and every task that it makes, belong to what caused it."""
        if self == NOTHING:
            yield
            return
        cause = self.cause
        within = trace.set_span_in_context(NonRecordingSpan(cause)) if cause else context.get_current()
        token = context.attach(within)
        try:
            with correlation.bound(self.correlation_id):
                yield
        finally:
            context.detach(token)


NOTHING = Carried()


@contextmanager
def apart() -> Iterator[None]:
    """Let the body belong to nothing: it is done for many at once."""
    token = context.attach(trace.set_span_in_context(trace.INVALID_SPAN))
    try:
        with correlation.bound(None):
            yield
    finally:
        context.detach(token)


def carried() -> Carried:
    """What is to be carried on from here."""
    return Carried(traceparent(), correlation.current())


def traceparent() -> str | None:
    """The present span, sampled or not, for whoever comes next; None outside of every trace."""
    here = trace.get_current_span().get_span_context()
    if not here.is_valid:
        return None
    return f"00-{here.trace_id:032x}-{here.span_id:016x}-{here.trace_flags:02x}"


def read(text: str | None) -> SpanContext | None:
    """A span of another process, from what W3C Trace Context (version 00) has it write."""
    match = W3C.fullmatch(text) if text else None
    if match is None:
        return None
    trace_id, span_id, flags = (int(group, 16) for group in match.groups())
    found = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags & KNOWN_FLAGS))
    return found if found.is_valid else None
