"""The payment service over HTTP, on the real MongoDB; RabbitMQ is away."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from schema.requests import PaymentReply, SandboxLevers
from schema.views import PaymentStatus
from services.chassis import mongo
from services.chassis.clock import now
from services.payment import domain
from services.payment.app import build
from services.payment.settings import PaymentSettings
from services.payment.store import MongoPayments
from tests import facts
from tests.conftest import Place
from tests.services.chassis.telling import outbox_of
from tests.services.serving import ready, sent, serving
from tests.services.sockets import on_a_socket
from tests.trust import trusted
from tests.waiting import until

PATH = f"/payments/{facts.ORDER}"
QUICK = {"payment_sandbox_latency_ms_min": 0, "payment_sandbox_latency_ms_max": 0}
SOON = {"payment_charge_patience_seconds": 0.2, "payment_sweep_seconds": 0.05}
SLOW = SandboxLevers(latency_ms_min=60_000, latency_ms_max=60_000)
FAST = SandboxLevers(latency_ms_min=0, latency_ms_max=0)


@pytest.fixture
def settings(place_without_broker: Place) -> PaymentSettings:
    return place_without_broker.settings(PaymentSettings, payment_sandbox=True, **QUICK, **SOON)


@pytest.fixture
async def client(settings: PaymentSettings) -> AsyncIterator[httpx2.AsyncClient]:
    async with serving(build(settings)) as client:
        await until(ready(client))
        yield client


@pytest.fixture
def ours(database: mongo.Database) -> mongo.Database:
    """The service's own database."""
    ours: mongo.Database = database.client[f"{database.name}_payment"]
    return ours


async def pay(client: httpx2.AsyncClient, path: str = PATH, **changes: Any) -> httpx2.Response:
    return await sent(client, "PUT", path, facts.approve_payment(**changes))


def reply(response: httpx2.Response) -> PaymentReply:
    assert response.status_code == 200, response.text
    return PaymentReply.model_validate_json(response.content)


async def pull(client: httpx2.AsyncClient, levers: SandboxLevers) -> None:
    assert (await sent(client, "PUT", "/sandbox", levers)).status_code == 200


async def ledger(ours: mongo.Database) -> dict[str, str]:
    return {each["_id"]: each["state"] async for each in ours["sandbox_ledger"].find()}


async def in_flight(client: httpx2.AsyncClient) -> int:
    lines = (await client.get("/metrics")).text.splitlines()
    line = next(each for each in lines if each.startswith("payment_charges_in_flight "))
    return int(float(line.split()[1]))


@pytest.mark.parametrize(
    ("method", "status", "taken"),
    [
        ("card-ok", PaymentStatus.APPROVED, {facts.ORDER: "CHARGED"}),
        ("card-declined", PaymentStatus.DECLINED, {}),
        ("shells", PaymentStatus.DECLINED, {}),
    ],
)
async def test_a_payment_is_approved_or_declined(
    method: str,
    status: PaymentStatus,
    taken: dict[str, str],
    client: httpx2.AsyncClient,
    ours: mongo.Database,
) -> None:
    answer = reply(await pay(client, method=method))
    assert answer.status is status
    assert [fact.type for fact in answer.facts] == [f"payment.{status.lower()}"]
    assert reply(await client.get(PATH)) == answer
    assert await ledger(ours) == taken


async def test_asking_many_times_at_once_charges_once(
    client: httpx2.AsyncClient, ours: mongo.Database
) -> None:
    answers = [reply(each) for each in await asyncio.gather(*(pay(client) for _ in range(10)))]
    assert all(answer == answers[0] for answer in answers)
    entry = await ours["sandbox_ledger"].find_one({})
    assert entry == {"_id": facts.ORDER, "state": "CHARGED", "amount": facts.AMOUNT, "charges": 1}


async def test_another_amount_or_method_for_the_same_order_is_refused(client: httpx2.AsyncClient) -> None:
    await pay(client)
    assert (await pay(client, amount=1)).status_code == 409
    assert (await pay(client, method="card-declined")).status_code == 409


async def test_no_payment_is_found_where_none_was_asked_for(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/payments/none")).status_code == 404


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"[]", b'{"amount": -1}'], ids=repr)
async def test_what_is_not_valid_is_refused(body: bytes, client: httpx2.AsyncClient) -> None:
    assert (await sent(client, "PUT", PATH, body)).status_code == 422
    assert (await sent(client, "PUT", "/sandbox", b'{"capacity": 0}')).status_code == 422


@pytest.mark.parametrize(
    "levers", [SandboxLevers(stopped=True), FAST.model_copy(update={"failure_rate": 1})], ids=repr
)
async def test_a_provider_that_is_away_charges_nothing_now_or_later(
    levers: SandboxLevers, client: httpx2.AsyncClient, ours: mongo.Database
) -> None:
    await pull(client, levers)
    assert (await pay(client)).status_code == 503
    await pull(client, FAST)
    assert reply(await pay(client)).status is PaymentStatus.CANCELED
    await until(lambda: _states(ours, {facts.ORDER: "VOID"}))


async def _states(ours: mongo.Database, states: dict[str, str]) -> bool:
    return await ledger(ours) == states


async def test_the_levers_exist_only_where_they_are_switched_on(place_without_broker: Place) -> None:
    async with serving(build(place_without_broker.settings(PaymentSettings))) as client:
        assert (await client.get("/sandbox")).status_code == 404
        assert (await sent(client, "PUT", "/sandbox", SandboxLevers(stopped=True))).status_code == 404


async def test_beyond_its_capacity_charges_queue_and_go_on_when_there_is_room(
    client: httpx2.AsyncClient, ours: mongo.Database
) -> None:
    await pull(client, SandboxLevers(latency_ms_min=300, latency_ms_max=300, capacity=1))
    paying = [asyncio.create_task(pay(client, f"/payments/o{n}")) for n in range(4)]
    await until(lambda: _queued(client, 4))
    await until(lambda: ours["sandbox_ledger"].count_documents({}))
    assert await ours["sandbox_ledger"].count_documents({}) < 3
    await pull(client, FAST)
    assert {reply(each).status for each in await asyncio.gather(*paying)} == {PaymentStatus.APPROVED}
    assert await in_flight(client) == 0


async def _queued(client: httpx2.AsyncClient, count: int) -> bool:
    return await in_flight(client) == count


async def test_those_that_queue_are_refused_when_the_provider_stops(client: httpx2.AsyncClient) -> None:
    await pull(client, SandboxLevers(latency_ms_min=500, latency_ms_max=500, capacity=1))
    paying = [asyncio.create_task(pay(client, f"/payments/o{n}")) for n in range(3)]
    await until(lambda: _queued(client, 3))
    await pull(client, SandboxLevers(stopped=True))
    statuses = sorted(each.status_code for each in await asyncio.gather(*paying))
    assert statuses == [200, 503, 503]


async def test_who_hangs_up_does_not_stop_the_payment(client: httpx2.AsyncClient) -> None:
    await pull(client, SandboxLevers(latency_ms_min=200, latency_ms_max=200))
    paying = asyncio.create_task(pay(client))
    await until(lambda: _queued(client, 1))
    paying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await paying
    await until(lambda: _is(client, PaymentStatus.APPROVED))


async def _is(client: httpx2.AsyncClient, status: PaymentStatus) -> bool:
    return reply(await client.get(PATH)).status is status


async def test_a_payment_that_a_crash_left_is_taken_up_again(
    settings: PaymentSettings, ours: mongo.Database
) -> None:
    store = MongoPayments(ours["payments"], outbox_of(ours["payments"]))
    long_ago = now() - timedelta(seconds=60)
    await store.add(domain.request(facts.ORDER, facts.approve_payment(), long_ago, timedelta(seconds=5)))
    async with serving(build(settings)) as client:
        await until(lambda: _is(client, PaymentStatus.APPROVED))
    assert await ledger(ours) == {facts.ORDER: "CHARGED"}


async def test_a_provider_that_does_not_answer_is_not_waited_for_and_not_taken_for_a_refusal(
    place_without_broker: Place, ours: mongo.Database
) -> None:
    hurried = place_without_broker.settings(
        PaymentSettings, payment_sandbox=True, payment_provider_timeout_seconds=0.3, **QUICK, **SOON
    )
    async with serving(build(hurried)) as client:
        await until(ready(client))
        await pull(client, SLOW)
        assert (await pay(client)).status_code == 504
        assert reply(await client.get(PATH)).status is PaymentStatus.REQUESTED
        await pull(client, FAST)
        await until(lambda: _is(client, PaymentStatus.APPROVED))
        metrics = (await client.get("/metrics")).text
    assert await ledger(ours) == {facts.ORDER: "CHARGED"}
    assert 'watchdog_healed_total{wait="charge"}' in metrics


async def test_two_replicas_that_are_asked_at_once_charge_once(
    settings: PaymentSettings, client: httpx2.AsyncClient, ours: mongo.Database
) -> None:
    await pull(client, SandboxLevers(latency_ms_min=200, latency_ms_max=200))
    async with serving(build(settings)) as other:
        await until(ready(other))
        answers = [reply(each) for each in await asyncio.gather(pay(client), pay(other))]
    assert answers[0] == answers[1]
    assert answers[0].status is PaymentStatus.APPROVED
    assert await ledger(ours) == {facts.ORDER: "CHARGED"}


async def test_who_is_gone_from_the_other_end_of_the_line_is_paid_all_the_same(
    settings: PaymentSettings,
) -> None:
    async with (
        on_a_socket(build(settings)) as url,
        httpx2.AsyncClient(base_url=url, headers=trusted()) as client,
    ):
        await until(ready(client))
        await pull(client, SandboxLevers(latency_ms_min=300, latency_ms_max=300))
        async with httpx2.AsyncClient(base_url=url, headers=trusted()) as hasty:
            paying = asyncio.create_task(pay(hasty))
            await until(lambda: _queued(client, 1))
            paying.cancel()
            await asyncio.wait({paying})
        await until(lambda: _is(client, PaymentStatus.APPROVED))
