"""An order that was committed by a process which did not live to tell of it."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

from tests import facts
from tests.collector import Came, Collector, collecting
from tests.conftest import NOWHERE, Place
from tests.ports import free_base
from tests.trust import trusted
from tests.waiting import until

CLIENTS = "ab" * 16


@asynccontextmanager
async def order_service(place: Place, collector: Collector, broker: str) -> AsyncIterator[str]:
    """The service as a process, killed at the end; its address."""
    port = free_base()
    told = {
        "MONGO_URL": place.mongo_url,
        "MONGO_DATABASE_PREFIX": place.prefix,
        "RABBITMQ_URL": broker,
        "PORT": str(port),
        "LOG_LEVEL": "error",
        "OTLP_ENDPOINT": collector.url,
        "OTEL_BSP_SCHEDULE_DELAY": "50",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.order.app"), env={**os.environ, **told}
    )
    try:
        await until(lambda: is_ready(f"http://127.0.0.1:{port}"), timeout=30)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()


async def is_ready(url: str) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.get(f"{url}/readyz") as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


def told(collector: Collector) -> list[Came]:
    """Tellings that the broker confirmed."""
    published = collector.named("order", "publish order.placed")
    return [each for each in published if "error.type" not in each.attributes]


async def test_a_fact_told_by_another_process_after_a_kill_hangs_on_its_cause(place: Place) -> None:
    async with collecting() as collector:
        async with (
            order_service(place, collector, f"amqp://guest:guest@{NOWHERE}/") as url,
            aiohttp.ClientSession(
                headers=trusted() | {"traceparent": f"00-{CLIENTS}-{'cd' * 8}-01"}
            ) as session,
        ):
            command = facts.place_order().model_dump_json()
            async with session.post(f"{url}/orders", data=command) as response:
                assert response.status == 201
            await until(lambda: collector.named("order", "POST /orders"))
        assert not told(collector)
        async with order_service(place, collector, place.rabbitmq_url):
            late = (await until(lambda: told(collector), timeout=30))[0]
        assert late.trace_id == CLIENTS
        assert collector.way(late) == [("order", "POST /orders"), ("order", "publish order.placed")]
