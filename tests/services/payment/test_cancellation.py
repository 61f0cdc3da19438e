"""Payment hears that orders are canceled, over the real broker, before, while and after it charges."""

import asyncio
from collections.abc import AsyncIterator

import httpx2
import pytest

from schema.requests import SandboxLevers
from schema.views import PaymentStatus
from services.chassis import mongo
from services.chassis.bus import Bus
from services.payment.app import build
from services.payment.settings import PaymentSettings
from tests import facts
from tests.conftest import Place
from tests.services.chassis.hearing import looking, on, settings, taken_from
from tests.services.payment.test_http import FAST, PATH, QUICK, SOON, _is, _queued, _states, pay, pull, reply
from tests.services.serving import ready, serving
from tests.waiting import until


@pytest.fixture
async def client(place: Place) -> AsyncIterator[httpx2.AsyncClient]:
    async with serving(
        build(place.settings(PaymentSettings, payment_sandbox=True, **QUICK, **SOON))
    ) as client:
        await until(ready(client))
        yield client


@pytest.fixture
async def bus(place: Place) -> AsyncIterator[Bus]:
    async with on(Bus(settings(place.rabbitmq_url))) as bus:
        yield bus


@pytest.fixture
def ours(database: mongo.Database) -> mongo.Database:
    ours: mongo.Database = database.client[f"{database.name}_payment"]
    return ours


async def test_what_was_paid_is_given_back(
    client: httpx2.AsyncClient, bus: Bus, ours: mongo.Database, place: Place
) -> None:
    await pay(client)
    await bus.tell(facts.canceled())
    await until(lambda: _is(client, PaymentStatus.CANCELED))
    await until(lambda: _states(ours, {facts.ORDER: "GIVEN_BACK"}))
    async with looking(place.rabbitmq_url) as channel:
        told = {(await taken_from(channel, "delivery.facts.v1")).type for _ in range(2)}
    assert told == {"payment.approved", "payment.canceled"}


async def test_what_is_canceled_while_it_is_charged_is_not_kept(
    client: httpx2.AsyncClient, bus: Bus, ours: mongo.Database
) -> None:
    await pull(client, SandboxLevers(latency_ms_min=1000, latency_ms_max=1000))
    paying = asyncio.create_task(pay(client))
    await until(lambda: _queued(client, 1))
    await bus.tell(facts.canceled())
    await until(lambda: _states(ours, {facts.ORDER: "VOID"}))
    assert reply(await paying).status is PaymentStatus.CANCELED
    assert await _states(ours, {facts.ORDER: "VOID"})


async def test_what_is_canceled_before_it_is_asked_for_is_never_charged(
    client: httpx2.AsyncClient, bus: Bus, ours: mongo.Database
) -> None:
    await pull(client, FAST)
    await bus.tell(facts.canceled())

    async def heard() -> bool:
        return (await client.get(PATH)).status_code == 200

    await until(heard)
    answer = reply(await pay(client))
    assert answer.status is PaymentStatus.CANCELED
    assert [fact.type for fact in answer.facts] == ["payment.canceled"]
    assert await _states(ours, {})
