"""graphql-transport-ws, frame by frame."""

import json
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus

from tests.bff.asking import Gateway, Json, bearer, token
from tests.bff.conftest import Open
from tests.waiting import until

WATCH_ALL = "subscription { myOrderUpdates { id } }"
INIT = {"type": "connection_init", "payload": {"authorization": f"Bearer {token()}"}}
OPERATION = {"query": "{ __typename }"}

NO_IDS: list[Any] = [None, "", 1, [], {}]
NO_OPERATIONS: list[Any] = [
    *(None, "x", [], {}, {"query": None}, {"query": 1}),
    {**OPERATION, "variables": []},
    {**OPERATION, "operationName": 1},
]
NO_SUBSCRIPTIONS: list[Json] = [
    {},
    {"id": "1"},
    {"payload": OPERATION},
    *({"id": wrong, "payload": OPERATION} for wrong in NO_IDS),
    *({"id": "1", "payload": wrong} for wrong in NO_OPERATIONS),
]
NO_FRAMES: list[str | bytes] = [
    *(b"\0", "", "{", "null", "1", "[]", '[{"type": "ping"}]', "{}", '{"type": "\\ud800"}', "[" * 30_000),
    *('{"type": null}', '{"type": []}', '{"type": "start"}', '{"type": "' + "x" * 999 + '"}'),
    *('{"type": "complete"}', '{"type": "complete", "id": []}', '{"type": "complete", "id": ""}'),
    *('{"type": "ping", "payload": []}', '{"type": "pong", "payload": "x"}'),
    *('{"type": "next", "id": "1", "payload": {}}', '{"type": "connection_ack"}'),
    *(json.dumps({"type": "subscribe", **each}) for each in NO_SUBSCRIPTIONS),
]


async def watches(gateway: Gateway, count: int) -> None:
    """Wait until so many subscriptions are open."""

    async def are_open() -> bool:
        return await gateway.metric("subscriptions_open") == count

    await until(are_open)


async def test_a_socket_on_which_nobody_says_who_it_is_is_closed(gateway: Gateway) -> None:
    async with gateway.knock() as socket:
        assert await socket.close_code() == 4408


async def test_whoever_says_it_twice_is_sent_away(gateway: Gateway) -> None:
    async with gateway.connected() as socket:
        await socket.connection.send(json.dumps(INIT))
        assert await socket.close_code() == 4429


async def test_nobody_subscribes_before_saying_who_it_is(gateway: Gateway) -> None:
    async with gateway.knock() as socket:
        await socket.subscribes("1", WATCH_ALL)
        assert await socket.close_code() == 4401


@pytest.mark.parametrize(
    "payload", [{}, {"authorization": "Bearer nonsense"}, {"authorization": f"Basic {token()}"}]
)
async def test_a_bad_token_is_forbidden(gateway: Gateway, payload: dict[str, str]) -> None:
    async with gateway.knock() as socket:
        await socket.says("connection_init", payload=payload)
        assert await socket.close_code() == 4403


async def test_a_token_in_the_handshake_is_not_enough(gateway: Gateway) -> None:
    """A browser could not send it: connection_init says who it is, and nothing else."""
    async with gateway.knock(headers=bearer()) as socket:
        await socket.says("connection_init")
        assert await socket.close_code() == 4403


@pytest.mark.parametrize("frame", NO_FRAMES, ids=lambda frame: frame[:60])
async def test_what_is_no_frame_ends_the_connection_and_says_so(gateway: Gateway, frame: str | bytes) -> None:
    async with gateway.connected() as socket:
        await socket.connection.send(frame)
        assert await socket.close_code() == 4400


@pytest.mark.parametrize("payload", [1, False, [], "x"])
async def test_an_init_that_makes_no_sense_ends_the_connection(gateway: Gateway, payload: object) -> None:
    async with gateway.knock() as socket:
        await socket.says("connection_init", payload=payload)
        assert await socket.close_code() == 4400


@pytest.mark.parametrize("protocol", ["graphql-ws", "graphql-sse", "mqtt"])
async def test_no_other_protocol_is_spoken(gateway: Gateway, protocol: str) -> None:
    async with gateway.knock(protocol) as socket:
        assert await socket.close_code() == 4406


@pytest.mark.parametrize("name", ["1", "김" * 200])
async def test_two_operations_cannot_have_one_name(gateway: Gateway, name: str) -> None:
    async with gateway.connected() as socket:
        await socket.subscribes(name, WATCH_ALL)
        await socket.subscribes(name, WATCH_ALL)
        assert await socket.close_code() == 4409


async def test_one_operation_too_many_is_refused_and_the_others_go_on(gateway: Gateway) -> None:
    async with gateway.connected() as socket:
        for name in ("1", "2", "3"):
            await socket.subscribes(name, WATCH_ALL)
        refusal = await socket.hears()
        assert (refusal["id"], refusal["type"]) == ("3", "error")
        assert [error["extensions"]["code"] for error in refusal["payload"]] == ["TOO_MANY_SUBSCRIPTIONS"]
        await watches(gateway, 2)
        await socket.says("complete", id="1")
        await watches(gateway, 1)
        await socket.subscribes("3", WATCH_ALL)
        await watches(gateway, 2)
    await watches(gateway, 0)


async def test_a_document_that_is_none_leaves_the_connection_to_the_others(gateway: Gateway) -> None:
    async with gateway.connected() as socket:
        await socket.subscribes("1", WATCH_ALL)
        await socket.subscribes("2", "{ x(")
        refusal = await socket.hears()
        assert (refusal["id"], refusal["type"]) == ("2", "error")
        await watches(gateway, 1)


async def test_a_ping_is_answered_before_and_after_signing_in(gateway: Gateway) -> None:
    async with gateway.knock() as socket:
        for payload in ({}, {"any": "thing"}):
            await socket.says("ping", payload=payload)
            assert await socket.hears() == {"type": "pong", "payload": payload}
            await socket.says("pong", payload=payload)
        for nothing in ({}, {"payload": None}):
            await socket.says("ping", **nothing)
            assert await socket.hears() == {"type": "pong"}
            await socket.says("pong", **nothing)
        await socket.connection.send(json.dumps(INIT))
        assert await socket.hears() == {"type": "connection_ack"}


async def test_queries_can_be_asked_too(gateway: Gateway) -> None:
    async with gateway.connected() as socket:
        await socket.subscribes("1", "{ __typename }")
        assert (await socket.hears())["payload"] == {"data": {"__typename": "Query"}}
        assert await socket.hears() == {"id": "1", "type": "complete"}


async def test_complete_ends_a_watch_and_of_an_unknown_name_is_nothing(gateway: Gateway) -> None:
    async with gateway.connected() as socket:
        await socket.subscribes("1", WATCH_ALL)
        await watches(gateway, 1)
        await socket.says("complete", id="another")
        await socket.says("complete", id="1")
        await watches(gateway, 0)
        await socket.says("ping")
        assert await socket.hears() == {"type": "pong"}


@pytest.mark.parametrize("how", ["politely", "abruptly"])
async def test_a_watcher_who_goes_away_leaves_nothing_behind(gateway: Gateway, how: str) -> None:
    async with gateway.connected() as socket:
        await socket.subscribes("1", WATCH_ALL)
        await socket.subscribes("2", 'subscription { orderStatus(orderId: "order-1") { id } }')
        await watches(gateway, 2)
        if how == "abruptly":
            socket.connection.transport.abort()
        else:
            await socket.connection.close()
        await watches(gateway, 0)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://shop.example.evil.example"])
async def test_a_page_of_a_foreign_origin_cannot_connect(gateway: Gateway, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with gateway.knock(origin=origin):
            pytest.fail("it was let in")
    assert refused.value.response.status_code == 403


async def test_pages_of_our_own_and_of_an_allowed_origin_can(gateway: Gateway, open_gateway: Open) -> None:
    for origin in ("https://shop.example", f"http://{gateway.address}"):
        async with gateway.knock(origin=origin) as socket:
            await socket.says("ping")
            assert await socket.hears() == {"type": "pong"}
    async with open_gateway() as strict:
        with pytest.raises(InvalidStatus):
            await _knock(strict, origin="https://shop.example")


async def _knock(gateway: Gateway, **options: Any) -> None:
    async with gateway.knock(**options):
        pytest.fail("it was let in")
