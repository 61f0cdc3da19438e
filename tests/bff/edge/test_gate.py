"""What the gate refuses, whichever way it comes: over HTTP, as events, and over a WebSocket."""

import json
from collections.abc import Awaitable, Callable

import pytest
from websockets.exceptions import InvalidStatus

from tests.bff.asking import Gateway, Json, bearer
from tests.bff.conftest import Open

BOMB = "{ fruits { ...f0 } } " + " ".join(
    f"fragment f{level} on Fruit {{ {f'...f{level + 1} ...f{level + 1}' if level < 21 else 'id'} }}"
    for level in range(22)
)
ALL = "history { at type label } fruit { id name } payment { id status } id status address"
PAGE = f"myOrders(first: 50) {{ edges {{ node {{ {ALL} }} }} }}"
PAGES = "{ " + " ".join(f"p{number}: {PAGE}" for number in range(10)) + " }"
PLACE = 'placeOrder(input: {fruitId: "apple", quantity: 1, address: "x"}) { __typename }'

Ask = Callable[..., Awaitable[Json]]


async def over_http(gateway: Gateway, request: Json, **headers: str) -> Json:
    _, _, body = await gateway.ask("POST", "/graphql", json=request, headers={**bearer(), **headers})
    answer: Json = json.loads(body)
    return answer


async def over_websocket(gateway: Gateway, request: Json, **headers: str) -> Json:
    async with gateway.knock(headers=headers) as socket:
        await socket.says("connection_init", payload={"Authorization": bearer()["authorization"]})
        await socket.hears()
        await socket.says("subscribe", id="1", payload=request)
        frame = await socket.hears()
        answer: Json = {"errors": frame["payload"]} if frame["type"] == "error" else frame["payload"]
        return answer


@pytest.fixture(params=[over_http, over_websocket], ids=["http", "websocket"])
def ask(request: pytest.FixtureRequest) -> Ask:
    asked: Ask = request.param
    return asked


def code(answer: Json) -> str:
    """The first error's; none where there is none."""
    return str(answer["errors"][0]["extensions"]["code"]) if "errors" in answer else ""


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("#" * 16_384 + "\n{ fruits { id } }", "DOCUMENT_TOO_LONG"),
        ("{ fruits { " + "id " * 400 + "} }", "DOCUMENT_TOO_LONG"),
        ("{ a" * 30 + "}" * 30, "DOCUMENT_TOO_DEEP"),
        ("{ a" * 130 + "}" * 130, "DOCUMENT_TOO_DEEP"),
        (BOMB, "DOCUMENT_TOO_COMPLEX"),
        ("{ fruits { " + "id " * 300 + "} }", "DOCUMENT_TOO_COMPLEX"),
        ("{ fruits { " + " ".join(f"a{n}: id" for n in range(31)) + " } }", "TOO_MANY_ALIASES"),
        ("{ fruits { id " + "@skip(if: false) " * 51 + "} }", "TOO_MANY_DIRECTIVES"),
        ("{ " + "fruits { id } " * 21 + "}", "TOO_MANY_ROOT_FIELDS"),
        ("query a { fruits { id } } " * 41, "TOO_MANY_DEFINITIONS"),
        (PAGES, "COST_TOO_HIGH"),
        ("{ myOrders(first: 51) { edges { cursor } } }", "PAGE_TOO_LARGE"),
        ("{ __schema { types { name } } }", "INTROSPECTION_DISABLED"),
        ('{ ...a } fragment a on Query { ... { x: __type(name: "A") { name } } }', "INTROSPECTION_DISABLED"),
        ("{ myOrders(first: " + "9" * 5000 + ") { edges { cursor } } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($n: Int = " + "9" * 5000 + ") { myOrders(first: $n) { edges { cursor } } }",
         "GRAPHQL_VALIDATION_FAILED"),
        ("{ frits { id } }", "GRAPHQL_VALIDATION_FAILED"),
    ],
    ids=lambda each: each[:30],
)  # fmt: skip
async def test_each_limit_has_its_code_and_is_counted(
    gateway: Gateway, ask: Ask, query: str, expected: str
) -> None:
    before = await gateway.metric("graphql_refused_total", code=expected)
    answer = await ask(gateway, {"query": query})
    assert code(answer) == expected
    assert len(json.dumps(answer)) < 1500
    assert "Did you mean" not in json.dumps(answer)
    assert await gateway.metric("graphql_refused_total", code=expected) == before + 1


@pytest.mark.parametrize(
    "variables",
    [
        {"filter": {"status": ["PAYD"] * 900}},
        {"filter": {"status": ["PAID"] * 1001}},
        {"filter": {"status": ["x" * 60_000]}},
        {"filter": {"x" * 60_000: 1}},
        {"filter": {f"x{n}": n for n in range(900)}},
        {"filter": {f"x{n}": n for n in range(3000)}},
        {"filter": json.loads("[" * 500 + "]" * 500)},
        {"filter": json.loads('{"status":' * 300 + "1" + "}" * 300)},
        {"unused": list(range(10_000))},
    ],
    ids=lambda each: json.dumps(each)[:30],
)
async def test_no_variable_is_said_back_at_length(gateway: Gateway, ask: Ask, variables: Json) -> None:
    query = "query ($filter: OrderFilter) { myOrders(filter: $filter) { edges { cursor } } }"
    answer = await ask(gateway, {"query": query, "variables": variables})
    assert code(answer) == "BAD_USER_INPUT"
    assert len(answer["errors"]) <= 10
    assert all(len(error["message"]) <= 300 for error in answer["errors"])


async def test_what_costs_too_much_is_told_its_price(gateway: Gateway, ask: Ask) -> None:
    (error,) = (await ask(gateway, {"query": PAGES}))["errors"]
    assert error["extensions"]["cost"] > error["extensions"]["budget"] == 10_000


async def test_the_price_is_told_where_it_is_asked_for(gateway: Gateway, ask: Ask) -> None:
    query = {"query": "{ __typename }"}
    told = {"cost": {"price": 1, "budget": 10_000}}
    assert (await ask(gateway, query)).get("extensions") is None
    assert (await ask(gateway, {**query, "extensions": {"cost": True}}))["extensions"] == told
    assert (await ask(gateway, query, **{"x-graphql-cost": "1"}))["extensions"] == told
    assert (await ask(gateway, {**query, "extensions": {"cost": "yes"}})).get("extensions") is None


async def test_whoever_develops_is_told_the_schema_and_names_that_are_like_it(open_gateway: Open) -> None:
    async with open_gateway(bff_introspection=True, bff_suggestions=True) as gateway:
        answer = await over_http(gateway, {"query": '{ __type(name: "Order") { name } }'})
        assert answer["data"] == {"__type": {"name": "Order"}}
        answer = await over_http(gateway, {"query": "{ frits { id } }"})
        assert "Did you mean 'fruits'" in answer["errors"][0]["message"]


async def test_whoever_comes_too_often_is_told_when_to_come_again(open_gateway: Open, ask: Ask) -> None:
    limits = {"bff_rates": True, "bff_rate_customer_a_minute": 60, "bff_rate_customer_burst": 100}
    async with open_gateway(**limits) as gateway:
        answers = [await ask(gateway, {"query": "{ __typename }"}) for _ in range(3)]
        assert [code(each) for each in answers] == ["", "", "RATE_LIMITED"]
        (error,) = answers[-1]["errors"]
        assert 0 < error["extensions"]["retryAfterMs"] <= 50_000
        assert await gateway.metric("graphql_rate_limited_total", scope="customer") == 1
        nobody = json.loads((await gateway.ask("POST", "/graphql", json={"query": "{ __typename }"}))[2])
        assert code(nobody) == ""


async def test_over_http_it_is_a_status_and_a_header_too(open_gateway: Open) -> None:
    limits = {"bff_rates": True, "bff_rate_anonymous_a_minute": 60, "bff_rate_anonymous_burst": 50}
    async with open_gateway(**limits) as gateway:
        for expected in (200, 429):
            status, headers, _ = await gateway.ask("POST", "/graphql", json={"query": "{ __typename }"})
            assert status == expected
        assert 1 <= int(headers["retry-after"]) <= 50


async def test_a_flood_of_documents_that_are_refused_ends_at_the_rates(open_gateway: Open, ask: Ask) -> None:
    limits = {"bff_rates": True, "bff_rate_customer_a_minute": 60, "bff_rate_customer_burst": 2000}
    async with open_gateway(**limits) as gateway:
        answers = [await ask(gateway, {"query": BOMB}) for _ in range(3)]
    assert [code(each) for each in answers] == [
        "DOCUMENT_TOO_COMPLEX",
        "DOCUMENT_TOO_COMPLEX",
        "RATE_LIMITED",
    ]


async def test_orders_placed_under_many_names_are_each_counted(open_gateway: Open, ask: Ask) -> None:
    limits = {"bff_rates": True, "bff_rate_placing_a_minute": 1, "bff_rate_placing_burst": 3}
    async with open_gateway(**limits) as gateway:
        two = "mutation { a: " + PLACE + " b: " + PLACE + " }"
        answers = [await ask(gateway, {"query": two}) for _ in range(2)]
        assert [code(each) for each in answers] == ["SERVICE_UNAVAILABLE", "RATE_LIMITED"]
        assert await gateway.metric("graphql_rate_limited_total", scope="placing") == 1


async def test_tokens_cannot_be_guessed_for_ever(open_gateway: Open) -> None:
    limits = {"bff_rates": True, "bff_rate_sign_ins_a_minute": 1, "bff_rate_sign_ins_burst": 2}
    guess = {"authorization": "Bearer nonsense"}
    async with open_gateway(**limits) as gateway:
        for expected in ("UNAUTHENTICATED", "UNAUTHENTICATED", "RATE_LIMITED"):
            assert code(await over_http(gateway, {"query": "{ __typename }"}, **guess)) == expected
        async with gateway.knock() as socket:
            await socket.says("connection_init", payload=guess)
            assert await socket.close_code() == 1013
        assert (await gateway.graphql("{ __typename }"))["data"]  # a good token pays for no bad one
        nobody = json.loads((await gateway.ask("POST", "/graphql", json={"query": "{ __typename }"}))[2])
        assert code(nobody) == ""


async def test_sockets_cannot_be_opened_for_ever(open_gateway: Open) -> None:
    limits = {"bff_rates": True, "bff_rate_connections_a_minute": 1, "bff_rate_connections_burst": 2}
    async with open_gateway(**limits) as gateway:
        for _ in range(2):
            async with gateway.connected():  # who signs in is not counted
                pass
            async with gateway.knock():
                pass
        with pytest.raises(InvalidStatus) as refused:
            async with gateway.knock():
                pytest.fail("it was let in")
        assert refused.value.response.status_code == 429
        assert 1 <= int(refused.value.response.headers["retry-after"]) <= 60


async def outcome(gateway: Gateway, kind: str, field: str, outcome: str) -> float:
    return await gateway.metric("graphql_operations_total", type=kind, field=field, outcome=outcome)


async def test_operations_are_counted_by_field_and_what_became_of_them(open_gateway: Open) -> None:
    async with open_gateway() as gateway:
        await over_http(gateway, {"query": "{ a: __typename x: fruits { id } }"})
        await over_http(gateway, {"query": "{ myOrders { edges { cursor } } }"})
        invalid = PLACE.replace("quantity: 1", "quantity: 0")
        await over_http(gateway, {"query": f"mutation {{ mine: {invalid} }}"})
        await over_websocket(gateway, {"query": 'subscription { orderStatus(orderId: "none") { id } }'})
        assert await outcome(gateway, "query", "__typename", "ok") == 1
        assert await outcome(gateway, "query", "fruits", "SERVICE_UNAVAILABLE") == 1
        assert await outcome(gateway, "query", "myOrders", "ok") == 1
        assert await outcome(gateway, "mutation", "placeOrder", "InvalidOrder") == 1
        assert await outcome(gateway, "subscription", "orderStatus", "ORDER_NOT_FOUND") == 1
        assert await gateway.metric("graphql_operation_seconds_count", type="query") == 2
        assert await gateway.metric("graphql_cost_count") == 4
