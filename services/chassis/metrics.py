"""Numbers for Prometheus; each process has one registry, made in its wiring."""

import asyncio
from collections import deque

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
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


class LoopLag:
    """By how much a wish to go on is fulfilled too late."""

    def __init__(self, source: CollectorRegistry) -> None:
        self._gauge = Gauge("event_loop_lag_seconds", "How late the event loop came round.", registry=source)

    async def sample(self) -> None:
        """Keep `event_loop_lag_seconds` true; never ends."""
        lags: deque[float] = deque(maxlen=LAG_OF_SAMPLES)
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_SAMPLED_EVERY_SECONDS
            await asyncio.sleep(LAG_SAMPLED_EVERY_SECONDS)
            lags.append(max(0.0, loop.time() - due))
            self._gauge.set(max(lags))


def route(source: CollectorRegistry) -> Route:
    """GET /metrics, in Prometheus' text format."""

    def metrics(_: Request) -> Response:
        return Response(generate_latest(source), headers={"content-type": CONTENT_TYPE_LATEST})

    return Route("/metrics", metrics)


class OutboxMetrics:
    """What an outbox tells, and what it leaves untold."""

    def __init__(self, source: CollectorRegistry) -> None:
        self._told = Counter("outbox_told", "Facts told.", registry=source)
        self._failed = Counter("outbox_failed", "Attempts to tell a fact that failed.", registry=source)
        self._depth = Gauge("outbox_depth", "Documents with facts left untold.", registry=source)
        self._age = Gauge("outbox_age_seconds", "Age of the oldest fact left untold.", registry=source)
        self._seconds = Histogram(
            "outbox_tell_seconds",
            "From a fact's moment, just before its commit, to the broker's confirmation.",
            registry=source,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
        )

    def told(self, seconds: float) -> None:
        """Count a fact that the broker has confirmed, so long after its moment."""
        self._told.inc()
        self._seconds.observe(max(0.0, seconds))

    def failed(self) -> None:
        """Count an attempt."""
        self._failed.inc()

    def left(self, documents: int, oldest_seconds: float) -> None:
        """Show what is left untold."""
        self._depth.set(documents)
        self._age.set(oldest_seconds)
