from collections.abc import Collection
from datetime import datetime

import pytest

from schema.events import CancelReason, OrderCanceled
from schema.requests import CancelOrder, PlaceOrder, Problem, ProblemCode
from services.order import handlers
from services.order.domain import Key, Order, TooLate
from services.order.handlers import Placed, UnknownOrderError
from tests import facts
from tests.services.fakes import FakeOrders

BY_CUSTOMER, UNAVAILABLE, _ = CancelReason


def noon() -> datetime:
    return facts.NOON


@pytest.fixture
def orders() -> FakeOrders:
    return FakeOrders()


async def place(orders: FakeOrders, order_id: str = facts.ORDER, **command: object) -> Placed | Problem:
    return await handlers.place(facts.place_order(**command), orders, facts.FRUITS, order_id, noon)


async def cancel(orders: FakeOrders, reason: CancelReason = BY_CUSTOMER, **said: object) -> object:
    command = CancelOrder.model_validate({"customer_id": facts.CUSTOMER, "reason": reason} | said)
    return await handlers.cancel(facts.ORDER, command, orders, noon)


async def test_a_new_intention_is_a_new_order(orders: FakeOrders) -> None:
    placed = await place(orders)
    assert placed == Placed(orders.kept[facts.ORDER], new=True)
    assert orders.untold == [facts.placed()]


async def test_the_same_intention_again_is_another_attempt_at_the_same_order(orders: FakeOrders) -> None:
    await place(orders)
    again = await place(orders, "order-2")
    assert again == Placed(orders.kept[facts.ORDER], new=False)
    assert orders.kept[facts.ORDER].attempt == 2
    assert orders.untold == [facts.placed()]


async def test_fruit_that_nobody_sells_cannot_be_ordered(orders: FakeOrders) -> None:
    outcome = await place(orders, fruit_id="durian")
    assert outcome == Problem(field="fruit_id", code=ProblemCode.UNKNOWN_FRUIT)
    assert not orders.kept


async def test_an_order_is_known_again_though_its_fruit_is_sold_no_more(orders: FakeOrders) -> None:
    await place(orders)
    command = facts.place_order()
    again = await handlers.place(command, orders, {}, "order-2", noon)
    assert again == Placed(orders.kept[facts.ORDER], new=False)


async def test_a_key_stands_for_one_input(orders: FakeOrders) -> None:
    await place(orders)
    outcome = await place(orders, quantity=8)
    assert outcome == Problem(field="idempotency_key", code=ProblemCode.KEY_USED_FOR_OTHER_INPUT)
    assert orders.kept[facts.ORDER].attempt == 1


async def test_the_key_of_an_order_that_was_canceled_unpaid_leads_to_nothing(orders: FakeOrders) -> None:
    await place(orders)
    await cancel(orders)
    outcome = await place(orders)
    assert outcome == Problem(field="idempotency_key", code=ProblemCode.KEY_OF_CANCELED_ORDER)


async def test_the_key_of_an_order_that_was_canceled_paid_leads_to_nothing_either(orders: FakeOrders) -> None:
    await place(orders)
    await handlers.hear(facts.approved(), orders, noon)
    await cancel(orders)
    outcome = await place(orders)
    assert outcome == Problem(field="idempotency_key", code=ProblemCode.KEY_OF_CANCELED_ORDER)


async def test_a_key_that_becomes_free_while_it_is_looked_at_names_a_new_order(orders: FakeOrders) -> None:
    await place(orders)
    find = orders.by_keys

    async def find_and_lose(keys: Collection[Key]) -> dict[Key, Order]:
        known = await find(keys)
        await cancel(orders, UNAVAILABLE)
        return known

    orders.by_keys = find_and_lose  # type: ignore[method-assign] # the fake is ours to bend
    outcome = await place(orders, "order-2")
    assert outcome == Placed(orders.kept["order-2"], new=True)


async def test_after_payment_was_unavailable_the_same_intention_is_a_new_order(orders: FakeOrders) -> None:
    await place(orders)
    await cancel(orders, UNAVAILABLE)
    outcome = await place(orders, "order-2")
    assert outcome == Placed(orders.kept["order-2"], new=True)


async def test_an_intention_whose_key_falls_free_meanwhile_is_placed(orders: FakeOrders) -> None:
    """The one that holds the key is canceled between the conflict and the look for it."""
    await place(orders)

    class Late(FakeOrders):
        async def by_keys(self, keys: Collection[Key]) -> dict[Key, Order]:
            await cancel(self, UNAVAILABLE)
            return await super().by_keys(keys)

    late_orders = Late()
    late_orders.kept = orders.kept
    outcome = await place(late_orders, "order-2")
    assert outcome == Placed(late_orders.kept["order-2"], new=True)


async def test_canceling_again_is_canceled_once(orders: FakeOrders) -> None:
    await place(orders)
    first = await cancel(orders)
    assert isinstance(first, Order)
    assert await cancel(orders) == first
    assert [type(fact) for fact in orders.untold].count(OrderCanceled) == 1


async def test_nobody_cancels_what_is_not_theirs_or_is_not_there(orders: FakeOrders) -> None:
    assert await cancel(orders) is None
    await place(orders)
    assert await cancel(orders, customer_id="customer-2") is None
    assert orders.untold == [facts.placed()]


async def test_what_is_delivered_is_too_late_to_cancel(orders: FakeOrders) -> None:
    await place(orders)
    for fact in (facts.approved(), facts.started(), facts.completed()):
        await handlers.hear(fact, orders, noon)
    assert await cancel(orders) == TooLate(orders.kept[facts.ORDER])


async def test_an_attempt_that_gives_up_does_not_cancel_a_later_one(orders: FakeOrders) -> None:
    await place(orders)
    await place(orders)
    assert await cancel(orders, UNAVAILABLE, attempt=1) == TooLate(orders.kept[facts.ORDER])
    assert isinstance(await cancel(orders, UNAVAILABLE, attempt=2), Order)


async def test_a_fact_about_an_order_that_was_never_placed_is_not_passed_over(orders: FakeOrders) -> None:
    with pytest.raises(UnknownOrderError):
        await handlers.hear(facts.approved(), orders, noon)


async def test_a_command_is_read_as_it_was_meant() -> None:
    assert PlaceOrder.model_validate_json(facts.place_order().model_dump_json()) == facts.place_order()
