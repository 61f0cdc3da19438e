"""What is measured of the pages, in the suite and at the bench."""

from playwright.async_api import Page

from tests.browser.gateway import Gateway
from tests.browser.latency import watching
from tests.browser.system import System

FIRST_FRUIT = """() => new Promise((resolve) => {
  const look = () => {
    const card = document.querySelector('label[data-fruit]')
    if (!card) return requestAnimationFrame(look)
    const { x, y, width, height } = card.getBoundingClientRect()
    const there = document.elementFromPoint(x + width / 2, y + Math.min(height, innerHeight - y) / 2)
    if (!card.contains(there)) return requestAnimationFrame(look)
    resolve(performance.now())
  }
  look()
})"""
"""Resolves once the first fruit can be clicked, with the milliseconds since the navigation began."""


async def until_usable(page: Page) -> float:
    """Open the shop; milliseconds until the first fruit can be clicked."""
    await page.goto("/", wait_until="commit")
    taken: float = await page.evaluate(FIRST_FRUIT)
    return taken


async def until_seen(page: Page, system: System, gateway: Gateway, customer: str, orders: int) -> list[float]:
    """Let so many of a customer's orders be placed and delivered while their list is open.

    Milliseconds from each change in MyPage's collection to the frame that shows it, two per order.
    """
    taken = []
    async with watching(page, system.pages) as watch:
        for _ in range(orders):
            order_id = await system.places(gateway, customer)
            taken.append(await watch.shows(order_id, "DELIVERING"))
            await system.deliver(order_id)
            taken.append(await watch.shows(order_id, "DELIVERED"))
    return taken
