"""The delivery service: what it hears over the real broker, and the courier over HTTP."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from schema.requests import DeliveryReply
from schema.views import DeliveryStatus
from services.chassis.bus import Bus
from services.delivery.app import build
from services.delivery.settings import DeliverySettings
from tests import facts
from tests.conftest import Place
from tests.services.chassis.hearing import on, settings
from tests.services.serving import ready, serving
from tests.waiting import until

PATH = f"/deliveries/{facts.ORDER}"


@pytest.fixture
async def client(place: Place) -> AsyncIterator[httpx2.AsyncClient]:
    async with serving(build(place.settings(DeliverySettings))) as client:
        await until(ready(client))
        yield client


@pytest.fixture
async def bus(place: Place) -> AsyncIterator[Bus]:
    async with on(Bus(settings(place.rabbitmq_url))) as bus:
        yield bus


async def status(client: httpx2.AsyncClient) -> DeliveryStatus | None:
    response = await client.get(PATH)
    if response.status_code == 404:
        return None
    return DeliveryReply.model_validate_json(response.content).status


async def test_what_is_paid_is_delivered_and_handed_over_by_the_courier(
    client: httpx2.AsyncClient, bus: Bus
) -> None:
    await bus.tell(facts.approved())
    await until(lambda: status(client))
    for _ in range(2):
        response = await client.post(f"{PATH}/complete")
        assert response.status_code == 200
        done = DeliveryReply.model_validate_json(response.content)
        assert done.status is DeliveryStatus.DELIVERED
        assert [fact.type for fact in done.facts] == ["delivery.started", "delivery.completed"]
    assert done.shipping == facts.SHIPPING


async def test_what_was_stopped_cannot_be_handed_over(client: httpx2.AsyncClient, bus: Bus) -> None:
    await bus.tell(facts.payment_canceled())
    await until(lambda: status(client))
    await bus.tell(facts.approved())
    response = await client.post(f"{PATH}/complete")
    assert response.status_code == 409
    assert DeliveryReply.model_validate_json(response.content).status is DeliveryStatus.CANCELED


async def test_what_is_not_there_is_not_found(client: httpx2.AsyncClient) -> None:
    assert (await client.get(PATH)).status_code == 404
    assert (await client.post(f"{PATH}/complete")).status_code == 404


async def test_in_the_sandbox_deliveries_complete_by_themselves(place: Place, bus: Bus) -> None:
    quick = place.settings(DeliverySettings, delivery_sandbox=True, delivery_sandbox_seconds=0)
    async with serving(build(quick)) as client:
        await bus.tell(facts.approved())

        async def handed_over() -> bool:
            return await status(client) is DeliveryStatus.DELIVERED

        await until(handed_over)


async def test_without_the_broker_it_is_alive_but_of_no_use(place_without_broker: Place) -> None:
    async with serving(build(place_without_broker.settings(DeliverySettings))) as client:

        async def only_the_broker_is_missing() -> bool:
            response = await client.get("/readyz")
            assert response.status_code == 503
            parts = response.json()["dependencies"]
            return {name for name, part in parts.items() if not part["ok"]} == {"rabbitmq"}

        await until(only_the_broker_is_missing)
        assert (await client.get("/healthz")).json() == {"alive": True}
