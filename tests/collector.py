"""A collector of traces: OTLP over HTTP on a real socket, and what came."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)


@dataclass(frozen=True)
class Came:
    """A span that was sent; ids are hexadecimal, and empty where there is none."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, str] = field(compare=False)
    links: tuple[str, ...] = ()


class Collector:
    """Keeps all spans."""

    def __init__(self) -> None:
        self.spans: list[Came] = []
        self.url = ""

    def named(self, service: str, name: str, trace_id: str | None = None) -> list[Came]:
        """Spans of a service, in one trace or in all."""
        return [
            each
            for each in self.spans
            if (each.service, each.name) == (f"fruitstore-{service}", name)
            and trace_id in {None, each.trace_id}
        ]

    def by_id(self, span_id: str) -> Came | None:
        """A span."""
        return next((each for each in self.spans if each.span_id == span_id), None)

    def way(self, span: Came) -> list[tuple[str, str]]:
        """Service and name of a span and of all that it hangs on, down to the trace's first."""
        way = []
        at: Came | None = span
        while at is not None:
            way.append((at.service.removeprefix("fruitstore-"), at.name))
            at = self.by_id(at.parent_id)
        return way[::-1]

    def has_all_of(self, trace_id: str) -> bool:
        """Whether every span of a trace has come whose children have."""
        here = [each for each in self.spans if each.trace_id == trace_id]
        return bool(here) and all(not each.parent_id or self.by_id(each.parent_id) for each in here)

    async def take(self, request: web.Request) -> web.Response:
        """POST /v1/traces."""
        said = ExportTraceServiceRequest.FromString(await request.read())
        for resource in said.resource_spans:
            told = {each.key: each.value.string_value for each in resource.resource.attributes}
            for scope in resource.scope_spans:
                for span in scope.spans:
                    self.spans.append(
                        Came(
                            told["service.name"],
                            span.name,
                            span.trace_id.hex(),
                            span.span_id.hex(),
                            span.parent_span_id.hex(),
                            {each.key: str(each.value) for each in span.attributes},
                            tuple(link.trace_id.hex() for link in span.links),
                        )
                    )
        return web.Response(body=ExportTraceServiceResponse().SerializeToString())


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    """A collector that listens."""
    collector = Collector()
    app = web.Application(client_max_size=2**26)
    app.router.add_post("/v1/traces", collector.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    collector.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield collector
    finally:
        await runner.cleanup()
