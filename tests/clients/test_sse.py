"""graphql-sse, as it comes: subscribing, refused, and coming back after a break."""

from collections.abc import Callable

import pytest

from bff.edge.lives import End, Life
from services.mypage.store import MongoPages
from tests import facts
from tests.bff.asking import token
from tests.bff.conftest import Open
from tests.bff.keeping import keep_order, take_in_more
from tests.clients.node import run_node, running_node

Opened = Callable[[], list[Life]]

WATCH_ALL = "subscription { myOrderUpdates { id status } }"
WATCH_ONE = 'subscription { orderStatus(orderId: "order-1") { status } }'


async def test_views_come_until_all_is_settled(open_gateway: Open, kept: MongoPages) -> None:
    async with open_gateway(bff_resync_seconds=0.1) as gateway:
        await keep_order(kept, "order-1")
        async with running_node("sse.mjs", f"http://{gateway.address}/graphql", WATCH_ONE, token()) as client:
            assert await client.hears() == {"connecting": False}
            first = {"orderStatus": {"status": "PAYMENT_PENDING"}}
            assert (await client.hears())["next"]["data"] == first
            await take_in_more(kept, facts.declined())
            then = {"orderStatus": {"status": "PAYMENT_DECLINED"}}
            last, complete = await client.rest()
            assert (last["next"]["data"], complete) == (then, {"complete": True})


async def test_a_client_whose_stream_ends_with_its_token_comes_back_with_a_fresh_one(
    open_gateway: Open, kept: MongoPages, lives: Opened
) -> None:
    for number in (1, 2):
        await keep_order(kept, f"order-{number}", customer_id=f"customer-{number}")
    async with open_gateway() as gateway:
        url, tokens = f"http://{gateway.address}/graphql", (token("customer-1"), token("customer-2"))
        async with running_node("sse.mjs", url, WATCH_ALL, *tokens) as client:
            for number in (1, 2):
                assert await client.hears() == {"connecting": number > 1}
                order = {"id": f"order-{number}", "status": "PAYMENT_PENDING"}
                assert (await client.hears())["next"]["data"] == {"myOrderUpdates": order}
                for life in lives():
                    life.end(End.NOT_AUTHENTICATED)


async def test_a_client_whose_token_is_refused_tries_again_with_another(open_gateway: Open) -> None:
    async with open_gateway() as gateway:
        url = f"http://{gateway.address}/graphql"
        said = await run_node("sse.mjs", url, "{ __typename }", token(seconds=-5), token())
    result = {"next": {"data": {"__typename": "Query"}}}
    assert said == [{"connecting": False}, {"connecting": True}, result, {"complete": True}]


@pytest.mark.parametrize(
    ("query", "code"),
    [("subscription {", "GRAPHQL_PARSE_FAILED"), ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED")],
)
async def test_a_document_that_is_refused_is_not_tried_again(
    open_gateway: Open, query: str, code: str
) -> None:
    async with open_gateway() as gateway:
        said = await run_node("sse.mjs", f"http://{gateway.address}/graphql", query, token())
    assert [next(iter(each)) for each in said] == ["connecting", "next", "complete"]
    assert [error["extensions"]["code"] for error in said[1]["next"]["errors"]] == [code]
