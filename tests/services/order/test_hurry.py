"""What an order need not hear at once leaves it as cancelable as it was."""

import pytest

from schema.events import CancelReason, Event
from services.order import domain
from services.order.app import HURRIES_NOBODY
from services.order.domain import Order
from tests import facts


@pytest.mark.parametrize("fact", [facts.approved(), facts.started()])
def test_what_hurries_nobody_leaves_an_order_as_cancelable_as_it_was(fact: Event) -> None:
    assert isinstance(fact, HURRIES_NOBODY)
    assert isinstance(_canceled_after(fact), Order)


@pytest.mark.parametrize("fact", [facts.declined(), facts.completed(), facts.payment_canceled()])
def test_what_changes_whether_an_order_can_be_canceled_is_taken_in_at_once(fact: Event) -> None:
    assert not isinstance(fact, HURRIES_NOBODY)


def test_an_order_that_was_delivered_is_never_canceled() -> None:
    assert not isinstance(_canceled_after(facts.completed()), Order)


def _canceled_after(fact: Event) -> object:
    placed = domain.place(facts.place_order(), facts.APPLE, facts.ORDER, facts.NOON)
    order = domain.take_in(placed, fact, facts.after(1))
    return domain.cancel(order, CancelReason.BY_CUSTOMER, facts.after(2))
