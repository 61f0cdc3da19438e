"""One system, one browser; each test has customers and contexts of its own, and a witness to all they do."""

import os
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NoReturn, Protocol

import pytest
from playwright.async_api import Browser, BrowserContext

from compose import web
from compose.servers import Servers
from services.chassis import mongo
from tests.browser import chromium, system
from tests.browser.gateway import Gateway
from tests.browser.shop import Shop
from tests.browser.system import System
from tests.browser.witness import Witness
from tests.browser.words import KOREAN
from tests.vhosts import Vhosts

Shops = Callable[..., Awaitable[Shop]]
Say = Callable[[object], None]
Levers = Callable[..., Awaitable[None]]


class Visits(Protocol):
    """Opens contexts: each is a visitor with cookies of their own."""

    async def __call__(self, at: str = "", *, locale: str = KOREAN.locale, **options: Any) -> BrowserContext:
        """A context whose pages are at this address; the system's gateway, where none is said."""
        ...


def left_out(why: str) -> NoReturn:
    """Where everything must be run, what is left out is a failure."""
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium."""
    if missing := chromium.missing():
        left_out(missing)
    await web.build(print)
    async with chromium.running() as browser:
        yield browser


@pytest.fixture(scope="session")
async def browsed(
    browser: Browser,
    servers: Servers,
    vhosts: Vhosts,
    mongo_client: mongo.Client,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[System]:
    """The services that the pages' gateways stand in front of."""
    del browser  # where there is none, nothing is started
    logs = tmp_path_factory.mktemp("browser")
    async with system.running(servers, await vhosts.fresh(), mongo_client, logs) as running_system:
        yield running_system


@pytest.fixture(scope="session")
async def gateway(browsed: System) -> AsyncIterator[Gateway]:
    """The gateway of all tests that neither break it nor want it otherwise."""
    async with browsed.gateway() as running_gateway:
        yield running_gateway


@pytest.fixture
async def levers(browsed: System) -> AsyncIterator[Levers]:
    """The sandbox's levers; afterwards payment is well again."""
    yield browsed.pull
    await browsed.pull()


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Say:
    """Says a figure to whoever runs the tests."""

    def aloud(figure: object) -> None:
        with capsys.disabled():
            print(f"\n{figure}")  # noqa: T201 # this is what it is for

    return aloud


@pytest.fixture
def customer() -> str:
    """The name of somebody who has never been here."""
    return f"customer-{uuid.uuid4().hex[:8]}"


@pytest.fixture
async def witness() -> AsyncIterator[Witness]:
    """Sees all contexts of a test; at its end there was no stranger, no violation, no error."""
    witness = Witness(set())
    yield witness
    witness.found_nothing()


@pytest.fixture
async def visits(browser: Browser, gateway: Gateway, witness: Witness) -> AsyncIterator[Visits]:
    """Opens contexts, and closes them."""
    contexts: list[BrowserContext] = []

    async def open_one(at: str = "", *, locale: str = KOREAN.locale, **options: Any) -> BrowserContext:
        base = at or gateway.http
        witness.origins.add(base)
        ours: dict[str, Any] = {"reduced_motion": "reduce", "timezone_id": "Asia/Seoul"}
        context = await browser.new_context(base_url=base, locale=locale, **(ours | options))
        contexts.append(context)
        context.set_default_timeout(15_000)
        await witness.watch(context)
        return context

    yield open_one
    for context in contexts:
        await context.close()


@pytest.fixture
def shops(visits: Visits) -> Shops:
    """Opens the shop for a visitor; signed in, where a customer is named."""

    async def open_one(customer: str = "", path: str = "/", **options: Any) -> Shop:
        shop = await Shop.visited(await visits(**options), customer)
        if path != "/":
            await shop.page.goto(path)
        return shop

    return open_one
