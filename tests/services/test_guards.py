"""Each dangerous guard, with it and without: the audit finds nothing, or what the guard is there for."""

from collections.abc import Callable, Coroutine
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from compose.ops.story import Story
from compose.ops.verdict import State, judge
from schema.events import Event, PaymentCanceled
from schema.projection import project
from schema.views import PaymentStatus
from services.delivery import domain as deliveries
from services.delivery.domain import Delivery
from services.mypage import together as pages
from services.mypage.projection import Page
from services.order import domain as orders
from services.order.domain import Order
from services.payment import domain as payments
from services.payment.domain import Outcome, Payment
from tests.services.said import stories
from tests.services.test_world import charging, paid
from tests.services.world import World

Remove = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Guard:
    """What it is there for, what happens to it, how it is taken away, and what that lets through."""

    purpose: str
    scenario: Callable[[World], None]
    remove: Remove
    lets_through: str


def found(told: list[Story]) -> set[str]:
    """The rules that are broken, were nothing more to happen for an hour."""
    assert told
    verdicts = [judge(each, each.facts()[-1].at + timedelta(hours=1), timedelta(seconds=60)) for each in told]
    broken = [verdict for verdict in verdicts if verdict.state is State.BROKEN]
    return {finding.rule for verdict in broken for finding in verdict.findings}


def alone(world: World, task: Callable[..., Coroutine[Any, Any, object]], *arguments: object) -> None:
    """Do this to its end, while whatever else has begun waits."""
    world.begin(task, *arguments)
    mine = world.tasks[-1]
    while mine in world.tasks:
        world.go_on(mine)


def pass_on(world: World) -> None:
    """All that happened is told and heard; nobody looks for what might be overdue."""
    world.tell_all()
    while world.in_flight:
        for message in world.in_flight:
            world.begin(world._hear, message)
        world.run()
        world.tell_all()


def canceled_before_the_charge_ends(world: World) -> None:
    """The money is taken, and before payment is told so, it hears of the cancellation."""
    charging(world)
    alone(world, world.cancel, "order-1")
    world.tell_all()
    canceled = next(message for message in world.in_flight if message[0] == "payment")
    alone(world, world._hear, canceled)
    world.run()


def asked_for_after_it_was_canceled(world: World) -> None:
    """The gateway's question to payment is overtaken by the customer's cancellation."""
    alone(world, world._placed, "key-1")
    alone(world, world.cancel, "order-1")
    pass_on(world)
    alone(world, world._pay, "order-1", "card-ok")


def cancellation_overtakes_the_approval(world: World) -> None:
    """Delivery hears of the cancellation first, as where a message had to be delivered again."""
    paid(world)
    world.tell_all()
    late = [message for message in world.in_flight if message[0] == "delivery"]
    world.in_flight = [message for message in world.in_flight if message not in late]
    alone(world, world.cancel, "order-1")
    pass_on(world)
    world.in_flight += late


def canceled_under_way(world: World) -> None:
    paid(world)
    pass_on(world)
    alone(world, world.cancel, "order-1")


def told_twice(world: World) -> None:
    """The relay tells what it has told, for it crashed before it could mark that."""
    canceled_under_way(world)
    for store in world.stores:
        for fact in store.untold:
            world.tell(store, fact, marked=False)


def told_twice_of_the_payment(world: World) -> None:
    paid(world)
    world.tell(world.payments, world.payments.untold[0], marked=False)


def settles_whatever_it_is(patch: pytest.MonkeyPatch) -> None:
    guarded = payments.settle

    def settle(payment: Payment, outcome: Outcome, at: datetime) -> Payment:
        return guarded(replace(payment, status=PaymentStatus.REQUESTED), outcome, at)

    patch.setattr(payments, "settle", settle)


def payment_leaves_no_tombstone(patch: pytest.MonkeyPatch) -> None:
    guarded = payments.cancel

    def cancel(payment: Payment | None, order_id: str, at: datetime) -> Payment | None:
        return guarded(payment, order_id, at) if payment else None

    patch.setattr(payments, "cancel", cancel)


def payment_cancels_again(patch: pytest.MonkeyPatch) -> None:
    guarded = payments.cancel

    def cancel(payment: Payment | None, order_id: str, at: datetime) -> Payment:
        return guarded(payment and replace(payment, status=PaymentStatus.APPROVED), order_id, at)

    patch.setattr(payments, "cancel", cancel)


def nobody_owes_a_refund(patch: pytest.MonkeyPatch) -> None:
    guarded = payments.cancel

    def cancel(payment: Payment | None, order_id: str, at: datetime) -> Payment:
        return replace(guarded(payment, order_id, at), refund_due=None)

    patch.setattr(payments, "cancel", cancel)


def delivery_leaves_no_tombstone(patch: pytest.MonkeyPatch) -> None:
    guarded = deliveries.cancel

    def cancel(delivery: Delivery | None, canceled: PaymentCanceled, at: datetime) -> Delivery | None:
        return guarded(delivery, canceled, at) if delivery else None

    patch.setattr(deliveries, "cancel", cancel)


def delivery_never_stops(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(deliveries, "cancel", lambda delivery, *_: delivery)


def mypage_takes_in_what_it_knows(patch: pytest.MonkeyPatch) -> None:
    def take_in(page: Page | None, fact: Event) -> Page:
        known = (*page.facts, fact) if page else (fact,)
        return Page(fact.order_id, known, project(known))

    patch.setattr(pages, "take_in", take_in)


def order_takes_in_what_it_knows(patch: pytest.MonkeyPatch) -> None:
    guarded = orders.take_in

    def take_in(order: Order, fact: Event, *at: datetime) -> Order:
        others = tuple(known for known in order.facts if known.id != fact.id)
        return replace(guarded(replace(order, facts=others), fact, *at), facts=(*order.facts, fact))

    patch.setattr(orders, "take_in", take_in)


GUARDS = [
    Guard(
        "a charge that ends after the cancellation approves nothing",
        canceled_before_the_charge_ends,
        settles_whatever_it_is,
        "canceled_means_not_paid",
    ),
    Guard(
        "a payment that is asked for after its cancellation is refused",
        asked_for_after_it_was_canceled,
        payment_leaves_no_tombstone,
        "canceled_means_not_paid",
    ),
    Guard("a payment is canceled once", told_twice, payment_cancels_again, "a_fact_happens_once"),
    Guard(
        "the cancellation of a payment owes the money",
        canceled_under_way,
        nobody_owes_a_refund,
        "no_money_is_kept",
    ),
    Guard(
        "an approval that comes after the cancellation starts no delivery",
        cancellation_overtakes_the_approval,
        delivery_leaves_no_tombstone,
        "canceled_means_not_delivered",
    ),
    Guard(
        "a delivery stops with its payment",
        canceled_under_way,
        delivery_never_stops,
        "canceled_means_not_delivered",
    ),
    Guard(
        "MyPage takes a fact in once",
        told_twice_of_the_payment,
        mypage_takes_in_what_it_knows,
        "a_fact_happens_once",
    ),
    Guard(
        "an order takes a fact in once",
        told_twice_of_the_payment,
        order_takes_in_what_it_knows,
        "a_fact_happens_once",
    ),
]


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.purpose)
def test_a_guard_prevents_what_the_audit_finds_without_it(
    guard: Guard, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert after(guard.scenario) == set()
    guard.remove(monkeypatch)
    assert guard.lets_through in after(guard.scenario)


def after(scenario: Callable[[World], None]) -> set[str]:
    with closing(World()) as world:
        scenario(world)
        pass_on(world)
        alone(world, world._refund)
        return found(stories(world))
