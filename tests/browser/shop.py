"""The storefront, as somebody in front of it sees it and uses it."""

import re

from playwright.async_api import BrowserContext, Locator, Page, expect

from tests.browser.words import KOREAN, Words

ADDRESS = "서울시 종로구 사과길 1"


class Shop:
    """One tab in which the shop is open."""

    def __init__(self, page: Page, words: Words = KOREAN) -> None:
        self.page = page
        self.words = words

    @classmethod
    async def visited(cls, context: BrowserContext, customer: str = "", words: Words = KOREAN) -> "Shop":
        """A new tab with the shop in it; where a customer is named, they are signed in."""
        shop = cls(await context.new_page(), words)
        await shop.page.goto("/")
        if customer:
            await shop.sign_in(customer)
        return shop

    async def another_tab(self, path: str = "/") -> "Shop":
        """Another tab of the same visitor."""
        page = await self.page.context.new_page()
        await page.goto(path)
        return Shop(page, self.words)

    async def sign_in(self, customer: str) -> None:
        """Sign in by name."""
        await self._sign_in(self.words.customer, customer)
        await self.is_signed_in(customer)

    async def sign_in_with_token(self, token: str) -> None:
        """Sign in as one does in production; what comes of it is not waited for."""
        await self._sign_in(self.words.token, token)

    async def _sign_in(self, label: str, said: str) -> None:
        field = self.page.get_by_role("dialog").get_by_label(label)
        if not await field.is_visible():
            await self.header.get_by_role("button", name=self.words.sign_in).click()
        await field.fill(said)
        await field.press("Enter")

    async def sign_out(self) -> None:
        """Sign out."""
        await self.header.get_by_role("button", name=self.words.sign_out).click()
        await self.is_signed_out()

    @property
    def header(self) -> Locator:
        """What is on top of every page."""
        return self.page.get_by_role("banner")

    async def is_signed_in(self, customer: str) -> None:
        """Wait until the page says so."""
        await expect(self.header).to_contain_text(customer)

    async def is_signed_out(self) -> None:
        """Wait until the page says that nobody is signed in."""
        await expect(self.header.get_by_role("button", name=self.words.sign_in)).to_be_visible()

    @property
    def button(self) -> Locator:
        """What orders."""
        return self.page.get_by_role("button", name=self.words.place)

    @property
    def quantity(self) -> Locator:
        """How many."""
        return self.page.get_by_label(self.words.quantity, exact=True)

    @property
    def address(self) -> Locator:
        """Where to."""
        return self.page.get_by_label(self.words.address)

    def fruit(self, fruit_id: str) -> Locator:
        """A fruit on the shelf."""
        return self.page.get_by_role("radio", name=re.compile(f"^{self.words.fruits[fruit_id]}"))

    async def fill(
        self, fruit_id: str, *, quantity: int = 1, address: str = ADDRESS, method: str = "card-ok"
    ) -> None:
        """Say what is wanted."""
        await self._choose(self.fruit(fruit_id))
        await self.quantity.fill(str(quantity))
        await self.address.fill(address)
        await self.choose_method(method)

    async def choose_method(self, method: str) -> None:
        """Say how it is paid."""
        name = self.words.my_card if method == "card-ok" else self.words.declined_card
        await self._choose(self.page.get_by_role("radio", name=re.compile(name)))

    async def _choose(self, radio: Locator) -> None:
        await self.page.locator("label").filter(has=radio).click()
        await expect(radio).to_be_checked()

    async def has_kept(self, fruit_id: str, *, quantity: int, address: str) -> None:
        """What was typed is still there."""
        await expect(self.fruit(fruit_id)).to_be_checked()
        await expect(self.quantity).to_have_value(str(quantity))
        await expect(self.address).to_have_value(address)

    async def submit(self) -> None:
        """Order."""
        await self.button.click()

    async def more(self) -> None:
        """Order more, after an order."""
        await self.page.get_by_role("button", name=self.words.more).click()

    async def again(self) -> None:
        """Try again by one click, as soon as that can be done."""
        await self.page.get_by_role("button", name=self.words.again, exact=True).click(timeout=30_000)

    async def comes(self, kind: str) -> Locator:
        """Wait for an outcome of this kind; its panel."""
        outcome = self.page.get_by_test_id("outcome")
        await expect(outcome).to_have_attribute("data-outcome", kind, timeout=20_000)
        return outcome

    async def complaint_of(self, field: Locator) -> str:
        """What is said beside a field that is wrong."""
        ids = (await field.get_attribute("aria-describedby") or "").split()
        ids += (await field.get_attribute("aria-errormessage") or "").split()
        texts = [await self.page.locator(f"[id='{each}']").inner_text() for each in ids]
        return " ".join(texts).strip()

    async def orders_something(self) -> str:
        """Order something that is paid; its id."""
        await self.fill("apple")
        await self.submit()
        outcome = await self.comes("OrderPlaced")
        href = await outcome.get_by_role("link").get_attribute("href")
        assert href
        return href.rsplit("/", 1)[1]

    async def to_shop(self) -> None:
        """Go back to the shelf, to order something else."""
        await self.page.get_by_role("navigation").get_by_role("link", name=self.words.shop).click()

    async def to_orders(self) -> None:
        """Go to my orders by the menu."""
        await self.page.get_by_role("navigation").get_by_role("link", name=self.words.orders).click()

    async def asks_to_cancel(self, order_id: str) -> Locator:
        """Press what cancels an order; the dialog that asks whether that is meant."""
        await self.card(order_id).get_by_role("button", name=self.words.cancel).click()
        dialog = self.page.get_by_role("dialog")
        await expect(dialog).to_be_visible()
        return dialog

    @property
    def cards(self) -> Locator:
        """All orders that are listed."""
        return self.page.locator("[data-testid^='order-']")

    async def listed(self) -> list[str]:
        """Their ids, from top to bottom."""
        ids: list[str] = await self.cards.evaluate_all("all => all.map(one => one.dataset.testid.slice(6))")
        return ids

    def card(self, order_id: str) -> Locator:
        """An order in my list, or its details."""
        return self.page.get_by_test_id(f"order-{order_id}")

    @property
    def connection(self) -> Locator:
        """The quiet line that says how the connection is doing."""
        return self.page.get_by_test_id("connection")
