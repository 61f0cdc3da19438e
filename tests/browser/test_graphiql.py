"""GraphiQL: the whole story in its tabs, signed in by the same session; off where it is switched off."""

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Visits
from tests.browser.gateway import Gateway
from tests.browser.system import System


class Playground:
    """One tab of the browser in which GraphiQL is open."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def answer(self) -> Locator:
        """What came."""
        return self.page.get_by_role("region", name="Result Window")

    @property
    def run(self) -> Locator:
        """What runs the operation."""
        return self.page.locator(".graphiql-execute-button")

    async def sign_in(self, customer: str) -> None:
        """Sign in on the line on top."""
        await self.page.get_by_role("textbox", name="고객 번호").fill(customer)
        await self.page.get_by_role("button", name="로그인").click()
        await expect(self.page.get_by_role("banner")).to_contain_text(customer)

    async def shows(self, tab: str) -> None:
        """Go to a tab of the story."""
        await self.page.get_by_role("tab", name=tab, exact=True).click()


@pytest.fixture
async def playground(visits: Visits) -> Playground:
    page = await (await visits(viewport={"width": 1280, "height": 900})).new_page()
    await page.goto("/graphiql")
    return Playground(page)


async def test_a_query_runs_for_anybody(playground: Playground) -> None:
    await playground.run.click()
    await expect(playground.answer).to_contain_text("watermelon")
    await expect(playground.answer).to_contain_text("수박")


async def test_an_order_is_placed_watched_and_canceled_by_the_tabs_of_the_story(
    playground: Playground, browsed: System, customer: str
) -> None:
    await playground.sign_in(customer)
    await playground.shows("PlaceOrder")
    await playground.run.click()
    await expect(playground.answer).to_contain_text("OrderPlaced")
    [order_id] = await browsed.standing(customer)
    await playground.shows("OrderStatus")
    await playground.run.click()
    await expect(playground.answer).to_contain_text("DELIVERING")
    await browsed.deliver(order_id)
    await expect(playground.answer).to_contain_text("DELIVERED")
    await playground.shows("CancelOrder")
    await playground.run.click()
    await expect(playground.answer).to_contain_text("OrderNotCancelable")


async def test_what_the_schema_says_can_be_read_in_both_languages(playground: Playground) -> None:
    await playground.page.get_by_role("button", name="Show Documentation Explorer").click()
    await playground.page.get_by_role("link", name="Subscription").click()
    await playground.page.get_by_role("link", name="orderStatus", exact=True).click()
    await playground.page.get_by_role("link", name="Order", exact=True).click()
    await playground.page.get_by_role("link", name="OrderStatus", exact=True).click()
    await expect(playground.page.get_by_text("On its way. 배송 시작")).to_be_visible()


async def test_where_it_is_switched_off_it_is_not_there(visits: Visits, browsed: System) -> None:
    async with browsed.gateway(BFF_IDE="false") as own:
        context = await visits(own.http)
        assert (await context.request.get("/graphiql")).status == 404


async def test_it_is_there_where_it_is_on(gateway: Gateway, visits: Visits) -> None:
    assert (await (await visits(gateway.http)).request.get("/graphiql")).status == 200
