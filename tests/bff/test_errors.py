import json
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from bff.consistency import Token
from bff.edge.documents import RefusedError
from bff.graph.codes import Code
from bff.graph.errors import CodedError
from bff.mypage import MyPage
from tests.bff.asking import Gateway, Json
from tests.bff.conftest import Open
from tests.conftest import NOWHERE

SECRET_OF_OURS = "mongodb://inside.example:27017 said no"
PAGE = "{ myOrders { edges { cursor } } }"
FIRST = "query ($first: Int!) { myOrders(first: $first) { edges { cursor } } }"
ORDER = "query ($order: ID!) { order(id: $order) { id } }"
PLACE = "mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { __typename } }"
WATCH_ALL = "subscription { myOrderUpdates { id } }"
WATCH_ONE = 'subscription { orderStatus(orderId: "order-1") { id } }'


def codes(answer: Json) -> set[str]:
    return {error["extensions"]["code"] for error in answer["errors"]}


async def over_http(gateway: Gateway, query: str, variables: Json | None) -> Json:
    return await gateway.graphql(query, variables)


async def over_events(gateway: Gateway, query: str, variables: Json | None) -> Json:
    (answer,) = await gateway.events(query, variables)
    return answer


async def over_websocket(gateway: Gateway, query: str, variables: Json | None) -> Json:
    async with gateway.connected() as socket:
        await socket.subscribes("1", query, **(variables or {}))
        frame = await socket.hears()
        if frame["type"] == "error":
            return {"errors": frame["payload"]}
        assert await socket.hears() == {"id": "1", "type": "complete"}
        answer: Json = frame["payload"]
        return answer


WAYS = {"http": over_http, "events": over_events, "websocket": over_websocket}


@pytest.fixture(params=list(WAYS))
def ask(request: pytest.FixtureRequest) -> Any:
    return WAYS[request.param]


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{ myOrders(", None, "GRAPHQL_PARSE_FAILED"),
        ("{" * 500, None, "GRAPHQL_PARSE_FAILED"),
        ("{ " + "a: fruits { id } " * 400 + "}", None, "DOCUMENT_TOO_LONG"),
        ("query A { fruits { id } } query B { fruits { id } }", None, "BAD_REQUEST"),
        ('{ order(id: "\\ud800") { id } }', None, "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("{ myOrders }", None, "GRAPHQL_VALIDATION_FAILED"),
        ('{ myOrders(first: "x") { edges { cursor } } }', None, "GRAPHQL_VALIDATION_FAILED"),
        (FIRST, {"first": "x"}, "BAD_USER_INPUT"),
        (FIRST, {"first": 2**40}, "BAD_USER_INPUT"),
        (FIRST, {}, "BAD_USER_INPUT"),
        (FIRST, {"first": 51}, "PAGE_TOO_LARGE"),
        (ORDER, {"order": None}, "BAD_USER_INPUT"),
        (ORDER, {"order": ["1"]}, "BAD_USER_INPUT"),
        (PLACE, {"input": {"quantity": "x", "surprise": 1}}, "BAD_USER_INPUT"),
        ('{ myOrders(after: "x") { edges { cursor } } }', None, "BAD_USER_INPUT"),
        ("{ fruits { id } }", None, "SERVICE_UNAVAILABLE"),
    ],
)
async def test_every_error_has_a_code_whichever_way_it_goes(
    gateway: Gateway,
    ask: Any,
    caplog: pytest.LogCaptureFixture,
    query: str,
    variables: Json | None,
    code: str,
) -> None:
    caplog.set_level(logging.INFO, logger="bff")
    answer = await ask(gateway, query, variables)
    assert codes(answer) == {code}
    noted = {vars(record).get("correlation_id") for record in caplog.records}
    assert {error["extensions"]["correlationId"] for error in answer["errors"]} <= noted
    assert not [record for record in caplog.records if record.getMessage() == "a bug"]
    assert not any(inside in json.dumps(answer) for inside in ("127.0.0.1", "Traceback", "site-packages"))


async def test_nobody_is_told_to_sign_in(gateway: Gateway) -> None:
    body = {"query": PAGE}
    _, _, answer = await gateway.ask("POST", "/graphql", json=body)
    assert codes(json.loads(answer)) == {"UNAUTHENTICATED"}
    _, _, events = await gateway.ask(
        "POST", "/graphql", json={"query": WATCH_ALL}, headers={"accept": "text/event-stream"}
    )
    assert b'"UNAUTHENTICATED"' in events


async def test_the_fruit_is_for_anybody(gateway: Gateway) -> None:
    _, _, answer = await gateway.ask("POST", "/graphql", json={"query": "{ fruits { id } }"})
    assert codes(json.loads(answer)) == {"SERVICE_UNAVAILABLE"}


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    async def break_down(*_: object) -> None:
        raise ZeroDivisionError(SECRET_OF_OURS)

    monkeypatch.setattr(MyPage, "newest", break_down)
    monkeypatch.setattr(MyPage, "order", break_down)


@pytest.mark.usefixtures("broken")
@pytest.mark.parametrize(
    ("way", "query"),
    [
        *((way, PAGE) for way in WAYS),
        *((way, query) for way in ("events", "websocket") for query in (WATCH_ALL, WATCH_ONE)),
    ],
)
async def test_a_bug_is_hidden_behind_an_id_that_the_log_has_too(
    gateway: Gateway, caplog: pytest.LogCaptureFixture, way: str, query: str
) -> None:
    answer = await WAYS[way](gateway, query, None)
    (error,) = answer["errors"]
    assert (error["message"], error["extensions"]["code"]) == (
        "저희 쪽에 문제가 생겼습니다.",
        "INTERNAL_SERVER_ERROR",
    )
    assert "inside.example" not in json.dumps(answer)
    assert "ZeroDivisionError" not in json.dumps(answer)
    (record,) = [record for record in caplog.records if record.getMessage() == "a bug"]
    assert vars(record)["correlation_id"] == error["extensions"]["correlationId"]
    assert record.exc_info is not None
    assert SECRET_OF_OURS in str(record.exc_info[1])


@pytest.mark.parametrize("way", ["events", "websocket"])
async def test_a_bug_after_the_first_result_is_hidden_as_well(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    def break_down(_: object) -> Iterator[object]:
        raise ZeroDivisionError(SECRET_OF_OURS)

    monkeypatch.setattr("bff.mailbox.Mailbox.waiting", break_down)
    answer = await WAYS[way](gateway, WATCH_ALL, None)
    assert codes(answer) == {"INTERNAL_SERVER_ERROR"}
    assert "inside.example" not in json.dumps(answer)


@pytest.mark.parametrize(("way", "query"), [("http", PAGE), ("events", WATCH_ALL), ("websocket", WATCH_ONE)])
async def test_a_database_that_is_away_is_said_to_be_no_more_than_that(
    open_gateway: Open, caplog: pytest.LogCaptureFixture, way: str, query: str
) -> None:
    caplog.set_level(logging.ERROR, logger="bff")
    mongo_url = f"mongodb://{NOWHERE}/?directConnection=true"
    async with open_gateway(mongo_url=mongo_url, mongo_timeout_seconds=0.2) as gateway:
        answer = await WAYS[way](gateway, query, None)
    assert codes(answer) == {"SERVICE_UNAVAILABLE"}
    assert NOWHERE not in json.dumps(answer)


@pytest.mark.parametrize("way", ["events", "websocket"])
async def test_an_order_that_was_promised_is_waited_for_and_never_said_not_to_be(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr("bff.graph.order_status.PROMISED_SECONDS", 0.05)
    token = Token("order-1", frozenset({"order.placed"})).text()
    watch = (
        'subscription ($token: String) { orderStatus(orderId: "order-1", consistencyToken: $token) { id } }'
    )
    assert codes(await WAYS[way](gateway, watch, {"token": token})) == {"STALE_READ"}


@pytest.mark.parametrize("way", ["events", "websocket"])
async def test_an_order_that_is_not_mine_is_an_error_with_a_code(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr("bff.graph.order_status.PATIENCE_SECONDS", 0.05)
    assert codes(await WAYS[way](gateway, WATCH_ONE, None)) == {"ORDER_NOT_FOUND"}


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
@pytest.mark.parametrize("breaks", ["bff.edge.gate.Gate.admit", "bff.edge.gate.Gate.answer"])
async def test_a_bug_of_the_edge_itself_is_hidden_as_well(
    gateway: Gateway,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    breaks: str,
    accept: str,
) -> None:
    def break_down(*_: object) -> object:
        raise ZeroDivisionError(SECRET_OF_OURS)

    monkeypatch.setattr(breaks, break_down)
    headers = {"accept": accept, "accept-language": "en"}
    status, got, body = await gateway.ask("POST", "/graphql", json={"query": PAGE}, headers=headers)
    assert (status, got["content-type"]) == (500, f"{accept}; charset=utf-8")
    (error,) = json.loads(body)["errors"]
    assert error["message"] == "Something went wrong on our side."
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    (record,) = [record for record in caplog.records if record.getMessage() == "a bug"]
    assert vars(record)["correlation_id"] == error["extensions"]["correlationId"] == got["x-request-id"]


@pytest.mark.parametrize("accept", ["text/event-stream", "multipart/mixed;subscriptionSpec=1.0"])
async def test_a_bug_of_a_stream_is_its_last_word(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, accept: str
) -> None:
    async def break_down(*_: object) -> AsyncIterator[object]:
        raise ZeroDivisionError(SECRET_OF_OURS)
        yield

    monkeypatch.setattr("bff.edge.subscription.Subscription.pulled", break_down)
    body = {"query": WATCH_ALL}
    status, _, said = await gateway.ask("POST", "/graphql", json=body, headers={"accept": accept})
    assert status == 200
    assert b'"INTERNAL_SERVER_ERROR"' in said
    assert b"inside.example" not in said
    assert said.endswith((b"event: complete\ndata:\n\n", b"--graphql--\r\n"))


async def test_when_to_try_again_is_in_the_header_too(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> object:
        raise RefusedError(CodedError(Code.RATE_LIMITED, retryAfterMs=1001))

    monkeypatch.setattr("bff.edge.gate.Gate.admit", refuse)
    for accept in ("application/json", "application/graphql-response+json", "text/event-stream"):
        status, got, body = await gateway.ask(
            "POST", "/graphql", json={"query": PAGE}, headers={"accept": accept, "accept-language": "en"}
        )
        assert (status, got["retry-after"]) == (429, "2")
        (error,) = json.loads(body)["errors"]
        assert error["message"] == "Too many requests. Please try again in a moment."
        assert error["extensions"]["retryAfterMs"] == 1001


async def test_an_address_that_does_not_exist_is_not_found(gateway: Gateway) -> None:
    status, _, body = await gateway.ask("GET", "/nowhere")
    assert (status, body) == (404, b"Not Found")
