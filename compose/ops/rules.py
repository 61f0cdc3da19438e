"""What must hold, always, of every order: each rule is a function of its story, and its name says what holds.

Three kinds: what must never be otherwise, not for a moment; what must come about in time, because money or
goods are at stake; and what the services still have to do, which makes an order young, or stuck.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

from compose.ops.story import Story, teller
from schema.channels import HEARS
from schema.events import (
    DeliveryCanceled,
    DeliveryCompleted,
    DeliveryReturnRequested,
    DeliveryStarted,
    Event,
    OrderCanceled,
    OrderPlaced,
    PaymentApproved,
    PaymentCanceled,
    PaymentDeclined,
)
from schema.fruit import Shipping
from schema.projection import project
from schema.views import DeliveryStatus, OrderView, PaymentStatus


class Wait(NamedTuple):
    """What has yet to come about, and since when."""

    says: str
    since: datetime


def nothing_without_an_order(story: Story) -> Iterator[str]:
    """Every payment, delivery and page is of an order that was placed."""
    if story.order is None:
        for service, _ in story.entries():
            yield f"{service} knows this order, and the order service does not"


def one_order_per_key(story: Story) -> Iterator[str]:
    """A customer's key names one intention, and leads to one order."""
    order, rival = story.order, story.rival
    if order and rival and order.idempotency_key is not None:
        ours, theirs = (order.customer_id, order.idempotency_key), (rival.customer_id, rival.idempotency_key)
        if ours == theirs:
            yield f"order {rival.order_id} has customer {ours[0]}'s key {ours[1]!r} as well"


def kept_for_who_placed_it(story: Story) -> Iterator[str]:
    """An order is the order of the customer who placed it."""
    order, placed = story.order, story.happened(OrderPlaced)
    if order and placed and order.customer_id != placed.customer_id:
        yield f"customer {placed.customer_id} placed it, and it is kept for customer {order.customer_id}"


def charged_once(story: Story) -> Iterator[str]:
    """Nobody pays twice."""
    if story.payment and story.payment.account.charges > 1:
        yield f"the provider charged {story.payment.account.charges} times"


def paid_as_ordered(story: Story) -> Iterator[str]:
    """What is charged is what was ordered, at its price, to be sent to where it was ordered."""
    placed, payment = story.happened(OrderPlaced), story.payment
    if placed is None:
        return
    if placed.amount != placed.fruit.unit_price * placed.quantity:
        yield f"{placed.quantity} x {placed.fruit.unit_price:,} won is not {placed.amount:,} won"
    if payment is None:
        return
    unasked = payment.status is PaymentStatus.CANCELED and payment.amount == 0
    if not unasked and payment.amount != placed.amount:
        yield f"the payment is of {payment.amount:,} won, the order of {placed.amount:,} won"
    for fact in payment.facts:
        if isinstance(fact, PaymentApproved | PaymentDeclined) and fact.amount != placed.amount:
            yield f"{fact.type} is of {fact.amount:,} won, the order of {placed.amount:,} won"
    books = payment.account
    if books.charged != books.charges * placed.amount or books.given_back not in {0, books.charged}:
        yield (
            f"the provider's books say {books.charged:,} won charged and {books.given_back:,} won given back"
            f" for an order of {placed.amount:,} won"
        )
    approved = story.happened(PaymentApproved)
    if approved and approved.shipping != (ordered := _ordered(placed)):
        yield f"paid for {approved.shipping}, ordered {ordered}"


def sent_as_ordered(story: Story) -> Iterator[str]:
    """What is under way is what was ordered, as much of it, to where it was ordered."""
    placed, sent = story.happened(OrderPlaced), story.delivery and story.delivery.shipping
    if placed and sent and sent != (ordered := _ordered(placed)):
        yield f"sent {sent}, ordered {ordered}"


def approved_means_charged(story: Story) -> Iterator[str]:
    """An approved payment has the money."""
    payment, approved = story.payment, story.happened(PaymentApproved)
    if payment is None or (approved is None and payment.status is not PaymentStatus.APPROVED):
        return
    if payment.account.charges == 0:
        yield "the payment was approved, and the provider never charged"
    elif payment.status is PaymentStatus.APPROVED and payment.account.given_back:
        yield "the payment is approved, and the provider gave the money back"


def no_money_is_kept(story: Story) -> Iterator[str]:
    """Money is kept for approved payments only: else it has gone back, or is owed."""
    payment = story.payment
    if payment is None or payment.status not in {PaymentStatus.CANCELED, PaymentStatus.DECLINED}:
        return
    kept = payment.account.charged - payment.account.given_back
    if kept > 0 and payment.refund_due is None:
        yield f"the payment is {payment.status}, the provider holds {kept:,} won, and nobody owes it back"


def settled_once(story: Story) -> Iterator[str]:
    """A payment is approved or declined or neither; and says truly, when it is canceled, which it was."""
    approved, declined = story.happened(PaymentApproved), story.happened(PaymentDeclined)
    canceled = story.happened(PaymentCanceled)
    if declined and (approved or canceled):
        yield f"the payment was declined, and {'approved' if approved else 'canceled'} as well"
    if canceled and canceled.approved is not bool(approved):
        was, called = ("was", "never was") if approved else ("never was", "had been")
        yield f"the payment {was} approved, and its cancellation says that it {called}"


def status_follows_facts(story: Story) -> Iterator[str]:
    """Where payment and delivery say they stand is where their own facts lead."""
    payment, delivery = story.payment, story.delivery
    if payment and payment.status is not (says := _payment_status(payment.facts)):
        yield f"the payment is {payment.status}, and its facts say {says}"
    if delivery and delivery.status is not (leads := _delivery_status(delivery.facts)):
        yield f"the delivery is {delivery.status}, and its facts say {leads or 'nothing'}"


def delivered_only_if_paid(story: Story) -> Iterator[str]:
    """No delivery without an approved payment; none for an order canceled before it was paid."""
    if story.delivery and not story.happened(PaymentApproved):
        says = "was declined" if story.happened(PaymentDeclined) else "was never approved"
        yield f"there is a delivery ({story.delivery.status}), and the payment {says}"


def a_fact_happens_once(story: Story) -> Iterator[str]:
    """No service holds a fact twice."""
    for service, entry in story.entries():
        for id_, times in Counter(fact.id for fact in entry.facts).items():
            if times > 1:
                yield f"{service} holds {id_} {times} times"


def what_is_heard_was_said(story: Story) -> Iterator[str]:
    """Each copy of a fact is what the service that tells it says; there is none that it does not know."""
    own, there = story.own(), dict(story.entries())
    for service, entry in there.items():
        for fact in entry.facts:
            if teller(fact) == "order" and story.order is None:
                continue  # said by nothing_without_an_order
            if fact.id not in own:
                yield f"{service} heard {fact.id}, and {teller(fact)} knows nothing of it"
            elif fact != own[fact.id]:
                yield f"{service} holds another {fact.id} than {teller(fact)}"


def no_fact_is_lost(story: Story) -> Iterator[str]:
    """Every fact was told, or waits to be. That MyPage has it says that it was told, marked or not."""
    heard = {fact.id for fact in story.mypage.facts} if story.mypage else set()
    known = story.told().keys() | story.untold().keys() | heard
    for id_, fact in story.own().items():
        if id_ not in known:
            yield f"{teller(fact)} neither told {id_} nor will"


def the_view_adds_up(story: Story) -> Iterator[str]:
    """MyPage shows what its facts add up to: all there are, once it has heard all (see heard_in_time)."""
    page = story.mypage
    if page and page.view != (due := project(page.facts)):
        yield f"MyPage shows {_in_short(page.view, due)}, and its facts add up to {_in_short(due, page.view)}"


def _in_short(view: OrderView | None, other: OrderView | None) -> str:
    """A view by its status, and by the fields in which the other is another."""
    if view is None:
        return "nothing"
    mine, others = view.model_dump(mode="json"), other.model_dump(mode="json") if other else {}
    differing = {name: value for name, value in mine.items() if other and value != others[name]}
    return " ".join([view.status, *(f"{name}={value}" for name, value in differing.items())])


def canceled_means_not_paid(story: Story) -> Iterator[Wait]:
    """No approved payment stays approved for an order that is canceled."""
    canceled, payment = story.happened(OrderCanceled), story.payment
    if canceled and payment and payment.status is PaymentStatus.APPROVED and _was_told(canceled, story):
        yield Wait("the order is canceled, and its payment still approved", _told_at(canceled, story))


def canceled_means_not_delivered(story: Story) -> Iterator[Wait]:
    """When an approved payment is canceled, its delivery stops, or the goods are asked back."""
    canceled, delivery = story.happened(PaymentCanceled), story.delivery
    if canceled is None or not story.happened(PaymentApproved) or not _was_told(canceled, story):
        return
    if delivery is None or delivery.status in {DeliveryStatus.STARTED, DeliveryStatus.DELIVERED}:
        status = delivery.status if delivery else "not forestalled"
        yield Wait(f"the payment was canceled, and the delivery is {status}", _told_at(canceled, story))


def told_in_time(story: Story) -> Iterator[Wait]:
    """What happened is told."""
    for id_, since in story.untold().items():
        yield Wait(f"{id_} is untold", since)


def heard_in_time(story: Story) -> Iterator[Wait]:
    """What is told is heard by every service that keeps what it hears."""
    for hearer in ("order", "mypage"):
        heard = {fact.id for name, entry in story.entries() if name == hearer for fact in entry.facts}
        for id_, fact in story.own().items():
            meant = any(fnmatchcase(fact.type, pattern) for pattern in HEARS[hearer])
            if meant and id_ not in heard and _was_told(fact, story):
                yield Wait(f"{hearer} has not heard {id_}", _told_at(fact, story))


def money_moves_in_time(story: Story) -> Iterator[Wait]:
    """What is owed to the provider, or by it, is seen to: the due times say when it is tried next."""
    payment, placed = story.payment, story.happened(OrderPlaced)
    if payment and payment.charge_due:
        yield Wait("a charge is due", placed.at if placed else payment.charge_due)
    if payment and payment.refund_due:
        canceled = story.happened(PaymentCanceled)
        yield Wait("a refund is due", canceled.at if canceled else payment.refund_due)


def the_next_fact_comes_in_time(story: Story) -> Iterator[Wait]:
    """A story goes on until it is over; only the courier may take as long as he likes."""
    coming = story.coming()
    if coming and not coming.open_ended:
        yield Wait(f"{coming.type} is expected of {coming.by}", coming.since)


NEVER_OTHERWISE: Final[tuple[Callable[[Story], Iterator[str]], ...]] = (
    nothing_without_an_order,
    one_order_per_key,
    kept_for_who_placed_it,
    charged_once,
    paid_as_ordered,
    sent_as_ordered,
    approved_means_charged,
    no_money_is_kept,
    settled_once,
    status_follows_facts,
    delivered_only_if_paid,
    a_fact_happens_once,
    what_is_heard_was_said,
    no_fact_is_lost,
    the_view_adds_up,
)

IN_TIME: Final[tuple[Callable[[Story], Iterator[Wait]], ...]] = (
    canceled_means_not_paid,
    canceled_means_not_delivered,
)

STILL_TO_DO: Final[tuple[Callable[[Story], Iterator[Wait]], ...]] = (
    told_in_time,
    heard_in_time,
    money_moves_in_time,
    the_next_fact_comes_in_time,
)


def _was_told(fact: Event, story: Story) -> bool:
    """What is untold cannot have been heard: told_in_time sees to it."""
    return fact.id not in story.untold()


def _told_at(fact: Event, story: Story) -> datetime:
    return story.told().get(fact.id, fact.at)


def _ordered(placed: OrderPlaced) -> Shipping:
    return Shipping(address=placed.address, fruit_id=placed.fruit.id, quantity=placed.quantity)


def _payment_status(facts: tuple[Event, ...]) -> PaymentStatus:
    for kind, status in (
        (PaymentCanceled, PaymentStatus.CANCELED),
        (PaymentDeclined, PaymentStatus.DECLINED),
        (PaymentApproved, PaymentStatus.APPROVED),
    ):
        if any(isinstance(fact, kind) for fact in facts):
            return status
    return PaymentStatus.REQUESTED


def _delivery_status(facts: tuple[Event, ...]) -> DeliveryStatus | None:
    for kind, status in (
        (DeliveryReturnRequested, DeliveryStatus.RETURN_REQUESTED),
        (DeliveryCanceled, DeliveryStatus.CANCELED),
        (DeliveryCompleted, DeliveryStatus.DELIVERED),
        (DeliveryStarted, DeliveryStatus.STARTED),
    ):
        if any(isinstance(fact, kind) for fact in facts):
            return status
    return None
