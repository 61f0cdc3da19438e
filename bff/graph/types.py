"""The types of the API, and how views become them."""

from datetime import datetime

import strawberry

from bff.graph import texts
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
from schema import fruit as fruits
from schema import views


def language(info: Info, locale: Locale | None) -> Language:
    """The language to answer in."""
    match locale:
        case Locale.KO:
            return "KO"
        case Locale.EN:
            return "EN"
        case _:
            return info.context.language


def say(text: Text, info: Info, locale: Locale | None) -> str:
    """A text in the language to answer in."""
    return text[language(info, locale)]


@strawberry.type(description="A fruit; in an order, as it was when ordered.")
class Fruit:
    id: strawberry.ID
    unit_price: int = strawberry.field(description="Won.")
    _name: strawberry.Private[Text]

    @strawberry.field(description="Its name: 사과, apple.")
    def name(self, info: Info, locale: Locale | None = strawberry.UNSET) -> str:
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
    id: strawberry.ID
    status: PaymentStatus
    amount: int = strawberry.field(description="Won.")
    updated_at: datetime
    decline_reason: str | None = strawberry.field(description="The provider's code for its refusal.")

    @classmethod
    def of(cls, view: views.PaymentView) -> "Payment":
        return cls(
            id=strawberry.ID(view.id),
            status=PaymentStatus[view.status.name],
            amount=view.amount,
            updated_at=view.updated_at,
            decline_reason=view.decline_reason,
        )


@strawberry.type(description="The delivery of an order.")
class Delivery:
    id: strawberry.ID
    status: DeliveryStatus
    updated_at: datetime

    @classmethod
    def of(cls, view: views.DeliveryView) -> "Delivery":
        return cls(
            id=strawberry.ID(view.id), status=DeliveryStatus[view.status.name], updated_at=view.updated_at
        )


@strawberry.type(description="A fact about an order.")
class OrderEvent:
    type: OrderEventType
    at: datetime

    @strawberry.field(description="What happened, in words.")
    def label(self, info: Info, locale: Locale | None = strawberry.UNSET) -> str:
        return say(texts.EVENT[self.type.name], info, locale)

    @classmethod
    def of(cls, entry: views.HistoryEntry) -> "OrderEvent":
        return cls(type=OrderEventType[entry.type.replace(".", "_").upper()], at=entry.at)


@strawberry.type(description="An order, with all that has been heard about it.")
class Order:
    id: strawberry.ID
    status: OrderStatus
    fruit: Fruit
    quantity: int
    unit_price: int = strawberry.field(description="Won, fixed when the order was placed.")
    amount: int = strawberry.field(description="Won: unitPrice times quantity.")
    address: str
    placed_at: datetime
    updated_at: datetime
    version: int = strawberry.field(
        description="Grows by one with every fact that MyPage has taken in about this order."
    )
    payment: Payment | None
    delivery: Delivery | None
    cancel_reason: CancelReason | None
    cancelable: bool = strawberry.field(description="Whether cancelOrder would be accepted now.")
    history: list[OrderEvent] = strawberry.field(description="Every fact about this order, oldest first.")

    @strawberry.field(description="The status, in words.")
    def status_label(self, info: Info, locale: Locale | None = strawberry.UNSET) -> str:
        return say(texts.STATUS[views.OrderStatus[self.status.name]], info, locale)

    @classmethod
    def of(cls, view: views.OrderView) -> "Order":
        return cls(
            id=strawberry.ID(view.id),
            status=OrderStatus[view.status.name],
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
            history=[OrderEvent.of(entry) for entry in view.history],
        )
