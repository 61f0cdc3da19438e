"""A whole system: the four services as processes of their own, and a gateway."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from compose.servers import Servers
from services.chassis import mongo
from tests.bff.ops.page import Page, page_of
from tests.conftest import Place
from tests.parts import Parts
from tests.parts import running as running_parts
from tests.vhosts import Vhosts
from tests.waiting import until

PREFIX = "ops"


@dataclass(frozen=True)
class System:
    """Where it is, and what can be killed of it."""

    place: Place
    parts: Parts


@pytest.fixture(scope="session")
async def system(servers: Servers, vhosts: Vhosts, mongo_client: mongo.Client) -> AsyncIterator[System]:
    """Running services with a sandbox; whoever breaks something mends it."""
    place = Place(servers.mongo_url, await vhosts.fresh(), PREFIX)
    levers = {"PAYMENT_SANDBOX": "true", "PAYMENT_SANDBOX_LATENCY_MS_MIN": "1"}
    levers |= {"PAYMENT_SANDBOX_LATENCY_MS_MAX": "3"}
    async with running_parts(place.mongo_url, place.rabbitmq_url, PREFIX, environment=levers) as parts:
        yield System(place, parts)
    for name in await mongo_client.list_database_names():
        if name.startswith(f"{PREFIX}_"):
            await mongo_client.drop_database(name)


@pytest.fixture
async def page(system: System) -> AsyncIterator[Page]:
    """An operator's page, once its gateway knows the broker."""
    async with page_of(system.place, system.parts, bff_breaker_recovery_seconds=1) as page:
        await until(lambda: _is_whole(page))
        yield page


async def _is_whole(page: Page) -> bool:
    state = await page.state()
    return bool(state["dependencies"]["rabbitmq"] and all(each["ready"] for each in state["services"]))
