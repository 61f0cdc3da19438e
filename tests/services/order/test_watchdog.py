"""The watchdog with the real payment service beside it, over sockets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase

import httpx2
import pytest
from aio_pika.abc import AbstractChannel
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from schema import channels
from schema.events import CancelReason
from schema.projection import project
from schema.requests import CancelOrder, OrderReply
from schema.views import OrderStatus
from services.chassis import mongo
from services.delivery.app import build as build_delivery
from services.delivery.settings import DeliverySettings
from services.order.app import build
from services.order.settings import OrderSettings
from services.payment.app import build as build_payment
from services.payment.settings import PaymentSettings
from tests import facts
from tests.conftest import NOWHERE, Place
from tests.services.chassis.hearing import looking
from tests.services.serving import ready, sent, serving
from tests.services.sockets import on_a_socket
from tests.trust import trusted
from tests.waiting import until


def impatient(place: Place, payment_url: str, patience: float = 0.3) -> Starlette:
    times = {"order_payment_patience_seconds": patience, "order_watch_seconds": 0.1}
    return build(place.settings(OrderSettings, payment_url=payment_url, **times))


async def stands(database: mongo.Database, order_id: str) -> tuple[OrderStatus, object]:
    document = await database.client[f"{database.name}_order"]["orders"].find_one({"_id": order_id})
    assert document is not None
    view = project(OrderReply.model_validate({"order_id": order_id, **document}).facts)
    assert view is not None
    return view.status, view.cancel_reason


async def placed(client: httpx2.AsyncClient, key: str = "key-1") -> str:
    response = await sent(client, "POST", "/orders", facts.place_order(idempotency_key=key))
    return OrderReply.model_validate_json(response.content).order_id


async def test_an_order_that_nobody_pays_is_canceled(place: Place, database: mongo.Database) -> None:
    async with serving(impatient(place, f"http://{NOWHERE}")) as client:
        await until(ready(client))
        order_id = await placed(client)

        async def is_canceled() -> bool:
            return (await stands(database, order_id)) == (OrderStatus.CANCELED, "PAYMENT_TIMEOUT")

        await until(is_canceled)


async def test_an_approval_that_was_never_told_is_asked_for(place: Place, database: mongo.Database) -> None:
    """Payment's broker is away, so its fact does not come by itself."""
    silent = place.settings(PaymentSettings, rabbitmq_url=f"amqp://guest:guest@{NOWHERE}/")
    async with on_a_socket(build_payment(silent)) as url, serving(impatient(place, url, 2)) as client:
        await until(ready(client))
        order_id = await placed(client)
        async with httpx2.AsyncClient(base_url=url, headers=trusted()) as payment:
            response = await sent(payment, "PUT", f"/payments/{order_id}", facts.approve_payment())
        assert response.json()["status"] == "APPROVED"

        async def is_paid() -> bool:
            return (await stands(database, order_id))[0] is OrderStatus.PAID

        await until(is_paid)


@dataclass
class All:
    """Order, payment and delivery, and what goes between them."""

    order: httpx2.AsyncClient
    payment: httpx2.AsyncClient
    channel: AbstractChannel
    database: mongo.Database

    async def paid(self, key: str = "key-1") -> str:
        order_id = await placed(self.order, key)
        await sent(self.payment, "PUT", f"/payments/{order_id}", facts.approve_payment())
        return order_id

    async def cancel(self, order_id: str) -> None:
        command = CancelOrder(customer_id=facts.CUSTOMER, reason=CancelReason.BY_CUSTOMER)
        assert (await sent(self.order, "POST", f"/orders/{order_id}/cancel", command)).status_code == 200

    async def knows(self, order_id: str, *kinds: str) -> bool:
        """Whether the order has heard this, and nothing else."""
        known = await self._document("order", order_id)
        return {fact["type"] for fact in known["facts"]} == {"order.placed", *kinds}

    async def has_told(self, teller: str, order_id: str, kind: str) -> bool:
        """Whether the broker has confirmed this fact of theirs."""
        known = await self._document(teller, order_id)
        told = {fact["type"] for fact in known["facts"]}
        return kind in told - {entry["id"].partition("/")[2] for entry in known["outbox"]}

    async def _document(self, teller: str, order_id: str) -> mongo.Document:
        ours = self.database.client[f"{self.database.name}_{teller}"]
        kept = {"order": "orders", "payment": "payments", "delivery": "deliveries"}[teller]
        return await ours[kept].find_one({"_id": order_id}) or {"facts": [], "outbox": []}

    async def healed(self) -> dict[str, float]:
        families = text_string_to_metric_families((await self.order.get("/metrics")).text)
        samples = [each for family in families for each in family.samples]
        return {each.labels["wait"]: each.value for each in samples if each.name == "watchdog_healed_total"}

    @asynccontextmanager
    async def losing(self, hearer: str, fact: str) -> AsyncIterator[None]:
        """What goes to `hearer` goes into nothing: within this it hears nothing of `fact`."""
        queue = await self.channel.get_queue(channels.queue_name(hearer))
        keys = [key for key in channels.HEARS[hearer] if fnmatchcase(fact, key)]
        for key in keys:
            await queue.unbind(channels.EVENTS, key)
        try:
            yield
        finally:
            for key in keys:
                await queue.bind(channels.EVENTS, key)


@pytest.fixture
async def everyone(place: Place, database: mongo.Database) -> AsyncIterator[All]:
    quick = {"payment_sandbox_latency_ms_min": 0, "payment_sandbox_latency_ms_max": 0}
    payment = build_payment(place.settings(PaymentSettings, **quick))
    delivery = build_delivery(place.settings(DeliverySettings))
    async with (
        on_a_socket(payment) as url,
        serving(delivery) as shipping,
        serving(reminding(place, url)) as client,
        httpx2.AsyncClient(base_url=url, headers=trusted()) as paying,
        looking(place.rabbitmq_url) as channel,
    ):
        for each in (client, shipping, paying):
            await until(ready(each))
        yield All(client, paying, channel, database)


def reminding(place: Place, payment_url: str) -> Starlette:
    """It waits patiently for payment, and not for any other answer."""
    times = {"order_remind_seconds": 0.3, "order_watch_seconds": 0.1}
    return build(place.settings(OrderSettings, payment_url=payment_url, **times))


A, S, X, P, Q = (
    "payment.approved",
    "delivery.started",
    "order.canceled",
    "payment.canceled",
    "delivery.canceled",
)


@pytest.mark.parametrize(
    ("hearer", "lost"),
    [("delivery", A), ("order", S)],
    ids=["the fact was lost", "the answer was lost"],
)
async def test_a_paid_order_is_delivered_all_the_same(
    hearer: str, lost: str, everyone: All, caplog: pytest.LogCaptureFixture
) -> None:
    async with everyone.losing(hearer, lost):
        order_id = await everyone.paid()
        await until(lambda: everyone.knows(order_id, A))
        await until(lambda: everyone.has_told(lost.partition(".")[0], order_id, lost))
    await until(lambda: everyone.knows(order_id, A, S))
    assert (await everyone.healed()).keys() == {"undelivered"}
    assert mended(caplog) == {order_id}


@pytest.mark.parametrize(
    ("hearer", "lost", "wait"),
    [
        ("payment", X, "unanswered cancellation"),
        ("order", P, "unanswered cancellation"),
        ("delivery", P, "unstopped delivery"),
        ("order", Q, "unstopped delivery"),
    ],
)
async def test_a_canceled_order_is_paid_back_and_stopped_all_the_same(
    hearer: str, lost: str, wait: str, everyone: All
) -> None:
    order_id = await everyone.paid()
    await until(lambda: everyone.knows(order_id, A, S))
    async with everyone.losing(hearer, lost):
        await everyone.cancel(order_id)
        await until(lambda: everyone.has_told(lost.partition(".")[0], order_id, lost))
    await until(lambda: everyone.knows(order_id, A, S, X, P, Q))
    assert wait in await everyone.healed()


async def test_a_healthy_order_is_never_reminded_of(everyone: All, caplog: pytest.LogCaptureFixture) -> None:
    """Its courier takes longer than any reminder; what another order lost is mended meanwhile."""
    healthy = await everyone.paid()
    await until(lambda: everyone.knows(healthy, A, S))
    async with everyone.losing("delivery", A):
        sick = await everyone.paid("key-2")
        await until(lambda: everyone.has_told("payment", sick, A))
    await until(lambda: everyone.knows(sick, A, S))
    assert mended(caplog) == {sick}


def mended(caplog: pytest.LogCaptureFixture) -> set[str]:
    """The orders that the log names as mended."""
    said = [record for record in caplog.records if "mended" in record.message]
    return {getattr(record, "order", "") for record in said}


async def test_what_payment_says_when_asked_reaches_those_who_missed_it_too(
    place: Place, database: mongo.Database
) -> None:
    """Payment cannot tell, so the watchdog does: to delivery, and to MyPage."""
    silent = place.settings(PaymentSettings, rabbitmq_url=f"amqp://guest:guest@{NOWHERE}/")
    async with (
        on_a_socket(build_payment(silent)) as url,
        serving(build_delivery(place.settings(DeliverySettings))) as delivery,
        serving(impatient(place, url, patience=2)) as client,
    ):
        await until(ready(client))
        await until(ready(delivery))
        order_id = await placed(client)
        async with httpx2.AsyncClient(base_url=url, headers=trusted()) as payment:
            await sent(payment, "PUT", f"/payments/{order_id}", facts.approve_payment())

        async def is_delivering() -> bool:
            return (await stands(database, order_id))[0] is OrderStatus.DELIVERING

        await until(is_delivering)


async def test_numbers_can_be_read_by_prometheus(place_without_broker: Place) -> None:
    async with serving(impatient(place_without_broker, f"http://{NOWHERE}")) as client:
        families = {each.name for each in text_string_to_metric_families((await client.get("/metrics")).text)}
    assert {"outbox_told", "outbox_failed", "outbox_depth", "outbox_age_seconds"} <= families
    assert "watchdog_healed" in families
