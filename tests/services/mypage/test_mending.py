"""Facts lost on their way to mypage alone: the real services beside it, over sockets and the real servers."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import httpx2
import pytest
from aio_pika.abc import AbstractChannel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from schema import channels
from schema.events import CancelReason
from schema.requests import CancelOrder, OrderReply
from schema.views import OrderView
from services.chassis import mongo
from services.chassis.bus import Bus
from services.delivery.app import build as build_delivery
from services.delivery.settings import DeliverySettings
from services.mypage import app
from services.mypage.settings import MypageSettings
from services.order.app import build as build_order
from services.order.settings import OrderSettings
from services.payment.app import build as build_payment
from services.payment.settings import PaymentSettings
from tests import facts
from tests.conftest import NOWHERE, Place
from tests.services.chassis.hearing import looking, on, settings
from tests.services.serving import ready, sent, serving
from tests.services.sockets import on_a_socket
from tests.trust import trusted
from tests.waiting import until

WHOLE = {"order.placed", "payment.approved", "delivery.started"}
STOPPED = WHOLE | {"order.canceled", "payment.canceled", "delivery.canceled"}
HEALED = 'watchdog_healed_total{wait="page"}'


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "WATCH_SECONDS", 0.1)


@dataclass
class System:
    """All services, and what goes between them. `views` are those announced."""

    order: httpx2.AsyncClient
    payment: httpx2.AsyncClient
    mypage: httpx2.AsyncClient
    channel: AbstractChannel
    pages: mongo.Collection
    views: list[OrderView] = field(default_factory=list)

    async def place(self) -> str:
        response = await sent(self.order, "POST", "/orders", facts.place_order())
        return OrderReply.model_validate_json(response.content).order_id

    async def pay(self, order_id: str) -> None:
        await sent(self.payment, "PUT", f"/payments/{order_id}", facts.approve_payment())

    async def cancel(self, order_id: str) -> None:
        command = CancelOrder(customer_id=facts.CUSTOMER, reason=CancelReason.BY_CUSTOMER)
        assert (await sent(self.order, "POST", f"/orders/{order_id}/cancel", command)).status_code == 200

    async def order_knows(self, order_id: str, kinds: set[str]) -> bool:
        """Then all who hear it heard it, but for whom it was lost."""
        entry = (await self.order.get(f"/feed/{order_id}")).json()
        return {fact["type"] for fact in entry["facts"]} == kinds and not entry["untold"]

    async def page_knows(self, order_id: str, kinds: set[str]) -> bool:
        page = await self.pages.find_one({"_id": order_id}) or {"facts": []}
        return {fact["type"] for fact in page["facts"]} == kinds

    async def healed(self) -> float:
        lines = (await self.mypage.get("/metrics")).text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(HEALED))

    @asynccontextmanager
    async def losing(self, kind: str) -> AsyncIterator[None]:
        """Within this mypage hears nothing of such facts; another does, so that they count as told."""
        queue = await self.channel.get_queue(channels.queue_name("mypage"))
        keys = [key for key in channels.HEARS["mypage"] if fnmatchcase(kind, key)]
        other = await self.channel.declare_queue(exclusive=True)
        await other.bind(channels.EVENTS, kind)
        for key in keys:
            await queue.unbind(channels.EVENTS, key)
        try:
            yield
        finally:
            for key in keys:
                await queue.bind(channels.EVENTS, key)


def reminding(place: Place, *urls: str, seconds: float = 0.4) -> Starlette:
    named = dict(zip(("order_url", "payment_url", "delivery_url"), urls, strict=True))
    return app.build(place.settings(MypageSettings, mypage_remind_seconds=seconds, **named))


@pytest.fixture
async def system(place: Place, database: mongo.Database) -> AsyncIterator[System]:
    quick = {"payment_sandbox_latency_ms_min": 0, "payment_sandbox_latency_ms_max": 0}
    bus = Bus(settings(place.rabbitmq_url))
    views: list[OrderView] = []

    async def hear(new: Sequence[OrderView]) -> None:
        views.extend(new)

    bus.hear_changes("gateway", hear)
    async with (
        on(bus),
        on_a_socket(build_payment(place.settings(PaymentSettings, **quick))) as payment_url,
        on_a_socket(build_delivery(place.settings(DeliverySettings))) as delivery_url,
        on_a_socket(build_order(place.settings(OrderSettings, payment_url=payment_url))) as order_url,
        serving(reminding(place, order_url, payment_url, delivery_url)) as mypage,
        httpx2.AsyncClient(base_url=order_url, headers=trusted()) as order,
        httpx2.AsyncClient(base_url=payment_url, headers=trusted()) as payment,
        httpx2.AsyncClient(base_url=delivery_url, headers=trusted()) as delivery,
        looking(place.rabbitmq_url) as channel,
    ):
        for each in (order, payment, delivery, mypage):
            await until(ready(each))
        pages = database.client[f"{database.name}_mypage"]["orders"]
        yield System(order, payment, mypage, channel, pages, views)


async def test_an_order_whose_placing_was_lost_is_shown_to_its_customer(system: System) -> None:
    async with system.losing("order.placed"):
        order_id = await system.place()
        await until(lambda: system.order_knows(order_id, {"order.placed"}))
    await system.pay(order_id)
    await until(lambda: system.page_knows(order_id, WHOLE))
    await until(lambda: any(view.version == 3 for view in system.views))
    assert await until(system.healed)


async def test_a_fact_lost_in_the_middle_is_made_up_for(system: System) -> None:
    order_id = await system.place()
    async with system.losing("payment.approved"):
        await system.pay(order_id)
        await until(lambda: system.order_knows(order_id, WHOLE))
    await until(lambda: system.page_knows(order_id, WHOLE))
    await until(lambda: any(view.version == 3 for view in system.views))
    assert await until(system.healed)


async def test_a_last_fact_that_was_lost_settles_the_page_all_the_same(system: System) -> None:
    order_id = await system.place()
    await system.pay(order_id)
    await until(lambda: system.page_knows(order_id, WHOLE))
    async with system.losing("delivery.canceled"):
        await system.cancel(order_id)
        await until(lambda: system.order_knows(order_id, STOPPED))
    await until(lambda: system.page_knows(order_id, STOPPED))
    await until(lambda: any(view.settled for view in system.views))
    assert await until(system.healed)


class Asked(list[str]):
    """A feed that knows nothing, and remembers about whom it was asked."""

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/feed/{order_id}", self._entry)])

    async def _entry(self, request: Request) -> Response:
        self.append(request.path_params["order_id"])
        return Response(status_code=404)


async def test_of_all_pages_those_that_wait_are_asked_about_and_a_service_away_is_no_reason_not_to(
    place: Place,
) -> None:
    asked, bus = Asked(), Bus(settings(place.rabbitmq_url))
    names = ("waits", "delivered", "on its way")
    waits, delivered, way = names
    async with on(bus), on_a_socket(asked.app()) as url:
        nowhere = f"http://{NOWHERE}"
        async with serving(reminding(place, nowhere, url, nowhere)) as mypage:
            await until(ready(mypage))
            for make in (facts.placed, facts.approved, facts.started):
                for name in (delivered, way):
                    await bus.tell(make(name))
            await bus.tell(facts.completed(delivered))
            await until(lambda: all_in(mypage, {delivered: 4, way: 3}))
            await bus.tell(facts.placed(waits))
            await until(lambda: asked.count(waits) >= 3)
    assert asked[-2:] == [waits, waits]


async def all_in(mypage: httpx2.AsyncClient, versions: dict[str, int]) -> bool:
    entries = (await mypage.get("/feed")).json()["entries"]
    return {each["order_id"]: len(each["facts"]) for each in entries} == versions


async def test_nobody_is_asked_while_the_bus_is_away(
    place_without_broker: Place, database: mongo.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = 0

    async def connected(_: Bus) -> bool:
        nonlocal looks
        looks += 1
        return False

    monkeypatch.setattr(Bus, "connected", connected)
    asked = Asked()
    document = {"_id": facts.ORDER, "awaited_since": facts.NOON, "facts": []}
    await database.client[f"{database.name}_mypage"]["orders"].insert_one(document)
    async with (
        on_a_socket(asked.app()) as url,
        serving(reminding(place_without_broker, url, url, url, seconds=0.01)),
    ):
        await until(lambda: looks > 5)
    assert asked == []
