"""A service as a process: it starts before its servers, and ends without losing what is under way."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2
import pytest

from schema.requests import SandboxLevers
from services.chassis.health import Health
from services.chassis.watchdog import Watchdog
from tests import facts
from tests.conftest import Place
from tests.ports import free_base
from tests.services.serving import sent
from tests.trust import trusted
from tests.waiting import until


@asynccontextmanager
async def process(
    part: str, place: Place, **others: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    port = free_base()
    addresses = {"MONGO_URL": place.mongo_url, "RABBITMQ_URL": place.rabbitmq_url, "PORT": str(port)}
    ours = {"MONGO_DATABASE_PREFIX": place.prefix, **others}
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"services.{part}.app"), env=os.environ | addresses | ours
    )
    try:
        yield child, f"http://127.0.0.1:{port}"
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def status(client: httpx2.AsyncClient, path: str) -> int:
    try:
        return (await client.get(path)).status_code
    except httpx2.TransportError:
        return 0


async def test_told_to_stop_it_says_so_and_finishes_what_is_under_way(place: Place) -> None:
    levers = {"PAYMENT_SANDBOX": "true", "DRAIN_SECONDS": "0.5"}
    async with (
        process("payment", place, **levers) as (child, url),
        httpx2.AsyncClient(base_url=url, timeout=10, headers=trusted()) as client,
    ):

        async def is_ready() -> bool:
            return await status(client, "/readyz") == 200

        await until(is_ready, timeout=30)
        slow = SandboxLevers(latency_ms_min=1500, latency_ms_max=1500)
        await sent(client, "PUT", "/sandbox", slow)
        paying = asyncio.create_task(sent(client, "PUT", "/payments/o1", facts.approve_payment()))

        async def is_charging() -> bool:
            return "payment_charges_in_flight 1.0" in (await client.get("/metrics")).text

        await until(is_charging)
        child.send_signal(signal.SIGTERM)

        async def is_draining() -> bool:
            return await status(client, "/readyz") == 503

        await until(is_draining)
        assert (await paying).json()["status"] == "APPROVED"
        assert await asyncio.wait_for(child.wait(), 10) in {0, -signal.SIGTERM}


async def test_while_it_drains_each_answer_is_the_last_on_its_connection(place: Place) -> None:
    async with (
        process("delivery", place, DRAIN_SECONDS="1") as (child, url),
        httpx2.AsyncClient(base_url=url, timeout=10) as client,
    ):
        await until(lambda: _is_ready(client), timeout=30)
        assert "connection" not in (await client.get("/healthz")).headers
        child.send_signal(signal.SIGTERM)

        async def says_farewell() -> bool:
            return (await client.get("/healthz")).headers.get("connection") == "close"

        await until(says_farewell)


async def test_who_came_in_last_is_heard_though_they_take_their_time(place: Place) -> None:
    async with (
        process("delivery", place, DRAIN_SECONDS="0.5") as (child, url),
        httpx2.AsyncClient(base_url=url, timeout=10) as client,
    ):
        await until(lambda: _is_ready(client), timeout=30)
        there = ("127.0.0.1", httpx2.URL(url).port)
        reader, writer = await asyncio.open_connection(*there)
        child.send_signal(signal.SIGTERM)

        async def is_closed() -> bool:
            try:
                (await asyncio.open_connection(*there))[1].close()
            except OSError:
                return True
            return False

        await until(is_closed)
        await asyncio.sleep(0.5)  # a client that the machine keeps from its first word
        writer.write(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert (await asyncio.wait_for(reader.readline(), 5)).startswith(b"HTTP/1.1 200")
        writer.close()
        assert await asyncio.wait_for(child.wait(), 10) in {0, -signal.SIGTERM}


async def _is_ready(client: httpx2.AsyncClient) -> bool:
    return await status(client, "/readyz") == 200


STANDS_STILL = """
import time
from services.delivery import app
from services.chassis import health

async def block(self, request):
    time.sleep(60)

health.Health._alive = block
app.main()
"""


async def test_where_the_event_loop_stands_still_the_process_ends_and_says_where(place: Place) -> None:
    port = free_base()
    addresses = {"MONGO_URL": place.mongo_url, "RABBITMQ_URL": place.rabbitmq_url, "PORT": str(port)}
    ours = {"MONGO_DATABASE_PREFIX": place.prefix, "WATCHDOG_SECONDS": "3"}
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", STANDS_STILL),
        env=os.environ | addresses | ours,
        stderr=asyncio.subprocess.PIPE,
    )
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
        await until(lambda: _is_ready(client), timeout=30)
        assert await status(client, "/healthz") == 0
    _, said = await asyncio.wait_for(child.communicate(), 30)
    assert child.returncode == 1
    assert "in block" in said.decode()


async def test_a_process_that_is_stuck_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    dog = Watchdog(5)
    dog.feed(Health({}, stuck=lambda: False))
    assert not ended
    dog.feed(Health({}, stuck=lambda: True))
    dog.rest()
    assert ended == [1]
