"""Korean and English: first the browser's, then the one that was chosen, also after a reload."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visits
from tests.browser.shop import Shop
from tests.browser.words import ENGLISH, KOREAN, Words


@pytest.mark.parametrize("words", [KOREAN, ENGLISH], ids=["ko", "en"])
async def test_the_browser_chooses_first_and_what_was_switched_to_is_remembered(
    visits: Visits, words: Words
) -> None:
    other = ENGLISH if words is KOREAN else KOREAN
    shop = await Shop.visited(await visits(locale=words.locale), words=words)
    heading = shop.page.get_by_role("heading", level=1)
    await expect(heading).to_have_text(words.title)
    await expect(shop.page.locator("html")).to_have_attribute("lang", words.locale[:2])
    await expect(shop.page.get_by_text("₩5,000" if words is ENGLISH else "5,000").first).to_be_visible()
    await shop.page.get_by_role("button", name=words.other_language).click()
    await expect(heading).to_have_text(other.title)
    await shop.page.reload()
    await expect(heading).to_have_text(other.title)
    await expect(shop.page.get_by_text(other.fruits["apple"]).first).to_be_visible()


async def test_whoever_speaks_neither_is_shown_korean(visits: Visits) -> None:
    shop = await Shop.visited(await visits(locale="fr-FR"))
    await expect(shop.page.get_by_role("heading", level=1)).to_have_text(KOREAN.title)


@pytest.mark.parametrize(
    ("words", "status"), [(KOREAN, "배송 시작"), (ENGLISH, "On its way")], ids=["ko", "en"]
)
async def test_statuses_and_refusals_are_said_in_the_language_of_the_page(
    visits: Visits, customer: str, words: Words, status: str
) -> None:
    shop = await Shop.visited(await visits(locale=words.locale), customer, words)
    await shop.fill("apple", method="card-declined")
    await shop.submit()
    outcome = await shop.comes("PaymentDeclined")
    await expect(outcome).to_contain_text(words.declined)
    await shop.choose_method("card-ok")
    await shop.submit()
    await shop.comes("OrderPlaced")
    await shop.to_orders()
    await expect(shop.cards.filter(has_text=status)).to_have_count(1)
