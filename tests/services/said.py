"""What the services of a world in memory would say in their feeds, all at one moment."""

from typing import Any

from compose.ops.story import Story
from schema.feed import Account, DeliveryEntry, Moment, OrderEntry, PageEntry, PaymentEntry
from services.delivery.domain import Delivery
from services.mypage.projection import Page
from services.order.domain import Order
from services.payment.domain import Payment
from tests import facts
from tests.services.fakes import FakeStore
from tests.services.world import Ledger, World


def stories(world: World) -> list[Story]:
    """The story of every order that anybody knows; another order of the same key is met as a rival."""
    stores = (world.orders, world.payments, world.deliveries, world.pages)
    told: list[Story] = []
    for order_id in sorted({order_id for store in stores for order_id in store.kept}):
        entries: dict[str, Any] = {}
        if order := world.orders.kept.get(order_id):
            entries["order"] = order_entry(world.orders, order)
            entries["rival"] = _rival(world, order)
        if payment := world.payments.kept.get(order_id):
            entries["payment"] = payment_entry(world.payments, payment, account(world.ledger, order_id))
        if delivery := world.deliveries.kept.get(order_id):
            entries["delivery"] = delivery_entry(world.deliveries, delivery)
        if page := world.pages.kept.get(order_id):
            entries["mypage"] = page_entry(page)
        told.append(Story(order_id, **entries))
    return told


def order_entry(store: FakeStore[Order], order: Order) -> OrderEntry:
    return OrderEntry(
        **_kept(store, order),
        customer_id=order.customer_id,
        idempotency_key=order.idempotency_key,
        attempt=order.attempt,
    )


def payment_entry(store: FakeStore[Payment], payment: Payment, books: Account) -> PaymentEntry:
    return PaymentEntry(
        **_kept(store, payment),
        status=payment.status,
        amount=payment.amount,
        charge_due=payment.charge_due,
        refund_due=payment.refund_due,
        account=books,
    )


def delivery_entry(store: FakeStore[Delivery], delivery: Delivery) -> DeliveryEntry:
    return DeliveryEntry(**_kept(store, delivery), status=delivery.status, shipping=delivery.shipping)


def page_entry(page: Page) -> PageEntry:
    taken_in = tuple(Moment(id=fact.id, at=fact.at) for fact in page.facts)
    return PageEntry(order_id=page.order_id, facts=page.facts, view=page.view, taken_in=taken_in)


def account(ledger: Ledger, order_id: str) -> Account:
    """Every charge is of the same amount here, and all of them are given back, or none."""
    charges = ledger.takings.get(order_id, 0)
    charged = charges * facts.AMOUNT
    given_back = charged if ledger.states.get(order_id) == "GIVEN_BACK" else 0
    return Account(charges=charges, charged=charged, given_back=given_back)


def _rival(world: World, order: Order) -> OrderEntry | None:
    key = (order.customer_id, order.idempotency_key)
    others = (other for other in world.orders.kept.values() if other is not order)
    rivals = (other for other in others if (other.customer_id, other.idempotency_key) == key)
    rival = next(rivals, None)
    return order_entry(world.orders, rival) if rival else None


def _kept(store: FakeStore[Any], kept: Any) -> dict[str, Any]:
    own = [fact for fact in kept.facts if fact.source == store._source]
    moments = {told: [fact for fact in own if (fact not in store.untold) is told] for told in (True, False)}
    told, untold = (tuple(Moment(id=fact.id, at=fact.at) for fact in moments[each]) for each in (True, False))
    return {"order_id": kept.order_id, "facts": kept.facts, "told": told, "untold": untold}
