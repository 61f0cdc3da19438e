"""GraphiQL, as somebody in front of it sees it and uses it."""

from playwright.async_api import BrowserContext, Locator, Page, expect


class Playground:
    """One tab of the browser in which GraphiQL is open."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @classmethod
    async def visited(cls, context: BrowserContext) -> "Playground":
        """A new tab with GraphiQL in it, its editors there."""
        playground = cls(await context.new_page())
        await playground.page.goto("/graphiql")
        written = playground.page.locator(".graphiql-query-editor .view-lines")
        await expect(written).to_contain_text("Fruits", timeout=30_000)
        return playground

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
