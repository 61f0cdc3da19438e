"""OpenTelemetry's SDK: what makes and sends spans, where there are any."""

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

EXPORT_SECONDS = 3.0
"""The longest that sending a batch may take, tries again included."""


class Exporting:
    """One process's spans, on their way to a collector."""

    def __init__(self, part: str, endpoint: str, rate: float) -> None:
        self._endpoint = endpoint
        self.provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(rate)),
            resource=Resource.create({"service.name": f"fruitstore-{part}"}),
            shutdown_on_exit=False,
        )
        self.tracer = self.provider.get_tracer("fruitstore")

    def start(self) -> None:
        """Begin to send what has ended, from a thread."""
        exporter = OTLPSpanExporter(f"{self._endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS)
        self.provider.add_span_processor(BatchSpanProcessor(exporter))

    def stop(self) -> None:
        """Send what is left."""
        self.provider.shutdown()
