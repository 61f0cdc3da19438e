"""The gateway as an operator sees it: ready or not, in numbers, and when it is told to stop."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from services.mypage.projection import take_in
from services.mypage.store import MongoPages
from tests import facts
from tests.bff.asking import SECRET, Gateway
from tests.bff.conftest import Open, gateway_of
from tests.bff.placing import order_service as answers
from tests.bff.serving import Stub, reply, says
from tests.conftest import NOWHERE, Place
from tests.ports import free_base
from tests.trust import ENVIRONMENT
from tests.waiting import until

PLACE = """mutation { placeOrder(input: {fruitId: "apple", quantity: 7, address: "서울 1"}) {
  __typename ... on PaymentUnavailable { retryAfterMs } } }"""
MINE = '{ order(id: "order-1") { status version } }'
WATCH_ALL = "subscription { myOrderUpdates { id } }"


async def test_a_gateway_is_ready_while_order_payment_and_the_broker_are_away(gateway: Gateway) -> None:
    status, said = await gateway.readiness()
    assert (status, said["ready"], said["draining"]) == (200, True, False)
    dependencies = said["dependencies"]
    assert dependencies["mongodb"] == {"ok": True, "required": True}
    for name in ("rabbitmq", "order", "payment"):
        assert (dependencies[name]["ok"], dependencies[name]["required"]) == (False, False)
    breaker = dependencies["payment"]["breaker"]
    assert (breaker["state"], breaker["retry_after_ms"]) == ("closed", 0)


async def test_without_its_database_a_gateway_is_alive_but_not_ready(open_gateway: Open) -> None:
    mongo_url = f"mongodb://{NOWHERE}/?directConnection=true"
    async with open_gateway(mongo_url=mongo_url, mongo_timeout_seconds=0.2) as gateway:
        status, said = await gateway.readiness()
        assert (status, said["ready"], said["dependencies"]["mongodb"]["ok"]) == (503, False, False)
        status, _, _ = await gateway.ask("GET", "/healthz")
        assert status == 200


async def test_queries_are_answered_while_the_broker_is_away(
    place_without_broker: Place, mongo_client: Any
) -> None:
    database = mongo_client[f"{place_without_broker.prefix}_mypage"]
    page = take_in(take_in(None, facts.placed()), facts.approved())
    await MongoPages(database["orders"]).keep(page, None)
    async with gateway_of(place_without_broker) as gateway:
        assert await gateway.graphql(MINE) == {"data": {"order": {"status": "PAID", "version": 2}}}


async def test_an_open_circuit_is_seen_from_outside(
    open_gateway: Open, order_service: Stub, payment_service: Stub
) -> None:
    order_service.script = answers()
    payment_service.script = says(reply("{}", 503))
    settings = {"bff_breaker_minimum_volume": 2, "bff_order_timeout_ms": 2000}
    urls = {"order_url": order_service.url, "payment_url": payment_service.url}
    async with open_gateway(**settings, **urls) as gateway:
        for _ in range(3):
            outcome = (await gateway.graphql(PLACE))["data"]["placeOrder"]
            assert outcome["__typename"] == "PaymentUnavailable"
            assert outcome["retryAfterMs"] >= 1000
        assert await gateway.metric("payment_breaker_state", state="open") == 1
        assert await gateway.metric("payment_breaker_opened_total") == 1
        assert await gateway.metric("payment_calls_in_flight") == 0
        told = await gateway.metric("ordering_outcomes_total", command="placeOrder", outcome="Unavailable")
        assert told == 3
        order_service.script = payment_service.script = says(reply('{"alive": true}'))
        status, said = await gateway.readiness()
    assert (status, said["dependencies"]["order"]["ok"], said["dependencies"]["payment"]["ok"]) == (
        200,
        True,
        True,
    )
    breaker = said["dependencies"]["payment"]["breaker"]
    assert (breaker["state"], breaker["last_failure"]) == ("open", "ProviderRefusedError")


async def test_the_numbers_are_such_as_prometheus_reads(gateway: Gateway) -> None:
    _, headers, body = await gateway.ask("GET", "/metrics")
    assert headers["content-type"].startswith("text/plain; version=")
    names = {family.name for family in text_string_to_metric_families(body.decode())}
    assert names >= {
        *("process_resident_memory_bytes", "subscriptions_open", "changes_heard", "feed_resyncs"),
        *("payment_breaker_state", "payment_breaker_opened", "payment_breaker_refused"),
        *("payment_call_seconds", "payment_calls_in_flight", "ordering_outcomes"),
    }


@asynccontextmanager
async def process_of(place: Place, **environment: str) -> AsyncIterator[tuple[Any, Gateway]]:
    """The gateway as a process of its own."""
    port = free_base()
    ours = {
        "PORT": str(port),
        "MONGO_URL": place.mongo_url,
        "MONGO_DATABASE_PREFIX": place.prefix,
        "RABBITMQ_URL": place.rabbitmq_url,
        "ORDER_URL": f"http://{NOWHERE}",
        "PAYMENT_URL": f"http://{NOWHERE}",
        "AUTH_JWT_SECRET": SECRET,
        "LOG_FORMAT": "json",
        **ENVIRONMENT,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bff.app"), env=ours | environment, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with aiohttp.ClientSession() as session:
            gateway = Gateway(f"127.0.0.1:{port}", session)
            await until(lambda: _answers(gateway), timeout=30)
            yield process, gateway
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def _answers(gateway: Gateway) -> bool:
    try:
        return (await gateway.ask("GET", "/healthz"))[0] == 200
    except aiohttp.ClientError:
        return False


async def test_a_gateway_that_is_told_to_stop_first_says_not_ready_and_goes_on_serving(
    place_without_broker: Place,
) -> None:
    async with process_of(place_without_broker, DRAIN_SECONDS="1.5") as (process, gateway):
        assert (await gateway.readiness())[0] == 200
        async with gateway.connected() as socket:
            await socket.subscribes("1", WATCH_ALL)
            process.send_signal(signal.SIGTERM)

            async def drains() -> bool:
                status, said = await gateway.readiness()
                return (status, said["ready"], said["draining"]) == (503, False, True)

            await until(drains, timeout=1.4)
            assert (await gateway.ask("GET", "/healthz"))[0] == 200
            assert await gateway.graphql(MINE) == {"data": {"order": None}}
            await socket.says("ping")
            assert await socket.hears() == {"type": "pong"}
            assert await socket.close_code() == 1012
        async with asyncio.timeout(15):
            said = (await process.communicate())[1].decode()
        assert process.returncode == -signal.SIGTERM, said
        assert "Traceback" not in said


async def test_what_listens_to_events_is_left_to_come_back_and_what_is_in_flight_finishes(
    place_without_broker: Place, order_service: Stub
) -> None:
    answered = asyncio.Event()

    async def slowly(_: object) -> bytes:
        await answered.wait()
        return reply(f"[{facts.APPLE.model_dump_json()}]")

    order_service.script = slowly
    settings = {"ORDER_URL": order_service.url, "BFF_ORDER_TIMEOUT_MS": "8000"}
    async with process_of(place_without_broker, **settings) as (process, gateway):
        fruits = asyncio.create_task(gateway.graphql("{ fruits { id } }"))
        events = asyncio.create_task(gateway.events(WATCH_ALL))
        await until(lambda: order_service.heard)
        await until(lambda: _watched(gateway))
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(15):
            assert await events == []
            answered.set()
            assert await fruits == {"data": {"fruits": [{"id": "apple"}]}}
            await process.wait()
        assert process.returncode == -signal.SIGTERM


async def _watched(gateway: Gateway) -> bool:
    return await gateway.metric("subscriptions_open") == 1


async def test_log_lines_of_a_process_are_json_where_it_is_asked_for(place_without_broker: Place) -> None:
    async with process_of(place_without_broker) as (process, _):
        process.send_signal(signal.SIGTERM)
        said = (await process.communicate())[1].decode()
    lines = [json.loads(line) for line in said.splitlines()]
    assert "no broker yet" in {line["event"] for line in lines}
    assert {line.get("part") for line in lines if line["event"] == "no broker yet"} == {"bff"}
