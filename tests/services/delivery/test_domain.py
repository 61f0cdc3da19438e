import pytest

from schema.views import DeliveryStatus
from services.delivery import domain
from services.delivery.domain import Delivery
from tests import facts

STARTED, DELIVERED, CANCELED, RETURN_REQUESTED = DeliveryStatus
LATER = facts.after(7)

UNPAID = facts.payment_canceled(approved=False)


def started() -> Delivery:
    return domain.start(None, facts.approved(), facts.after(2))


def delivered() -> Delivery:
    return domain.complete(started(), facts.after(3))


def canceled(delivery: Delivery | None) -> Delivery:
    outcome = domain.cancel(delivery, facts.payment_canceled(), LATER)
    assert outcome is not None
    return outcome


def test_an_approved_payment_starts_the_delivery() -> None:
    assert started() == Delivery(facts.ORDER, STARTED, facts.SHIPPING, facts.after(2), 1, (facts.started(),))


@pytest.mark.parametrize("before", [started(), delivered(), canceled(None), canceled(started())], ids=repr)
def test_a_delivery_starts_once_and_never_after_a_cancellation(before: Delivery) -> None:
    assert domain.start(before, facts.approved(), LATER) is before


def test_what_is_under_way_is_handed_over_once() -> None:
    assert delivered().status is DELIVERED
    assert delivered().facts == (facts.started(), facts.completed())
    assert delivered().under_way_since is None
    once = delivered()
    assert domain.complete(once, LATER) is once


@pytest.mark.parametrize("before", [canceled(None), canceled(started()), canceled(delivered())], ids=repr)
def test_what_was_stopped_is_not_handed_over(before: Delivery) -> None:
    assert domain.complete(before, LATER) is before


def test_a_canceled_payment_stops_what_is_under_way() -> None:
    stopped = canceled(started())
    assert stopped.status is CANCELED
    assert stopped.facts == (facts.started(), facts.delivery_canceled(started=True))
    assert stopped.under_way_since is None


def test_a_cancellation_that_overtakes_the_approval_leaves_a_tombstone() -> None:
    tombstone = canceled(None)
    assert tombstone == Delivery(
        facts.ORDER, CANCELED, None, None, 1, (facts.delivery_canceled(started=False),)
    )


def test_for_an_order_that_was_never_paid_there_is_nothing_to_stop() -> None:
    assert domain.cancel(None, UNPAID, LATER) is None


def test_what_was_handed_over_is_asked_back() -> None:
    asked_back = canceled(delivered())
    assert asked_back.status is RETURN_REQUESTED
    assert asked_back.facts[-1] == facts.return_requested()


@pytest.mark.parametrize("before", [canceled(None), canceled(started()), canceled(delivered())], ids=repr)
def test_a_repeated_cancellation_changes_nothing(before: Delivery) -> None:
    assert canceled(before) is before
