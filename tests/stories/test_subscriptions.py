"""Subscriptions: the current view first, then each later one, over WebSocket and server-sent events."""

import json
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.stories.conftest import SignIn
from tests.stories.customer import WATCH_ALL, WATCH_ONE, Customer
from tests.stories.stack import Stack
from tests.waiting import until

TRANSPORT_WS = [Subprotocol("graphql-transport-ws")]


@pytest.mark.parametrize("transport", ["watching", "listening"])
async def test_an_order_is_watched_from_now_to_its_end(
    customer: Customer, stack: Stack, transport: str
) -> None:
    order_id = await customer.places()
    async with getattr(customer, transport)(WATCH_ONE, {"id": order_id}) as watch:
        first = await watch.order()
        assert first["status"] in {"PAYMENT_PENDING", "PAID", "DELIVERING"}
        await customer.sees(order_id, status="DELIVERING")
        assert await stack.deliver(order_id) == 200
        seen = [first, *await watch.until_complete()]
    assert seen[-1]["status"] == "DELIVERED"
    versions = [order["version"] for order in seen]
    assert versions == sorted(set(versions))


@pytest.mark.parametrize("transport", ["watching", "listening"])
async def test_what_is_final_already_is_shown_once(customer: Customer, transport: str) -> None:
    order_id = (await customer.place(paymentMethod="card-declined"))["order"]["id"]
    await customer.sees(order_id, status="PAYMENT_DECLINED")
    async with getattr(customer, transport)(WATCH_ONE, {"id": order_id}) as watch:
        seen = await watch.until_complete()
    assert [order["status"] for order in seen] == ["PAYMENT_DECLINED"]


@pytest.mark.parametrize("transport", ["watching", "listening"])
async def test_all_my_orders_are_watched_those_that_stand_first(customer: Customer, transport: str) -> None:
    earlier = await customer.places()
    await customer.sees(earlier, status="DELIVERING")
    async with getattr(customer, transport)(WATCH_ALL) as watch:
        snapshot = await watch.order()
        assert (snapshot["id"], snapshot["status"]) == (earlier, "DELIVERING")
        later = await customer.places()
        order = await watch.order()
        while (order["id"], order["status"]) != (later, "DELIVERING"):
            order = await watch.order()
        await customer.cancel(earlier)
        while (order["id"], order["status"]) != (earlier, "CANCELED"):
            order = await watch.order()


async def test_nobody_hears_of_another_customers_orders(sign_in: SignIn) -> None:
    mine, theirs = await sign_in(), await sign_in()
    order_id = await mine.places()
    await mine.sees(order_id, status="DELIVERING")
    async with theirs.watching(WATCH_ALL) as all_of_theirs:
        async with theirs.watching(WATCH_ONE, {"id": order_id}) as stolen:
            refused: Any = await stolen.next()
            assert [error["extensions"]["code"] for error in refused["errors"]] == ["ORDER_NOT_FOUND"]
        await mine.cancel(order_id)
        await mine.sees(order_id, delivery__status="CANCELED")
        own = await theirs.places()
        assert (await all_of_theirs.order())["id"] == own


async def test_an_order_can_be_watched_before_mypage_shows_it(customer: Customer) -> None:
    for _ in range(5):
        order_id = await customer.places()
        async with customer.watching(WATCH_ONE, {"id": order_id}) as watch:
            assert (await watch.order())["id"] == order_id


async def test_a_websocket_without_a_good_token_is_closed_as_forbidden(stack: Stack) -> None:
    for payload in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": 7}):
        async with connect(f"ws://127.0.0.1:{stack.port}/graphql", subprotocols=TRANSPORT_WS) as socket:
            await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4403


async def test_a_watch_that_ends_leaves_nothing_behind(customer: Customer, stack: Stack) -> None:
    order_id = await customer.places()
    before = (await stack.metrics("bff"))["subscriptions_open"]
    async with customer.watching(WATCH_ONE, {"id": order_id}) as watch:
        await watch.order()
        assert (await stack.metrics("bff"))["subscriptions_open"] == before + 1

    async def ended() -> bool:
        return (await stack.metrics("bff"))["subscriptions_open"] == before

    await until(ended)
