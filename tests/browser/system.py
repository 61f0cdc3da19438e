"""All that the pages stand on: the services, the servers, and as many gateways as are asked for."""

import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from compose.servers import Servers
from schema.requests import SandboxLevers
from schema.views import MYPAGE_DATABASE, MYPAGE_ORDERS
from services.chassis import mongo
from tests.bff.asking import token
from tests.browser import gateway
from tests.browser.gateway import Gateway
from tests.parts import NAMES, Parts
from tests.stories.customer import Caller
from tests.trust import ENVIRONMENT as TRUST
from tests.trust import trusted
from tests.waiting import until

PREFIX = "browser"

QUICK = {
    "PAYMENT_SANDBOX": "true",
    "PAYMENT_CHARGE_PATIENCE_SECONDS": "2",
    "PAYMENT_SANDBOX_LATENCY_MS_MIN": "10",
    "PAYMENT_SANDBOX_LATENCY_MS_MAX": "30",
}

WELL = SandboxLevers(latency_ms_min=10, latency_ms_max=30)


class System:
    """Running services; gateways of any settings in front of them."""

    def __init__(
        self,
        parts: Parts,
        session: aiohttp.ClientSession,
        servers: dict[str, str],
        client: mongo.Client,
        logs: Path,
    ) -> None:
        self.parts = parts
        self._session = session
        self._servers = servers
        self._client = client
        self._logs = logs
        self._numbers = itertools.count(1)

    @property
    def rabbitmq_url(self) -> str:
        """Its broker."""
        return self._servers["RABBITMQ_URL"]

    @property
    def pages(self) -> mongo.Collection:
        """MyPage's collection: one document per order."""
        return self._client[f"{PREFIX}_{MYPAGE_DATABASE}"][MYPAGE_ORDERS]

    @property
    def orders(self) -> mongo.Collection:
        """The order service's own."""
        return self._client[f"{PREFIX}_order"]["orders"]

    @asynccontextmanager
    async def gateway(self, **environment: str) -> AsyncIterator[Gateway]:
        """A gateway of other settings, or of one's own."""
        log = self._logs / f"gateway{next(self._numbers)}.log"
        async with gateway.running(self.parts, self._servers | environment, log) as running_gateway:
            yield running_gateway

    async def pull(self, **levers: Any) -> None:
        """Make the payment sandbox behave so; what is not named is as it should be."""
        body = WELL.model_copy(update=levers).model_dump(mode="json")
        url = f"{self.parts.urls['payment']}/sandbox"
        async with self.parts.session.put(url, json=body) as response:
            assert response.status == 200, await response.text()

    async def places(self, gateway: Gateway, customer: str, **changes: Any) -> str:
        """Order in a customer's name, and wait until it is on its way; its id."""
        order_id = await self._caller(gateway, customer).places(**changes)
        await self.settles(order_id, "DELIVERING")
        return order_id

    async def cancels(self, gateway: Gateway, customer: str, order_id: str) -> None:
        """Cancel in a customer's name."""
        await self._caller(gateway, customer).cancel(order_id)
        await self.settles(order_id, "CANCELED")

    async def tries(self, gateway: Gateway, customer: str, **changes: Any) -> str:
        """Try to order in a customer's name; what came of it."""
        outcome = await self._caller(gateway, customer).place(**changes)
        return str(outcome["__typename"])

    def _caller(self, gateway: Gateway, customer: str) -> Caller:
        return Caller(gateway.http, self._session, customer, token(customer))

    async def settles(self, order_id: str, status: str) -> None:
        """Wait until MyPage has the order so."""
        await until(lambda: self.pages.find_one({"_id": order_id, "status": status}))

    async def deliver(self, order_id: str) -> None:
        """Be the courier."""
        assert await self.parts.complete(order_id) == 200

    async def placed_by(self, customer: str) -> list[mongo.Document]:
        """What the order service has of a customer's orders: their facts, oldest first."""
        return [each async for each in self.orders.find({"customer_id": customer})]

    async def standing(self, customer: str) -> list[str]:
        """The ids of a customer's orders that were neither canceled nor declined."""
        ended = {"order.canceled", "payment.declined"}
        orders = await self.placed_by(customer)
        return [each["_id"] for each in orders if ended.isdisjoint(fact["type"] for fact in each["facts"])]


@asynccontextmanager
async def running(
    servers: Servers, rabbitmq_url: str, client: mongo.Client, logs: Path
) -> AsyncIterator[System]:
    """All four services, ready; nothing of them is left behind."""
    told = {"MONGO_URL": servers.mongo_url, "RABBITMQ_URL": rabbitmq_url, "MONGO_DATABASE_PREFIX": PREFIX}
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession(headers=trusted()))
        said = stack.enter_context((logs / "services.log").open("wb"))
        parts = Parts(session, told | TRUST | QUICK, said.fileno())
        stack.push_async_callback(parts.stop)
        await parts.start(*NAMES)
        callers = await stack.enter_async_context(aiohttp.ClientSession())
        yield System(parts, callers, told, client, logs)
