"""The order story, through the edge."""

from tests.compose.containers.stack import Stack


async def test_what_is_ordered_is_paid_and_delivered(stack: Stack) -> None:
    async with stack.customer("story-1") as customer:
        placed = await customer.intends("story", quantity=2)
        assert (placed["__typename"], placed["order"]["amount"]) == ("OrderPlaced", 10000)
        await customer.sees(placed["order"]["id"], within=30, status="DELIVERING")
