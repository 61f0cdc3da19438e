"""npm's graphql-ws, set as front ends set it: it subscribes, and comes back by itself."""

import json
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from services.chassis import mongo
from services.mypage.store import MongoPages
from tests.bff.asking import Gateway, token
from tests.bff.conftest import Open
from tests.bff.keeping import keep_order
from tests.bff.test_running import process_of
from tests.clients.node import Json, Node, running_node
from tests.conftest import Place
from tests.waiting import until

WATCH_ALL = "subscription { myOrderUpdates { id version } }"
WATCH_ONE = 'subscription { orderStatus(orderId: "order-1") { status } }'
ORDER_1 = {"myOrderUpdates": {"id": "order-1", "version": 1}}


@asynccontextmanager
async def client(gateways: list[Gateway], *tokens: str) -> AsyncIterator[Node]:
    addresses = json.dumps([f"ws://{gateway.address}/graphql" for gateway in gateways])
    async with running_node("subscribe.mjs", addresses, json.dumps(tokens or [token()])) as node:
        yield node


async def hears(node: Node, **wanted: Any) -> Json:
    """The first thing said that has all this in it."""
    while True:
        said = await node.hears()
        if wanted.items() <= said.items():
            return said


async def keep_one(mongo_client: mongo.Client, place: Place) -> None:
    pages = MongoPages(mongo_client[f"{place.prefix}_mypage"]["orders"])
    await keep_order(pages, "order-1", customer_id="customer-1")


async def test_it_subscribes_asks_and_stops(
    open_gateway: Open, place_without_broker: Place, mongo_client: mongo.Client
) -> None:
    await keep_one(mongo_client, place_without_broker)
    async with open_gateway() as gateway, client([gateway]) as node:
        await node.says(f"all {WATCH_ALL}")
        assert await node.hears() == {"event": "connected"}
        assert (await node.hears())["next"]["data"] == ORDER_1
        await node.says("asked { __typename }")
        assert await node.hears() == {"id": "asked", "next": {"data": {"__typename": "Query"}}}
        assert await node.hears() == {"id": "asked", "event": "complete"}
        await node.says(f"one {WATCH_ONE}")
        assert (await node.hears())["id"] == "one"
        await node.says("wrong { nothing }")
        (error,) = (await hears(node, id="wrong"))["error"]
        assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        await node.says("all")
        await node.says("one")

        async def nobody_watches() -> bool:
            return await gateway.metric("subscriptions_open") == 0

        await until(nobody_watches)


async def test_after_its_token_has_ended_it_comes_back_with_a_fresh_one_and_goes_on(
    open_gateway: Open, place_without_broker: Place, mongo_client: mongo.Client
) -> None:
    await keep_one(mongo_client, place_without_broker)
    async with open_gateway() as gateway, client([gateway], token(seconds=2), token()) as node:
        await node.says(f"all {WATCH_ALL}")
        assert (await hears(node, id="all"))["next"]["data"] == ORDER_1
        assert (await node.hears())["code"] == 4403
        assert await node.hears() == {"event": "connected"}
        assert (await node.hears())["next"]["data"] == ORDER_1


async def test_when_its_replica_goes_away_it_goes_on_with_another(
    place_without_broker: Place, mongo_client: mongo.Client
) -> None:
    await keep_one(mongo_client, place_without_broker)
    async with (
        process_of(place_without_broker) as (process, first),
        process_of(place_without_broker) as (_, second),
        client([first, second]) as node,
    ):
        await node.says(f"all {WATCH_ALL}")
        assert (await hears(node, id="all"))["next"]["data"] == ORDER_1
        process.send_signal(signal.SIGTERM)
        assert (await node.hears())["code"] == 1012
        assert await node.hears() == {"event": "connected"}
        assert (await node.hears())["next"]["data"] == ORDER_1


async def test_where_there_are_too_many_it_tries_again_until_there_is_room(open_gateway: Open) -> None:
    async with open_gateway(bff_connections_per_customer=1) as gateway, AsyncExitStack() as first:
        await first.enter_async_context(gateway.connected())
        async with client([gateway]) as node:
            await node.says("asked { __typename }")
            for _ in range(2):
                assert (await node.hears())["code"] == 1013
            await first.aclose()
            await hears(node, event="connected")
            await hears(node, id="asked", event="complete")


async def test_it_answers_pings_and_stays(open_gateway: Open) -> None:
    async with open_gateway(bff_ping_seconds=1) as gateway, client([gateway]) as node:
        await node.says(f"all {WATCH_ALL}")
        assert await node.hears() == {"event": "connected"}
        for _ in range(3):
            assert await node.hears() == {"event": "ping"}


async def test_after_idleness_it_connects_anew_when_it_is_needed(open_gateway: Open) -> None:
    async with open_gateway(bff_idle_seconds=0.5) as gateway, client([gateway]) as node:
        for name in ("one", "two"):
            await node.says(f"{name} {{ __typename }}")
            assert await node.hears() == {"event": "connected"}
            assert (await node.hears())["id"] == name
            assert await node.hears() == {"id": name, "event": "complete"}
            assert await node.hears() == {"event": "closed", "code": 1000, "reason": "Idle"}


async def test_with_a_wrong_token_it_is_told_why(open_gateway: Open) -> None:
    async with open_gateway() as gateway, client([gateway], "wrong", token()) as node:
        await node.says("asked { __typename }")
        assert (await node.hears())["code"] == 4403
        await hears(node, id="asked", event="complete")
