"""placeOrder where the order is known: sent before, canceled meanwhile, or paid for by another attempt."""

import pytest

from bff.ordering import Declined, Pending, Placed, Unavailable
from schema.events import CancelReason, Event
from schema.requests import Problem, ProblemCode, Problems
from schema.views import PaymentStatus
from tests import facts
from tests.bff.placing import GIVEN_UP, Shop, known, order, order_service, payment
from tests.bff.serving import reply, says


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        (CancelReason.PAYMENT_UNAVAILABLE, Unavailable(1000)),
        *(
            (
                reason,
                Problems(
                    problems=(Problem(field="idempotency_key", code=ProblemCode.KEY_OF_CANCELED_ORDER),)
                ),
            )
            for reason in (CancelReason.BY_CUSTOMER, CancelReason.PAYMENT_TIMEOUT)
        ),
    ],
)
async def test_a_payment_canceled_meanwhile_says_why_the_order_is(
    shop: Shop, reason: CancelReason, outcome: object
) -> None:
    shop.payment_service.script = says(payment(PaymentStatus.CANCELED, facts.payment_canceled()))
    shop.order_service.script = order_service(cancel=order(facts.canceled(reason=reason)))
    assert await shop.place() == outcome
    assert [how.attempt for how in shop.canceled] == [None]


@pytest.mark.parametrize(
    ("told", "outcome"),
    [((), Pending), ((facts.approved(),), Placed), ((facts.declined(),), Declined)],
)
async def test_what_another_attempt_is_paying_for_is_not_canceled_but_told_as_it_stands(
    shop: Shop, told: tuple[Event, ...], outcome: type[object]
) -> None:
    await shop.payment_service.stop()
    shop.order_service.script = order_service(cancel=order(*told, status=409))
    assert isinstance(await shop.place(), outcome)


async def test_a_later_attempt_that_charged_nothing_cancels_nothing_because_an_earlier_one_may_have(
    shop: Shop,
) -> None:
    await shop.payment_service.stop()
    shop.order_service.script = order_service(place=order(attempt=2))
    assert isinstance(await shop.place(), Pending)
    assert shop.canceled == []


async def test_a_later_attempt_gives_up_where_payment_itself_says_that_nothing_is_charged(shop: Shop) -> None:
    shop.payment_service.script = says(reply("not charged", 503))
    shop.order_service.script = order_service(place=order(attempt=2))
    assert isinstance(await shop.place(), Unavailable)


async def test_a_known_key_is_answered_truly_while_the_circuit_is_open(shop: Shop) -> None:
    await shop.open_the_circuit()
    assert isinstance(await shop.place(sent_before=True), Unavailable)
    shop.order_service.script = order_service(find=known(facts.approved()))
    assert isinstance(await shop.place(sent_before=True), Placed)
    shop.order_service.script = order_service(find=known())
    assert isinstance(await shop.place(sent_before=True), Pending)
    other = Problems(problems=(Problem(field="idempotency_key", code=ProblemCode.KEY_USED_FOR_OTHER_INPUT),))
    shop.order_service.script = order_service(find=other)
    assert await shop.place(sent_before=True) == other
    assert shop.asked == ["/orders/find"] * 4


@pytest.mark.parametrize(
    ("fact", "outcome"), [(facts.approved(), Placed), (facts.declined(), Declined), (GIVEN_UP, Unavailable)]
)
async def test_what_is_settled_already_is_not_paid_again(
    shop: Shop, fact: Event, outcome: type[object]
) -> None:
    shop.order_service.script = order_service(place=order(fact))
    assert isinstance(await shop.place(), outcome)
    assert shop.payment_service.heard == []
