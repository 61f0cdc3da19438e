"""Traces: spans of this process, and where they are sent. Without an OTLP endpoint there are none.

Spans begin where something comes in (`Telemetry.begun`) or is told (`Telemetry.caused`); all between are
children of those (`child`). Where a trace is not sampled no span is made, and only its name goes on.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from threading import Thread

from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
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

Attributes = Mapping[str, str | int]

EXPORT_SECONDS = 3.0
"""The longest that sending a batch may take, tries again included."""

FAREWELL_SECONDS = 2.0
"""The longest that a process waits, at its end, for its last spans to be sent."""

_tracer: ContextVar[Tracer | None] = ContextVar("tracer", default=None)
"""Whose process this is: several may share a loop."""


class Telemetry:
    """One process's part in traces."""

    def __init__(self, settings: ProcessSettings, part: str) -> None:
        self._endpoint = settings.otlp_endpoint
        self._database = settings.trace_database
        self._provider: TracerProvider | None = None
        self._tracer: Tracer | None = None
        if self._endpoint:
            self._provider = TracerProvider(
                sampler=ParentBased(TraceIdRatioBased(settings.trace_sample_rate)),
                resource=Resource.create({"service.name": f"fruitstore-{part}"}),
                shutdown_on_exit=False,
            )
            self._tracer = self._provider.get_tracer("fruitstore")

    @property
    def is_on(self) -> bool:
        """Whether there are traces."""
        return self._tracer is not None

    @property
    def sees_database(self) -> bool:
        """Whether they are to have spans of what the database is asked."""
        return self.is_on and self._database

    def start(self) -> None:
        """Begin to send what has ended, from a thread."""
        if self._provider and self._endpoint:
            url = f"{self._endpoint.rstrip('/')}/v1/traces"
            exporter = OTLPSpanExporter(url, timeout=EXPORT_SECONDS)
            self._provider.add_span_processor(BatchSpanProcessor(exporter))

    async def stop(self) -> None:
        """Send what is left; a collector that is away holds nobody up for long."""
        if self._provider:
            sending = Thread(target=self._provider.shutdown, daemon=True)
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


@contextmanager
def continued(name: str, came: Carried) -> Iterator[Span]:
    """A span of what the body does because of what was carried here; nothing where that is not recorded.

    It is nobody's present span: generators, whose bodies are in turns with others', may have it.
    """
    tracer, cause = _tracer.get(), came.cause
    if tracer is None or cause is None or not cause.trace_flags.sampled:
        yield INVALID_SPAN
        return
    span = _made(tracer, name, SpanKind.INTERNAL, cause)
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
