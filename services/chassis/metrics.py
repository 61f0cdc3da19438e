"""Numbers for Prometheus; each process has one registry, made in its wiring."""

import asyncio
from collections import deque

from prometheus_client import CollectorRegistry, Gauge, GCCollector, PlatformCollector, ProcessCollector
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


LAG_SAMPLED_EVERY_SECONDS = 0.5
LAG_OF_SAMPLES = 30
"""The gauge shows the worst of so many, so that whoever reads it every 15 s misses none."""


async def sample_lag(registry: CollectorRegistry) -> None:
    """Keep `event_loop_lag_seconds` true: by how much a wish to go on is fulfilled too late; never ends."""
    gauge = Gauge("event_loop_lag_seconds", "How late the event loop came round.", registry=registry)
    lags: deque[float] = deque(maxlen=LAG_OF_SAMPLES)
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + LAG_SAMPLED_EVERY_SECONDS
        await asyncio.sleep(LAG_SAMPLED_EVERY_SECONDS)
        lags.append(max(0.0, loop.time() - due))
        gauge.set(max(lags))


def route(source: CollectorRegistry) -> Route:
    """GET /metrics, in Prometheus' text format."""

    def metrics(_: Request) -> Response:
        return Response(generate_latest(source), headers={"content-type": CONTENT_TYPE_LATEST})

    return Route("/metrics", metrics)
