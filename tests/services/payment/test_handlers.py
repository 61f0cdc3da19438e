import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import pytest

from schema.events import Event
from schema.feed import Account
from schema.views import PaymentStatus
from services.chassis.healing import ON_ITS_WAY
from services.payment import domain
from services.payment.domain import Charged, Outcome, Refused, Voided
from services.payment.handlers import OtherRequestError, Payments
from services.payment.provider import OutcomeUnknownError, ProviderUnavailableError
from tests import facts
from tests.services.fakes import FakePayments
from tests.waiting import until

PATIENCE = timedelta(seconds=5)


class Provider:
    """Does what it is told to, once it is let; says what it was asked."""

    def __init__(self) -> None:
        self.outcome: Outcome | Exception = Charged()
        self.charged: list[str] = []
        self.gives_back = False
        self.given_back: list[str] = []
        self.refund_fails: Exception | None = None
        self.open, self.may_give_back = asyncio.Event(), asyncio.Event()
        self.open.set()
        self.may_give_back.set()

    async def charge(self, key: str, amount: int, method: str) -> Outcome:
        assert (amount, method) == (facts.AMOUNT, "card-ok")
        self.charged.append(key)
        await self.open.wait()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    async def give_back(self, key: str) -> None:
        assert self.gives_back, f"{key} is not to be given back here"
        if self.refund_fails:
            raise self.refund_fails
        self.given_back.append(key)
        await self.may_give_back.wait()

    async def statements(self, keys: Sequence[str]) -> dict[str, Account]:
        return {key: Account(charges=self.charged.count(key)) for key in keys if key in self.charged}


async def nobody(_: Event) -> None:
    """Nobody has to be told again."""


class Clock:
    def __init__(self) -> None:
        self.now = facts.NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store() -> FakePayments:
    return FakePayments()


@pytest.fixture
def again() -> list[Event]:
    """What was told once more."""
    return []


@pytest.fixture
def payments(store: FakePayments, provider: Provider, clock: Clock, again: list[Event]) -> Payments:
    async def tell(fact: Event) -> None:
        again.append(fact)

    return Payments(store, provider, clock, PATIENCE, tell)


def told(store: FakePayments) -> list[str]:
    return [fact.type for fact in store.untold]


@pytest.mark.parametrize(
    ("outcome", "status", "fact"),
    [
        (Charged(), PaymentStatus.APPROVED, "payment.approved"),
        (Refused("no"), PaymentStatus.DECLINED, "payment.declined"),
        (Voided(), PaymentStatus.CANCELED, "payment.canceled"),
    ],
    ids=repr,
)
async def test_a_payment_is_settled_by_what_the_provider_did(
    outcome: Outcome,
    status: PaymentStatus,
    fact: str,
    payments: Payments,
    provider: Provider,
    store: FakePayments,
) -> None:
    provider.outcome = outcome
    payment = await payments.approve(facts.ORDER, facts.approve_payment())
    assert payment.status is status
    assert told(store) == [fact]


async def test_asking_again_charges_once(payments: Payments, provider: Provider) -> None:
    first = await payments.approve(facts.ORDER, facts.approve_payment())
    assert await payments.approve(facts.ORDER, facts.approve_payment()) == first
    assert provider.charged == [facts.ORDER]


async def test_asking_while_it_is_charged_waits_for_the_same_charge(
    payments: Payments, provider: Provider
) -> None:
    provider.open.clear()
    asking = [asyncio.create_task(payments.approve(facts.ORDER, facts.approve_payment())) for _ in range(5)]
    await until(lambda: provider.charged)
    provider.open.set()
    answers = await asyncio.gather(*asking)
    assert {answer.status for answer in answers} == {PaymentStatus.APPROVED}
    assert provider.charged == [facts.ORDER]


async def test_who_stops_waiting_does_not_stop_the_payment(
    payments: Payments, provider: Provider, store: FakePayments
) -> None:
    provider.open.clear()
    asking = asyncio.create_task(payments.approve(facts.ORDER, facts.approve_payment()))
    await until(lambda: provider.charged)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    provider.open.set()
    await until(lambda: told(store) == ["payment.approved"])


async def test_a_provider_that_did_not_charge_ends_the_payment_for_good(
    payments: Payments, provider: Provider, store: FakePayments
) -> None:
    provider.outcome = ProviderUnavailableError("away")
    with pytest.raises(ProviderUnavailableError):
        await payments.approve(facts.ORDER, facts.approve_payment())
    assert told(store) == ["payment.canceled"]
    provider.outcome = Charged()
    again = await payments.approve(facts.ORDER, facts.approve_payment())
    assert again.status is PaymentStatus.CANCELED
    assert provider.charged == [facts.ORDER]


@pytest.fixture
def late(payments: Payments, provider: Provider) -> Callable[[], Awaitable[None]]:
    """The first charge ends without an answer, though the money has moved."""

    async def charge() -> None:
        provider.outcome = OutcomeUnknownError("late")
        with pytest.raises(OutcomeUnknownError):
            await payments.approve(facts.ORDER, facts.approve_payment())

    return charge


async def test_not_charged_is_said_after_an_unknown_charge_only_once_that_is_undone(
    payments: Payments, provider: Provider, late: Callable[[], Awaitable[None]]
) -> None:
    await late()
    provider.outcome = ProviderUnavailableError("gone")
    provider.gives_back = True
    with pytest.raises(ProviderUnavailableError):
        await payments.approve(facts.ORDER, facts.approve_payment())
    assert provider.given_back == [facts.ORDER]
    payment = await payments.find(facts.ORDER)
    assert payment is not None
    assert payment.status is PaymentStatus.CANCELED


async def test_not_charged_is_never_said_while_an_unknown_charge_cannot_be_undone(
    payments: Payments, provider: Provider, late: Callable[[], Awaitable[None]]
) -> None:
    await late()
    provider.outcome = provider.refund_fails = ProviderUnavailableError("gone")
    provider.gives_back = True
    with pytest.raises(OutcomeUnknownError):
        await payments.approve(facts.ORDER, facts.approve_payment())
    payment = await payments.find(facts.ORDER)
    assert payment is not None
    assert (payment.status, payment.charge_due is None) == (PaymentStatus.REQUESTED, False)
    provider.outcome = Charged()
    assert (await payments.approve(facts.ORDER, facts.approve_payment())).status is PaymentStatus.APPROVED


async def test_what_one_replica_gives_back_no_other_approves(
    payments: Payments, provider: Provider, store: FakePayments, clock: Clock
) -> None:
    provider.open.clear()
    charging = asyncio.create_task(payments.approve(facts.ORDER, facts.approve_payment()))
    await until(lambda: provider.charged)
    other = Provider()
    other.outcome, other.gives_back = ProviderUnavailableError("gone"), True
    other.may_give_back.clear()
    giving_up = asyncio.create_task(
        Payments(store, other, clock, PATIENCE, nobody).approve(facts.ORDER, facts.approve_payment())
    )
    await until(lambda: other.given_back)
    provider.open.set()
    with pytest.raises(OutcomeUnknownError):
        await charging
    other.may_give_back.set()
    with pytest.raises(ProviderUnavailableError):
        await giving_up
    assert store.kept[facts.ORDER].status is PaymentStatus.CANCELED


async def test_a_payment_whose_voiding_was_cut_short_is_voided_and_never_charged(
    payments: Payments, provider: Provider, store: FakePayments, late: Callable[[], Awaitable[None]]
) -> None:
    await late()
    store.kept[facts.ORDER] = domain.begin_voiding(store.kept[facts.ORDER])
    provider.outcome, provider.gives_back = Charged(), True
    with pytest.raises(ProviderUnavailableError):
        await payments.approve(facts.ORDER, facts.approve_payment())
    assert (provider.charged, provider.given_back) == ([facts.ORDER], [facts.ORDER])
    assert store.kept[facts.ORDER].status is PaymentStatus.CANCELED


async def test_what_was_approved_meanwhile_is_not_given_back(
    payments: Payments, provider: Provider, store: FakePayments, clock: Clock
) -> None:
    provider.open.clear()
    charging = asyncio.create_task(payments.approve(facts.ORDER, facts.approve_payment()))
    await until(lambda: provider.charged)
    other = Provider()
    other.outcome = ProviderUnavailableError("gone")
    other.open.clear()
    again = asyncio.create_task(
        Payments(store, other, clock, PATIENCE, nobody).approve(facts.ORDER, facts.approve_payment())
    )
    await until(lambda: other.charged)
    provider.open.set()
    await charging
    other.open.set()
    assert (await again).status is PaymentStatus.APPROVED


async def test_another_request_for_the_same_order_is_refused(payments: Payments) -> None:
    await payments.approve(facts.ORDER, facts.approve_payment())
    with pytest.raises(OtherRequestError):
        await payments.approve(facts.ORDER, facts.approve_payment(amount=1))


async def test_an_order_that_was_canceled_before_is_never_charged(
    payments: Payments, provider: Provider, store: FakePayments
) -> None:
    await payments.hear_order_canceled(facts.canceled())
    payment = await payments.approve(facts.ORDER, facts.approve_payment())
    assert payment.status is PaymentStatus.CANCELED
    assert provider.charged == []
    assert told(store) == ["payment.canceled"]


async def test_a_charge_that_comes_after_the_cancellation_is_given_back(
    payments: Payments, provider: Provider, store: FakePayments
) -> None:
    provider.open.clear()
    asking = asyncio.create_task(payments.approve(facts.ORDER, facts.approve_payment()))
    await until(lambda: provider.charged)
    await payments.hear_order_canceled(facts.canceled())
    provider.open.set()
    assert (await asking).status is PaymentStatus.CANCELED
    assert told(store) == ["payment.canceled"]
    assert store.kept[facts.ORDER].refund_due


@pytest.mark.parametrize(
    "fact", [facts.placed(), facts.approved(), facts.started()], ids=lambda fact: fact.type
)
async def test_no_other_fact_is_taken_for_a_cancellation(payments: Payments, fact: Event) -> None:
    await payments.approve(facts.ORDER, facts.approve_payment())
    with pytest.raises(ValueError, match=f"payment does not hear {fact.type}"):
        await payments.hear_order_canceled(fact)
    payment = await payments.find(facts.ORDER)
    assert payment is not None
    assert payment.status is PaymentStatus.APPROVED


@pytest.mark.parametrize(
    ("outcome", "answers"),
    [
        (Charged(), ["payment.approved", "payment.canceled"]),
        (Refused("no"), ["payment.declined"]),
        (Voided(), ["payment.canceled"]),
    ],
    ids=repr,
)
async def test_who_tells_of_a_cancellation_again_is_answered_again(
    outcome: Outcome,
    answers: list[str],
    payments: Payments,
    provider: Provider,
    again: list[Event],
    store: FakePayments,
    clock: Clock,
) -> None:
    provider.outcome = outcome
    await payments.approve(facts.ORDER, facts.approve_payment())
    if isinstance(outcome, Charged):
        await payments.hear_order_canceled(facts.canceled())
        assert again == []
        await payments.hear_order_canceled(facts.canceled())
        assert again == [], "the answer is still on its way"
    clock.now += ON_ITS_WAY
    await payments.hear_order_canceled(facts.canceled())
    assert [fact.type for fact in again] == answers == told(store)


async def test_the_answer_that_stands_is_that_of_whoever_was_first(
    payments: Payments, provider: Provider, store: FakePayments, clock: Clock
) -> None:
    """Two replicas ask at once, and the provider answers both."""
    provider.open.clear()
    other = Payments(store, provider, clock, PATIENCE, nobody)
    asking = [
        asyncio.create_task(each.approve(facts.ORDER, facts.approve_payment())) for each in (payments, other)
    ]
    await until(lambda: len(provider.charged) == 2)
    provider.open.set()
    first, second = await asyncio.gather(*asking)
    assert first.facts == second.facts
    assert told(store) == ["payment.approved"]
