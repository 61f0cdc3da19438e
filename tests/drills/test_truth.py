"""Drills would notice: whatever is told a customer and is not so is found, and nothing that is so."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from schema.events import Event
from schema.projection import project
from tests import facts
from tests.drills.load import LOST, Answer, Intention
from tests.drills.truth import Truth, lies

PAID = (facts.placed(), facts.approved(), facts.started(), facts.completed())
CANCELED = (
    *(facts.placed(), facts.approved(), facts.started()),
    *(facts.canceled(), facts.payment_canceled(), facts.delivery_canceled()),
)
DECLINED = (facts.placed(), facts.declined())


def truth(told: tuple[Event, ...], money: str | None) -> Truth:
    """An order of which MyPage shows all that was told."""
    view = project(told)
    assert view
    taken_in = frozenset(fact.type for fact in told)
    return Truth(facts.ORDER, facts.CUSTOMER, told, view, view, taken_in, money)


def asked(*answers: str, then: tuple[str, ...] = ()) -> Intention:
    """Somebody who was answered so, also about a cancellation."""
    about_it = [Answer(kind, _about(kind), facts.AMOUNT if _about(kind) else None) for kind in answers]
    canceling = [Answer(kind, _about(kind)) for kind in then]
    return Intention(facts.CUSTOMER, "key", "서울 1", "apple", 7, "card-ok", about_it, canceling)


def _about(kind: str) -> str | None:
    nothing = {LOST, "PaymentUnavailable", "InvalidOrder", "SERVICE_UNAVAILABLE"}
    return None if kind in nothing else facts.ORDER


def found(intention: Intention, *orders: Truth) -> list[str]:
    return lies([intention], {each.order_id: each for each in orders})


@pytest.mark.parametrize(
    ("intention", "order"),
    [
        (asked("OrderPlaced"), truth(PAID, "CHARGED")),
        (asked(LOST, "PaymentPending", "OrderPlaced"), truth(PAID, "CHARGED")),
        (asked("PaymentUnavailable", "OrderPlaced"), truth(PAID, "CHARGED")),
        (asked("PaymentDeclined"), truth(DECLINED, None)),
        (asked("OrderPlaced", then=("OrderCanceled",)), truth(CANCELED, "GIVEN_BACK")),
        (asked("OrderPlaced", then=(LOST,)), truth(CANCELED, "GIVEN_BACK")),
        (asked("OrderPlaced", then=("OrderNotCancelable",)), truth(PAID, "CHARGED")),
    ],
)
def test_what_is_true_is_no_lie(intention: Intention, order: Truth) -> None:
    assert found(intention, order) == []


@pytest.mark.parametrize(
    ("intention", "order", "said"),
    [
        (asked("OrderPlaced"), truth(CANCELED, "GIVEN_BACK"), "nobody canceled it"),
        (asked("OrderPlaced"), truth(DECLINED, None), "it never was"),
        (asked("PaymentUnavailable"), truth(PAID, "CHARGED"), "nothing was charged"),
        (asked("PaymentDeclined"), truth(PAID, "CHARGED"), "was declined"),
        (asked("InvalidOrder"), truth(PAID, "CHARGED"), "none is"),
        (asked("OrderPlaced", then=("OrderCanceled",)), truth(PAID, "CHARGED"), "and it is not"),
        (asked("OrderPlaced", then=("OrderCanceled",)), truth(CANCELED, "CHARGED"), "still pays"),
        (asked("OrderPlaced", then=("OrderCanceled",)), truth(CANCELED[:4], "GIVEN_BACK"), "delivered"),
        (asked("OrderPlaced", then=("OrderNotFound",)), truth(PAID, "CHARGED"), "does not exist"),
        (asked("OrderPlaced"), truth(PAID, None), "its money is untouched"),
    ],
)
def test_a_lie_is_found(intention: Intention, order: Truth, said: str) -> None:
    assert any(said in lie for lie in found(intention, order)), found(intention, order)


def test_an_order_that_is_lost_is_found() -> None:
    assert any("does not exist" in lie for lie in found(asked("OrderPlaced")))


def test_a_second_order_and_a_second_charge_of_one_intention_are_found() -> None:
    one, other = truth(PAID, "CHARGED"), replace(truth(PAID, "CHARGED"), order_id="order-2")
    assert any("more than one order" in lie for lie in found(asked("OrderPlaced"), one, other))


@pytest.mark.parametrize(
    "elsewhere",
    [
        lambda order: replace(order, shown=None),
        lambda order: replace(order, shown=project(PAID[:2])),
        lambda order: replace(order, taken_in=frozenset({"order.placed"})),
    ],
)
def test_a_page_that_is_not_what_was_told_is_found(elsewhere: Callable[[Truth], Truth]) -> None:
    assert found(asked("OrderPlaced"), elsewhere(truth(PAID, "CHARGED")))


def test_an_order_that_nobody_asked_for_is_found() -> None:
    stranger = truth((facts.placed(address="서울 2"), *PAID[1:]), "CHARGED")
    assert any("nobody asked" in lie for lie in found(asked(LOST), stranger))
