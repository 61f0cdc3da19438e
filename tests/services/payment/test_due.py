"""What payment takes up again: nothing starves, is driven twice, or is believed that nobody knows."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from schema.events import Event
from schema.feed import Account
from schema.views import PaymentStatus
from services.payment import domain
from services.payment.domain import Charged, Outcome, Payment
from services.payment.due import CHARGES_AT_ONCE, REFUNDS_AT_ONCE, Due
from services.payment.handlers import Payments
from services.payment.provider import OutcomeUnknownError, Timely
from tests import facts
from tests.services.fakes import FakePayments
from tests.services.payment.test_handlers import Clock
from tests.waiting import until

PATIENCE = timedelta(seconds=5)


class Provider:
    """Charges and gives back at once, save what it is told to be stuck or to fail with."""

    def __init__(self) -> None:
        self.charged: list[str] = []
        self.given_back: list[str] = []
        self.stuck: set[str] = set()
        self.failing: set[str] = set()
        self.at_once = self.most_at_once = 0

    async def charge(self, key: str, amount: int, method: str) -> Outcome:
        assert (amount, method) == (facts.AMOUNT, "card-ok")
        self.charged.append(key)
        await self._do(key)
        return Charged()

    async def give_back(self, key: str) -> None:
        self.given_back.append(key)
        await self._do(key)

    async def statements(self, keys: Sequence[str]) -> dict[str, Account]:
        return {key: Account(charges=self.charged.count(key)) for key in keys if key in self.charged}

    async def _do(self, key: str) -> None:
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            await asyncio.sleep(3600 if key in self.stuck else 0)
        finally:
            self.at_once -= 1
        if key in self.failing:
            raise ConnectionError(key)


class Replica:
    """One process of payment."""

    def __init__(self, around: "Surroundings") -> None:
        provider = Timely(around.provider, around.deadline)
        self.payments = Payments(around.store, provider, around.clock, PATIENCE, _nobody)
        self.due = Due(around.store, self.payments, provider, around.clock, PATIENCE, around.note)
        self.charge, self.refund = self.due.charge_what_is_due, self.due.refund_what_is_due


class Surroundings:
    def __init__(self) -> None:
        self.store, self.provider, self.clock = FakePayments(), Provider(), Clock()
        self.healed: list[tuple[str, str]] = []
        self.deadline = 1000.0

    def note(self, wait: str, order_id: str) -> None:
        self.healed.append((wait, order_id))

    def requested(self, *order_ids: str) -> None:
        for order_id in order_ids:
            self.store.kept[order_id] = domain.request(
                order_id, facts.approve_payment(), facts.NOON, PATIENCE
            )

    def canceled(self, *order_ids: str) -> None:
        self.requested(*order_ids)
        for order_id in order_ids:
            self.store.kept[order_id] = domain.cancel(self.store.kept[order_id], order_id, facts.NOON)

    def after(self, seconds: float) -> None:
        self.clock.now = facts.after(seconds)

    def status(self, order_id: str = facts.ORDER) -> PaymentStatus:
        return self.store.kept[order_id].status

    def owes(self, order_id: str = facts.ORDER) -> bool:
        return self.store.kept[order_id].refund_due is not None


async def _nobody(_: Event) -> None:
    """Nobody has to be told again."""


@pytest.fixture
async def around() -> AsyncIterator[Surroundings]:
    """What is still stuck at the end is let go."""
    before = asyncio.all_tasks()
    yield Surroundings()
    left = {task for task in asyncio.all_tasks() - before if task is not asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


@pytest.fixture
def replica(around: Surroundings) -> Replica:
    return Replica(around)


def names(count: int) -> list[str]:
    return [f"order-{number:03}" for number in range(count)]


async def test_a_charge_that_a_crash_left_is_taken_up_when_it_is_due(
    around: Surroundings, replica: Replica
) -> None:
    around.requested(facts.ORDER)
    around.after(4)
    await replica.charge()
    assert around.provider.charged == []
    around.after(5)
    await replica.charge()
    await until(lambda: around.status() is PaymentStatus.APPROVED)
    assert around.healed == [("charge", facts.ORDER)]


async def test_a_charge_that_failed_without_a_word_is_taken_up_again(
    around: Surroundings, replica: Replica
) -> None:
    around.provider.failing = {facts.ORDER}
    with pytest.raises(ConnectionError):
        await replica.payments.approve(facts.ORDER, facts.approve_payment())
    assert around.status() is PaymentStatus.REQUESTED
    around.provider.failing = set()
    around.after(6)
    await replica.charge()
    await until(lambda: around.status() is PaymentStatus.APPROVED)
    assert around.provider.charged == [facts.ORDER] * 2


async def test_after_the_deadline_nobody_knows_whether_it_was_charged(
    around: Surroundings,
) -> None:
    around.deadline = 0.01
    around.provider.stuck = {facts.ORDER}
    replica = Replica(around)
    with pytest.raises(OutcomeUnknownError):
        await replica.payments.approve(facts.ORDER, facts.approve_payment())
    assert around.status() is PaymentStatus.REQUESTED
    assert around.store.untold == []
    around.provider.stuck = set()
    around.after(5)
    await replica.charge()
    await until(lambda: around.status() is PaymentStatus.APPROVED)


async def test_who_asks_again_after_the_deadline_asks_the_provider_again(around: Surroundings) -> None:
    around.deadline = 0.01
    around.provider.stuck = {facts.ORDER}
    replica = Replica(around)
    with pytest.raises(OutcomeUnknownError):
        await replica.payments.approve(facts.ORDER, facts.approve_payment())
    around.provider.stuck = set()
    payment = await replica.payments.approve(facts.ORDER, facts.approve_payment())
    assert payment.status is PaymentStatus.APPROVED


async def test_what_is_canceled_while_its_outcome_is_unknown_is_given_back(around: Surroundings) -> None:
    around.deadline = 0.01
    around.provider.stuck = {facts.ORDER}
    replica = Replica(around)
    with pytest.raises(OutcomeUnknownError):
        await replica.payments.approve(facts.ORDER, facts.approve_payment())
    await replica.payments.hear_order_canceled(facts.canceled())
    around.provider.stuck = set()
    await replica.refund()
    await until(lambda: not around.owes())
    assert around.provider.given_back == [facts.ORDER]


@pytest.mark.parametrize("kind", ["charge", "refund"])
async def test_what_one_replica_sees_to_is_not_taken_up_by_another(
    kind: str, around: Surroundings, replica: Replica
) -> None:
    around.requested(facts.ORDER) if kind == "charge" else around.canceled(facts.ORDER)
    around.provider.stuck = {facts.ORDER}
    other = Replica(around)
    for tenths in range(50, 400):
        around.after(tenths / 10)
        for each in (replica, other):
            await getattr(each, kind)()
    await asyncio.sleep(0)
    assert around.provider.charged + around.provider.given_back == [facts.ORDER]


async def test_a_charge_that_was_asked_for_stays_with_who_was_asked(
    around: Surroundings, replica: Replica
) -> None:
    around.provider.stuck = {facts.ORDER}
    asking = asyncio.create_task(replica.payments.approve(facts.ORDER, facts.approve_payment()))
    await until(lambda: around.provider.charged)
    other = Replica(around)
    for tenths in range(400):
        around.after(tenths / 10)
        await replica.charge()
        await other.charge()
    asking.cancel()
    assert around.provider.charged == [facts.ORDER]
    assert around.healed == []


@pytest.mark.parametrize("kind", ["charge", "refund"])
async def test_what_a_replica_left_is_taken_up_by_another(kind: str, around: Surroundings) -> None:
    around.requested(facts.ORDER) if kind == "charge" else around.canceled(facts.ORDER)
    around.provider.stuck = {facts.ORDER}
    around.after(5)
    await getattr(Replica(around), kind)()  # and it is never heard of again
    around.provider.stuck = set()
    around.after(11)
    await getattr(Replica(around), kind)()
    await until(lambda: around.status() is PaymentStatus.APPROVED if kind == "charge" else not around.owes())
    assert (kind, facts.ORDER) in around.healed


async def test_of_two_that_see_the_same_charge_one_takes_it_up(
    around: Surroundings, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    around.requested(facts.ORDER)
    around.after(5)
    seen = tuple(around.store.kept.values())

    async def as_before(*_: object) -> Sequence[Payment]:
        return seen

    monkeypatch.setattr(around.store, "charges_due", as_before)
    around.provider.stuck = {facts.ORDER}
    await asyncio.gather(replica.charge(), Replica(around).charge())
    await asyncio.sleep(0)
    assert around.provider.charged == [facts.ORDER]


async def test_charges_that_are_stuck_starve_no_others(around: Surroundings, replica: Replica) -> None:
    stuck, well = names(CHARGES_AT_ONCE), "order-999"
    around.requested(*stuck, well)
    around.provider.stuck = set(stuck)
    for seconds in (5, 6):
        around.after(seconds)
        await replica.charge()
    await until(lambda: around.status(well) is PaymentStatus.APPROVED)


async def test_refunds_go_side_by_side_but_not_all_at_once(around: Surroundings, replica: Replica) -> None:
    owed = names(3 * REFUNDS_AT_ONCE)
    around.canceled(*owed)

    async def none_is_owed() -> bool:
        await replica.refund()
        return not any(map(around.owes, owed))

    await until(none_is_owed)
    assert sorted(around.provider.given_back) == owed
    assert around.provider.most_at_once == REFUNDS_AT_ONCE
    assert around.healed == []


async def test_a_refund_that_is_stuck_holds_up_no_others(around: Surroundings, replica: Replica) -> None:
    stuck, well = names(REFUNDS_AT_ONCE - 1), ["order-998", "order-999"]
    around.canceled(*stuck, *well)
    around.provider.stuck = set(stuck)
    for seconds in (5, 11):
        around.after(seconds)
        await replica.refund()
        await until(lambda: len(replica.due._refunding) == len(stuck))
    assert not any(map(around.owes, well))


async def test_a_refund_that_failed_is_tried_again_a_while_later(
    around: Surroundings, replica: Replica
) -> None:
    around.canceled(facts.ORDER)
    around.provider.failing = {facts.ORDER}
    await replica.refund()
    await until(lambda: not replica.due._refunding)
    await replica.refund()
    assert around.provider.given_back == [facts.ORDER]
    around.provider.failing = set()
    around.after(5)
    await replica.refund()
    await until(lambda: not around.owes())
    assert around.healed == [("refund", facts.ORDER)]


async def test_one_payment_that_makes_no_sense_stops_no_others(
    around: Surroundings, replica: Replica
) -> None:
    around.requested("order-0", "order-1")
    around.canceled("order-2", "order-3")
    kept = around.store.kept
    kept["order-0"] = replace(kept["order-0"], shipping=None)
    kept["order-2"] = replace(kept["order-2"], facts=())
    around.after(5)
    await replica.charge()
    await replica.refund()
    await until(lambda: around.status("order-1") is PaymentStatus.APPROVED and not around.owes("order-3"))
