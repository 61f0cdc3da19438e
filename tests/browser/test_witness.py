"""The witness sees what must not be: every other test rests on it."""

import pytest
from playwright.async_api import BrowserContext, Route

from tests.browser.conftest import Visits
from tests.browser.gateway import Gateway
from tests.browser.witness import Witness
from tests.waiting import until

ELSEWHERE = "http://127.0.0.1:9/picture.png"


@pytest.fixture
def witness() -> Witness:
    """One that nobody asks at the end."""
    return Witness(set())


@pytest.fixture
async def context(visits: Visits) -> BrowserContext:
    return await visits()


async def test_a_request_that_leaves_the_origin_is_seen(
    context: BrowserContext, witness: Witness, gateway: Gateway
) -> None:
    page = await context.new_page()
    await page.goto("/healthz")
    await page.evaluate("(url) => fetch(url, { mode: 'no-cors' }).catch(() => 0)", ELSEWHERE)
    assert witness.strangers == [ELSEWHERE]
    assert f"{gateway.http}/healthz" in witness.requests


async def test_a_socket_that_leaves_the_origin_is_seen(context: BrowserContext, witness: Witness) -> None:
    page = await context.new_page()
    await page.goto("/healthz")
    await page.evaluate("() => { new WebSocket('ws://127.0.0.1:9/') }")
    await until(lambda: witness.strangers == ["ws://127.0.0.1:9/"])


async def test_what_the_policy_forbids_is_seen(context: BrowserContext, witness: Witness) -> None:
    async def strict(route: Route) -> None:
        headers = {"content-type": "text/html", "content-security-policy": "default-src 'self'"}
        await route.fulfill(headers=headers, body="<!doctype html><style>p { color: red }</style>")

    page = await context.new_page()
    await page.route("**/healthz", strict)
    await page.goto("/healthz")
    await until(lambda: any(each.startswith("style-src-elem: inline") for each in witness.violations))


async def test_what_a_page_throws_is_seen(context: BrowserContext, witness: Witness) -> None:
    page = await context.new_page()
    await page.goto("/healthz")
    await page.evaluate("() => void setTimeout(() => { throw new Error('nobody catches this') })")
    await until(lambda: any("nobody catches this" in error for error in witness.errors))


async def test_what_a_page_complains_of_is_seen(context: BrowserContext, witness: Witness) -> None:
    page = await context.new_page()
    await page.goto("/healthz")
    await page.evaluate("() => console.error('a bad prop')")
    await until(lambda: witness.complaints == ["a bad prop"])
