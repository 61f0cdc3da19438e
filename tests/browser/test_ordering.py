"""Ordering: each outcome has its face, and what was typed stays."""

import json
from typing import Any

from playwright.async_api import Route, expect

from tests.browser.conftest import Levers, Shops, Visits
from tests.browser.shop import Shop
from tests.browser.system import System


async def test_an_order_is_seen_from_placed_to_delivered_in_two_tabs(
    shops: Shops, browsed: System, customer: str
) -> None:
    one = await shops(customer)
    other = await one.another_tab("/orders")
    await one.fill("apple", quantity=3, address="서울시 종로구 사과길 1")
    await one.submit()
    await one.comes("OrderPlaced")
    [order_id] = await browsed.standing(customer)
    await expect(other.card(order_id)).to_contain_text("배송 시작")
    await one.to_orders()
    for tab in (one, other):
        await expect(tab.card(order_id)).to_have_attribute("data-status", "DELIVERING")
    await browsed.deliver(order_id)
    for tab in (one, other):
        await expect(tab.card(order_id)).to_have_attribute("data-status", "DELIVERED")


async def test_a_refused_card_is_told_with_its_reason_and_another_one_does(
    shops: Shops, browsed: System, customer: str
) -> None:
    shop = await shops(customer)
    await shop.fill("pear", quantity=2, address="대전시 유성구 배꽃로 2", method="card-declined")
    await shop.submit()
    outcome = await shop.comes("PaymentDeclined")
    await expect(outcome).to_contain_text(shop.words.declined)
    await shop.has_kept("pear", quantity=2, address="대전시 유성구 배꽃로 2")
    await shop.choose_method("card-ok")
    await shop.submit()
    await shop.comes("OrderPlaced")
    assert len(await browsed.placed_by(customer)) == 2


async def test_a_late_payment_resolves_before_the_eyes(
    shops: Shops, levers: Levers, browsed: System, customer: str
) -> None:
    await levers(latency_ms_min=2000, latency_ms_max=2000)
    shop = await shops(customer)
    await shop.fill("apple")
    await shop.submit()
    await shop.comes("PaymentPending")
    await shop.comes("OrderPlaced")
    [order_id] = await browsed.standing(customer)
    await shop.to_orders()
    await expect(shop.card(order_id)).to_have_attribute("data-status", "DELIVERING")


async def test_what_is_wrong_is_said_beside_its_field(shops: Shops, browsed: System, customer: str) -> None:
    shop = await shops(customer)
    await shop.fill("apple", quantity=1001, address=" ")
    await shop.submit()
    for field in (shop.quantity, shop.address):
        await expect(field).to_have_attribute("aria-invalid", "true")
        assert await shop.complaint_of(field)
    assert await browsed.placed_by(customer) == []


async def test_what_the_gateway_finds_wrong_is_said_beside_its_field_too(
    shops: Shops, browsed: System, customer: str
) -> None:
    shop = await shops(customer)

    async def spoil(route: Route) -> None:
        body: dict[str, Any] = json.loads(route.request.post_data or "")
        body["variables"]["input"]["address"] = ""
        await route.continue_(post_data=body)

    await shop.fill("apple")
    await shop.page.route("**/graphql", spoil, times=1)
    await shop.submit()
    await expect(shop.address).to_have_attribute("aria-invalid", "true")
    assert await shop.complaint_of(shop.address)
    assert await browsed.placed_by(customer) == []


async def test_whoever_orders_too_often_is_told_when_to_come_again(
    visits: Visits, browsed: System, customer: str
) -> None:
    few = {"BFF_RATES": "true", "BFF_RATE_PLACING_BURST": "1", "BFF_RATE_PLACING_A_MINUTE": "30"}
    async with browsed.gateway(**few) as gateway:
        shop = await Shop.visited(await visits(gateway.http), customer)
        await shop.orders_something()
        await shop.more()
        await shop.fill("apple")
        await shop.submit()
        outcome = await shop.comes("RATE_LIMITED")
        await expect(outcome.get_by_role("timer")).to_be_visible()
        await shop.again()
        await shop.comes("OrderPlaced")
    assert len(await browsed.placed_by(customer)) == 2
