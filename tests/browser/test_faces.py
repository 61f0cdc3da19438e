"""How the pages look in each of their states: pictures of all, no fault of layout, none of access."""

import uuid
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Levers, Visits
from tests.browser.gallery import PICTURES, Gallery
from tests.browser.gateway import Gateway
from tests.browser.playground import Playground
from tests.browser.shop import Shop
from tests.browser.system import System
from tests.browser.words import ENGLISH, KOREAN, Words
from tests.waiting import until

BUSY = {
    "BFF_BREAKER_RECOVERY_SECONDS": "300",
    "BFF_BREAKER_MINIMUM_VOLUME": "2",
    "BFF_RATES": "true",
    "BFF_RATE_PLACING_BURST": "1",
    "BFF_RATE_PLACING_A_MINUTE": "0.2",
}


@pytest.fixture(params=[KOREAN, ENGLISH], ids=["ko", "en"])
def words(request: pytest.FixtureRequest) -> Words:
    """The language."""
    spoken: Words = request.param
    return spoken


@pytest.fixture
async def gallery(words: Words) -> AsyncIterator[Gallery]:
    """All pictures of a test; at its end nothing was wrong with any."""
    gallery = Gallery(words.locale[:2])
    yield gallery
    gallery.found_nothing()


async def test_the_shop_looks_right_before_and_after_signing_in(
    visits: Visits, gallery: Gallery, customer: str, words: Words
) -> None:
    shop = await Shop.visited(await visits(locale=words.locale), words=words)
    page = shop.page
    await expect(shop.fruit("apple")).to_be_visible()
    await gallery.look(page, "shop-signed-out")
    await page.get_by_role("banner").get_by_role("button", name=words.sign_in).click()
    await gallery.look(page, "sign-in")
    await page.keyboard.press("Escape")
    await shop.to_orders()
    await gallery.look(page, "orders-signed-out")
    await shop.sign_in(customer)
    await gallery.look(page, "orders-none")
    await shop.to_shop()
    await shop.fill("apple", quantity=3)
    await gallery.look(page, "shop-filled")


async def test_each_outcome_looks_right(
    visits: Visits, levers: Levers, gallery: Gallery, customer: str, words: Words
) -> None:
    context = await visits(locale=words.locale)
    shop = await Shop.visited(context, customer, words)
    await shop.fill("peach", quantity=0, address="")
    await shop.submit()
    await shop.comes("InvalidOrder")
    await gallery.look(shop.page, "invalid")
    await shop.fill("peach", quantity=2, method="card-declined")
    await shop.submit()
    await shop.comes("PaymentDeclined")
    await gallery.look(shop.page, "declined")
    await shop.choose_method("card-ok")
    await context.set_offline(True)
    await shop.submit()
    await shop.comes("NETWORK_FAILURE")
    await gallery.look(shop.page, "offline")
    await context.set_offline(False)
    await shop.again()
    await shop.comes("OrderPlaced")
    await gallery.look(shop.page, "placed")
    await shop.more()
    await levers(latency_ms_min=60_000, latency_ms_max=60_000)
    await shop.fill("plum")
    await shop.submit()
    await shop.comes("PaymentPending")
    await gallery.look(shop.page, "pending")


async def test_what_comes_of_a_busy_shop_and_an_ended_session_looks_right(
    visits: Visits, levers: Levers, browsed: System, gallery: Gallery, customer: str, words: Words
) -> None:
    async with browsed.gateway(**BUSY) as own:
        await levers(stopped=True)
        await until(lambda: _opened(browsed, own), timeout=30)
        context = await visits(own.http, locale=words.locale)
        shop = await Shop.visited(context, customer, words)
        await shop.fill("peach")
        await shop.submit()
        await shop.comes("PaymentUnavailable")
        await gallery.look(shop.page, "busy")
        await shop.quantity.fill("3")
        await shop.submit()
        await shop.comes("RATE_LIMITED")
        await gallery.look(shop.page, "too-many")
        await context.clear_cookies()
        await shop.quantity.fill("4")
        await shop.submit()
        await shop.comes("UNAUTHENTICATED")
        await gallery.look(shop.page, "session-ended")


async def _opened(system: System, gateway: Gateway) -> bool:
    await system.tries(gateway, uuid.uuid4().hex)
    state: str = (await gateway.breaker())["state"]
    return state == "open"


async def test_my_orders_look_right(
    visits: Visits, gateway: Gateway, browsed: System, gallery: Gallery, customer: str, words: Words
) -> None:
    delivered = await browsed.places(gateway, customer, fruitId="pear")
    await browsed.deliver(delivered)
    canceled = await browsed.places(gateway, customer, fruitId="strawberry", quantity=1000)
    await browsed.cancels(gateway, customer, canceled)
    await browsed.tries(gateway, customer, paymentMethod="card-declined")
    await browsed.places(gateway, customer, fruitId="oriental-melon", address="경기도 성남시 " * 20)
    order_id = await browsed.places(gateway, customer)
    context = await visits(locale=words.locale)
    shop = await Shop.visited(context, customer, words)
    await shop.to_orders()
    await expect(shop.card(order_id)).to_be_visible()
    await gallery.look(shop.page, "orders")
    dialog = await shop.asks_to_cancel(order_id)
    await gallery.look(shop.page, "cancel")
    await dialog.get_by_role("button", name=words.cancel_it).click()
    await expect(dialog.get_by_test_id("outcome")).to_be_visible()
    await gallery.look(shop.page, "cancel-done")
    await dialog.get_by_role("button", name=words.close).click()
    await shop.card(delivered).get_by_role("link").first.click()
    await expect(shop.card(delivered)).to_be_visible()
    await gallery.look(shop.page, "order")
    await shop.page.goto("/orders/nobody-has-it")
    await expect(shop.page.get_by_text(words.unknown_order)).to_be_visible()
    await gallery.look(shop.page, "order-unknown")


async def test_the_operations_page_looks_right(
    visits: Visits, gallery: Gallery, customer: str, words: Words
) -> None:
    page = await (await visits(locale=words.locale)).new_page()
    await page.goto("/ops")
    await page.get_by_role("textbox").fill(customer)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("breaker")).to_have_attribute("data-state", "closed")
    await gallery.look(page, "ops")


async def test_graphiql_has_its_picture(visits: Visits, words: Words) -> None:
    context = await visits(locale=words.locale, viewport={"width": 1280, "height": 900})
    playground = await Playground.visited(context)
    await playground.run.click()
    await expect(playground.answer).to_contain_text("watermelon", timeout=15_000)
    await playground.page.screenshot(path=PICTURES / f"graphiql-{words.locale[:2]}.png")
