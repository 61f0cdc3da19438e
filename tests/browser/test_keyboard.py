"""Whoever has no mouse orders, watches and cancels all the same."""

from playwright.async_api import expect

from tests.browser.conftest import Shops
from tests.browser.keys import Keys
from tests.browser.system import System


async def test_a_whole_order_takes_no_mouse(shops: Shops, browsed: System, customer: str) -> None:
    shop = await shops()
    keys = Keys(shop.page)
    await keys.to(shop.words.sign_in)
    await keys.press("Enter")
    await keys.types(customer)
    await keys.press("Enter")
    await shop.is_signed_in(customer)
    await keys.to(shop.words.fruits["apple"])
    await keys.press("ArrowRight")
    await keys.to(shop.words.quantity)
    await keys.types("2")
    await keys.to(shop.words.address)
    await keys.types("광주시 북구 무등로 4")
    await keys.to(shop.words.place)
    await keys.press("Enter")
    await shop.comes("OrderPlaced")
    [order] = await browsed.placed_by(customer)
    placed = order["facts"][0]
    assert (placed["fruit"]["id"], placed["quantity"]) == ("watermelon", 2)
    await keys.to(shop.words.watch)
    await keys.press("Enter")
    await keys.to(shop.words.cancel)
    await keys.press("Enter")
    await keys.to(shop.words.cancel_it)
    await keys.press("Enter")
    await keys.to(shop.words.close)
    await keys.press("Enter")
    await browsed.settles(order["_id"], "CANCELED")
    await expect(shop.page.get_by_role("dialog")).to_be_hidden()
