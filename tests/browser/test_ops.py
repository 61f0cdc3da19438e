"""The operations page: the circuit tried by hand, and what was set aside seen and sent again."""

import aio_pika
from playwright.async_api import Page, expect

from schema import channels
from tests.browser.conftest import Levers, Visits
from tests.browser.gateway import Gateway
from tests.browser.system import System
from tests.services.chassis.hearing import looking, taken_from
from tests.waiting import until

SHORT = {
    "BFF_BREAKER_RECOVERY_SECONDS": "2",
    "BFF_BREAKER_MINIMUM_VOLUME": "3",
    "BFF_BREAKER_WINDOW_SECONDS": "3",
}


async def opened(visits: Visits, gateway: Gateway, operator: str) -> Page:
    """The page, once it knows how things stand."""
    page = await (await visits(gateway.http)).new_page()
    await page.goto("/ops")
    await page.get_by_role("textbox", name="고객 번호").fill(operator)
    await page.keyboard.press("Enter")
    await expect(page.get_by_test_id("breaker")).to_have_attribute("data-state", "closed", timeout=15_000)
    return page


async def test_the_circuit_is_opened_by_hand_and_seen_to_close_again(
    visits: Visits, browsed: System, levers: Levers, customer: str
) -> None:
    del levers  # whatever is pulled here is undone
    async with browsed.gateway(**SHORT) as own:
        page = await opened(visits, own, customer)
        breaker = page.get_by_test_id("breaker")
        await page.get_by_role("button", name="멈춤", exact=True).click()

        async def is_open() -> bool:
            await browsed.tries(own, customer)
            return await breaker.get_attribute("data-state") == "open"

        await until(is_open, timeout=30, every=0.2)
        await page.get_by_role("button", name="평소대로").click()

        async def is_closed() -> bool:
            await browsed.tries(own, customer)
            return await breaker.get_attribute("data-state") == "closed"

        await until(is_closed, timeout=30, every=0.2)


async def test_a_dead_letter_is_seen_and_sent_again_and_takes_its_effect(
    visits: Visits, gateway: Gateway, browsed: System, customer: str
) -> None:
    page = await opened(visits, gateway, customer)
    order_id = await set_aside(browsed, gateway, customer)
    row = page.get_by_role("row").filter(has_text=order_id)
    await expect(row).to_contain_text("ZeroDivisionError", timeout=15_000)
    await row.get_by_role("button").click()
    await page.get_by_role("dialog").get_by_role("button", name="다시 보내기").click()
    await browsed.settles(order_id, "DELIVERING")
    await expect(row).to_have_count(0)


async def set_aside(browsed: System, gateway: Gateway, customer: str) -> str:
    """Have delivery set aside what it heard of an order's payment; the order's id."""
    await browsed.parts.kill("delivery")
    async with looking(browsed.rabbitmq_url) as channel:
        await browsed.tries(gateway, customer)
        [order_id] = await browsed.standing(customer)
        approved = await taken_from(channel, channels.queue_name("delivery"))
        headers = dict(approved.headers) | {
            channels.REASON_HEADER: channels.FAILED,
            channels.EXCEPTION_HEADER: "ZeroDivisionError: by zero",
            channels.TRIES_HEADER: 4,
        }
        exchange = await channel.get_exchange(channels.DEAD)
        letter = aio_pika.Message(approved.body, headers=headers, delivery_mode=2)
        await exchange.publish(letter, "delivery")
    await browsed.parts.start("delivery")
    return order_id


async def test_whoever_is_no_operator_sees_nothing_of_it(visits: Visits, browsed: System) -> None:
    async with browsed.gateway(BFF_DEV_LOGIN="false") as own:
        page = await (await visits(own.http)).new_page()
        await page.goto("/ops")
        await expect(page.get_by_text("이 페이지를 보려면 위에서 로그인해 주세요.")).to_be_visible()
        await expect(page.get_by_test_id("breaker")).to_have_count(0)
