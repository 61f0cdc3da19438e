"""Compares what customers were told with what is true in every database, and in what the gateway shows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from schema.events import EVENTS, Event, OrderCanceled, PaymentApproved, PaymentDeclined
from schema.projection import project
from schema.views import DeliveryStatus, OrderStatus, OrderView
from tests.drills.load import Intention
from tests.drills.system import System
from tests.stories.customer import Caller, Json

STOPPED = {None, DeliveryStatus.CANCELED, DeliveryStatus.RETURN_REQUESTED}


@dataclass(frozen=True, slots=True)
class Truth:
    """One order: the facts of those who told them, where it stands by them, MyPage's, and the money."""

    order_id: str
    customer: str
    facts: tuple[Event, ...]
    view: OrderView
    shown: OrderView | None
    taken_in: frozenset[str]
    money: str | None

    def has(self, kind: type[Any]) -> bool:
        """Whether this has happened."""
        return any(isinstance(fact, kind) for fact in self.facts)

    @property
    def address(self) -> str:
        """Where it goes to, which tells whose intention it was."""
        return self.view.address


async def truths(system: System, customers: list[str]) -> dict[str, Truth]:
    """Every order of these customers, by its id."""
    orders = system.database("order")["orders"].find({"customer_id": {"$in": customers}})
    documents = {each["_id"]: each async for each in orders}
    mine = {"_id": {"$in": list(documents)}}
    payments = await _by_id(system, "payment", "payments", mine)
    deliveries = await _by_id(system, "delivery", "deliveries", mine)
    pages = await _by_id(system, "mypage", "orders", mine)
    ledger = await _by_id(system, "payment", "sandbox_ledger", mine)
    found: dict[str, Truth] = {}
    for order_id, document in documents.items():
        told = (
            ("order", document),
            ("payment", payments.get(order_id)),
            ("delivery", deliveries.get(order_id)),
        )
        facts = tuple(fact for room, each in told for fact in _own(room, each))
        view = project(facts)
        assert view, f"order {order_id} was kept without its OrderPlaced"
        page = pages.get(order_id)
        found[order_id] = Truth(
            order_id=order_id,
            customer=document["customer_id"],
            facts=facts,
            view=view,
            shown=_shown(page) if page and "status" in page else None,
            taken_in=frozenset(fact["type"] for fact in page["facts"]) if page else frozenset(),
            money=ledger[order_id]["state"] if order_id in ledger else None,
        )
    return found


def _shown(page: Json) -> OrderView:
    """What a page shows; when it came to do so follows from no fact."""
    return OrderView.model_validate({**page, "id": page["_id"], "changed_at": None})


async def _by_id(system: System, room: str, collection: str, which: Json) -> dict[str, Json]:
    found = system.database(room)[collection].find(which)
    return {each["_id"]: each async for each in found}


def _own(room: str, document: Json | None) -> list[Event]:
    facts = EVENTS.validate_python(document["facts"]) if document else ()
    return [fact for fact in facts if fact.source == f"/services/{room}"]


def lies(intentions: Iterable[Intention], known: dict[str, Truth]) -> list[str]:
    """Whatever customers were told that is not so, a sentence each; and what is wrong with any order."""
    by_address: dict[str, list[Truth]] = {}
    for truth in known.values():
        by_address.setdefault(truth.address, []).append(truth)
    found = [
        f"{intention.customer} {intention.key}: {sentence} [{_story(intention)}]"
        for intention in intentions
        for sentence in _lies(intention, by_address.pop(intention.address, []))
    ]
    found += [f"nobody asked for an order to {address}" for address in by_address]
    return found + [
        f"order {each.order_id}: {sentence}" for each in known.values() for sentence in _wrong(each)
    ]


def _story(intention: Intention) -> str:
    told = (*intention.answers, *intention.cancellations)
    answers = [f"{each.kind} {each.order_id or ''}".strip() for each in told]
    return ", ".join(f"{len(list(same))} x {answer}" for answer, same in groupby(answers))


def _lies(intention: Intention, orders: list[Truth]) -> Iterator[str]:
    by_id = {each.order_id: each for each in orders}
    for answer in (*intention.answers, *intention.cancellations):
        if answer.order_id and answer.order_id not in by_id:
            yield f"was told {answer.kind} of {answer.order_id}, which does not exist"
            return
        if answer.amount and answer.order_id and answer.amount != by_id[answer.order_id].view.amount:
            yield f"was told {answer.amount} won, which is not the price"
    yield from _about_money(intention, orders)
    for order_id in intention.told("OrderPlaced"):
        yield from _placed(intention, by_id[order_id])
    for order_id in intention.told("PaymentDeclined"):
        if not by_id[order_id].has(PaymentDeclined) or by_id[order_id].money:
            yield f"was told that {order_id} was declined, and it was not"
    for order_id in intention.told("OrderCanceled"):
        yield from _canceled(by_id[order_id])
    if intention.told("OrderNotFound"):
        yield "was told that its order does not exist"


def _about_money(intention: Intention, orders: list[Truth]) -> Iterator[str]:
    charged = [each.order_id for each in orders if each.money == "CHARGED"]
    if len(charged) > 1:
        yield f"pays for more than one order: {charged}"
    if len(intention.told("OrderPlaced")) > 1:
        yield "was told of two orders under one key"
    kinds = [answer.kind for answer in intention.answers]
    if charged and kinds[-1:] == ["PaymentUnavailable"] and "LOST" not in kinds:
        yield f"was told that nothing was charged, and pays for {charged}"
    if "InvalidOrder" in kinds and not any(each.has(OrderCanceled) for each in orders):
        yield "was told that its key is of a canceled order, and none is"


def _placed(intention: Intention, truth: Truth) -> Iterator[str]:
    if not truth.has(PaymentApproved) or truth.money not in {"CHARGED", "GIVEN_BACK"}:
        yield f"was told that {truth.order_id} is paid, and it never was"
    if truth.has(OrderCanceled) and not intention.cancellations:
        yield f"was told that {truth.order_id} is paid; nobody canceled it, and it is canceled"


def _canceled(truth: Truth) -> Iterator[str]:
    if not truth.has(OrderCanceled):
        yield f"was told that {truth.order_id} is canceled, and it is not"
    if truth.money == "CHARGED":
        yield f"was told that {truth.order_id} is canceled, and still pays for it"
    if (truth.view.delivery.status if truth.view.delivery else None) not in STOPPED:
        yield f"was told that {truth.order_id} is canceled, and it is delivered"


def _wrong(truth: Truth) -> Iterator[str]:
    """What must hold of any order whose story is over."""
    paid = truth.view.status in {OrderStatus.PAID, OrderStatus.DELIVERING, OrderStatus.DELIVERED}
    if paid != (truth.money == "CHARGED"):
        yield f"is {truth.view.status}, and its money is {truth.money or 'untouched'}"
    if len(truth.facts) != len({fact.id for fact in truth.facts}):
        yield "has a fact twice"
    if truth.shown != truth.view:
        yield f"is shown as {truth.shown}, and is {truth.view}"
    if truth.taken_in != {fact.type for fact in truth.facts}:
        yield "has other facts on its page than were told"


async def shown_otherwise(callers: list[Caller], known: dict[str, Truth]) -> list[str]:
    """Where what a customer gets to see through the gateway is not what is true."""
    found = []
    for caller in callers:
        seen = await _all_orders(caller)
        mine = {
            each.order_id: _as_shown(each.view) for each in known.values() if each.customer == caller.name
        }
        found += [
            f"{caller.name} sees {seen.get(order_id)} of {order_id}, which is {mine.get(order_id)}"
            for order_id in seen.keys() | mine.keys()
            if seen.get(order_id) != mine.get(order_id)
        ]
    return found


async def _all_orders(caller: Caller) -> dict[str, Json]:
    seen: dict[str, Json] = {}
    page = await caller.page(first=50)
    while True:
        seen |= {edge["node"]["id"]: _seen(edge["node"]) for edge in page["edges"]}
        if not page["pageInfo"]["hasNextPage"]:
            return seen
        page = await caller.page(first=50, after=page["pageInfo"]["endCursor"])


def _seen(order: Json) -> Json:
    about = {name: order[name] for name in ("status", "version", "amount", "address", "cancelReason")}
    return about | {name: (order[name] or {}).get("status") for name in ("payment", "delivery")}


def _as_shown(view: OrderView) -> Json:
    return {
        "status": view.status,
        "version": view.version,
        "amount": view.amount,
        "address": view.address,
        "cancelReason": view.cancel_reason,
        "payment": view.payment.status if view.payment else None,
        "delivery": view.delivery.status if view.delivery else None,
    }
