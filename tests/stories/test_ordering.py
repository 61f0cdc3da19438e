"""The order story: placed, paid, delivered, declined, canceled."""

import aiohttp
import pytest

from tests.stories.conftest import SignIn
from tests.stories.customer import WATCH_ONE, Customer
from tests.stories.stack import Stack
from tests.trust import trusted


async def test_the_fruit_on_sale_have_names_in_both_languages_and_prices(customer: Customer) -> None:
    fruits = (await customer.data("{ fruits { id ko: name(locale: KO) en: name(locale: EN) unitPrice } }"))[
        "fruits"
    ]
    assert {"id": "apple", "ko": "사과", "en": "Apple", "unitPrice": 5000} in fruits
    assert "수박" in {fruit["ko"] for fruit in fruits}
    assert len(fruits) >= 10


async def test_an_order_is_placed_paid_delivered_and_then_too_late_to_cancel(
    customer: Customer, stack: Stack
) -> None:
    outcome = await customer.place(fruitId="apple", quantity=2, address="경기도 성남시")
    assert outcome["__typename"] == "OrderPlaced"
    order = outcome["order"]
    assert (order["status"], order["amount"], order["unitPrice"]) == ("PAID", 10_000, 5_000)
    assert order["address"] == "경기도 성남시"
    assert order["fruit"] == {"id": "apple", "name": "사과", "unitPrice": 5000}

    seen = await customer.sees(order["id"], status="DELIVERING", within=2)
    assert (seen["payment"]["status"], seen["payment"]["amount"]) == ("APPROVED", 10_000)
    assert (seen["delivery"]["status"], seen["version"], seen["cancelable"]) == ("STARTED", 3, True)
    assert [fact["type"] for fact in seen["history"]] == [
        "ORDER_PLACED",
        "PAYMENT_APPROVED",
        "DELIVERY_STARTED",
    ]

    assert await stack.deliver(order["id"]) == 200
    seen = await customer.sees(order["id"], status="DELIVERED", delivery__status="DELIVERED")
    assert not seen["cancelable"]
    assert seen["statusLabel"] == "배송 완료"
    refused = await customer.cancel(order["id"])
    assert refused["__typename"] == "OrderNotCancelable"
    assert refused["message"] == "이미 배송이 완료되어 취소할 수 없습니다."
    await customer.sees(order["id"], status="DELIVERED", payment__status="APPROVED")


async def test_a_canceled_order_gets_its_payment_back_and_its_delivery_stopped(customer: Customer) -> None:
    order_id = await customer.places()
    await customer.sees(order_id, status="DELIVERING")
    async with customer.watching(WATCH_ONE, {"id": order_id}) as watch:
        assert (await watch.order())["status"] == "DELIVERING"
        outcome = await customer.cancel(order_id)
        assert (outcome["__typename"], outcome["order"]["status"]) == ("OrderCanceled", "CANCELED")
        seen = await watch.until_complete()
    versions = [order["version"] for order in seen]
    assert versions == sorted(set(versions))
    last = seen[-1]
    assert (last["status"], last["cancelReason"]) == ("CANCELED", "BY_CUSTOMER")
    assert (last["payment"]["status"], last["delivery"]["status"]) == ("CANCELED", "CANCELED")
    assert last == await customer.order(order_id)


async def test_canceling_twice_is_canceling_once(customer: Customer) -> None:
    order_id = await customer.places()
    first, second = await customer.cancel(order_id), await customer.cancel(order_id)
    assert first["__typename"] == second["__typename"] == "OrderCanceled"
    seen = await customer.sees(order_id, payment__status="CANCELED", delivery__status="CANCELED")
    types = [fact["type"] for fact in seen["history"]]
    assert len(types) == len(set(types)) == seen["version"]


async def test_an_order_canceled_before_its_delivery_could_begin_is_never_delivered(
    customer: Customer, stack: Stack
) -> None:
    order_id = await customer.places()
    await customer.cancel(order_id)
    await customer.sees(order_id, status="CANCELED", payment__status="CANCELED", delivery__status="CANCELED")
    assert await stack.deliver(order_id) == 409


async def test_a_declined_payment_is_never_delivered(customer: Customer, stack: Stack) -> None:
    outcome = await customer.place(paymentMethod="card-declined")
    assert outcome["__typename"] == "PaymentDeclined"
    assert outcome["reason"] == "card_declined"
    order_id = outcome["order"]["id"]
    seen = await customer.sees(order_id, status="PAYMENT_DECLINED", payment__status="DECLINED")
    assert (seen["delivery"], seen["payment"]["declineReason"]) == (None, "card_declined")
    assert (await customer.cancel(order_id))["__typename"] == "OrderNotCancelable"
    url = f"{stack.delivery}/deliveries/{order_id}"
    async with aiohttp.ClientSession(headers=trusted()) as session, session.get(url) as response:
        assert response.status == 404


async def test_another_customers_order_does_not_exist(sign_in: SignIn) -> None:
    mine, theirs = await sign_in(), await sign_in()
    order_id = await mine.places()
    await mine.sees(order_id, status="DELIVERING")
    assert await theirs.order(order_id) is None
    assert (await theirs.page())["edges"] == []
    stolen, unknown = await theirs.cancel(order_id), await theirs.cancel("no-such-order")
    assert stolen["__typename"] == unknown["__typename"] == "OrderNotFound"
    assert stolen["message"] == unknown["message"]
    await mine.sees(order_id, status="DELIVERING")


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"fruitId": "durian"}, "fruitId", "We do not sell this fruit."),
        ({"fruitId": ""}, "fruitId", "It cannot be empty."),
        ({"quantity": 0}, "quantity", "It must be from 1 to 1,000."),
        ({"quantity": -1}, "quantity", "It must be from 1 to 1,000."),
        ({"quantity": 1001}, "quantity", "It must be from 1 to 1,000."),
        ({"address": "  "}, "address", "It cannot be empty."),
        ({"address": "x" * 201}, "address", "An address has at most 200 characters."),
        ({"paymentMethod": ""}, "paymentMethod", "It cannot be empty."),
        ({"idempotencyKey": ""}, "idempotencyKey", "It cannot be empty."),
        ({"idempotencyKey": "k" * 101}, "idempotencyKey", "It is too long."),
    ],
)
async def test_bad_input_is_answered_beside_its_field(
    customer: Customer, changes: dict[str, object], field: str, message: str
) -> None:
    query = """mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) {
      __typename ... on InvalidOrder { problems { field message(locale: EN) } } } }"""
    sent = {"fruitId": "apple", "quantity": 1, "address": "서울", **changes}
    outcome = (await customer.data(query, {"input": sent}))["placeOrder"]
    assert outcome == {"__typename": "InvalidOrder", "problems": [{"field": field, "message": message}]}
    assert (await customer.page())["edges"] == []


async def test_all_that_is_wrong_is_said_at_once(customer: Customer) -> None:
    outcome = await customer.place(quantity=0, address="", fruitId="")
    assert {problem["field"] for problem in outcome["problems"]} == {"fruitId", "quantity", "address"}


async def test_the_same_key_is_the_same_order(customer: Customer) -> None:
    first = await customer.place(idempotencyKey="breakfast")
    second = await customer.place(idempotencyKey="breakfast")
    assert first["__typename"] == second["__typename"] == "OrderPlaced"
    assert first["order"]["id"] == second["order"]["id"]
    await customer.sees(first["order"]["id"], status="DELIVERING")
    assert len((await customer.page())["edges"]) == 1


async def test_the_same_key_of_another_customer_is_another_order(sign_in: SignIn) -> None:
    one, other = await sign_in(), await sign_in()
    assert await one.places(idempotencyKey="k") != await other.places(idempotencyKey="k")


async def test_the_same_key_with_other_input_is_refused_and_says_so(customer: Customer) -> None:
    await customer.places(idempotencyKey="lunch")
    outcome = await customer.place(idempotencyKey="lunch", quantity=3)
    assert outcome["__typename"] == "InvalidOrder"
    assert [problem["field"] for problem in outcome["problems"]] == ["idempotencyKey"]
    assert "이미 다른 내용의 주문" in outcome["problems"][0]["message"]


async def test_labels_speak_the_language_that_is_asked_for(customer: Customer) -> None:
    order_id = await customer.places()
    await customer.sees(order_id, status="DELIVERING")
    query = """query ($id: ID!) { order(id: $id) {
      own: statusLabel ko: statusLabel(locale: KO) en: statusLabel(locale: EN)
      history { own: label en: label(locale: EN) } } }"""
    english = {"Accept-Language": "en-GB,en;q=0.9,ko;q=0.3"}
    seen = (await customer.data(query, {"id": order_id}, **english))["order"]
    assert (seen["own"], seen["ko"], seen["en"]) == ("On its way", "배송 시작", "On its way")
    assert seen["history"][0] == {"own": "Order placed", "en": "Order placed"}
    seen = (await customer.data(query, {"id": order_id}, **{"Accept-Language": "fr"}))["order"]
    assert seen["own"] == "배송 시작"
