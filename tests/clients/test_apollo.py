"""Apollo Client, as it comes: queries, and subscriptions over multipart HTTP."""

from bff.edge.lives import End
from services.mypage.store import MongoPages
from tests import facts
from tests.bff.asking import token
from tests.bff.conftest import Open
from tests.bff.keeping import keep_order, take_in_more
from tests.clients.node import run_node, running_node
from tests.clients.test_sse import WATCH_ALL, WATCH_ONE, Opened


async def test_a_query_is_answered(open_gateway: Open) -> None:
    async with open_gateway() as gateway:
        query = "{ myOrders { edges { cursor } } }"
        said = await run_node("apollo.mjs", f"http://{gateway.address}/graphql", query, token())
    assert said == [
        {"connecting": True},
        {"next": {"myOrders": {"__typename": "OrderConnection", "edges": []}}},
    ]


async def test_views_come_until_all_is_settled(open_gateway: Open, kept: MongoPages) -> None:
    async with open_gateway(bff_resync_seconds=0.1) as gateway:
        await keep_order(kept, "order-1")
        url = f"http://{gateway.address}/graphql"
        async with running_node("apollo.mjs", url, WATCH_ONE, token()) as client:
            assert await client.hears() == {"connecting": True}
            assert await client.hears() == {"next": seen("PAYMENT_PENDING")}
            await take_in_more(kept, facts.declined())
            assert await client.rest() == [{"next": seen("PAYMENT_DECLINED")}, {"complete": True}]


def seen(status: str) -> object:
    return {"orderStatus": {"__typename": "Order", "status": status}}


async def test_a_document_that_is_refused_is_an_error_of_graphql(open_gateway: Open) -> None:
    async with open_gateway() as gateway:
        url = f"http://{gateway.address}/graphql"
        _, said = (await run_node("apollo.mjs", url, "subscription { nothing }", token()))[:2]
    assert said == {"error": "CombinedGraphQLErrors", "codes": ["GRAPHQL_VALIDATION_FAILED"]}


async def test_a_stream_that_ends_with_its_token_is_an_error_of_the_transport(
    open_gateway: Open, kept: MongoPages, lives: Opened
) -> None:
    await keep_order(kept, "order-1")
    async with open_gateway() as gateway:
        url = f"http://{gateway.address}/graphql"
        async with running_node("apollo.mjs", url, WATCH_ALL, token()) as client:
            assert await client.hears() == {"connecting": True}
            assert "next" in await client.hears()
            for life in lives():
                life.end(End.NOT_AUTHENTICATED)
            said = await client.hears()
    assert said == {"error": "CombinedProtocolErrors", "codes": ["UNAUTHENTICATED"]}


async def test_a_link_that_tries_again_comes_back_with_a_fresh_token(
    open_gateway: Open, kept: MongoPages, lives: Opened
) -> None:
    for number in (1, 2):
        await keep_order(kept, f"order-{number}", customer_id=f"customer-{number}")
    async with open_gateway() as gateway:
        url, tokens = f"http://{gateway.address}/graphql", (token("customer-1"), token("customer-2"))
        async with running_node("apollo.mjs", url, WATCH_ALL, *tokens) as client:
            for number in (1, 2):
                assert await client.hears() == {"connecting": True}
                assert (await client.hears())["next"]["myOrderUpdates"]["id"] == f"order-{number}"
                for life in lives():
                    life.end(End.GOING_AWAY)
