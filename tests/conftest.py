"""The real servers, started once for all tests; each test has databases and a virtual host of its own."""

import itertools
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest
import structlog
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from motor.motor_asyncio import AsyncIOMotorClient

from compose.servers import Servers, running
from services.chassis import mongo
from services.chassis.settings import ProcessSettings
from tests.ports import free_ports
from tests.trust import SERVICE_SECRET
from tests.vhosts import Vhosts

pytest_plugins = ["tests.hanging"]

S = TypeVar("S", bound=ProcessSettings)

hypothesis_settings.register_profile(
    "whatever the clock says", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("whatever the clock says")

NUMBERS = itertools.count(1)
NOWHERE = "127.0.0.1:9"
"""The discard port: nobody listens there, so a connection is refused at once."""


def pytest_configure(config: pytest.Config) -> None:
    """All processes of all tests know one another by one secret.

    An aio-pika connection that never came up closes itself in `__del__`, which needs a running loop."""
    never_awaited = "ignore:coroutine 'RobustConnection.close' was never awaited:RuntimeWarning"
    config.addinivalue_line("filterwarnings", never_awaited)
    os.environ["SERVICE_SECRET"] = SERVICE_SECRET


@dataclass(frozen=True)
class Place:
    """Where a test's own data are; a test may point one of the addresses elsewhere."""

    mongo_url: str
    rabbitmq_url: str
    prefix: str

    def settings(self, kind: type[S], **others: Any) -> S:
        """The settings of a service that keeps its data here."""
        ours = {
            "mongo_url": self.mongo_url,
            "rabbitmq_url": self.rabbitmq_url,
            "mongo_database_prefix": self.prefix,
        }
        return kind(**(ours | others))


@pytest.fixture(scope="session", autouse=True)
def _log_lines_are_pytests() -> None:
    """Shown with a test that fails, and with no other."""
    shown = [structlog.stdlib.filter_by_level, structlog.stdlib.render_to_log_kwargs]
    structlog.configure(
        processors=[*shown],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


@pytest.fixture(scope="session")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Servers]:
    """A mongod and a RabbitMQ."""
    async with running(tmp_path_factory.mktemp("servers"), free_ports()) as servers:
        yield servers


@pytest.fixture(scope="session")
def vhosts(servers: Servers) -> Vhosts:
    """Virtual hosts, as many as are asked for."""
    return Vhosts(servers)


@pytest.fixture(scope="session")
async def mongo_client(servers: Servers) -> AsyncIterator[mongo.Client]:
    """A client of the mongod, for looking and laying out."""
    client: mongo.Client = AsyncIOMotorClient(servers.mongo_url, tz_aware=True, timeoutMS=5000)
    yield client
    client.close()


@pytest.fixture
async def database(mongo_client: mongo.Client) -> AsyncIterator[mongo.Database]:
    """An empty database of this test's own; its name is the prefix of its `place`."""
    name = f"test{next(NUMBERS)}"
    yield mongo_client[name]
    for each in await mongo_client.list_database_names():
        if each == name or each.startswith(f"{name}_"):
            await mongo_client.drop_database(each)


@pytest.fixture
async def rabbitmq_url(vhosts: Vhosts) -> str:
    """A virtual host of this test's own, with nothing in it."""
    return await vhosts.fresh()


@pytest.fixture
def place(servers: Servers, database: mongo.Database, rabbitmq_url: str) -> Place:
    """Both servers."""
    return Place(servers.mongo_url, rabbitmq_url, database.name)


@pytest.fixture
def place_without_broker(servers: Servers, database: mongo.Database) -> Place:
    """MongoDB alone: RabbitMQ is away."""
    return Place(servers.mongo_url, f"amqp://guest:guest@{NOWHERE}/", database.name)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's environment decides what a test does."""
    parts = ("ORDER_URL", "PAYMENT_URL", "DELIVERY_URL", "MYPAGE_URL")
    for name in (
        "MONGO_URL",
        "RABBITMQ_URL",
        "MONGO_DATABASE_PREFIX",
        "PORT",
        "HOST",
        "OTLP_ENDPOINT",
        *parts,
    ):
        monkeypatch.delenv(name, raising=False)
