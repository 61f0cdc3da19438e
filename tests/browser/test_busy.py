"""Payment is busy: the circuit is open, the page counts down, and one click later all is well."""

from playwright.async_api import expect

from tests.browser.conftest import Levers, Visits
from tests.browser.shop import Shop
from tests.browser.system import System
from tests.waiting import until

SHORT = {
    "BFF_BREAKER_RECOVERY_SECONDS": "3",
    "BFF_BREAKER_MINIMUM_VOLUME": "3",
}


async def test_a_busy_payment_is_counted_down_and_one_click_later_there_is_one_order(
    visits: Visits, browsed: System, levers: Levers, customer: str
) -> None:
    async with browsed.gateway(**SHORT) as own:
        await levers(stopped=True)
        shop = await Shop.visited(await visits(own.http), customer)
        await shop.fill("peach", quantity=5, address="전주시 완산구 복숭아길 5")

        async def opened() -> bool:
            await browsed.tries(own, "somebody-else")
            return bool((await own.breaker())["state"] == "open")

        await until(opened, timeout=30)
        await levers()
        await shop.submit()
        outcome = await shop.comes("PaymentUnavailable")
        again = outcome.get_by_role("button", name=shop.words.again, exact=True)
        await expect(outcome.get_by_role("timer")).to_be_visible()
        await shop.has_kept("peach", quantity=5, address="전주시 완산구 복숭아길 5")
        await expect(again).to_be_enabled(timeout=20_000)
        await again.click()
        await shop.comes("OrderPlaced")
    assert len(await browsed.standing(customer)) == 1


async def test_who_asks_for_it_is_served_by_itself_when_payment_is_back(
    visits: Visits, browsed: System, levers: Levers, customer: str
) -> None:
    async with browsed.gateway(**SHORT) as own:
        await levers(stopped=True)
        shop = await Shop.visited(await visits(own.http), customer)
        await shop.fill("peach")
        await shop.submit()
        outcome = await shop.comes("PaymentUnavailable")
        await levers()
        await outcome.get_by_role("checkbox").check()
        await shop.comes("OrderPlaced")
