"""Requests come in: with a span, a correlation id, and what their caller says of both."""

from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from services.chassis import correlation
from services.chassis.carried import traceparent
from services.chassis.entrance import Entrance
from services.chassis.settings import ProcessSettings
from services.chassis.telemetry import Telemetry
from tests.services.chassis.recording import Recorded, parent_id, trace_id

THEIRS = "ab" * 16
CAUSE = f"00-{THEIRS}-{'cd' * 8}-01"
UNSAMPLED = f"00-{THEIRS}-{'cd' * 8}-00"


class Room:
    """Says which id its log lines would have, and which trace goes on from it."""

    def __init__(self, telemetry: Telemetry, **door: Any) -> None:
        self.lines: list[dict[str, Any]] = []
        self.traceparents: list[str | None] = []
        routes = [Route("/orders/{order_id}", self.order), Route("/healthz", self.alive)]
        entrance = Middleware(Entrance, telemetry=telemetry, **door)
        transport = httpx2.ASGITransport(app=Starlette(routes=routes, middleware=[entrance]))
        self.client = httpx2.AsyncClient(transport=transport, base_url="http://room")

    async def order(self, request: Request) -> Response:
        self.lines.append(dict(correlation.said(None, "info", {})))
        self.traceparents.append(traceparent())
        if request.path_params.get("order_id") == "broken":
            raise ValueError("customer-1 at home")
        return PlainTextResponse("")

    async def alive(self, request: Request) -> Response:
        return await self.order(request)

    async def asked(self, path: str = "/orders/42", **headers: str) -> httpx2.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.get(path, headers=named)


async def test_a_span_is_named_after_the_route_and_says_how_it_ended() -> None:
    telemetry = Recorded()
    await Room(telemetry).asked()
    span = telemetry.named("GET /orders/{order_id}")
    assert span.attributes == {
        "http.request.method": "GET",
        "http.route": "/orders/{order_id}",
        "http.response.status_code": 200,
    }


async def test_of_a_bug_the_span_says_only_the_kind() -> None:
    telemetry = Recorded()
    with pytest.raises(ValueError, match="at home"):
        await Room(telemetry).asked("/orders/broken")
    span = telemetry.named("GET /orders/{order_id}")
    assert not span.status.is_ok
    assert "ValueError" in str(span.attributes)
    assert "at home" not in span.to_json()


async def test_inside_what_the_caller_says_of_the_trace_and_the_correlation_is_believed() -> None:
    telemetry = Recorded()
    room = Room(telemetry)
    response = await room.asked(traceparent=CAUSE, x_request_id="drawn-by-the-gateway")
    span = telemetry.named("GET /orders/{order_id}")
    assert (trace_id(span), parent_id(span)) == (THEIRS, "cd" * 8)
    assert room.lines == [{"correlation_id": "drawn-by-the-gateway", "trace_id": THEIRS}]
    assert response.headers["x-request-id"] == "drawn-by-the-gateway"


async def test_from_outside_a_trace_is_only_linked_and_a_request_id_only_logged() -> None:
    telemetry = Recorded()
    room = Room(telemetry, public=True)
    response = await room.asked(traceparent=CAUSE, x_request_id="drawn-by-the-client")
    span = telemetry.named("GET /orders/{order_id}")
    assert span.parent is None
    assert trace_id(span) != THEIRS
    assert [f"{link.context.trace_id:032x}" for link in span.links] == [THEIRS]
    ours = response.headers["x-request-id"]
    assert ours == trace_id(span)
    told = {"correlation_id": ours, "request_id": "drawn-by-the-client", "trace_id": ours}
    assert room.lines == [told]


async def test_from_a_proxy_that_is_trusted_a_trace_is_continued() -> None:
    telemetry = Recorded()
    room = Room(telemetry, public=True, trusted=True)
    response = await room.asked(traceparent=CAUSE, x_request_id="drawn-by-the-proxy")
    assert trace_id(telemetry.named("GET /orders/{order_id}")) == THEIRS
    assert response.headers["x-request-id"] == THEIRS


@pytest.mark.parametrize(
    "theirs", ["short", "a" * 65, "two\tlines and more", "한글한글한글한글".encode(), ""]
)
async def test_a_request_id_that_is_not_fit_for_a_log_line_is_not_taken(theirs: Any) -> None:
    for public in (True, False):
        room = Room(Recorded(), public=public)
        response = await room.client.get("/orders/42", headers={"x-request-id": theirs})
        assert "request_id" not in room.lines[0]
        assert response.headers["x-request-id"] == room.lines[0]["trace_id"]


@pytest.mark.parametrize(
    "theirs", [f"00-{'0' * 32}-{'cd' * 8}-01", "00-ab-cd-01", f"ff{CAUSE[2:]}", CAUSE + "-x"]
)
async def test_a_traceparent_that_makes_no_sense_was_never_sent(theirs: str) -> None:
    telemetry = Recorded()
    await Room(telemetry).asked(traceparent=theirs)
    assert telemetry.named("GET /orders/{order_id}").parent is None


async def test_who_began_a_trace_decides_whether_it_is_recorded() -> None:
    telemetry = Recorded(trace_sample_rate=0.0)
    room = Room(telemetry)
    await room.asked(traceparent=UNSAMPLED)
    await room.asked()
    assert telemetry.spans == []
    assert room.traceparents[0] == UNSAMPLED
    assert str(room.traceparents[1])[-2:] in {"00", "02"}  # and the flag that its id is random
    await room.asked(traceparent=CAUSE)
    assert len(telemetry.spans) == 1


async def test_probes_leave_no_traces() -> None:
    telemetry = Recorded()
    room = Room(telemetry)
    response = await room.asked("/healthz")
    assert (telemetry.spans, room.lines, "x-request-id" in response.headers) == ([], [{}], False)


async def test_without_an_endpoint_there_is_no_trace_but_an_id() -> None:
    room = Room(Telemetry(ProcessSettings(), "room"))
    response = await room.asked(traceparent=CAUSE)
    assert room.traceparents == [None]
    assert room.lines == [{"correlation_id": response.headers["x-request-id"]}]
    assert len(response.headers["x-request-id"]) == 32
