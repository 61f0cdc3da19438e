from datetime import timedelta

import pytest

from schema.events import PaymentCanceled
from schema.views import PaymentStatus
from services.payment import domain
from services.payment.domain import Charged, Outcome, Payment, Refused, Voided
from tests import facts

REQUESTED, APPROVED, DECLINED, CANCELED = PaymentStatus
PATIENCE = timedelta(seconds=5)
LATER = facts.after(60)


def requested() -> Payment:
    return domain.request(facts.ORDER, facts.approve_payment(), facts.NOON, PATIENCE)


def settled(*outcomes: Outcome) -> Payment:
    payment = requested()
    for outcome in outcomes:
        payment = domain.settle(payment, outcome, facts.after(1))
    return payment


def test_a_payment_that_is_asked_for_is_due_until_it_is_settled() -> None:
    assert requested().status is REQUESTED
    assert requested().charge_due == facts.after(5)
    assert requested().facts == ()
    for outcome in (Charged(), Refused("no"), Voided()):
        assert settled(outcome).charge_due is None


def test_a_charge_is_told_with_all_that_a_delivery_needs() -> None:
    assert settled(Charged()).status is APPROVED
    assert settled(Charged()).facts == (facts.approved(),)


def test_a_refusal_is_told_with_its_reason() -> None:
    assert settled(Refused("card_declined")).status is DECLINED
    assert settled(Refused("card_declined")).facts == (facts.declined(),)


def test_what_can_never_be_charged_is_canceled_unpaid() -> None:
    given_up = settled(Voided())
    assert given_up.status is CANCELED
    assert given_up.facts == (facts.payment_canceled(at=facts.after(1), approved=False),)


@pytest.mark.parametrize("first", [Charged(), Refused("no"), Voided()], ids=repr)
@pytest.mark.parametrize("then", [Charged(), Refused("no"), Voided()], ids=repr)
def test_what_is_settled_stays_as_it_was_settled_first(first: Outcome, then: Outcome) -> None:
    once = settled(first)
    assert domain.settle(once, then, LATER) is once


@pytest.mark.parametrize(
    ("payment", "approved", "refund_due"),
    [(None, False, None), (requested(), False, LATER), (settled(Charged()), True, LATER)],
    ids=["before it was asked for", "before it was settled", "approved"],
)
def test_a_canceled_payment_says_whether_it_had_been_approved(
    payment: Payment | None,
    approved: bool,  # noqa: FBT001 # a column of the table
    refund_due: object,
) -> None:
    canceled = domain.cancel(payment, facts.ORDER, LATER)
    assert canceled.status is CANCELED
    assert canceled.facts[-1] == facts.payment_canceled(at=LATER, approved=approved)
    assert canceled.refund_due == refund_due
    assert canceled.charge_due is None
    assert canceled.version == (payment.version if payment else 0) + 1


@pytest.mark.parametrize(
    "payment",
    [settled(Refused("no")), settled(Voided()), domain.cancel(None, facts.ORDER, LATER)],
    ids=["declined", "given up", "tombstone"],
)
def test_what_is_declined_or_canceled_is_not_canceled_again(payment: Payment) -> None:
    assert domain.cancel(payment, facts.ORDER, LATER) is payment


@pytest.mark.parametrize("outcome", [Charged(), Refused("no"), Voided()], ids=repr)
def test_a_charge_that_comes_after_the_cancellation_changes_nothing(outcome: Outcome) -> None:
    for before in (requested(), None):
        canceled = domain.cancel(before, facts.ORDER, facts.after(0.5))
        assert domain.settle(canceled, outcome, LATER) is canceled


def test_what_was_given_up_is_due_to_be_voided_for_good() -> None:
    assert settled(Voided()).refund_due is not None


def test_the_provider_is_told_once() -> None:
    told = domain.refunded(domain.cancel(settled(Charged()), facts.ORDER, LATER))
    assert told.refund_due is None
    assert told.status is CANCELED
    assert told.version == 4


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({}, True),
        ({"shipping": facts.SHIPPING.model_copy(update={"address": "elsewhere"})}, True),
        ({"amount": 1}, False),
        ({"method": "card-declined"}, False),
    ],
    ids=str,
)
def test_another_amount_or_method_is_another_request(
    other: dict[str, object],
    same: bool,  # noqa: FBT001 # a column of the table
) -> None:
    assert domain.is_same_request(requested(), facts.approve_payment(**other)) is same


def test_whatever_is_canceled_is_canceled_for_any_request() -> None:
    tombstone = domain.cancel(None, facts.ORDER, LATER)
    assert domain.is_same_request(tombstone, facts.approve_payment(amount=1))


def test_a_charge_without_shipping_is_a_bug() -> None:
    unasked = Payment(facts.ORDER, REQUESTED, 0, None, None, None, None, 0, ())
    with pytest.raises(ValueError, match="without its shipping"):
        domain.settle(unasked, Charged(), LATER)


def test_every_fact_is_told_at_most_once() -> None:
    canceled = domain.cancel(settled(Charged()), facts.ORDER, LATER)
    canceled = domain.cancel(canceled, facts.ORDER, LATER)
    assert [type(fact) for fact in canceled.facts].count(PaymentCanceled) == 1
