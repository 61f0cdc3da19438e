"""Whether a process is alive, and whether it can do its job now."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry, Gauge
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PATIENCE_SECONDS = 1.0
"""A dependency that takes longer to answer is not of use now."""

Step = Callable[[], Awaitable[None]]

Stuck = Callable[[], bool]
"""Whether the process makes no progress, and by its own fault: a restart would mend it."""


def never() -> bool:
    """Nothing here can get stuck."""
    return False


@dataclass(frozen=True)
class Dependency:
    """Something that the process needs. Where it is not `required`, its absence is only reported."""

    ask: Callable[[], Awaitable[bool]]
    required: bool = True
    detail: Callable[[], Mapping[str, Any]] | None = None

    async def report(self) -> dict[str, Any]:
        """Ask, with bounded patience: `{"ok": …, "required": …}` and the dependency's own detail."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                ok = await self.ask()
        except TimeoutError:
            ok = False
        return {"ok": ok, "required": self.required, **(self.detail() if self.detail else {})}


@dataclass
class Health:
    """GET /healthz: 200 unless it is stuck. GET /readyz: 200 when it can do its job, else 503, with why.

    Neither depends on what a restart would not mend; a missing dependency that is not required for
    the job at hand is reported and forgiven.
    """

    dependencies: Mapping[str, Dependency]
    stuck: Stuck = never
    draining: bool = False
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    """Where it shows what was found when /readyz was asked last."""
    on_close: list[Step] = field(default_factory=list)
    """Done when the door has been closed: ends what would otherwise stay open for ever."""

    def __post_init__(self) -> None:
        """Make its numbers; nothing is shown of what nobody has asked yet."""
        said = "Whether this was there when /readyz was asked last."
        self._found = Gauge("dependency_ok", said, ["dependency"], registry=self.registry)
        said = "Whether the process could do its job when /readyz was asked last, -1 before."
        self._could = Gauge("ready", said, registry=self.registry)
        self._could.set(-1)

    def routes(self) -> list[Route]:
        """The two routes."""
        return [Route("/healthz", self._alive), Route("/readyz", self._ready)]

    async def _alive(self, _: Request) -> JSONResponse:
        stuck = self.stuck()
        return JSONResponse({"alive": not stuck}, status_code=503 if stuck else 200)

    async def _ready(self, _: Request) -> JSONResponse:
        reports = await asyncio.gather(*(each.report() for each in self.dependencies.values()))
        details = dict(zip(self.dependencies, reports, strict=True))
        ready = not self.draining and all(each["ok"] or not each["required"] for each in reports)
        self._could.set(ready)
        for name, report in details.items():
            self._found.labels(name).set(report["ok"])
        body = {"ready": ready, "draining": self.draining, "dependencies": details}
        return JSONResponse(body, status_code=200 if ready else 503)


class Farewell:
    """ASGI middleware. While a process drains, each answer is the last on its connection.

    When it closes its door there is none left that somebody could ask over at that very moment.
    """

    def __init__(self, app: ASGIApp, health: Health) -> None:
        self._app = app
        self._health = health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and say so."""

        async def last(message: Message) -> None:
            if message["type"] == "http.response.start" and self._health.draining:
                MutableHeaders(scope=message)["connection"] = "close"
            await send(message)

        await self._app(scope, receive, last if scope["type"] == "http" else send)
