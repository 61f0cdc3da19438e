"""Where requests come in: each gets its span and its correlation id, and is told the latter."""

from collections.abc import Iterable
from typing import Any

from opentelemetry.trace import Span, SpanKind
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.chassis import correlation, spans
from services.chassis.carried import TRACEPARENT, Carried
from services.chassis.telemetry import Telemetry

UNTRACED = frozenset({"/healthz", "/readyz", "/metrics"})


class Entrance:
    """ASGI middleware. Through a `public` one anybody comes in, so what is said of a trace is not believed.

    Their trace is linked, or continued where it is `trusted`; their request id is logged beside ours.
    """

    def __init__(
        self, app: ASGIApp, telemetry: Telemetry, *, public: bool = False, trusted: bool = False
    ) -> None:
        self._app = app
        self._telemetry = telemetry
        self._public = public
        self._trusted = trusted or not public
        self._paths: dict[Any, str] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one in. A WebSocket's operations have spans of their own."""
        if scope["type"] == "websocket":
            self._telemetry.attend()
        if scope["type"] != "http" or scope["path"] in UNTRACED:
            await self._app(scope, receive, send)
            return
        said = _said(scope["headers"])
        came = said if self._trusted else Carried()
        if self._public:
            came = Carried(came.traceparent)
        link = None if self._trusted else said.cause
        with self._telemetry.begun("HTTP", SpanKind.SERVER, came, link=link) as span:
            if self._public and said.correlation_id:
                correlation.also(said.correlation_id)
            try:
                await self._app(scope, receive, _Answer(send, span).send)
            finally:
                spans.was_asked(span, scope["method"], self._path(scope))

    def _path(self, scope: Scope) -> str | None:
        """The route's path as it was declared, so that ids are no names."""
        if self._paths is None:
            routes: Iterable[Any] = scope["app"].routes
            self._paths = {route.endpoint: route.path for route in routes if hasattr(route, "endpoint")}
        return self._paths.get(scope.get("endpoint"))


class _Answer:
    """A response on its way out."""

    def __init__(self, send: Send, span: Span) -> None:
        self._send = send
        self._span = span

    async def send(self, message: Message) -> None:
        """Tell the correlation id, and note the status."""
        if message["type"] == "http.response.start":
            spans.answers(self._span, message["status"])
            if given := correlation.current():
                MutableHeaders(scope=message).setdefault(correlation.HEADER, given)
        await self._send(message)


def _said(headers: Iterable[tuple[bytes, bytes]]) -> Carried:
    """What a request's headers say of its cause."""
    found = {name: value.decode("latin-1") for name, value in headers if name in _NAMES}
    return Carried.of({field: found.get(name) for name, field in _NAMES.items()})


_NAMES = {TRACEPARENT.encode(): "traceparent", correlation.HEADER.encode(): "correlation_id"}
