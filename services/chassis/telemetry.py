"""Traces: spans of this process, and where they are sent. Without an OTLP endpoint there are none.

Spans begin where something comes in (`Telemetry.begun`) or is told (`Telemetry.caused`); all between are
children of those (`child`). Where a trace is not sampled no span is made, and only its name goes on.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from threading import Thread
from typing import TYPE_CHECKING, Final

from opentelemetry import context, trace
from opentelemetry.trace import (
    INVALID_SPAN,
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    Tracer,
)

from services.chassis import correlation
from services.chassis.carried import Carried
from services.chassis.settings import ProcessSettings

if TYPE_CHECKING:
    from services.chassis.exporting import Exporting

Attributes = Mapping[str, str | int]

FAREWELL_SECONDS = 2.0
"""The longest that a process waits, at its end, for its last spans to be sent."""

NO_SPAN: Final = nullcontext(INVALID_SPAN)

_tracer: ContextVar[Tracer | None] = ContextVar("tracer", default=None)
"""Whose process this is: several may share a loop."""


class Telemetry:
    """One process's part in traces."""

    def __init__(self, settings: ProcessSettings, part: str) -> None:
        self._database = settings.trace_database
        self._exporting: Exporting | None = None
        self._tracer: Tracer | None = None
        if settings.otlp_endpoint:
            from services.chassis import exporting  # 5 MiB, which only they give who want traces

            self._exporting = exporting.Exporting(part, settings.otlp_endpoint, settings.trace_sample_rate)
            self._tracer = self._exporting.tracer

    @property
    def is_on(self) -> bool:
        """Whether there are traces."""
        return self._exporting is not None

    @property
    def sees_database(self) -> bool:
        """Whether they are to have spans of what the database is asked."""
        return self.is_on and self._database

    def start(self) -> None:
        """Begin to send what has ended, from a thread."""
        if self._exporting:
            self._exporting.start()

    async def stop(self) -> None:
        """Send what is left; a collector that is away holds nobody up for long."""
        if self._exporting:
            sending = Thread(target=self._exporting.stop, daemon=True)
            sending.start()
            await asyncio.to_thread(sending.join, FAREWELL_SECONDS)

    def begun(
        self, name: str, kind: SpanKind, came: Carried, *, link: SpanContext | None = None
    ) -> AbstractContextManager[Span]:
        """A span in which the body does what came in, a child of what it came with, else a trace's first.

        The rest of the task keeps the correlation id: what is logged at its very end has it too.
        """
        self.attend()
        return _begun(self._tracer, name, kind, came, link)

    @contextmanager
    def caused(self, name: str, kind: SpanKind) -> Iterator[Span]:
        """A span of what the body does because of the present span, or a trace's first."""
        if self._tracer is None:
            yield INVALID_SPAN
            return
        here = trace.get_current_span().get_span_context()
        with _current(_made(self._tracer, name, kind, here if here.is_valid else None)) as span:
            yield span

    def attend(self) -> None:
        """Let this task, and those that it makes, begin operations of their own."""
        _tracer.set(self._tracer)


@contextmanager
def child(name: str, kind: SpanKind = SpanKind.INTERNAL) -> Iterator[Span]:
    """A span within the present one, in the same process; nothing where no trace is recorded."""
    tracer, here = _tracer.get(), trace.get_current_span()
    if tracer is None or not here.is_recording():
        yield INVALID_SPAN
        return
    with _current(tracer.start_span(name, kind=kind)) as span:
        yield span


def begin(name: str, kind: SpanKind) -> Span:
    """Such a child, which is nobody's present span, and which its maker ends."""
    tracer = _tracer.get()
    return tracer.start_span(name, kind=kind) if tracer else INVALID_SPAN


@contextmanager
def operation(name: str, correlation_id: str | None = None) -> Iterator[Span]:
    """A trace's first span, for one of many operations on a connection, with a correlation id of its own."""
    with _begun(_tracer.get(), name, SpanKind.SERVER, Carried(None, correlation_id)) as span:
        yield span


def continued(name: str, came: Carried) -> AbstractContextManager[Span]:
    """A span of what the body does because of what was carried here; nothing where that is not recorded.

    It is nobody's present span: generators, whose bodies are in turns with others', may have it.
    """
    tracer = _tracer.get()
    cause = came.cause if tracer else None
    if tracer is None or cause is None or not cause.trace_flags.sampled:
        return NO_SPAN
    return _ending(_made(tracer, name, SpanKind.INTERNAL, cause))


@contextmanager
def _ending(span: Span) -> Iterator[Span]:
    """It ends with the body."""
    try:
        yield span
    finally:
        span.end()


@contextmanager
def _begun(
    tracer: Tracer | None, name: str, kind: SpanKind, came: Carried, link: SpanContext | None = None
) -> Iterator[Span]:
    """A span, and a correlation id: that which came, else the trace's, else one that is drawn."""
    if tracer is None:
        correlation.bind(came.correlation_id or correlation.drawn())
        yield INVALID_SPAN
        return
    span = _made(tracer, name, kind, came.cause, link)
    trace_id = span.get_span_context().trace_id
    correlation.bind(came.correlation_id or (f"{trace_id:032x}" if trace_id else correlation.drawn()))
    with _current(span):
        yield span


def _made(
    tracer: Tracer, name: str, kind: SpanKind, cause: SpanContext | None, link: SpanContext | None = None
) -> Span:
    if cause is not None and not cause.trace_flags.sampled:
        return NonRecordingSpan(cause)
    within = trace.set_span_in_context(NonRecordingSpan(cause)) if cause else context.Context()
    return tracer.start_span(name, within, kind, links=[Link(link)] if link else None)


@contextmanager
def _current(span: Span) -> Iterator[Span]:
    """The span is the body's. Of what the body raises it says only the kind: the rest may be a customer's."""
    if span is INVALID_SPAN:
        yield span
        return
    token = context.attach(trace.set_span_in_context(span))
    try:
        yield span
    except Exception as error:
        span.set_attribute("error.type", type(error).__qualname__)
        span.set_status(StatusCode.ERROR)
        raise
    finally:
        context.detach(token)
        span.end()
