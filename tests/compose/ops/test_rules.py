"""Forged stories, each breaking one rule and found out by that rule alone; and true ones, breaking none."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compose.ops import rules
from compose.ops.story import Story
from compose.ops.verdict import Finding, State, judge
from schema.events import Event
from schema.feed import Account
from schema.views import DeliveryStatus, PaymentStatus
from tests import facts
from tests.compose.ops.entries import (
    CANCELED,
    CANCELED_UNPAID,
    DECLINED,
    DELIVERED,
    DELIVERING,
    FORESTALLED,
    HEALTHY,
    PAID,
    RETURNED,
    books,
    moments,
    page,
    story,
)

GRACE = timedelta(seconds=60)
LATER = facts.after(3600)
UNTRUE = facts.payment_canceled(approved=False)
STARTED_LATE = facts.started(at=facts.after(9))
ELSEWHERE = facts.SHIPPING.model_copy(update={"address": "부산 2"})
REFUND = {"account": books(given_back=facts.AMOUNT)}


def sold_for(amount: int) -> Story:
    """All agree about what is not the price times the quantity."""
    told = (facts.placed(amount=amount), facts.approved(amount=amount), facts.started())
    return story(told, payment={"amount": amount, "account": books(amount=amount)})


def paid_with(**changes: Any) -> Story:
    return story((facts.placed(), facts.approved(**changes), facts.started()))


def without(told: Story, *services: str) -> Story:
    gone: dict[str, Any] = dict.fromkeys(services)
    return replace(told, **gone)


def with_rival(told: Story) -> Story:
    assert told.order
    return replace(told, rival=told.order.model_copy(update={"order_id": "order-2"}))


FORGED: dict[str, list[Story]] = {
    "nothing_without_an_order": [
        without(story(DELIVERING), "order"),
        without(story(DELIVERING), "order", "delivery", "mypage"),
        without(story(CANCELED_UNPAID[:1]), "order"),
    ],
    "one_order_per_key": [with_rival(story(DELIVERING))],
    "kept_for_who_placed_it": [story(DELIVERING, order={"customer_id": "customer-2"})],
    "charged_once": [
        story(DELIVERING, payment={"account": books(charges=2)}),
        story(CANCELED, payment={"account": books(charges=2, given_back=2 * facts.AMOUNT)}),
    ],
    "paid_as_ordered": [
        sold_for(1),
        paid_with(amount=1),
        paid_with(shipping=ELSEWHERE),
        story((facts.placed(), facts.declined(amount=1))),
        story(DELIVERING, payment={"amount": 1}),
        story(DELIVERING, payment={"account": books(amount=1)}),
        story(CANCELED, payment={"account": books(given_back=2 * facts.AMOUNT)}),
    ],
    "sent_as_ordered": [
        story(DELIVERING, delivery={"shipping": ELSEWHERE}),
        story(DELIVERED, delivery={"shipping": facts.SHIPPING.model_copy(update={"fruit_id": "pear"})}),
        story(CANCELED, delivery={"shipping": facts.SHIPPING.model_copy(update={"quantity": 8})}),
    ],
    "approved_means_charged": [
        story(DELIVERING, payment={"account": Account()}),
        story(CANCELED, payment={"account": Account()}),
        story(DELIVERING, payment=REFUND),
    ],
    "no_money_is_kept": [
        story(CANCELED, payment={"account": books()}),
        story(CANCELED_UNPAID, payment={"account": books()}),
        story(DECLINED, payment={"account": books()}),
    ],
    "settled_once": [
        story((*PAID, facts.declined()), payment={"status": PaymentStatus.DECLINED} | REFUND),
        story((*DECLINED, facts.canceled(), UNTRUE)),
        story((*PAID, facts.canceled(), UNTRUE, facts.delivery_canceled(started=False))),
        story((*CANCELED_UNPAID[:2], facts.payment_canceled())),
    ],
    "status_follows_facts": [
        story(DECLINED, payment={"status": PaymentStatus.REQUESTED}),
        story(DELIVERED, delivery={"status": DeliveryStatus.STARTED}),
    ],
    "delivered_only_if_paid": [
        story((facts.placed(), facts.started())),
        story((*DECLINED, facts.started())),
        story((*CANCELED_UNPAID, facts.delivery_canceled(started=False))),
    ],
    "a_fact_happens_once": [
        story(DELIVERING, order={"facts": (*DELIVERING, facts.started())}),
        story(DELIVERING, payment={"facts": (facts.approved(),) * 2}),
        story(DELIVERING, mypage={"facts": (*DELIVERING, facts.started())}),
    ],
    "what_is_heard_was_said": [
        story(DELIVERING, order={"facts": (*DELIVERING, facts.completed())}),
        story(DELIVERING, order={"facts": (*PAID, STARTED_LATE)}),
        story(DELIVERING, mypage=dict(page((*PAID, STARTED_LATE)))),
        without(story(DELIVERING), "delivery"),
    ],
    "no_fact_is_lost": [
        without(story(CANCELED_UNPAID[:1], order={"told": ()}), "mypage"),
        story(DELIVERING, payment={"told": ()}, mypage=dict(page((DELIVERING[0], DELIVERING[2])))),
        story(DELIVERING, delivery={"told": ()}, mypage=dict(page(PAID))),
    ],
    "the_view_adds_up": [
        story(DELIVERING, mypage={"view": page(PAID).view}),
        story(DELIVERING, mypage={"view": None}),
    ],
    "canceled_means_not_paid": [story((*DELIVERING, facts.canceled()))],
    "canceled_means_not_delivered": [story(CANCELED[:-1]), story(RETURNED[:-1]), story(FORESTALLED[:-1])],
}
CASES = [(rule, number) for rule, forged in FORGED.items() for number in range(len(forged))]

OVERDUE: dict[str, Story] = {
    "told_in_time": story(
        DELIVERED,
        delivery={"told": moments((facts.started(),)), "untold": moments((facts.completed(),))},
    ),
    "heard_in_time": story(DELIVERED, order={"facts": DELIVERING}),
    "heard_in_time (mypage)": story(DELIVERED, mypage=dict(page(DELIVERING))),
    "money_moves_in_time": story(CANCELED, payment={"account": books(), "refund_due": facts.after(6)}),
    "money_moves_in_time (tried again and again)": story(
        CANCELED, payment={"account": books(), "refund_due": facts.after(3610)}
    ),
    "the_next_fact_comes_in_time": story(PAID),
    "the_next_fact_comes_in_time (payment)": story((facts.placed(),)),
    "the_next_fact_comes_in_time (cancellation)": story((facts.placed(), facts.canceled())),
}


@pytest.mark.parametrize(("rule", "number"), CASES)
def test_what_is_forged_is_found_out_by_the_rule_it_breaks_and_by_no_other(rule: str, number: int) -> None:
    verdict = judge(FORGED[rule][number], LATER, GRACE)
    assert verdict.state is State.BROKEN
    assert {finding.rule for finding in verdict.findings} == {rule}, verdict.findings


def test_every_rule_has_its_forgery() -> None:
    never = {rule.__name__ for rule in (*rules.NEVER_OTHERWISE, *rules.IN_TIME)}
    assert never == FORGED.keys()
    assert {rule.__name__ for rule in rules.STILL_TO_DO} == {name.split()[0] for name in OVERDUE}


@pytest.mark.parametrize("name", OVERDUE)
def test_what_stands_still_is_young_at_first_and_stuck_after(name: str) -> None:
    told = OVERDUE[name]
    assert judge(told, facts.after(10), GRACE).state is State.YOUNG
    verdict = judge(told, LATER, GRACE)
    assert verdict.state is State.STUCK
    assert {finding.rule for finding in verdict.findings} == {name.split()[0]}, verdict.findings


@pytest.mark.parametrize("rule", [rule.__name__ for rule in rules.IN_TIME])
def test_what_must_come_about_in_time_has_its_time(rule: str) -> None:
    for forged in FORGED[rule]:
        assert judge(forged, facts.after(10), GRACE).state is State.YOUNG


def test_what_nobody_was_told_of_is_stuck_and_no_violation() -> None:
    """The broker was away for an hour: nobody could know that the order was canceled."""
    canceled = story((*DELIVERING, facts.canceled()))
    assert canceled.order
    waiting = {"told": canceled.order.told[:1], "untold": canceled.order.told[1:]}
    verdict = judge(replace(canceled, order=canceled.order.model_copy(update=waiting)), LATER, GRACE)
    assert verdict.state is State.STUCK
    assert Finding("told_in_time", "order-1/order.canceled is untold", facts.after(5)) in verdict.findings


def test_who_was_told_late_has_time_from_then() -> None:
    told = moments((facts.placed(), facts.canceled(at=facts.after(3590))))
    verdict = judge(story((*DELIVERING, facts.canceled()), order={"told": told}), LATER, GRACE)
    assert verdict.state is State.STUCK
    assert {finding.rule for finding in verdict.findings} == {"the_next_fact_comes_in_time"}


def test_a_courier_takes_as_long_as_he_likes() -> None:
    assert judge(story(DELIVERING), facts.after(10**7), GRACE).state is State.OK


def test_what_was_told_before_there_were_marks_was_heard_and_so_is_not_lost() -> None:
    unmarked = story(DELIVERED, order={"told": ()}, payment={"told": ()}, delivery={"told": ()})
    assert judge(unmarked, LATER, GRACE).state is State.OK


def test_a_key_that_was_given_up_is_free_for_another_order() -> None:
    rivals = with_rival(story(CANCELED_UNPAID, order={"idempotency_key": None}))
    assert judge(rivals, LATER, GRACE).state is State.OK


def test_a_payment_that_was_canceled_before_it_was_asked_for_has_no_amount() -> None:
    assert judge(story(CANCELED_UNPAID, payment={"amount": 0}), LATER, GRACE).state is State.OK


@pytest.mark.parametrize("told", HEALTHY, ids=lambda told: "+".join(fact.type for fact in told))
def test_a_story_that_is_over_is_in_order_at_any_age(told: tuple[Event, ...]) -> None:
    for age in (10, 3600, 10**8):
        assert judge(story(told), facts.after(age), GRACE) == judge(story(told), LATER, GRACE)
        assert judge(story(told), facts.after(age), GRACE).state is State.OK


@given(st.data(), st.sampled_from(HEALTHY))
def test_any_beginning_of_a_true_story_is_no_violation_while_it_is_young(
    data: st.DataObject, told: tuple[Event, ...]
) -> None:
    """Whoever heard however much of it; told or not."""
    so_far = told[: data.draw(st.integers(1, len(told)))]
    whole = story(so_far)
    assert whole.order
    heard = [fact for fact in so_far if fact in whole.own().values()]
    of_order = tuple(f for f in heard if f.type.startswith("order.") or data.draw(st.booleans()))
    of_page = tuple(fact for fact in heard if data.draw(st.booleans()))
    order = whole.order.model_copy(update={"facts": of_order})
    told_of: dict[str, Any] = {"order": order, "mypage": page(of_page) if of_page else None}
    for service, entry in dict(replace(whole, **told_of).entries()).items():
        waiting = tuple(moment for moment in entry.told if data.draw(st.booleans()))
        rest = tuple(moment for moment in entry.told if moment not in waiting)
        told_of[service] = entry.model_copy(update={"told": rest, "untold": waiting})
    verdict = judge(replace(whole, **told_of), facts.after(10), GRACE)
    assert verdict.state in {State.OK, State.YOUNG}, verdict.findings
