"""Another customer's order is as if it did not exist, whichever way it is looked for."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientResponse

from bff.consistency import Token
from bff.mypage import MyPage
from bff.position import Position
from schema.views import MYPAGE_DATABASE, MYPAGE_ORDERS, OrderStatus
from services.chassis import mongo
from services.mypage.projection import take_in
from services.mypage.store import MongoPages
from tests import facts
from tests.bff.asking import Gateway, Json, Socket, bearer
from tests.bff.conftest import Open
from tests.bff.keeping import after, keep_order
from tests.waiting import until

ORDER = "query ($order: ID!, $token: String) { order(id: $order, consistencyToken: $token) { id } }"
PAGE = """query ($after: String, $token: String) {
  myOrders(after: $after, consistencyToken: $token) { stale resumeFrom edges { node { id stale } } }
}"""
WATCH_ONE = """subscription ($order: ID!, $last: Int) {
  orderStatus(orderId: $order, lastVersion: $last) { id version }
}"""
WATCH_ALL = "subscription ($after: String) { myOrderUpdates(after: $after) { id version } }"

HOSTILE = [
    *(
        "",
        " ",
        "\0",
        "\0order",
        "a" * 5000,
        "김" * 500,
        "../../etc/passwd",
        "order-1\n",
        "\U0001f34e",
        "\u202e",
    ),
    *('{"$ne": 1}', '{"$gt": ""}', "$where", "[$ne]", "; drop", "' || '1' == '1", "order-1\0", "ORDER-1"),
]


async def watches(gateway: Gateway, count: int) -> None:
    """Wait until so many subscriptions are open."""

    async def are_open() -> bool:
        return await gateway.metric("subscriptions_open") == count

    await until(are_open)


async def unknown_to(gateway: Gateway, order_id: str, **variables: Any) -> Json:
    """What is said of an order: without what differs from one answer to the next."""
    answer = await gateway.graphql(ORDER, {"order": order_id, **variables})
    return without_ids(answer)


def without_ids(answer: Json) -> Json:
    for error in answer.get("errors", ()):
        error["extensions"].pop("correlationId")
    return answer


async def refusal(socket: Socket) -> list[Json]:
    """The errors with which a subscription ends."""
    frame = await socket.hears()
    payload = frame["payload"]
    if frame["type"] == "next":
        assert (await socket.hears())["type"] == "complete"
        return list(without_ids(payload)["errors"])
    return list(without_ids({"errors": payload})["errors"])


@pytest.fixture
async def pages(mongo_client: mongo.Client, database: mongo.Database) -> MongoPages:
    """Where mypage writes what the gateway shows: an order of mine, and one of theirs."""
    pages = MongoPages(mongo_client[f"{database.name}_{MYPAGE_DATABASE}"][MYPAGE_ORDERS])
    await pages.prepare()
    await keep_order(pages, "mine", 0)
    await keep_order(pages, "theirs", 5, customer_id="customer-2")
    return pages


@pytest.fixture
async def scene(open_gateway: Open, pages: MongoPages) -> AsyncIterator[Gateway]:
    """A gateway that waits for a third of a second where a consistency token says so."""
    del pages
    async with open_gateway(bff_consistency_ms=300) as gateway:
        yield gateway


async def test_it_is_not_found_by_its_id_nor_told_from_one_that_is_not(scene: Gateway) -> None:
    assert (
        await unknown_to(scene, "theirs") == await unknown_to(scene, "nobodys") == {"data": {"order": None}}
    )


async def waited_in_vain(gateway: Gateway) -> float:
    """How many reads have waited for what did not come."""
    try:
        return await gateway.metric("consistency_reads_total", outcome="stale")
    except LookupError:
        return 0


async def test_a_token_of_it_finds_no_more_and_is_waited_for_alike(scene: Gateway) -> None:
    took: list[float] = []
    for name in ("theirs", "nobodys"):
        token = Token(name, frozenset({"order.placed"})).text()
        before = await waited_in_vain(scene)
        answer = await unknown_to(scene, name, token=token)
        took.append(await waited_in_vain(scene) - before)
        assert [error["extensions"] for error in answer["errors"]] == [{"code": "STALE_READ"}]
        assert name not in json.dumps(answer)
        page = (await scene.graphql(PAGE, {"token": token}))["data"]["myOrders"]
        assert page["edges"] == [{"node": {"id": "mine", "stale": False}}]
        assert page["stale"] is True
    assert took == [1, 1]


async def test_a_token_of_another_order_of_mine_does_not_hold_this_one_up(scene: Gateway) -> None:
    token = Token("nobodys", frozenset({"order.placed"})).text()
    assert (await scene.graphql(ORDER, {"order": "mine", "token": token}))["data"] == {
        "order": {"id": "mine"}
    }
    assert await waited_in_vain(scene) == 0


async def test_a_cursor_made_for_somebody_else_shows_my_orders_alone(
    scene: Gateway, pages: MongoPages
) -> None:
    stolen = after((await MyPage(pages._collection).newest("customer-2", 1)).orders[0])
    page = (await scene.graphql(PAGE, {"after": stolen}))["data"]["myOrders"]
    assert [edge["node"]["id"] for edge in page["edges"]] == ["mine"]


async def test_a_position_made_for_somebody_else_brings_my_orders_alone(scene: Gateway) -> None:
    async with scene.connected("customer-2") as socket:
        await socket.subscribes("1", WATCH_ALL)
        payload = (await socket.hears())["payload"]
        assert payload["data"]["myOrderUpdates"]["id"] == "theirs"
        stolen = payload["extensions"]["resume"]
    async with scene.connected() as socket:
        await socket.subscribes("1", WATCH_ALL, after=stolen)
        assert (await socket.hears())["payload"]["data"]["myOrderUpdates"]["id"] == "mine"
        await socket.says("ping")
        assert await socket.hears() == {"type": "pong"}, "and nothing else"


@pytest.mark.parametrize("last", [None, 0, 1, 99])
async def test_it_cannot_be_watched_and_that_is_said_as_of_one_that_is_not(
    scene: Gateway, monkeypatch: pytest.MonkeyPatch, last: int | None
) -> None:
    monkeypatch.setattr("bff.graph.order_status.PATIENCE_SECONDS", 0.1)
    said = []
    async with scene.connected() as socket:
        for name in ("theirs", "nobodys"):
            await socket.subscribes(name, WATCH_ONE, order=name, last=last)
            said.append(await refusal(socket))
            assert name not in json.dumps(said[-1])
    assert said[0] == said[1]
    assert [error["extensions"] for error in said[0]] == [{"code": "ORDER_NOT_FOUND"}]


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda name: repr(name[:20]))
async def test_any_id_is_an_id_of_no_order(
    scene: Gateway, monkeypatch: pytest.MonkeyPatch, hostile: str
) -> None:
    monkeypatch.setattr("bff.graph.order_status.PATIENCE_SECONDS", 0.05)
    assert await unknown_to(scene, hostile) == {"data": {"order": None}}
    async with scene.connected() as socket:
        await socket.subscribes("1", WATCH_ONE, order=hostile)
        assert [error["extensions"] for error in await refusal(socket)] == [{"code": "ORDER_NOT_FOUND"}]
    cancel = "mutation ($order: ID!) { cancelOrder(orderId: $order) { __typename } }"
    said = without_ids(await scene.graphql(cancel, {"order": hostile}))
    away = [error["extensions"]["code"] for error in said.get("errors", ())] == ["SERVICE_UNAVAILABLE"]
    assert away or said["data"]["cancelOrder"]["__typename"] == "OrderNotFound"


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        (PAGE, {"after": '{"$gt": ""}'}),
        (PAGE, {"token": "nonsense"}),
        (PAGE, {"token": ",".join(Token(f"order-{n}", frozenset({"a"})).text() for n in range(21))}),
        (ORDER, {"order": "mine", "token": "nonsense"}),
    ],
)
async def test_what_nobody_gave_out_is_bad_input(scene: Gateway, query: str, variables: Json) -> None:
    answer = await scene.graphql(query, variables)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    ("query", "variables"),
    [(WATCH_ALL, {"after": "nonsense"}), (WATCH_ONE, {"order": "mine", "last": -1})],
)
async def test_a_watch_cannot_go_on_from_nonsense(scene: Gateway, query: str, variables: Json) -> None:
    (answer,) = await scene.events(query, variables)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_headers_are_taken_as_arguments_are(scene: Gateway) -> None:
    token = Token("nobodys", frozenset({"order.placed"})).text()
    headers: Any = {"x-consistency-token": f" {token} , {token},"}
    assert (await scene.graphql(PAGE, **headers))["data"]["myOrders"]["stale"] is True
    headers["x-consistency-token"] = "nonsense"
    answer = await scene.graphql(PAGE, **headers)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


async def test_a_page_and_then_its_changes_leave_no_gap(scene: Gateway, pages: MongoPages) -> None:
    page = (await scene.graphql(PAGE))["data"]["myOrders"]
    assert [edge["node"]["id"] for edge in page["edges"]] == ["mine"]
    await keep_order(pages, "later", 9)
    async with scene.connected() as socket:
        await socket.subscribes("1", WATCH_ALL, after=page["resumeFrom"])
        payload = (await socket.hears())["payload"]
        assert payload["data"]["myOrderUpdates"]["id"] == "later"
        await socket.says("ping")
        assert await socket.hears() == {"type": "pong"}, "what the page showed is not sent again"
        await socket.subscribes("2", WATCH_ALL, after=payload["extensions"]["resume"])
        await socket.says("ping")
        assert await socket.hears() == {"type": "pong"}


async def test_an_order_is_watched_on_from_the_version_seen_last(scene: Gateway) -> None:
    async with scene.connected() as socket:
        await socket.subscribes("1", WATCH_ONE, order="mine")
        payload = (await socket.hears())["payload"]
        assert (payload["data"]["orderStatus"]["version"], payload["extensions"]["resume"]) == (1, "1")
        await socket.subscribes("2", WATCH_ONE, order="mine", last=1)
        await watches(scene, 2)
        await socket.says("ping")
        assert await socket.hears() == {"type": "pong"}, "what was seen is not sent again"


async def test_an_order_that_is_settled_as_it_was_seen_ends_without_a_word(
    scene: Gateway, pages: MongoPages
) -> None:
    await keep_order(pages, "over", 0, OrderStatus.PAYMENT_DECLINED)
    assert len(await scene.events(WATCH_ONE, {"order": "over", "last": 1})) == 1
    assert await scene.events(WATCH_ONE, {"order": "over", "last": 2}) == []
    await watches(scene, 0)


async def test_a_page_says_where_to_go_on_only_where_it_is_asked(
    scene: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It costs a command; fragments within fragments are looked into."""
    asked = 0
    real = MyPage.now

    async def now(mypage: MyPage) -> Any:
        nonlocal asked
        asked += 1
        return await real(mypage)

    monkeypatch.setattr(MyPage, "now", now)
    await scene.graphql("{ myOrders { edges { node { id } } } }")
    assert asked == 0
    nested = """{ myOrders { ...a ... on OrderConnection { ...b } } }
      fragment a on OrderConnection { ...b }
      fragment b on OrderConnection { edges { cursor } later: resumeFrom }"""
    page = (await scene.graphql(nested))["data"]["myOrders"]
    assert asked == 1
    assert len(Position.read(page["later"]).given) == 1


@pytest.mark.parametrize("query", [WATCH_ALL, WATCH_ONE])
async def test_an_event_stream_goes_on_from_its_last_event(
    scene: Gateway, query: str, pages: MongoPages
) -> None:
    url, headers = f"http://{scene.address}/graphql", {**bearer(), "accept": "text/event-stream"}
    body = {"query": query, "variables": {"order": "mine"} if query == WATCH_ONE else {}}
    async with scene.session.post(url, json=body, headers=headers) as response:
        first = await _event(response)
    assert (first["version"], bool(first["id"])) == (1, True)
    page = await pages.load("mine")
    assert page is not None
    await pages.keep(take_in(page, facts.approved("mine")), page)
    headers["last-event-id"] = first["id"]
    async with scene.session.post(url, json=body, headers=headers) as response:
        assert (await _event(response))["version"] == 2
    headers["last-event-id"] = "nonsense"
    async with scene.session.post(url, json=body, headers=headers) as response:
        assert b"BAD_USER_INPUT" in await response.read()


async def _event(response: ClientResponse) -> Json:
    """The next result in a stream of events: its version, and the event's id."""
    named = ""
    async for line in response.content:
        if line.startswith(b"id:"):
            named = line.removeprefix(b"id:").decode().strip()
        if line.startswith(b"data: {"):
            (order,) = json.loads(line.removeprefix(b"data: "))["data"].values()
            return {"id": named, "version": order["version"]}
    raise AssertionError("the stream has ended")
