"""/graphql by cookie, over every transport: for our own pages, and for nobody else."""

import json
import time
from collections.abc import Mapping
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.bff.asking import Gateway, bearer, token
from tests.bff.browsing import FOREIGN, OWN, ours, page, with_cookie
from tests.bff.conftest import Open
from tests.bff.test_auth import forged

MINE = "{ myOrders { edges { node { id } } } }"
WATCH = "subscription { myOrderUpdates { id } }"
ANYBODYS = "{ __typename }"
WAYS = {
    "POST": {"accept": "application/json"},
    "SSE": {"accept": "text/event-stream"},
    "multipart": {"accept": "multipart/mixed;subscriptionSpec=1.0, application/json"},
}
BAD = [forged({"sub": "customer-1", "exp": 1}), "nonsense", "", "x" * 20_000, '"quoted"', "토큰"]


async def code_of(gateway: Gateway, headers: Mapping[str, str], query: str = MINE) -> str | None:
    """The code of what a query is refused with, or None."""
    _, _, body = await gateway.ask("POST", "/graphql", json={"query": query}, headers=headers)
    said = json.loads(body)
    return said["errors"][0]["extensions"]["code"] if "errors" in said else None


@pytest.mark.parametrize("who", OWN)
async def test_the_cookie_says_who_asks_where_our_own_page_does(gateway: Gateway, who: str) -> None:
    headers = {**page(gateway, OWN[who]), **with_cookie(token())}
    assert await code_of(gateway, headers) is None


@pytest.mark.parametrize("who", FOREIGN)
async def test_from_anywhere_else_it_is_as_if_it_were_not_there(gateway: Gateway, who: str) -> None:
    headers = page(gateway, FOREIGN[who])
    for cookie in (token(), *BAD):
        assert await code_of(gateway, {**headers, **with_cookie(cookie)}) == "UNAUTHENTICATED"
        assert await code_of(gateway, {**headers, **with_cookie(cookie)}, ANYBODYS) is None


async def test_a_listed_origin_asks_by_its_token_whatever_cookie_is_beside_it(gateway: Gateway) -> None:
    headers = {"origin": "https://shop.example", **with_cookie("nonsense"), **bearer()}
    _, got, body = await gateway.ask("POST", "/graphql", json={"query": MINE}, headers=headers)
    assert "errors" not in json.loads(body)
    assert got["access-control-allow-origin"] == "https://shop.example"
    assert "access-control-allow-credentials" not in got


@pytest.mark.parametrize("bad", BAD)
async def test_a_cookie_that_is_no_good_is_refused_as_a_token_is(gateway: Gateway, bad: str) -> None:
    for query in (MINE, ANYBODYS):
        assert await code_of(gateway, {**ours(gateway), **with_cookie(bad)}, query) == "UNAUTHENTICATED"
    assert await code_of(gateway, {**ours(gateway), **with_cookie(bad), **bearer()}) is None


async def test_a_header_that_is_no_good_is_not_made_up_for_by_a_cookie(gateway: Gateway) -> None:
    for header in ("Bearer nonsense", "", "Basic eA=="):
        headers = {**ours(gateway), **with_cookie(token()), "authorization": header}
        assert await code_of(gateway, headers) == "UNAUTHENTICATED"


async def test_two_cookies_of_the_name_are_no_good(gateway: Gateway) -> None:
    headers = {**ours(gateway), **with_cookie(token("customer-1"), token("customer-2"))}
    assert await code_of(gateway, headers) == "UNAUTHENTICATED"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_no_form_can_send_a_command_with_a_cookie(gateway: Gateway, kind: str) -> None:
    body = json.dumps({"query": 'mutation { cancelOrder(orderId: "x") { __typename } }'}).encode()
    headers = {**ours(gateway), **with_cookie(token()), "content-type": kind}
    status, _, _ = await gateway.ask("POST", "/graphql", data=body, headers=headers)
    assert status == 415


@pytest.mark.parametrize("way", WAYS)
async def test_streams_are_opened_by_cookie_too_and_end_with_the_session(gateway: Gateway, way: str) -> None:
    headers = {**ours(gateway), **WAYS[way]}
    if way != "POST":
        secret = token()
        async with gateway.session.post(
            f"http://{gateway.address}/graphql",
            json={"query": WATCH},
            headers={**headers, **with_cookie(secret)},
        ) as stream:
            assert stream.content_type == WAYS[way]["accept"].partition(";")[0]
            await gateway.ask("DELETE", "/session", headers={**ours(gateway), **with_cookie(secret)})
            said = await stream.content.read()
        assert (b"UNAUTHENTICATED" in said) == (way == "multipart"), said
        assert b"event: complete" not in said
    refused = {**headers, **page(gateway, FOREIGN["another site"]), **with_cookie(token())}
    status, _, body = await gateway.ask("POST", "/graphql", json={"query": WATCH}, headers=refused)
    assert b"UNAUTHENTICATED" in body or status == 406


async def begun(gateway: Gateway, headers: Mapping[str, str], payload: Any = None) -> int | str | None:
    """What a WebSocket comes to that is begun so: the code it is closed or refused with, or "ack"."""
    said = dict(headers)
    try:
        async with gateway.knock(origin=said.pop("origin", None), headers=said) as socket:
            await socket.says("connection_init", **({} if payload is None else {"payload": payload}))
            try:
                return "ack" if (await socket.hears())["type"] == "connection_ack" else None
            except ConnectionClosed:
                return await socket.close_code()
    except InvalidStatus as refused:
        return refused.response.status_code


@pytest.mark.parametrize("who", OWN)
async def test_a_websocket_of_our_own_page_needs_no_token(gateway: Gateway, who: str) -> None:
    headers = {**page(gateway, OWN[who]), **with_cookie(token())}
    for payload in (None, {}, {"Authorization": ""}, {"Authorization": None}):
        assert await begun(gateway, headers, payload) == "ack"


@pytest.mark.parametrize("who", FOREIGN)
async def test_a_foreign_page_opens_no_websocket_by_our_cookie(gateway: Gateway, who: str) -> None:
    headers = {**page(gateway, FOREIGN[who]), **with_cookie(token())}
    assert await begun(gateway, headers) in {403, 4403}


async def test_a_listed_origin_opens_one_by_its_token_alone(gateway: Gateway) -> None:
    headers = {"origin": "https://shop.example", **with_cookie(token())}
    assert await begun(gateway, headers) == 4403
    assert await begun(gateway, headers, {"Authorization": f"Bearer {token()}"}) == "ack"


async def test_the_token_of_connection_init_goes_before_the_cookie(gateway: Gateway) -> None:
    headers = {**ours(gateway), **with_cookie(token())}
    for wrong in ("nonsense", 7, ["x"]):
        assert await begun(gateway, headers, {"Authorization": wrong}) == 4403
    headers = {**ours(gateway), **with_cookie("nonsense")}
    assert await begun(gateway, headers, {"Authorization": f"Bearer {token()}"}) == "ack"


@pytest.mark.parametrize("bad", [each for each in BAD if each.isascii()])
async def test_a_websocket_with_a_cookie_that_is_no_good_is_closed_as_with_a_token(
    gateway: Gateway, bad: str
) -> None:
    too_large = {431} if len(bad) > 8000 else set()
    for cookies in ((bad,), (token(), bad)):
        assert await begun(gateway, {**ours(gateway), **with_cookie(*cookies)}) in {4403, *too_large}


async def test_what_is_open_ends_when_the_session_does(gateway: Gateway) -> None:
    secret = token()
    async with gateway.knock(origin=f"http://{gateway.address}", headers=with_cookie(secret)) as socket:
        await socket.says("connection_init")
        assert await socket.hears() == {"type": "connection_ack"}
        await socket.subscribes("1", WATCH)
        await gateway.ask("DELETE", "/session", headers={**ours(gateway), **with_cookie(secret)})
        assert await socket.close_code() == 4403


async def test_what_is_open_ends_when_the_cookies_token_expires(open_gateway: Open) -> None:
    secret = forged({"sub": "customer-1", "exp": int(time.time()) + 2})
    async with open_gateway() as gateway:
        own = f"http://{gateway.address}"
        async with gateway.knock(origin=own, headers=with_cookie(secret)) as socket:
            await socket.says("connection_init")
            assert await socket.hears() == {"type": "connection_ack"}
            assert await socket.close_code() == 4403
