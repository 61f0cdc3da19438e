"""One suite for both stores of payments."""

from datetime import timedelta

import pytest

from services.chassis import mongo
from services.chassis.aggregates import ConflictError
from services.payment import domain
from services.payment.domain import Charged, Payment
from services.payment.handlers import PaymentStore
from services.payment.store import MongoPayments
from tests import facts
from tests.services.chassis.telling import outbox_of
from tests.services.fakes import FakePayments


@pytest.fixture(params=["in memory", "in MongoDB"])
async def payments(request: pytest.FixtureRequest, database: mongo.Database) -> PaymentStore:
    if request.param == "in memory":
        return FakePayments()
    payments = MongoPayments(database["payments"], outbox_of(database["payments"]))
    await payments.prepare()
    return payments


def requested(order_id: str = facts.ORDER, patience: float = 5) -> Payment:
    return domain.request(order_id, facts.approve_payment(), facts.NOON, timedelta(seconds=patience))


async def test_a_payment_comes_back_as_it_was(payments: PaymentStore) -> None:
    await payments.add(requested())
    assert await payments.load(facts.ORDER) == requested()
    approved = domain.settle(requested(), Charged(), facts.after(1))
    await payments.replace(requested(), approved)
    assert await payments.load(facts.ORDER) == approved


async def test_a_tombstone_comes_back_as_it_was(payments: PaymentStore) -> None:
    tombstone = domain.cancel(None, facts.ORDER, facts.after(1))
    await payments.add(tombstone)
    assert await payments.load(facts.ORDER) == tombstone
    assert await payments.refunds_due(facts.after(99), 10) == []


async def test_charges_that_are_due_are_found_the_longest_first(payments: PaymentStore) -> None:
    for patience in (3, 1, 2, 4):
        await payments.add(requested(f"order-{patience}", patience))
    due = await payments.charges_due(facts.after(3), 10)
    assert [each.order_id for each in due] == ["order-1", "order-2", "order-3"]
    assert [each.order_id for each in await payments.charges_due(facts.after(3), 1)] == ["order-1"]


async def test_a_charge_that_is_settled_is_not_due(payments: PaymentStore) -> None:
    await payments.add(requested())
    await payments.replace(requested(), domain.settle(requested(), Charged(), facts.after(1)))
    assert await payments.charges_due(facts.after(99), 10) == []


async def test_a_refund_is_due_until_the_provider_was_told(payments: PaymentStore) -> None:
    canceled = domain.cancel(requested(), facts.ORDER, facts.after(1))
    await payments.add(canceled)
    assert await payments.refunds_due(facts.after(1), 10) == [canceled]
    assert await payments.refunds_due(facts.NOON, 10) == []
    await payments.replace(canceled, domain.refunded(canceled))
    assert await payments.refunds_due(facts.after(99), 10) == []


async def test_what_is_put_off_is_due_later_and_changed_for_who_has_seen_it(payments: PaymentStore) -> None:
    await payments.add(requested())
    await payments.put_off("charge_due", [facts.ORDER], facts.after(50))
    await payments.put_off("refund_due", [facts.ORDER], facts.after(50))
    assert await payments.charges_due(facts.after(49), 10) == []
    assert await payments.charges_due(facts.after(50), 10) == [domain.take_up(requested(), facts.after(50))]
    with pytest.raises(ConflictError):
        await payments.replace(requested(), domain.take_up(requested(), facts.after(9)))


async def test_what_is_settled_meanwhile_is_not_put_off(payments: PaymentStore) -> None:
    approved = domain.settle(requested(), Charged(), facts.after(1))
    await payments.add(approved)
    await payments.put_off("charge_due", [facts.ORDER], facts.after(50))
    assert await payments.load(facts.ORDER) == approved
