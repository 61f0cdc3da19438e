"""One suite for both stores of orders."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from schema.events import CancelReason
from services.chassis import mongo
from services.chassis.aggregates import ConflictError
from services.order import domain
from services.order.domain import Key, Order
from services.order.handlers import Orders
from services.order.store import MongoOrders
from tests import facts
from tests.services.chassis.telling import outbox_of
from tests.services.fakes import FakeOrders


@pytest.fixture(params=["in memory", "in MongoDB"])
async def orders(request: pytest.FixtureRequest, database: mongo.Database) -> Orders:
    if request.param == "in memory":
        return FakeOrders()
    orders = MongoOrders(database["orders"], outbox_of(database["orders"]))
    await orders.prepare()
    return orders


def order(order_id: str = facts.ORDER, at: datetime = facts.NOON, **command: str) -> Order:
    return domain.place(facts.place_order(**command), facts.APPLE, order_id, at)


async def test_an_order_is_found_by_its_customers_key(orders: Orders) -> None:
    await orders.add(order())
    keys = [Key(facts.CUSTOMER, "key-1"), Key(facts.CUSTOMER, "key-2"), Key("customer-2", "key-1")]
    assert await orders.by_keys(keys) == {keys[0]: order()}


async def test_a_customers_key_leads_to_one_order(orders: Orders) -> None:
    await orders.add(order())
    with pytest.raises(ConflictError):
        await orders.add(order("order-2"))
    assert await orders.load("order-2") is None
    await orders.add(order("order-3", idempotency_key="key-2"))
    await orders.add(order("order-4", customer_id="customer-2"))


async def test_orders_whose_keys_are_free_again_do_not_collide(orders: Orders) -> None:
    for order_id in ("order-1", "order-2", "order-3"):
        placed = order(order_id)
        await orders.add(placed)
        canceled = domain.cancel(placed, CancelReason.PAYMENT_UNAVAILABLE, facts.after(1))
        assert isinstance(canceled, Order)
        await orders.replace(placed, canceled)
        assert await orders.by_keys([Key(facts.CUSTOMER, "key-1")]) == {}


async def test_an_order_with_all_it_has_heard_comes_back_as_it_was(orders: Orders) -> None:
    placed = order()
    await orders.add(placed)
    heard = domain.try_again(placed, facts.after(1))
    for fact in (facts.approved(), facts.started(), facts.completed()):
        heard = domain.take_in(heard, fact, facts.after(9))
    heard = replace(heard, version=2)
    await orders.replace(placed, heard)
    assert await orders.load(facts.ORDER) == heard


async def test_orders_that_wait_for_payment_are_found_the_longest_first(orders: Orders) -> None:
    for seconds in (30, 10, 20, 40):
        placed = order(f"order-{seconds}", facts.after(seconds), idempotency_key=f"key-{seconds}")
        await orders.add(placed)
    waiting = await orders.awaiting_payment_since(facts.after(30), 10)
    assert [each.order_id for each in waiting] == ["order-10", "order-20", "order-30"]
    assert len(await orders.awaiting_payment_since(facts.after(30), 2)) == 2


async def test_an_order_that_waits_no_longer_is_not_found(orders: Orders) -> None:
    await orders.add(order())
    await orders.replace(order(), domain.take_in(order(), facts.approved(), facts.after(9)))
    assert await orders.awaiting_payment_since(facts.after(99), 10) == []


async def test_orders_that_wait_for_an_answer_are_found_until_it_has_come(orders: Orders) -> None:
    paid = domain.take_in(order(), facts.approved(), facts.after(9))
    await orders.add(paid)
    assert await orders.awaiting_answer_since(facts.after(8), 10) == []
    assert await orders.awaiting_answer_since(facts.after(9), 10) == [paid]
    later = domain.put_off(paid, facts.after(40), timedelta(seconds=30))
    await orders.replace(paid, later)
    assert await orders.awaiting_answer_since(facts.after(39), 10) == []
    await orders.replace(later, domain.take_in(later, facts.started(), facts.after(41)))
    assert await orders.awaiting_answer_since(facts.after(99), 10) == []


async def test_an_order_of_before_there_were_reminders_comes_back(database: mongo.Database) -> None:
    orders = MongoOrders(database["orders"], outbox_of(database["orders"]))
    await orders.add(order())
    await database["orders"].update_one({}, {"$unset": {"awaiting_answer_since": 1, "reminders": 1}})
    assert await orders.load(facts.ORDER) == order()
    assert await orders.awaiting_payment_since(facts.after(99), 10) == [order()]


async def test_a_document_that_makes_no_sense_takes_nobodys_place(database: mongo.Database) -> None:
    orders = MongoOrders(database["orders"], outbox_of(database["orders"]))
    senseless = [{"_id": f"x{n}", "awaiting_payment_since": facts.NOON} for n in range(3)]
    await database["orders"].insert_many(senseless)
    await orders.add(order(at=facts.after(1)))
    for _ in range(2):
        found = await orders.awaiting_payment_since(facts.after(9), 2)
        assert [each.order_id for each in found] == [facts.ORDER]


async def test_only_waiting_orders_are_in_the_index(database: mongo.Database) -> None:
    orders = MongoOrders(database["orders"], outbox_of(database["orders"]))
    await orders.prepare()
    await orders.add(order())
    due = {"awaiting_payment_since": {"$lte": facts.after(1), "$type": "date"}}
    cursor = database["orders"].find(due).sort("awaiting_payment_since", 1)
    plan = (await cursor.explain())["queryPlanner"]["winningPlan"]
    assert plan["inputStage"]["indexName"] == "awaiting_payment_since"
    await orders.replace(order(), domain.take_in(order(), facts.approved(), facts.after(9)))
    validated = await database.command("validate", "orders")
    assert validated["keysPerIndex"]["awaiting_payment_since"] == 0
