"""The witness sees what must not be: every other test rests on it."""

import pytest
from playwright.async_api import Page, Route

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
async def page(visits: Visits) -> Page:
    """A page whose policy allows all but styles within it."""

    async def free(route: Route) -> None:
        headers = {"content-type": "text/html", "content-security-policy": "style-src 'self'"}
        await route.fulfill(headers=headers, body="<!doctype html><p>free</p>")

    page = await (await visits()).new_page()
    await page.route("**/healthz", free)
    await page.goto("/healthz")
    return page


async def test_a_request_that_leaves_the_origin_is_seen(
    page: Page, witness: Witness, gateway: Gateway
) -> None:
    await page.evaluate("(url) => fetch(url, { mode: 'no-cors' }).catch(() => 0)", ELSEWHERE)
    assert witness.strangers == [ELSEWHERE]
    assert f"{gateway.http}/healthz" in witness.requests


async def test_a_socket_that_leaves_the_origin_is_seen(page: Page, witness: Witness) -> None:
    await page.evaluate("() => { new WebSocket('ws://127.0.0.1:9/') }")
    await until(lambda: witness.strangers == ["ws://127.0.0.1:9/"])


async def test_what_the_policy_forbids_is_seen(page: Page, witness: Witness) -> None:
    await page.evaluate("() => { document.body.innerHTML = '<style>p { color: red }</style>' }")
    await until(lambda: any(each.startswith("style-src-elem: inline") for each in witness.violations))


async def test_what_a_page_throws_is_seen(page: Page, witness: Witness) -> None:
    await page.evaluate("() => void setTimeout(() => { throw new Error('nobody catches this') })")
    await until(lambda: any("nobody catches this" in error for error in witness.errors))


async def test_what_a_page_complains_of_is_seen(page: Page, witness: Witness) -> None:
    await page.evaluate("() => console.error('a bad prop')")
    await until(lambda: witness.complaints == ["a bad prop"])
