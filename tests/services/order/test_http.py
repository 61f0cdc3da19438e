"""The order service over HTTP, on the real MongoDB; RabbitMQ is away unless a test says otherwise."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx2
import pytest
from yarl import URL

from schema.events import CancelReason, OrderCanceled
from schema.requests import CancelOrder, OrderReply, Problem, ProblemCode, Problems
from services.order.app import build
from services.order.settings import OrderSettings
from services.order.store import MongoOrders
from tests import facts
from tests.conftest import NOWHERE, Place
from tests.proxy import linked
from tests.services.serving import ready, sent, serving
from tests.waiting import until

CANCEL = CancelOrder(customer_id=facts.CUSTOMER, reason=CancelReason.BY_CUSTOMER)


@pytest.fixture
async def client(place_without_broker: Place) -> AsyncIterator[httpx2.AsyncClient]:
    settings = place_without_broker.settings(OrderSettings, payment_url=f"http://{NOWHERE}")
    async with serving(build(settings)) as client:
        await until(ready(client))
        yield client


async def placed(client: httpx2.AsyncClient, **changes: object) -> OrderReply:
    response = await sent(client, "POST", "/orders", facts.place_order(**changes))
    assert response.status_code in {200, 201}, response.text
    return OrderReply.model_validate_json(response.content)


async def test_ordering_works_while_the_broker_is_away(client: httpx2.AsyncClient) -> None:
    response = await sent(client, "POST", "/orders", facts.place_order())
    assert response.status_code == 201
    order = OrderReply.model_validate_json(response.content)
    assert [fact.type for fact in order.facts] == ["order.placed"]
    details = (await client.get("/readyz")).json()
    assert details["ready"]
    rabbitmq = details["dependencies"]["rabbitmq"]
    assert (rabbitmq["ok"], rabbitmq["required"]) == (False, False)


async def test_nothing_is_ordered_or_canceled_before_a_key_can_be_one_orders(
    place_without_broker: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = place_without_broker.settings(OrderSettings, payment_url=f"http://{NOWHERE}")
    go_on, prepare = asyncio.Event(), MongoOrders.prepare

    async def late(orders: MongoOrders) -> None:
        await go_on.wait()
        await prepare(orders)

    monkeypatch.setattr(MongoOrders, "prepare", late)
    async with serving(build(settings)) as client:
        answers = [await sent(client, "POST", "/orders", facts.place_order()) for _ in range(2)]
        answers.append(await sent(client, "POST", "/orders/order-1/cancel", CANCEL))
        assert [answer.status_code for answer in answers] == [503, 503, 503]
        go_on.set()
        await until(ready(client))
        assert len({(await placed(client)).order_id for _ in range(2)}) == 1


async def test_the_same_intention_is_the_same_order(client: httpx2.AsyncClient) -> None:
    first = await placed(client)
    response = await sent(client, "POST", "/orders", facts.place_order())
    assert response.status_code == 200
    again = OrderReply.model_validate_json(response.content)
    assert (again.order_id, again.attempt) == (first.order_id, 2)
    assert again.facts == first.facts


async def test_the_same_intention_sent_many_times_at_once_is_one_order(client: httpx2.AsyncClient) -> None:
    orders = await asyncio.gather(*(placed(client) for _ in range(10)))
    assert len({order.order_id for order in orders}) == 1
    assert max(order.attempt for order in orders) == 10


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"fruit_id": "durian"}, Problem(field="fruit_id", code=ProblemCode.UNKNOWN_FRUIT)),
        ({"quantity": 8}, Problem(field="idempotency_key", code=ProblemCode.KEY_USED_FOR_OTHER_INPUT)),
    ],
    ids=str,
)
async def test_what_cannot_be_ordered_is_said_to_be_so(
    changes: dict[str, object], problem: Problem, client: httpx2.AsyncClient
) -> None:
    await placed(client)
    response = await sent(client, "POST", "/orders", facts.place_order(**changes))
    assert response.status_code == 422
    assert Problems.model_validate_json(response.content).problems == (problem,)


def spoiled(**changes: object) -> bytes:
    return json.dumps(facts.place_order().model_dump() | changes).encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe",
        spoiled(quantity=0),
        spoiled(quantity=1001),
        spoiled(quantity="many"),
        spoiled(address=" "),
        spoiled(address="\ud83c"),
        spoiled(customer_id=None),
        b'{"a":' * 5000 + b"1" + b"}" * 5000,
    ],
    ids=lambda body: ascii(body[-60:]),
)
async def test_what_is_not_valid_is_refused_with_a_reason(body: bytes, client: httpx2.AsyncClient) -> None:
    response = await sent(client, "POST", "/orders", body)
    assert response.status_code == 422
    assert response.json()["problems"]


async def test_a_huge_body_is_refused(client: httpx2.AsyncClient) -> None:
    response = await sent(client, "POST", "/orders", spoiled(address="x" * 70_000))
    assert response.status_code == 413


async def test_the_price_is_the_catalogues_and_the_catalogue_can_be_read(client: httpx2.AsyncClient) -> None:
    fruits = {fruit["id"]: fruit for fruit in (await client.get("/fruits")).json()}
    order = await placed(client, fruit_id="peach", quantity=3)
    fact = order.facts[0]
    assert fact.type == "order.placed"
    assert fact.amount == 3 * fruits["peach"]["unit_price"]
    assert fact.fruit.model_dump() == fruits["peach"]


async def test_an_order_is_canceled_once(client: httpx2.AsyncClient) -> None:
    order = await placed(client)
    path = f"/orders/{order.order_id}/cancel"
    responses = await asyncio.gather(*(sent(client, "POST", path, CANCEL) for _ in range(5)))
    assert {response.status_code for response in responses} == {200}
    replies = [OrderReply.model_validate_json(response.content) for response in responses]
    assert len({reply.facts for reply in replies}) == 1
    assert [type(fact) for fact in replies[0].facts].count(OrderCanceled) == 1


async def test_nobody_cancels_what_is_not_theirs(client: httpx2.AsyncClient) -> None:
    order = await placed(client)
    other = CANCEL.model_copy(update={"customer_id": "customer-2"})
    assert (await sent(client, "POST", f"/orders/{order.order_id}/cancel", other)).status_code == 404
    assert (await sent(client, "POST", "/orders/none/cancel", CANCEL)).status_code == 404


async def test_an_attempt_that_gives_up_too_late_is_told_so(client: httpx2.AsyncClient) -> None:
    order = await placed(client)
    await placed(client)
    late = CANCEL.model_copy(update={"reason": CancelReason.PAYMENT_UNAVAILABLE, "attempt": 1})
    response = await sent(client, "POST", f"/orders/{order.order_id}/cancel", late)
    assert response.status_code == 409
    assert OrderReply.model_validate_json(response.content).attempt == 2


async def test_while_the_database_is_away_nothing_is_promised(place_without_broker: Place) -> None:
    async with linked(URL(place_without_broker.mongo_url).port or 0) as link:
        url = f"mongodb://127.0.0.1:{link.port}/?directConnection=true"
        settings = place_without_broker.settings(OrderSettings, mongo_url=url, mongo_timeout_seconds=0.5)
        async with serving(build(settings)) as client:
            await until(ready(client))
            await link.cut()
            response = await sent(client, "POST", "/orders", facts.place_order())
            assert response.status_code == 504
            assert "not known" in response.json()["error"]
            assert (await client.get("/healthz")).status_code == 200
            health = await client.get("/readyz")
            assert health.status_code == 503
            assert health.json()["dependencies"]["mongodb"] == {"ok": False, "required": True}
            await link.mend()
            await until(ready(client))
            await placed(client)
            await link.cut()  # to close the client would wait for the link, and hold up the link itself
