"""Numbers for Prometheus; each process has one registry, made in its wiring."""

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def registry() -> CollectorRegistry:
    """A registry that already knows the process: memory, CPU, open files, garbage collection."""
    fresh = CollectorRegistry()
    ProcessCollector(registry=fresh)
    PlatformCollector(registry=fresh)
    GCCollector(registry=fresh)
    return fresh


def route(source: CollectorRegistry) -> Route:
    """GET /metrics, in Prometheus' text format."""

    def metrics(_: Request) -> Response:
        return Response(generate_latest(source), headers={"content-type": CONTENT_TYPE_LATEST})

    return Route("/metrics", metrics)
