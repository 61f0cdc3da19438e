"""Gateways on real sockets, with a real mongod; everything else is away unless a test says otherwise."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import aiohttp
import pytest

from bff import app
from bff.edge.lives import Life, Lives
from bff.mypage import MyPage
from bff.settings import BffSettings
from compose.servers import Servers
from schema.views import MYPAGE_DATABASE, MYPAGE_ORDERS
from services.chassis import mongo
from services.mypage.store import MongoPages
from tests.bff.asking import SECRET, Gateway
from tests.bff.placing import Shop, shop_of
from tests.bff.serving import Stub, serving, stub
from tests.conftest import NOWHERE, Place

Open = Callable[..., AbstractAsyncContextManager[Gateway]]

AWAY = {
    "order_url": f"http://{NOWHERE}",
    "payment_url": f"http://{NOWHERE}",
    "auth_jwt_secret": SECRET,
    "bff_rates": False,
}
"""The services are away, and it does not matter how often somebody comes."""


@asynccontextmanager
async def gateway_of(place: Place, **settings: Any) -> AsyncIterator[Gateway]:
    """A gateway that keeps its data there."""
    chosen = place.settings(BffSettings, **{**AWAY, "bff_order_timeout_ms": 300, **settings})
    serves = serving(app.build(chosen), app.wire(chosen))
    async with serves as address, aiohttp.ClientSession() as session:
        yield Gateway(address, session)


@pytest.fixture
def open_gateway(place_without_broker: Place) -> Open:
    """Opens gateways, with other settings where a test gives them."""
    return lambda **settings: gateway_of(place_without_broker, **settings)


@pytest.fixture
def kept(place_without_broker: Place, mongo_client: mongo.Client) -> MongoPages:
    """Where gateways that a test opens find their orders."""
    return MongoPages(mongo_client[f"{place_without_broker.prefix}_{MYPAGE_DATABASE}"][MYPAGE_ORDERS])


@pytest.fixture
def lives(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[Life]]:
    """What stays open now, in the gateway that the test opens."""
    made: list[Lives] = []
    real = Lives.__init__

    def remember(lives: Lives, *arguments: Any, **named: Any) -> None:
        made.append(lives)
        real(lives, *arguments, **named)

    monkeypatch.setattr(Lives, "__init__", remember)
    return lambda: list(made[0]._open)


@pytest.fixture(scope="session")
async def gateway(servers: Servers, mongo_client: mongo.Client) -> AsyncIterator[Gateway]:
    """One gateway for all tests that leave nothing behind; it waits half a second for connection_init."""
    place = Place(servers.mongo_url, f"amqp://guest:guest@{NOWHERE}/", "gateway")
    async with gateway_of(
        place,
        bff_dev_login=True,
        bff_allowed_origins=("https://shop.example",),
        bff_subscription_init_seconds=0.5,
        bff_subscriptions_per_connection=2,
    ) as gateway:
        yield gateway
    await mongo_client.drop_database("gateway_mypage")


@pytest.fixture
async def pages(database: mongo.Database) -> MongoPages:
    """Where mypage writes."""
    pages = MongoPages(database["orders"])
    await pages.prepare()
    return pages


@pytest.fixture
def mypage(database: mongo.Database, pages: MongoPages) -> MyPage:
    """What the gateway reads of it."""
    del pages
    return MyPage(database["orders"])


@pytest.fixture
async def order_service() -> AsyncIterator[Stub]:
    """A stub that acts as the order service."""
    async with stub() as there:
        yield there


@pytest.fixture
async def payment_service() -> AsyncIterator[Stub]:
    """A stub that acts as the payment service."""
    async with stub() as there:
        yield there


@pytest.fixture
async def shop(order_service: Stub, payment_service: Stub) -> AsyncIterator[Shop]:
    """Ordering between the two stubs."""
    async with shop_of(order_service, payment_service) as shop:
        yield shop


@pytest.fixture
async def hasty_shop(order_service: Stub, payment_service: Stub) -> AsyncIterator[Shop]:
    """The same, and it waits for half a second."""
    hasty = {"bff_order_timeout_ms": 500, "bff_payment_deadline_ms": 500}
    async with shop_of(order_service, payment_service, **hasty) as shop:
        yield shop
