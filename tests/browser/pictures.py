"""The pictures that README shows, taken anew from the pages as they are.

    .venv/bin/python -m tests.browser.pictures

Runs everything of its own, and writes bff/web/pictures/*.webp.
"""

import asyncio
import base64

from playwright.async_api import Browser, Page, expect
from rich.console import Console

from compose import web
from tests.browser.bench import Stage, stage
from tests.browser.shop import Shop

FOLDER = web.Sources().web / "pictures"
QUALITY = 80
MOST_BYTES = 120 * 1024

WAYS = ("pear", "mandarin", "grape")


async def take(page: Page, name: str) -> None:
    """Keep what is in view. Raises AssertionError where it weighs more than a README should show."""
    await page.evaluate("() => document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
    session = await page.context.new_cdp_session(page)
    shot = await session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    picture = base64.b64decode(shot["data"])
    assert len(picture) <= MOST_BYTES, f"{name}: {len(picture)} bytes"
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.webp").write_bytes(picture)
    Console().print(f"{name}.webp: {len(picture) / 1024:.0f} KiB")


async def visited(browser: Browser, at: str, customer: str, width: int, height: int, scheme: str) -> Shop:
    """The shop in a window of this size."""
    looks = {"viewport": {"width": width, "height": height}, "color_scheme": scheme, "locale": "ko-KR"}
    context = await browser.new_context(base_url=at, timezone_id="Asia/Seoul", **looks)  # type: ignore[arg-type]
    return await Shop.visited(context, customer)


async def take_all(here: Stage) -> None:
    """Let a customer order, and look over their shoulder."""
    browser, system, gateway = here
    orders = [await system.places(gateway, "7181", fruitId=fruit) for fruit in WAYS]
    await system.deliver(orders[0])
    await system.cancels(gateway, "7181", orders[1])
    desk = await visited(browser, gateway.http, "7181", 1280, 940, "light")
    await desk.fill("peach", quantity=3)
    await take(desk.page, "shop")
    phone = await visited(browser, gateway.http, "7181", 390, 844, "dark")
    await phone.to_orders()
    await expect(phone.card(orders[0])).to_have_attribute("data-status", "DELIVERED")
    await take(phone.page, "orders")


async def main() -> None:
    """Take them."""
    async with stage() as here:
        await take_all(here)


if __name__ == "__main__":
    asyncio.run(main())
