"""Databases full of orders, written in bulk: documents as each service itself would have left them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from schema.events import Event
from schema.views import MYPAGE_ORDERS, DeliveryStatus, PaymentStatus
from services.chassis import mongo
from services.delivery.domain import Delivery
from services.mypage.projection import page_of
from services.mypage.store import MongoPages
from services.order.domain import Order
from services.payment.domain import Payment
from tests import facts

AT_ONCE = 1000
MOMENT = facts.after(30)

ORDER, PAYMENT, DELIVERY = TypeAdapter(Order), TypeAdapter(Payment), TypeAdapter(Delivery)

Aggregates = tuple[Order, Payment, Delivery | None]


def order_id(number: int) -> str:
    """They are in the order of their numbers."""
    return f"order-{number:08}"


def story(number: int) -> tuple[Event, ...]:
    """Delivered, on its way, canceled while on its way, or declined: by turns."""
    name = order_id(number)
    placed = facts.placed(name, customer_id=f"customer-{number % 500}")
    match number % 8:
        case 0:
            return placed, facts.declined(name)
        case 1:
            stops = (facts.canceled(name), facts.payment_canceled(name), facts.delivery_canceled(name))
            return placed, facts.approved(name), facts.started(name), *stops
        case 2 | 3:
            return placed, facts.approved(name), facts.started(name)
        case _:
            return placed, facts.approved(name), facts.started(name), facts.completed(name)


async def fill(client: mongo.Client, prefix: str, numbers: Sequence[int]) -> None:
    """Keep these orders everywhere: all facts told, and heard by all."""
    database = {name: client[f"{prefix}_{name}"] for name in ("order", "payment", "delivery", "mypage")}
    for start in range(0, len(numbers), AT_ONCE):
        stories = [story(number) for number in numbers[start : start + AT_ONCE]]
        rows = [_aggregates(each) for each in stories]
        await database["order"]["orders"].insert_many([_kept(ORDER, row[0], "order") for row in rows])
        await database["payment"]["payments"].insert_many([_kept(PAYMENT, row[1], "payment") for row in rows])
        deliveries = [_kept(DELIVERY, row[2], "delivery") for row in rows if row[2]]
        await database["delivery"]["deliveries"].insert_many(deliveries)
        await database["payment"]["sandbox_ledger"].insert_many(list(_ledger(row[1] for row in rows)))
        pages = [page_of(each[0].order_id, each) for each in stories]
        heard = {each[0].order_id: {"taken_in": _marks(each), "changed_at": MOMENT} for each in stories}
        await MongoPages(database["mypage"][MYPAGE_ORDERS]).add(pages, heard)


def _aggregates(told: tuple[Event, ...]) -> Aggregates:
    name, last = told[0].order_id, told[-1].type
    number = int(name.rsplit("-", 1)[1])
    paid = tuple(fact for fact in told if fact.type.startswith("payment."))
    brought = tuple(fact for fact in told if fact.type.startswith("delivery."))
    order = Order(
        order_id=name,
        customer_id=f"customer-{number % 500}",
        idempotency_key=f"key-{number}",
        payment_method="card-ok",
        attempt=1,
        awaiting_payment_since=None,
        version=len(told),
        facts=told,
    )
    payment = Payment(
        order_id=name,
        status=PaymentStatus(paid[-1].type.rsplit(".")[1].upper()),
        amount=facts.AMOUNT,
        method="card-ok",
        shipping=facts.SHIPPING,
        charge_due=None,
        refund_due=None,
        version=1 + len(paid),
        facts=paid,
    )
    if not brought:
        return order, payment, None
    status = {"delivery.started": "STARTED", "delivery.completed": "DELIVERED"}.get(last, "CANCELED")
    since = brought[0].at if status == "STARTED" else None
    delivery = Delivery(name, DeliveryStatus(status), facts.SHIPPING, since, len(brought), brought)
    return order, payment, delivery


def _kept(kind: TypeAdapter[Any], state: Any, source: str) -> mongo.Document:
    document: mongo.Document = kind.dump_python(state)
    own = [fact for fact in state.facts if fact.type.startswith(f"{source}.")]
    return {"_id": document.pop("order_id"), **document, "outbox": [], "told": _marks(own)}


def _marks(told: Sequence[Event], at: datetime = MOMENT) -> list[mongo.Document]:
    return [{"id": fact.id, "at": at} for fact in told]


def _ledger(payments: Iterator[Payment]) -> Iterator[mongo.Document]:
    for payment in payments:
        if payment.status is not PaymentStatus.DECLINED:
            back = {"state": "GIVEN_BACK", "given_back": payment.amount}
            state = back if payment.status is PaymentStatus.CANCELED else {"state": "CHARGED"}
            yield {"_id": payment.order_id, "charges": 1, "amount": payment.amount, **state}
