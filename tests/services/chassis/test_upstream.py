"""Another service is asked: it hears of the trace and of the correlation."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiohttp import web
from opentelemetry.trace import SpanKind

from services.chassis.carried import NOTHING, Carried
from services.chassis.settings import ProcessSettings
from services.chassis.telemetry import Telemetry
from services.chassis.upstream import Failure, NeverSent, Upstream
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


def full(stack: AsyncExitStack, host: str, port: int = 0) -> int:
    """A listener that lets nobody in, as if it were gone; its port."""
    listening = stack.enter_context(socket.create_server((host, port), backlog=0))
    for _ in range(3):
        knocking = stack.enter_context(socket.socket())
        knocking.settimeout(0)
        knocking.connect_ex(listening.getsockname())
    return int(listening.getsockname()[1])


@pytest.mark.parametrize("named", [["127.0.0.2", "127.0.0.1"], ["127.0.0.1", "127.0.0.2"]])
async def test_a_replica_that_lets_nobody_in_holds_up_nobody(
    named: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[str]()
    async with AsyncExitStack() as stack:
        port = await served(stack, "127.0.0.1", 0, asked)
        full(stack, "127.0.0.2", port)
        _named(named, port, monkeypatch)
        upstream = Upstream(f"http://replicas.test:{port}")
        stack.push_async_callback(upstream.close)
        assert await upstream.alive()
    assert asked == ["127.0.0.1"]


async def test_where_nobody_lets_us_in_that_is_known_soon_and_nothing_was_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with AsyncExitStack() as stack:
        port = full(stack, "127.0.0.1")
        full(stack, "127.0.0.2", port)
        _named(["127.0.0.1", "127.0.0.2"], port, monkeypatch)
        upstream = Upstream(f"http://replicas.test:{port}")
        stack.push_async_callback(upstream.close)
        async with asyncio.timeout(20):
            with pytest.raises(NeverSent):
                await upstream.ask("POST", "/orders")


def _named(hosts: list[str], port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any name leads to these, in this order."""
    there = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in hosts]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: there)
    monkeypatch.setattr(random, "sample", lambda known, _: list(known))
