"""The watchdog's two rounds, on stores in memory: what is overdue is settled or asked for again."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from schema.events import CancelReason, Event
from schema.views import OrderStatus
from services.chassis.patience import NotToldError
from services.order import domain, handlers
from services.order.domain import Order
from services.order.watchdog import Watchdog
from tests import facts
from tests.services.fakes import FakeOrders

PATIENCE = timedelta(seconds=30)
TIMEOUT, UNAVAILABLE = CancelReason.PAYMENT_TIMEOUT, CancelReason.PAYMENT_UNAVAILABLE
A, S, C = facts.approved(), facts.started(), facts.completed()
X, P = facts.canceled(), facts.payment_canceled()
NEVER_PAID = facts.payment_canceled(approved=False)


class Surroundings:
    """A clock, a payment that answers what it is told to, and all that was told and mended."""

    def __init__(self) -> None:
        self.orders = FakeOrders()
        self.now = facts.after(31)
        self.says: tuple[Event, ...] | None = ()
        self.asked: list[str] = []
        self.told: list[Event] = []
        self.healed: list[tuple[str, str]] = []
        self.bus_is_away = False

    def clock(self) -> datetime:
        return self.now

    async def ask(self, order_ids: Sequence[str]) -> dict[str, tuple[Event, ...] | None]:
        self.asked += order_ids
        return {} if self.says == () else dict.fromkeys(order_ids, self.says)

    async def tell(self, fact: Event) -> None:
        if self.bus_is_away:
            raise NotToldError
        self.told.append(fact)

    def note(self, wait: str, order_id: str) -> None:
        self.healed.append((wait, order_id))

    def keep(self, *heard: Event, order_id: str = facts.ORDER) -> Order:
        """An order that was placed and has heard this at noon."""
        command = facts.place_order(idempotency_key=order_id)
        order = domain.place(command, facts.APPLE, order_id, facts.NOON)
        for fact in heard:
            if fact.type == "order.canceled":
                outcome = domain.cancel(order, CancelReason.BY_CUSTOMER, facts.NOON)
                assert isinstance(outcome, Order)
                order = outcome
            else:
                order = domain.take_in(order, fact, facts.NOON)
        self.orders.kept[order_id] = order
        return order


@pytest.fixture
def around() -> Surroundings:
    return Surroundings()


@pytest.fixture
def watchdog(around: Surroundings) -> Watchdog:
    return Watchdog(around.orders, around.clock, around.ask, around.tell, around.note)


def stands(around: Surroundings) -> tuple[object, object]:
    view = domain.view(around.orders.kept[facts.ORDER])
    return view.status, view.cancel_reason


@pytest.mark.parametrize(
    ("says", "then"),
    [
        ((A,), (OrderStatus.PAID, None)),
        ((facts.declined(),), (OrderStatus.PAYMENT_DECLINED, None)),
        ((NEVER_PAID,), (OrderStatus.CANCELED, UNAVAILABLE)),
        ((), (OrderStatus.CANCELED, TIMEOUT)),
    ],
    ids=["approved", "declined", "given up", "nothing"],
)
async def test_an_unpaid_order_is_settled_by_what_payment_says_or_canceled(
    says: tuple[Event, ...], then: tuple[object, object], around: Surroundings, watchdog: Watchdog
) -> None:
    around.keep()
    around.says = says
    await watchdog.settle_unpaid(PATIENCE)
    assert stands(around) == then
    assert around.orders.kept[facts.ORDER].awaiting_payment_since is None
    assert around.healed == [("unpaid", facts.ORDER)]


async def test_an_order_that_is_sent_again_is_given_time_anew(
    around: Surroundings, watchdog: Watchdog
) -> None:
    around.orders.kept[facts.ORDER] = domain.try_again(around.keep(), facts.after(30))
    await watchdog.settle_unpaid(PATIENCE)
    assert stands(around) == (OrderStatus.PAYMENT_PENDING, None)
    around.now = facts.after(60)
    await watchdog.settle_unpaid(PATIENCE)
    assert stands(around) == (OrderStatus.CANCELED, TIMEOUT)


async def test_an_order_that_is_sent_again_while_payment_is_asked_is_not_canceled(
    around: Surroundings,
) -> None:
    """That attempt may be paid, and its customer told so, before this one's silence is known."""
    order = around.keep()

    async def ask(order_ids: Sequence[str]) -> dict[str, tuple[Event, ...] | None]:
        around.orders.kept[facts.ORDER] = domain.try_again(order, around.now)
        return await around.ask(order_ids)

    watchdog = Watchdog(around.orders, around.clock, ask, around.tell, around.note)
    await watchdog.settle_unpaid(PATIENCE)
    assert stands(around) == (OrderStatus.PAYMENT_PENDING, None)
    assert around.healed == []


async def test_what_payment_says_when_asked_is_told_to_all(around: Surroundings, watchdog: Watchdog) -> None:
    around.keep()
    around.says = (A,)
    await watchdog.settle_unpaid(PATIENCE)
    assert around.told == [A]


async def test_what_could_not_be_told_to_all_is_asked_for_again(
    around: Surroundings, watchdog: Watchdog
) -> None:
    around.keep()
    around.says, around.bus_is_away = (A,), True
    with pytest.raises(NotToldError):
        await watchdog.settle_unpaid(PATIENCE)
    assert stands(around) == (OrderStatus.PAYMENT_PENDING, None)
    around.bus_is_away = False
    await watchdog.settle_unpaid(PATIENCE)
    assert around.told == [A]


async def test_an_answer_that_makes_no_sense_is_not_taken_for_silence(
    around: Surroundings, watchdog: Watchdog
) -> None:
    around.keep()
    around.says = None
    await watchdog.settle_unpaid(PATIENCE)
    assert stands(around) == (OrderStatus.PAYMENT_PENDING, None)
    assert around.healed == []
    assert await around.orders.awaiting_payment_since(facts.NOON, 1) == []


async def test_an_order_that_is_not_overdue_is_left_in_peace(
    around: Surroundings, watchdog: Watchdog
) -> None:
    around.keep()
    around.now = facts.after(29)
    await watchdog.settle_unpaid(PATIENCE)
    assert around.asked == []


async def test_an_approval_that_comes_while_payment_is_asked_is_not_canceled(
    around: Surroundings, watchdog: Watchdog, monkeypatch: pytest.MonkeyPatch
) -> None:
    around.keep()

    async def slow(order_ids: Sequence[str]) -> dict[str, tuple[Event, ...] | None]:
        for order_id in order_ids:
            await handlers.hear(facts.approved(order_id), around.orders, around.clock)
        return {}

    monkeypatch.setattr(watchdog, "_ask_payment", slow)
    await watchdog.settle_unpaid(PATIENCE)
    assert stands(around) == (OrderStatus.PAID, None)
    assert around.healed == []


@pytest.mark.parametrize(
    ("heard", "wait", "call"),
    [
        ((A,), "undelivered", "payment.approved"),
        ((A, C), "undelivered", "payment.approved"),
        ((X,), "unanswered cancellation", "order.canceled"),
        ((A, S, X), "unanswered cancellation", "order.canceled"),
        ((A, S, X, facts.delivery_canceled()), "unanswered cancellation", "order.canceled"),
        ((X, P), "unknown payment", "order.canceled"),
        ((A, X, P), "unstopped delivery", "payment.canceled"),
        ((A, S, X, P), "unstopped delivery", "payment.canceled"),
        ((A, X, P, facts.delivery_canceled()), "undelivered", "payment.canceled"),
        ((A, S, X, P, facts.return_requested()), "unknown handover", "payment.canceled"),
    ],
)
async def test_for_each_wait_the_fact_that_calls_for_the_answer_is_told_again(
    heard: tuple[Event, ...], wait: str, call: str, around: Surroundings, watchdog: Watchdog
) -> None:
    around.keep(*heard)
    await watchdog.remind(PATIENCE)
    assert [fact.type for fact in around.told] == [call]
    assert around.healed == [(wait, facts.ORDER)]
    assert around.asked == []


@pytest.mark.parametrize("heard", [(S,), (C,)], ids=["started", "completed"])
async def test_where_nothing_can_be_told_again_payment_is_asked(
    heard: tuple[Event, ...], around: Surroundings, watchdog: Watchdog
) -> None:
    around.keep(*heard)
    around.says = (A,)
    await watchdog.remind(PATIENCE)
    assert around.told == [A]
    assert A in around.orders.kept[facts.ORDER].facts
    assert len(around.healed) == 1


async def test_where_payment_knows_nothing_either_nothing_is_mended(
    around: Surroundings, watchdog: Watchdog
) -> None:
    around.keep(S)
    await watchdog.remind(PATIENCE)
    assert around.asked == [facts.ORDER]
    assert (around.told, around.healed) == ([], [])


@pytest.mark.parametrize(
    "heard",
    [(), (A, S), (A, S, C), (facts.declined(),), (NEVER_PAID,), (A, S, X, P, facts.delivery_canceled())],
)
async def test_who_waits_for_nothing_or_for_the_courier_is_never_reminded(
    heard: tuple[Event, ...], around: Surroundings, watchdog: Watchdog
) -> None:
    around.keep(*heard)
    around.now = facts.after(1_000_000)
    await watchdog.remind(PATIENCE)
    assert (around.told, around.asked, around.healed) == ([], [], [])


async def test_a_wait_that_is_not_overdue_is_not_reminded_of(
    around: Surroundings, watchdog: Watchdog
) -> None:
    around.keep(A)
    around.now = facts.after(29)
    await watchdog.remind(PATIENCE)
    assert around.told == []


async def test_an_overdue_answer_is_asked_for_again_and_again_but_ever_more_rarely(
    around: Surroundings, watchdog: Watchdog
) -> None:
    around.keep(A)
    told = []
    for seconds in range(31, 400):
        around.now = facts.after(seconds)
        await watchdog.remind(PATIENCE)
        told += [seconds] * len(around.told)
        around.told.clear()
    assert told == [31, 61, 121, 241]


async def test_of_two_watchdogs_that_see_the_same_one_reminds(
    around: Surroundings, watchdog: Watchdog, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = around.keep(A)
    await watchdog.remind(PATIENCE)

    async def as_before(_: datetime, __: int) -> list[Order]:
        return [seen]

    monkeypatch.setattr(around.orders, "awaiting_answer_since", as_before)
    await watchdog.remind(PATIENCE)
    assert around.told == [A]


async def test_while_the_bus_is_away_nothing_counts_as_mended(
    around: Surroundings, watchdog: Watchdog
) -> None:
    around.keep(A)
    around.bus_is_away = True
    with pytest.raises(NotToldError):
        await watchdog.remind(PATIENCE)
    assert around.healed == []


async def test_an_order_that_cannot_be_mended_does_not_stop_the_others(
    around: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.order.watchdog.OVERDUE_AT_ONCE", 1)
    for number in range(2):
        around.keep(S, order_id=f"sick-{number}")
    around.keep(facts.approved("well"), order_id="well")
    watchdog = Watchdog(around.orders, around.clock, _broken, around.tell, around.note)
    for _ in range(3):
        await watchdog.remind(PATIENCE)
    assert around.told == [facts.approved("well")]


async def _broken(_: Sequence[str]) -> dict[str, tuple[Event, ...] | None]:
    raise ValueError("nobody thought of this")


async def test_an_order_without_a_beginning_does_not_stop_the_others_from_being_settled(
    around: Surroundings, watchdog: Watchdog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.order.watchdog.OVERDUE_AT_ONCE", 1)
    sick = around.keep(order_id="a-sick-one")
    around.orders.kept[sick.order_id] = replace(sick, facts=())
    around.keep()
    for _ in range(2):
        await watchdog.settle_unpaid(PATIENCE)
    assert stands(around) == (OrderStatus.CANCELED, TIMEOUT)
