"""The types of the API, and how views become them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Final

import strawberry

from bff.graph import texts
from bff.graph.compiled.kept import (
    Choice,
    Reading,
    Readings,
    key,
    many,
    maybe,
    maybe_member,
    member,
    one,
    worked,
)
from bff.graph.context import Info
from bff.graph.enums import (
    CancelReason,
    DeliveryStatus,
    Locale,
    OrderEventType,
    OrderStatus,
    PaymentStatus,
)
from bff.graph.texts import Language, Text
from bff.mypage import LONG_AGO
from schema import fruit as fruits
from schema import views

InLocale = Annotated[
    Locale | None, strawberry.argument(description="The language; else the request's, else Korean.")
]

ORDER_STATUSES: Final = {each.name: each for each in OrderStatus}
STATUS_LABELS: Final = {each: texts.STATUS[views.OrderStatus[each.name]] for each in OrderStatus}
KEPT_STATUS_LABELS: Final = {each.name: label for each, label in STATUS_LABELS.items()}
PAYMENT_STATUSES: Final = {each.name: each for each in PaymentStatus}
DELIVERY_STATUSES: Final = {each.name: each for each in DeliveryStatus}
CANCEL_REASONS: Final = {each.name: each for each in CancelReason}
EVENTS: Final = {each.name.lower().replace("_", ".", 1): each for each in OrderEventType}
EVENT_LABELS: Final = {name: texts.EVENT[each.name] for name, each in EVENTS.items()}
"""By the names of facts: order.placed, …"""

MyOrderId = Annotated[strawberry.ID, strawberry.argument(description="Which of my orders.")]


def language(info: Info, locale: Locale | None = strawberry.UNSET) -> Language:
    """The language to answer in."""
    if locale is strawberry.UNSET or locale is None:
        return info.context.language
    return "KO" if locale is Locale.KO else "EN"


def say(text: Text, info: Info, locale: Locale | None) -> str:
    """A text in the language to answer in."""
    return text[language(info, locale)]


NAMES: Final = Reading("{{'KO': {v}['name_ko'], 'EN': {v}['name_en']}}")


@strawberry.type(description="A fruit; in an order, as it was when ordered.")
class Fruit:
    id: strawberry.ID = strawberry.field(description="What placeOrder takes as fruitId.")
    unit_price: int = strawberry.field(description="Won, for one.")
    _name: strawberry.Private[Text]

    KEPT: ClassVar[Readings] = {
        "id": key("id"),
        "unit_price": key("unit_price"),
        "_name": NAMES,
        "name": Choice(NAMES, language),
    }

    @strawberry.field(description="Its name: 사과, apple.")
    def name(self, info: Info, locale: InLocale = strawberry.UNSET) -> str:
        return say(self._name, info, locale)

    @classmethod
    def of(cls, fruit: fruits.Fruit) -> "Fruit":
        return cls(
            id=strawberry.ID(fruit.id),
            unit_price=fruit.unit_price,
            _name={"KO": fruit.name_ko, "EN": fruit.name_en},
        )


@strawberry.type(description="The payment of an order.")
class Payment:
    id: strawberry.ID = strawberry.field(description="The payment's own id.")
    status: PaymentStatus = strawberry.field(description="Where it stands.")
    amount: int = strawberry.field(description="Won.")
    updated_at: datetime = strawberry.field(description="When it came to stand so.")
    decline_reason: str | None = strawberry.field(
        description="The provider's code for its refusal; null where it was not refused."
    )

    KEPT: ClassVar[Readings] = {
        "id": key("id"),
        "status": member("status", PAYMENT_STATUSES),
        "amount": key("amount"),
        "updated_at": key("updated_at"),
        "decline_reason": maybe("decline_reason"),
    }

    @classmethod
    def of(cls, view: views.PaymentView) -> "Payment":
        return cls(
            id=strawberry.ID(view.id),
            status=PAYMENT_STATUSES[view.status],
            amount=view.amount,
            updated_at=view.updated_at,
            decline_reason=view.decline_reason,
        )


@strawberry.type(description="The delivery of an order.")
class Delivery:
    id: strawberry.ID = strawberry.field(description="The delivery's own id.")
    status: DeliveryStatus = strawberry.field(description="Where it stands.")
    updated_at: datetime = strawberry.field(description="When it came to stand so.")

    KEPT: ClassVar[Readings] = {
        "id": key("id"),
        "status": member("status", DELIVERY_STATUSES),
        "updated_at": key("updated_at"),
    }

    @classmethod
    def of(cls, view: views.DeliveryView) -> "Delivery":
        return cls(
            id=strawberry.ID(view.id), status=DELIVERY_STATUSES[view.status], updated_at=view.updated_at
        )


@strawberry.type(description="A fact about an order.")
class OrderEvent:
    type: OrderEventType = strawberry.field(description="What happened.")
    at: datetime = strawberry.field(description="When it happened.")
    _label: strawberry.Private[Text]

    KEPT: ClassVar[Readings] = {
        "type": member("type", EVENTS),
        "at": key("at"),
        "_label": member("type", EVENT_LABELS),
        "label": Choice(member("type", EVENT_LABELS), language),
    }

    @strawberry.field(description="What happened, in words.")
    def label(self, info: Info, locale: InLocale = strawberry.UNSET) -> str:
        return say(self._label, info, locale)

    @classmethod
    def of(cls, entry: views.HistoryEntry) -> "OrderEvent":
        return cls(type=EVENTS[entry.type], at=entry.at, _label=EVENT_LABELS[entry.type])


def kept_since(order: Mapping[str, Any]) -> datetime:
    """When MyPage last took something in about an order that it keeps, where it says so."""
    since: datetime = order.get("changed_at") or order["updated_at"]
    return since


@strawberry.type(description="An order, with all that has been heard about it.")
class Order:
    id: strawberry.ID = strawberry.field(description="The order's id.")
    status: OrderStatus = strawberry.field(description="Where it stands, seen as a whole.")
    fruit: Fruit = strawberry.field(description="What was ordered, as it was then.")
    quantity: int = strawberry.field(description="How many.")
    unit_price: int = strawberry.field(description="Won, fixed when the order was placed.")
    amount: int = strawberry.field(description="Won: unitPrice times quantity.")
    address: str = strawberry.field(description="Where to.")
    placed_at: datetime = strawberry.field(description="When it was placed.")
    updated_at: datetime = strawberry.field(
        description="When the newest fact happened that is known about it."
    )
    version: int = strawberry.field(
        description="Grows by one with every fact that MyPage has taken in about this order."
    )
    payment: Payment | None = strawberry.field(
        description="Its payment; null until something is known of it."
    )
    delivery: Delivery | None = strawberry.field(
        description="Its delivery; null until something is known of it."
    )
    cancel_reason: CancelReason | None = strawberry.field(
        description="Why it was canceled; null where it was not."
    )
    cancelable: bool = strawberry.field(description="Whether cancelOrder would be accepted now.")
    as_of: datetime = strawberry.field(
        description="When MyPage last took something in about it; in the answer to a command, updatedAt."
    )
    stale: bool = strawberry.field(
        description="Whether this is older than what the consistency token stands for: MyPage is behind. "
        "False where no token was given."
    )
    history: list[OrderEvent] = strawberry.field(description="Every fact about this order, oldest first.")

    KEPT: ClassVar[Readings] = {
        "id": key("_id"),
        "status": member("status", ORDER_STATUSES),
        "fruit": one("fruit", Fruit),
        "quantity": key("quantity"),
        "unit_price": Reading("{v}['fruit']['unit_price']"),
        "amount": key("amount"),
        "address": key("address"),
        "placed_at": key("placed_at"),
        "updated_at": key("updated_at"),
        "version": key("version"),
        "payment": one("payment", Payment),
        "delivery": one("delivery", Delivery),
        "cancel_reason": maybe_member("cancel_reason", CANCEL_REASONS),
        "cancelable": Reading("{v}['status'] in {these}", {"these": views.CANCELABLE}),
        "as_of": worked(kept_since),
        "stale": Reading("{v}.get('stale', False)"),
        "history": many("history", OrderEvent),
        "status_label": Choice(member("status", KEPT_STATUS_LABELS), language),
    }

    @strawberry.field(description="The status, in words.")
    def status_label(self, info: Info, locale: InLocale = strawberry.UNSET) -> str:
        return say(STATUS_LABELS[self.status], info, locale)

    @classmethod
    def of(cls, view: views.OrderView, *, stale: bool = False) -> "Order":
        return cls(
            id=strawberry.ID(view.id),
            status=ORDER_STATUSES[view.status],
            fruit=Fruit.of(view.fruit),
            quantity=view.quantity,
            unit_price=view.fruit.unit_price,
            amount=view.amount,
            address=view.address,
            placed_at=view.placed_at,
            updated_at=view.updated_at,
            version=view.version,
            payment=Payment.of(view.payment) if view.payment else None,
            delivery=Delivery.of(view.delivery) if view.delivery else None,
            cancel_reason=CancelReason[view.cancel_reason.name] if view.cancel_reason else None,
            cancelable=view.cancelable,
            as_of=as_of(view),
            stale=stale,
            history=[OrderEvent.of(entry) for entry in view.history],
        )


def as_of(view: views.OrderView) -> datetime:
    """When MyPage last took something in about an order, where it says so; else when that happened."""
    return view.changed_at if view.changed_at and view.changed_at != LONG_AGO else view.updated_at
