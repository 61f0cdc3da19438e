"""My orders: more on scroll, one by its address, canceling after a question; nobody sees another's."""

from playwright.async_api import expect

from tests.browser.conftest import Shops
from tests.browser.gateway import Gateway
from tests.browser.system import System
from tests.waiting import until

MANY = 27


async def test_older_orders_come_with_scrolling_newest_first_and_each_once(
    shops: Shops, gateway: Gateway, browsed: System, customer: str
) -> None:
    ids = [await browsed.places(gateway, customer) for _ in range(MANY)]
    shop = await shops(customer)
    await shop.to_orders()
    await expect(shop.cards.first).to_be_visible()
    assert await shop.cards.count() < MANY

    async def scrolled() -> bool:
        await shop.page.mouse.wheel(0, 4000)
        return await shop.cards.count() == MANY

    await until(scrolled, timeout=20, every=0.1)
    assert await shop.listed() == ids[::-1]


async def test_an_order_is_canceled_after_a_question_and_the_other_tab_sees_it(
    shops: Shops, gateway: Gateway, browsed: System, customer: str
) -> None:
    order_id = await browsed.places(gateway, customer)
    one = await shops(customer, path="/orders")
    other = await one.another_tab("/orders")
    dialog = await one.asks_to_cancel(order_id)
    await dialog.get_by_role("button", name=one.words.keep_it).click()
    await expect(dialog).to_be_hidden()
    await expect(one.card(order_id)).to_have_attribute("data-status", "DELIVERING")
    dialog = await one.asks_to_cancel(order_id)
    await dialog.get_by_role("button", name=one.words.cancel_it).click()
    for tab in (one, other):
        await expect(tab.card(order_id)).to_have_attribute("data-status", "CANCELED")
        await expect(tab.card(order_id)).to_contain_text("취소")


async def test_an_order_that_was_delivered_meanwhile_says_so_instead_of_being_canceled(
    shops: Shops, gateway: Gateway, browsed: System, customer: str
) -> None:
    order_id = await browsed.places(gateway, customer)
    shop = await shops(customer, path="/orders")
    dialog = await shop.asks_to_cancel(order_id)
    await browsed.deliver(order_id)
    await expect(dialog).to_contain_text("배송 완료")
    await dialog.get_by_role("button", name=shop.words.cancel_it).click()
    await expect(dialog).to_contain_text(shop.words.not_cancelable)
    await dialog.get_by_role("button", name=shop.words.close).click()
    await expect(shop.card(order_id)).to_have_attribute("data-status", "DELIVERED")


async def test_an_address_of_an_order_shows_it_with_its_history(
    shops: Shops, gateway: Gateway, browsed: System, customer: str
) -> None:
    order_id = await browsed.places(gateway, customer)
    shop = await shops(customer, path=f"/orders/{order_id}")
    for words in ("주문 접수", "결제 승인", "배송 시작"):
        await expect(shop.page.get_by_text(words).first).to_be_visible()
    await browsed.deliver(order_id)
    await expect(shop.page.get_by_text("배송 완료").first).to_be_visible()


async def test_the_address_of_anothers_order_shows_nothing_of_it(
    shops: Shops, gateway: Gateway, browsed: System, customer: str
) -> None:
    secret = "은평구 은밀한길 42"
    order_id = await browsed.places(gateway, f"{customer}-other", address=secret)
    shop = await shops(customer, path=f"/orders/{order_id}")
    await expect(shop.page.get_by_text(shop.words.unknown_order)).to_be_visible()
    assert secret not in await shop.page.content()
