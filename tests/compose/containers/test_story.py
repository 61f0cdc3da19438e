"""The order story, through the edge."""

from typing import Any

from tests.compose.containers.stack import Stack
from tests.waiting import until

PLACE = """mutation ($input: PlaceOrderInput!) {
  placeOrder(input: $input) { __typename ... on OrderPlaced { order { id status amount } } }
}"""
ORDER = "query ($id: ID!) { order(id: $id) { status delivery { status } } }"


async def test_what_is_ordered_is_paid_and_delivered(stack: Stack) -> None:
    async with stack.customer("story-1") as customer:
        command = {"fruitId": "apple", "quantity": 2, "address": "서울", "idempotencyKey": "story"}
        placed = (await customer.asks(PLACE, input=command))["placeOrder"]
        assert placed["__typename"] == "OrderPlaced"
        assert placed["order"]["amount"] == 10000

        async def delivering() -> Any:
            order = (await customer.asks(ORDER, id=placed["order"]["id"]))["order"]
            return order and order["status"] == "DELIVERING"

        await until(delivering)
