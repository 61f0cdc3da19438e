from datetime import datetime, timedelta

import pytest

from schema.events import CancelReason, Event, OrderCanceled
from schema.views import OrderStatus
from services.order import domain
from services.order.domain import Order, TooLate
from tests import facts

BY_CUSTOMER, UNAVAILABLE, TIMEOUT = CancelReason
HEARD, LATER = facts.after(20), facts.after(60)


def order(*heard: Event) -> Order:
    order = domain.place(facts.place_order(), facts.APPLE, facts.ORDER, facts.NOON)
    for fact in heard:
        order = domain.take_in(order, fact, HEARD)
    return order


def canceled(order: Order, reason: CancelReason, at: datetime = LATER) -> Order:
    outcome = domain.cancel(order, reason, at)
    assert isinstance(outcome, Order)
    return outcome


def reasons(order: Order) -> list[CancelReason]:
    return [fact.reason for fact in order.facts if isinstance(fact, OrderCanceled)]


def test_an_order_is_placed_at_the_catalogues_price() -> None:
    assert order().facts == (facts.placed(),)
    assert order().attempt == 1
    assert order().awaiting_payment_since == facts.NOON


A, D, X = facts.approved(), facts.declined(), facts.payment_canceled(approved=False)
S, C = facts.started(), facts.completed()


@pytest.mark.parametrize(
    ("heard", "status", "waits"),
    [
        ((), OrderStatus.PAYMENT_PENDING, True),
        ((A,), OrderStatus.PAID, False),
        ((D,), OrderStatus.PAYMENT_DECLINED, False),
        ((A, S), OrderStatus.DELIVERING, False),
        ((S,), OrderStatus.DELIVERING, False),
        ((S, A), OrderStatus.DELIVERING, False),
        ((A, S, C), OrderStatus.DELIVERED, False),
        ((X,), OrderStatus.CANCELED, False),
    ],
)
def test_what_an_order_hears_says_where_it_stands(
    heard: tuple[Event, ...],
    status: OrderStatus,
    waits: bool,  # noqa: FBT001 # a column of the table
) -> None:
    assert domain.view(order(*heard)).status is status
    assert (order(*heard).awaiting_payment_since is not None) is waits


P, Q, R = facts.payment_canceled(), facts.delivery_canceled(), facts.return_requested()


@pytest.mark.parametrize(
    ("heard", "waits"),
    [
        ((), False),
        ((A,), True),
        ((D,), False),
        ((X,), False),
        ((S,), True),
        ((A, S), False),
        ((A, C), True),
        ((A, S, C), False),
        ((A, P), True),
        ((A, P, Q), True),
        ((A, S, P, Q), False),
        ((A, S, P, R), True),
    ],
)
def test_an_order_waits_from_when_it_heard_what_calls_for_an_answer(
    heard: tuple[Event, ...],
    waits: bool,  # noqa: FBT001 # a column of the table
) -> None:
    assert order(*heard).awaiting_answer_since == (HEARD if waits else None)


def test_an_order_that_is_canceled_waits_for_payment_to_answer() -> None:
    for heard in ((), (A,), (A, S)):
        assert canceled(order(*heard), BY_CUSTOMER).awaiting_answer_since == LATER
    answered = domain.take_in(canceled(order(A, S), BY_CUSTOMER), facts.payment_canceled(), facts.after(99))
    assert answered.awaiting_answer_since == facts.after(99)


PATIENCE = timedelta(seconds=30)


def test_what_was_looked_into_in_vain_waits_on_from_then() -> None:
    unpaid, paid = (domain.put_off(each, LATER, PATIENCE) for each in (order(), order(A)))
    assert (unpaid.awaiting_payment_since, unpaid.awaiting_answer_since) == (LATER, None)
    assert (paid.awaiting_payment_since, paid.awaiting_answer_since) == (None, LATER)
    assert paid.version == order(A).version + 1


def test_each_reminder_comes_later_than_the_one_before_up_to_a_limit() -> None:
    waiting, pauses = order(A), []
    for _ in range(7):
        waiting = domain.put_off(waiting, LATER, PATIENCE)
        assert waiting.awaiting_answer_since
        pauses.append((waiting.awaiting_answer_since + PATIENCE - LATER) / PATIENCE)
    assert pauses == [1, 2, 4, 8, 16, 16, 16]
    assert canceled(waiting, BY_CUSTOMER).reminders == 0


@pytest.mark.parametrize("fact", [A, D, X, S, C], ids=lambda fact: fact.type)
def test_hearing_a_fact_again_changes_nothing(fact: Event) -> None:
    once = order(fact)
    assert domain.take_in(once, fact, LATER) is once
    assert once.version == 2


def test_a_payment_that_gave_up_cancels_the_order() -> None:
    gave_up = order(X)
    assert reasons(gave_up) == [UNAVAILABLE]
    assert gave_up.idempotency_key is None


def test_a_payment_that_was_canceled_for_the_order_does_not_cancel_it_again() -> None:
    once = canceled(order(A), BY_CUSTOMER)
    assert reasons(domain.take_in(once, facts.payment_canceled(), LATER)) == [BY_CUSTOMER]


@pytest.mark.parametrize(
    ("heard", "reason", "allowed"),
    [
        ((), BY_CUSTOMER, True),
        ((), UNAVAILABLE, True),
        ((), TIMEOUT, True),
        ((A,), BY_CUSTOMER, True),
        ((A,), UNAVAILABLE, False),
        ((A,), TIMEOUT, False),
        ((A, S), BY_CUSTOMER, True),
        ((A, S), TIMEOUT, False),
        ((S,), TIMEOUT, False),
        ((A, S, C), BY_CUSTOMER, False),
        ((A, S, C), TIMEOUT, False),
        ((D,), BY_CUSTOMER, False),
        ((D,), UNAVAILABLE, False),
        ((D,), TIMEOUT, False),
    ],
)
def test_only_the_customer_cancels_what_is_paid_and_nobody_what_is_over(
    heard: tuple[Event, ...],
    reason: CancelReason,
    allowed: bool,  # noqa: FBT001 # a column of the table
) -> None:
    before = order(*heard)
    outcome = domain.cancel(before, reason, LATER)
    if not allowed:
        assert outcome == TooLate(before)
        return
    assert isinstance(outcome, Order)
    assert reasons(outcome) == [reason]
    assert outcome.awaiting_payment_since is None
    assert outcome.version == before.version + 1


@pytest.mark.parametrize("first", CancelReason)
@pytest.mark.parametrize("then", CancelReason)
def test_once_canceled_it_stays_so_whoever_asks_again(first: CancelReason, then: CancelReason) -> None:
    once = canceled(order(), first)
    assert domain.cancel(once, then, LATER, attempt=99) is once


@pytest.mark.parametrize(
    ("attempt", "allowed"),
    [(None, True), (2, True), (1, False), (3, False)],
)
def test_an_attempt_cancels_only_while_no_later_one_is_under_way(
    attempt: int | None,
    allowed: bool,  # noqa: FBT001 # a column of the table
) -> None:
    second = domain.try_again(order(), LATER)
    assert second.attempt == 2
    outcome = domain.cancel(second, UNAVAILABLE, LATER, attempt=attempt)
    assert isinstance(outcome, Order) is allowed


@pytest.mark.parametrize(
    ("reason", "key"),
    [(BY_CUSTOMER, "key-1"), (TIMEOUT, "key-1"), (UNAVAILABLE, None)],
)
def test_a_key_is_free_again_where_nothing_was_ordered(reason: CancelReason, key: str | None) -> None:
    assert canceled(order(), reason).idempotency_key == key


def test_another_attempt_counts_only_while_the_order_waits_for_payment() -> None:
    again = domain.try_again(order(), LATER)
    assert (again.version, again.awaiting_payment_since) == (2, LATER)
    for heard in ((A,), (D,), (X,), (A, S, C)):
        settled = order(*heard)
        assert domain.try_again(settled, LATER) is settled


@pytest.mark.parametrize(
    "other",
    [{"fruit_id": "pear"}, {"quantity": 8}, {"address": "부산 2"}, {"payment_method": "card-declined"}],
    ids=str,
)
def test_another_input_is_another_intention(other: dict[str, object]) -> None:
    assert domain.is_same_intention(order(), facts.place_order())
    assert not domain.is_same_intention(order(), facts.place_order(**other))


def test_an_order_that_was_never_placed_is_a_bug() -> None:
    nothing = Order(facts.ORDER, facts.CUSTOMER, None, "card-ok", 1, None, 1, (facts.approved(),))
    with pytest.raises(ValueError, match="never placed"):
        domain.view(nothing)
