from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.events import CancelReason, Event
from schema.projection import CAUSAL_ORDER, RANK, project
from schema.views import DeliveryStatus, OrderStatus, PaymentStatus
from tests import facts

P, A, D = facts.placed(), facts.approved(), facts.declined()
S, C = facts.started(), facts.completed()
X, XA, XU = facts.canceled(), facts.payment_canceled(), facts.payment_canceled(approved=False)
DX, D0, RR = facts.delivery_canceled(), facts.delivery_canceled(started=False), facts.return_requested()

STANDS = [
    ([P], OrderStatus.PAYMENT_PENDING, None, None),
    ([P, A], OrderStatus.PAID, PaymentStatus.APPROVED, None),
    ([P, D], OrderStatus.PAYMENT_DECLINED, PaymentStatus.DECLINED, None),
    ([P, A, S], OrderStatus.DELIVERING, PaymentStatus.APPROVED, DeliveryStatus.STARTED),
    ([P, A, S, C], OrderStatus.DELIVERED, PaymentStatus.APPROVED, DeliveryStatus.DELIVERED),
    ([P, X], OrderStatus.CANCELED, None, None),
    ([P, X, XU], OrderStatus.CANCELED, PaymentStatus.CANCELED, None),
    ([P, D, X], OrderStatus.CANCELED, PaymentStatus.DECLINED, None),
    ([P, A, X, XA], OrderStatus.CANCELED, PaymentStatus.CANCELED, None),
    ([P, A, X, XA, D0], OrderStatus.CANCELED, PaymentStatus.CANCELED, DeliveryStatus.CANCELED),
    ([P, A, S, X, XA, DX], OrderStatus.CANCELED, PaymentStatus.CANCELED, DeliveryStatus.CANCELED),
    ([P, A, S, C, X, XA, RR], OrderStatus.CANCELED, PaymentStatus.CANCELED, DeliveryStatus.RETURN_REQUESTED),
    # what came too early stands for what is still on its way
    ([P, S], OrderStatus.DELIVERING, None, DeliveryStatus.STARTED),
    ([P, C], OrderStatus.DELIVERED, None, DeliveryStatus.DELIVERED),
    ([P, XU], OrderStatus.CANCELED, PaymentStatus.CANCELED, None),
    ([P, A, S, C, X], OrderStatus.CANCELED, PaymentStatus.APPROVED, DeliveryStatus.DELIVERED),
]


def called(value: object) -> str:
    return "+".join(fact.type for fact in value) if isinstance(value, list) else str(value)


@pytest.mark.parametrize(("known", "order", "payment", "delivery"), STANDS, ids=called)
def test_what_is_known_says_where_an_order_stands(
    known: list[Event],
    order: OrderStatus,
    payment: PaymentStatus | None,
    delivery: DeliveryStatus | None,
) -> None:
    view = project(known)
    assert view is not None
    assert view.status is order
    assert (view.payment.status if view.payment else None) is payment
    assert (view.delivery.status if view.delivery else None) is delivery


@pytest.mark.parametrize(
    "story",
    [
        [P, D],
        [P, A, S, C],
        [P, X, XU],
        [P, D, X],
        [P, A, X, XA, D0],
        [P, A, S, X, XA, DX],
        [P, A, S, C, X, XA, RR],
    ],
    ids=called,
)
def test_an_order_is_settled_when_its_story_is_complete(story: list[Event]) -> None:
    view = project(story)
    assert view is not None
    assert view.settled


@pytest.mark.parametrize(
    "known",
    [
        *([P], [P, A], [P, A, S], [P, X], [P, XU], [P, A, X], [P, A, XA], [P, A, X, XA], [P, A, S, X, XA]),
        # what has been heard proves that something else has still to come
        *([P, C], [P, S, C], [P, A, C], [P, X, XA, D0], [P, A, X, XA, DX], [P, S, X, XA, DX]),
        *([P, A, X, XA, RR], [P, A, S, X, XA, RR], [P, A, C, X, XA, RR], [P, A, S, C, XA, RR]),
    ],
    ids=called,
)
def test_an_order_is_not_settled_while_a_fact_is_to_be_expected(known: list[Event]) -> None:
    view = project(known)
    assert view is not None
    assert not view.settled


def test_without_its_order_there_is_no_view() -> None:
    assert project([]) is None
    assert project([A, S, C]) is None


def test_a_view_says_what_was_ordered_and_why_it_was_canceled() -> None:
    view = project([P, facts.canceled(reason=CancelReason.PAYMENT_TIMEOUT)])
    assert view is not None
    assert (view.id, view.customer_id, view.fruit.id, view.quantity, view.amount, view.address) == (
        (facts.ORDER, facts.CUSTOMER, "apple", 7, facts.AMOUNT, "서울 1")
    )
    assert view.cancel_reason is CancelReason.PAYMENT_TIMEOUT
    assert view.placed_at == facts.after(0)
    assert view.updated_at == facts.after(5)


def test_a_view_says_why_a_payment_was_declined() -> None:
    view = project([P, D])
    assert view is not None
    assert view.payment is not None
    assert view.payment.decline_reason == "card_declined"


def test_history_is_told_by_time_and_within_one_moment_by_cause() -> None:
    at_once = [fact.model_copy(update={"at": facts.NOON}) for fact in (P, A, S, X, XA, DX)]
    for known in permutations(at_once):
        view = project(known)
        assert view is not None
        assert [entry.type for entry in view.history] == [fact.type for fact in at_once]


def test_every_kind_of_fact_has_its_rank() -> None:
    assert set(RANK) == {fact.type for fact in facts.every_kind()}
    assert len(CAUSAL_ORDER) == len(RANK)


@pytest.mark.parametrize(
    ("status", "cancelable"),
    [([P], True), ([P, A], True), ([P, A, S], True), ([P, A, S, C], False), ([P, D], False), ([P, X], False)],
    ids=called,
)
def test_an_order_can_be_canceled_until_it_is_over(status: list[Event], cancelable: bool) -> None:  # noqa: FBT001 # a column of the table
    view = project(status)
    assert view is not None
    assert view.cancelable is cancelable
    assert view.model_dump()["cancelable"] is cancelable


@given(st.lists(st.sampled_from(facts.every_kind()), min_size=1))
def test_neither_order_nor_repetition_matters(told: list[Event]) -> None:
    assert project(told) == project(sorted(set(told), key=lambda fact: fact.type))


def test_version_is_the_number_of_distinct_facts() -> None:
    rest = facts.every_kind()[1:]
    for size in range(len(rest) + 1):
        for known in combinations(rest, size):
            view = project([P, *known, *known])
            assert view is not None
            assert view.version == size + 1 == len(view.history)
