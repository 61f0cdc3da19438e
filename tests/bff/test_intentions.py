"""What an order is known by, so that who sends it again orders once: the input says so, or a header."""

import json
from collections.abc import AsyncIterator

import pytest

from schema.requests import Problem, ProblemCode, Problems
from tests.bff.asking import Gateway
from tests.bff.conftest import Open
from tests.bff.serving import Stub, reply, says

REFUSED = Problems(problems=(Problem(field="quantity", code=ProblemCode.OUT_OF_RANGE),))
ONE = "mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) { __typename } }"
TWO = """mutation ($input: PlaceOrderInput!) {
  first: placeOrder(input: $input) { __typename } second: placeOrder(input: $input) { __typename }
}"""
INPUT = {"fruitId": "apple", "quantity": 1, "address": "서울"}


@pytest.fixture
async def ordering(open_gateway: Open, order_service: Stub) -> AsyncIterator[Gateway]:
    order_service.script = says(reply(REFUSED, 422))
    async with open_gateway(order_url=order_service.url) as gateway:
        yield gateway


def keys(order_service: Stub) -> list[str]:
    """What each order was known by."""
    return [json.loads(heard.body)["idempotency_key"] for heard in order_service.heard]


@pytest.mark.parametrize("said", ["intention-1", '"intention-1"'], ids=["bare", "quoted"])
async def test_a_request_that_is_sent_again_orders_what_it_ordered(
    ordering: Gateway, order_service: Stub, said: str
) -> None:
    for _ in range(2):
        await ordering.graphql(ONE, {"input": INPUT}, **{"idempotency-key": said})
    assert keys(order_service) == ["intention-1/placeOrder"] * 2


async def test_two_orders_of_one_request_are_two(ordering: Gateway, order_service: Stub) -> None:
    await ordering.graphql(TWO, {"input": INPUT}, **{"idempotency-key": "intention-1"})
    assert keys(order_service) == ["intention-1/first", "intention-1/second"]


async def test_what_the_input_says_comes_first(ordering: Gateway, order_service: Stub) -> None:
    named = {**INPUT, "idempotencyKey": "mine"}
    await ordering.graphql(ONE, {"input": named}, **{"idempotency-key": "intention-1"})
    assert keys(order_service) == ["mine"]


async def test_without_any_each_request_is_an_intention_of_its_own(
    ordering: Gateway, order_service: Stub
) -> None:
    for _ in range(2):
        await ordering.graphql(ONE, {"input": INPUT}, **{"idempotency-key": '""'})
    assert len(set(keys(order_service))) == 2
