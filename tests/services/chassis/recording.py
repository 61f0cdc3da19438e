"""Telemetry whose spans are kept in this process."""

from typing import Any

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.chassis.settings import ProcessSettings
from services.chassis.telemetry import Telemetry
from tests.conftest import NOWHERE


class Recorded(Telemetry):
    """Keeps what it would send."""

    def __init__(self, settings: ProcessSettings | None = None, part: str = "part", **told: Any) -> None:
        on = {"otlp_endpoint": f"http://{NOWHERE}", "trace_sample_rate": 1.0, "trace_database": True} | told
        super().__init__((settings or ProcessSettings()).model_copy(update=on), part)
        self._kept = InMemorySpanExporter()
        assert self._exporting is not None
        self._exporting.provider.add_span_processor(SimpleSpanProcessor(self._kept))

    def start(self) -> None:
        """Send nothing."""

    @property
    def spans(self) -> list[ReadableSpan]:
        """Those that have ended."""
        return list(self._kept.get_finished_spans())

    def named(self, name: str) -> ReadableSpan:
        """The one of that name."""
        found = [each for each in self.spans if each.name == name]
        assert len(found) == 1, [each.name for each in self.spans]
        return found[0]


def trace_id(span: ReadableSpan) -> str:
    return f"{span.context.trace_id:032x}"


def parent_id(span: ReadableSpan) -> str:
    return f"{span.parent.span_id:016x}" if span.parent else ""
