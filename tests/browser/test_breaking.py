"""Under an open page the gateway goes away and comes back, and so does the network: nothing is missed."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visits
from tests.browser.gateway import Gateway
from tests.browser.shop import Shop
from tests.browser.system import System
from tests.proxy import Link, linked
from tests.waiting import until


@pytest.fixture
async def own(browsed: System) -> AsyncIterator[Gateway]:
    """A gateway that may be broken."""
    async with browsed.gateway() as gateway:
        yield gateway


@pytest.fixture
async def link(own: Gateway) -> AsyncIterator[Link]:
    """The network between the browser and the gateway."""
    async with linked(own.port) as link:
        yield link


@pytest.mark.parametrize("end", ["stop", "kill"])
async def test_a_gateway_that_is_started_again_has_its_page_back_and_nothing_is_missed(
    end: str, own: Gateway, visits: Visits, browsed: System, customer: str
) -> None:
    shop = await Shop.visited(await visits(own.http), customer)
    order_id = await shop.orders_something()
    await shop.to_orders()
    await expect(shop.card(order_id)).to_have_attribute("data-status", "DELIVERING")
    await getattr(own, end)()
    await expect(shop.connection).to_be_visible()
    await browsed.deliver(order_id)
    await own.start()
    await expect(shop.card(order_id)).to_have_attribute("data-status", "DELIVERED", timeout=30_000)
    await expect(shop.connection).to_be_hidden()
    await shop.to_shop()
    await shop.more()
    await shop.orders_something()


async def test_a_network_that_is_cut_is_quietly_told_and_nothing_is_missed(
    link: Link, visits: Visits, browsed: System, customer: str
) -> None:
    context = await visits(f"http://127.0.0.1:{link.port}")
    shop = await Shop.visited(context, customer)
    order_id = await shop.orders_something()
    await shop.to_orders()
    await expect(shop.card(order_id)).to_have_attribute("data-status", "DELIVERING")
    await context.set_offline(True)
    await link.cut()
    await expect(shop.connection).to_be_visible()
    await browsed.deliver(order_id)
    await link.mend()
    await context.set_offline(False)
    await expect(shop.card(order_id)).to_have_attribute("data-status", "DELIVERED")
    await expect(shop.connection).to_be_hidden()


async def orders_live(shop: Shop) -> str:
    """Order something, and look at it over a connection that is established; its id."""
    heard: list[object] = []
    shop.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: heard.append(frame)))
    order_id = await shop.orders_something()
    await shop.to_orders()
    await until(lambda: heard)
    await expect(shop.card(order_id)).to_have_attribute("data-status", "DELIVERING")
    return order_id


async def test_a_network_that_says_nothing_any_more_is_noticed_and_nothing_is_missed(
    link: Link, visits: Visits, browsed: System, customer: str
) -> None:
    shop = await Shop.visited(await visits(f"http://127.0.0.1:{link.port}"), customer)
    order_id = await orders_live(shop)
    link.forget()
    await browsed.deliver(order_id)
    await expect(shop.card(order_id)).to_have_attribute("data-status", "DELIVERED", timeout=40_000)
    await expect(shop.connection).to_be_hidden()


async def test_a_connection_that_nobody_answers_is_given_up_and_made_again(
    link: Link, visits: Visits, browsed: System, customer: str
) -> None:
    shop = await Shop.visited(await visits(f"http://127.0.0.1:{link.port}"), customer)
    order_id = await orders_live(shop)
    async with shop.page.expect_websocket(timeout=40_000):
        link.silence()
    await until(lambda: link.unheard)
    await link.mend()
    await browsed.deliver(order_id)
    await expect(shop.card(order_id)).to_have_attribute("data-status", "DELIVERED", timeout=40_000)
    await expect(shop.connection).to_be_hidden()
