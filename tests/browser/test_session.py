"""Signing in and out: by name at home, by a token in production; a session that ends loses nothing."""

from playwright.async_api import expect

from tests.bff.asking import token
from tests.browser.conftest import Shops, Visits
from tests.browser.shop import Shop
from tests.browser.system import System

SOON = 8
"""Seconds in which a page is open, and after which its session has ended."""


async def test_a_session_that_has_ended_is_said_and_after_signing_in_all_goes_on(
    visits: Visits, browsed: System, customer: str
) -> None:
    context = await visits()
    await context.request.post("/session", data={"token": token(customer, SOON)})
    shop = await Shop.visited(context)
    await shop.fill("pear", quantity=7, address="나주시 배길 6")
    await expect(shop.page.get_by_text(shop.words.lost).first).to_be_visible(timeout=20_000)
    await shop.sign_in(customer)
    await shop.has_kept("pear", quantity=7, address="나주시 배길 6")
    await shop.submit()
    await shop.comes("OrderPlaced")
    assert len(await browsed.placed_by(customer)) == 1


async def test_who_signs_out_in_one_tab_is_signed_out_in_the_other(shops: Shops, customer: str) -> None:
    one = await shops(customer)
    other = await one.another_tab("/orders")
    await other.is_signed_in(customer)
    await one.sign_out()
    await other.is_signed_out()


async def test_whoever_comes_next_sees_nothing_of_who_was_here_before(shops: Shops, customer: str) -> None:
    shop = await shops(customer)
    order_id = await shop.orders_something()
    await shop.to_orders()
    await expect(shop.card(order_id)).to_be_visible()
    await shop.sign_out()
    await shop.sign_in(f"{customer}-next")
    await shop.to_orders()
    await expect(shop.card(order_id)).to_have_count(0)


async def test_no_script_can_read_the_token(shops: Shops, customer: str) -> None:
    shop = await shops(customer)
    stored = "() => JSON.stringify([document.cookie, {...localStorage}, {...sessionStorage}, location.href])"
    assert "eyJ" not in await shop.page.evaluate(stored)
    [cookie] = await shop.page.context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("fruitstore", True, "Strict")


async def test_in_production_a_signed_token_signs_in_and_another_does_not(
    visits: Visits, browsed: System, customer: str
) -> None:
    async with browsed.gateway(BFF_DEV_LOGIN="false", BFF_IDE="false", BFF_INTROSPECTION="false") as own:
        shop = await Shop.visited(await visits(own.http))
        assert (await shop.page.request.get("/graphiql")).status == 404
        await shop.sign_in_with_token("no.good.token")
        await expect(shop.page.get_by_text(shop.words.no_good)).to_be_visible()
        await shop.sign_in_with_token(token(customer))
        await shop.is_signed_in(customer)
        await shop.fill("apple")
        await shop.submit()
        await shop.comes("OrderPlaced")
        await expect(shop.page.get_by_role("link", name=shop.words.operations)).to_have_count(0)
    assert len(await browsed.placed_by(customer)) == 1
