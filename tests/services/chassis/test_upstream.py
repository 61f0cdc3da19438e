"""Another service is asked: it hears of the trace and of the correlation."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack
from typing import Any

import pytest
from aiohttp import web
from opentelemetry.trace import SpanKind

from services.chassis.carried import NOTHING, Carried
from services.chassis.replicas import NEXT_AFTER_SECONDS
from services.chassis.settings import ProcessSettings
from services.chassis.telemetry import Telemetry
from services.chassis.upstream import Failure, Upstream
from tests.conftest import NOWHERE
from tests.services.chassis.recording import Recorded, parent_id, trace_id


@pytest.fixture
async def heard() -> list[dict[str, str]]:
    return []


@pytest.fixture
async def upstream(heard: list[dict[str, str]]) -> AsyncIterator[Upstream]:
    """A service that says 500 to whoever asks."""

    async def answer(request: web.Request) -> web.Response:
        heard.append({name.lower(): value for name, value in request.headers.items()})
        return web.Response(status=500)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    upstream = Upstream(f"http://127.0.0.1:{runner.addresses[0][1]}")
    yield upstream
    await upstream.close()
    await runner.cleanup()


async def test_it_goes_on_with_the_trace_and_the_correlation(
    upstream: Upstream, heard: list[dict[str, str]]
) -> None:
    recorded = Recorded()
    with recorded.begun("asking", SpanKind.SERVER, Carried(None, "the-cause-of-it-all")):
        await upstream.ask("PUT", "/payments/42")
    asked, asking = recorded.spans
    assert (asked.name, parent_id(asked)) == ("PUT", f"{asking.context.span_id:016x}")
    assert heard[0]["traceparent"] == f"00-{trace_id(asked)}-{asked.context.span_id:016x}-03"
    assert heard[0]["x-request-id"] == "the-cause-of-it-all"
    assert not asked.status.is_ok
    assert "42" not in str(asked.attributes).replace(str((asked.attributes or {})["server.port"]), "")


async def test_whoever_cannot_be_reached_makes_a_span_that_says_so() -> None:
    recorded, away = Recorded(), Upstream(f"http://{NOWHERE}")
    with recorded.begun("asking", SpanKind.SERVER, NOTHING), pytest.raises(Failure):
        await away.ask("PUT", "/payments/42")
    assert (recorded.spans[0].attributes or {})["error.type"] == "UnreachableError"
    await away.close()


async def test_outside_of_operations_and_traces_nothing_is_said(
    upstream: Upstream, heard: list[dict[str, str]]
) -> None:
    await upstream.ask("GET", "/healthz")
    with Telemetry(ProcessSettings(), "part").begun("asking", SpanKind.SERVER, Carried(None, "only-this-id")):
        await upstream.ask("GET", "/orders")
    assert not {"traceparent", "x-request-id"} & heard[0].keys()
    assert ("traceparent" in heard[1], heard[1]["x-request-id"]) == (False, "only-this-id")


async def served(stack: AsyncExitStack, host: str, port: int, asked: list[str]) -> int:
    """A replica at this address, until the stack ends; its port."""

    async def answer(_: web.Request) -> web.Response:
        asked.append(host)
        return web.Response()

    app = web.Application()
    app.router.add_get("/healthz", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.TCPSite(runner, host, port).start()
    return int(runner.addresses[0][1])


async def test_replicas_behind_one_name_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    there, asked = ("127.0.0.1", "127.0.0.2"), list[str]()
    async with AsyncExitStack() as stack:
        port = await served(stack, there[0], 0, asked)
        await served(stack, there[1], port, asked)

        def addresses(*_: Any, **__: Any) -> list[Any]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in there]

        monkeypatch.setattr(socket, "getaddrinfo", addresses)
        for _ in range(30):
            upstream = Upstream(f"http://replicas.test:{port}")
            stack.push_async_callback(upstream.close)
            assert await upstream.alive()
    assert set(asked) == set(there)


def full(stack: ExitStack | AsyncExitStack, host: str, port: int = 0) -> socket.socket:
    """A listener that lets nobody in, until it accepts those who have come already."""
    listening = stack.enter_context(socket.create_server((host, port), backlog=0))
    for _ in range(3):
        knocking = stack.enter_context(socket.socket())
        knocking.settimeout(0)
        knocking.connect_ex(listening.getsockname())
    return listening


async def test_a_replica_that_lets_us_in_late_is_found_though_another_never_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.read(65536):
            writer.write(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    async with AsyncExitStack() as stack:
        before_us = stack.enter_context(ExitStack())
        late = full(before_us, "127.0.0.1")
        port = late.getsockname()[1]
        full(stack, "127.0.0.2", port)
        there = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in ("127.0.0.1", "127.0.0.2")
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: there)
        monkeypatch.setattr(random, "sample", lambda known, _: list(known))
        upstream = Upstream(f"http://replicas.test:{port}")
        stack.push_async_callback(upstream.close)
        asking = asyncio.create_task(upstream.alive())
        await asyncio.sleep(2 * NEXT_AFTER_SECONDS)
        server = await asyncio.start_server(answer, sock=late.dup())
        stack.callback(server.close)
        before_us.close()
        async with asyncio.timeout(20):
            assert await asking
