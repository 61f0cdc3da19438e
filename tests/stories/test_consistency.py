"""Whoever has ordered or canceled sees that, or is told that it does not show yet."""

import time
from typing import Any

from bff.consistency import Token
from tests.bench.consistency import READ, pair, pairs, reads
from tests.stories.conftest import SignIn
from tests.stories.customer import Customer, Json
from tests.stories.stack import Stack

CANCEL = """
mutation ($id: ID!) {
  cancelOrder(orderId: $id) {
    __typename
    ... on OrderCanceled { consistencyToken order { id history { type } } }
    ... on OrderNotCancelable { consistencyToken order { id } }
  }
}"""
ONE = """
query ($id: ID!, $token: String) { order(id: $id, consistencyToken: $token) { status stale asOf updatedAt } }
"""
CANCELED_ONES = """
query ($token: String) {
  myOrders(filter: {status: CANCELED}, consistencyToken: $token) { stale asOf edges { node { id stale } } }
}"""


async def test_what_was_ordered_shows_at_once_and_none_is_stale(customer: Customer, stack: Stack) -> None:
    done = await pairs(customer, 30, 3, with_token=True)
    assert [each for each in done if each.is_older or each.page["stale"]] == []
    assert (await reads(stack)).keys() & {"shown", "waited"}


async def test_what_was_canceled_shows_as_that_at_once(customer: Customer) -> None:
    for _ in range(5):
        order_id = await customer.places()
        answer = await customer.ask(CANCEL, {"id": order_id})
        token = answer["data"]["cancelOrder"]["consistencyToken"]
        assert answer["extensions"]["consistencyToken"] == token
        order = (await customer.data(ONE, {"id": order_id, "token": token}))["order"]
        assert (order["status"], order["stale"]) == ("CANCELED", False)
        headers: Any = {"x-consistency-token": f"{token}, {token}"}
        page = (await customer.data(CANCELED_ONES, **headers))["myOrders"]
        assert order_id in {edge["node"]["id"] for edge in page["edges"]}
        assert page["stale"] is False


async def test_while_mypage_stands_still_it_is_said_that_it_is_behind(
    customer: Customer, stack: Stack
) -> None:
    known = await customer.places()
    await customer.sees(known, status="DELIVERING")
    with stack.frozen("mypage"):
        began = time.monotonic()
        done = [await pair(customer, with_token=True) for _ in range(3)]
        assert 3 <= time.monotonic() - began < 9, "each waits for a second, and no longer"
        assert all(each.is_older and each.page["stale"] for each in done)
        await _is_behind(customer, known, done[-1].placed)
    for each in done:
        await customer.sees(each.placed["order"]["id"], within=20, status="DELIVERING")
    token = done[-1].placed["consistencyToken"]
    assert (await customer.data(READ, {"token": token}))["myOrders"]["stale"] is False


async def _is_behind(customer: Customer, known: str, placed: Json) -> None:
    missing = {"id": placed["order"]["id"], "token": placed["consistencyToken"]}
    answer = await customer.ask(ONE, missing)
    assert answer["data"] == {"order": None}
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["STALE_READ"]
    token = (await customer.data(CANCEL, {"id": known}))["cancelOrder"]["consistencyToken"]
    order = (await customer.data(ONE, {"id": known, "token": token}))["order"]
    assert (order["status"], order["stale"]) == ("DELIVERING", True)
    assert order["asOf"] >= order["updatedAt"]
    page = (await customer.data(CANCELED_ONES, {"token": token}))["myOrders"]
    assert (page["edges"], page["stale"], page["asOf"]) == ([], True, None)


async def test_a_token_of_somebody_elses_order_says_nothing_of_it(sign_in: SignIn) -> None:
    mine, theirs = await sign_in(), await sign_in()
    placed = (await pair(theirs, with_token=True)).placed
    gone = {**placed, "order": {"id": "nobodys"}}
    for each, token in ((placed, placed["consistencyToken"]), (gone, _token("nobodys"))):
        began = time.monotonic()
        answer = await mine.ask(ONE, {"id": each["order"]["id"], "token": token})
        assert 0.9 < time.monotonic() - began < 5
        assert answer["data"] == {"order": None}
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["STALE_READ"]


def _token(order_id: str) -> str:
    return Token(order_id, frozenset({"order.placed"})).text()
