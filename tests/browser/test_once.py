"""One wish is one order, however often it is sent, and whatever becomes of the answer."""

import pytest
from playwright.async_api import Route

from tests.browser.conftest import Levers, Shops
from tests.browser.system import System


@pytest.mark.parametrize("held_for_ms", [0, 90])
async def test_a_double_click_makes_one_order(
    held_for_ms: int, shops: Shops, browsed: System, customer: str
) -> None:
    shop = await shops(customer)
    await shop.fill("apple")
    await shop.button.dblclick(delay=held_for_ms)
    await shop.comes("OrderPlaced")
    assert len(await browsed.placed_by(customer)) == 1


async def test_a_reload_while_it_is_sent_and_another_click_make_one_order(
    shops: Shops, levers: Levers, browsed: System, customer: str
) -> None:
    await levers(latency_ms_min=400, latency_ms_max=400)
    shop = await shops(customer)
    await shop.fill("apple", quantity=4, address="부산시 해운대구 파도길 3")
    async with shop.page.expect_request(lambda request: "placeOrder" in (request.post_data or "")):
        await shop.submit()
    await shop.page.reload()
    await shop.has_kept("apple", quantity=4, address="부산시 해운대구 파도길 3")
    await shop.submit()
    await shop.comes("OrderPlaced")
    assert len(await browsed.placed_by(customer)) == 1


async def test_an_answer_that_is_lost_and_another_click_make_one_order(
    shops: Shops, browsed: System, customer: str
) -> None:
    shop = await shops(customer)

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await shop.fill("apple")
    await shop.page.route("**/graphql", lose, times=1)
    await shop.submit()
    await shop.comes("NETWORK_FAILURE")
    await shop.again()
    await shop.comes("OrderPlaced")
    assert len(await browsed.placed_by(customer)) == 1
