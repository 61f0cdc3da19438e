"""All services and their messages in one thread, where whoever draws the moves decides what happens next.

The handlers are the real ones, over stores in memory that pause at each call: a task can be taken on step by
step, beside others, or crash at any pause. A message stays in flight until somebody who heard it is done.
"""

import itertools
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from functools import partial
from types import coroutine
from typing import Any

from schema.channels import HEARS
from schema.events import CancelReason, Event
from schema.feed import Account
from schema.requests import CancelOrder
from schema.views import PaymentStatus
from services.delivery import handlers as delivery
from services.mypage import handlers as mypage
from services.order import handlers as order
from services.order.handlers import Placed
from services.order.watchdog import Watchdog
from services.payment.domain import Charged, Outcome, Refused, Voided
from services.payment.due import Due
from services.payment.handlers import Payments
from services.payment.provider import OutcomeUnknownError, ProviderUnavailableError
from tests import facts
from tests.services.fakes import FakeDeliveries, FakeOrders, FakePages, FakePayments, FakeStore

PATIENCE = timedelta(seconds=30)
LONGEST_WAIT = PATIENCE * 17
MOST_ROUNDS = 100
METHODS = {"key-1": "card-ok", "key-2": "card-declined"}

Move = Callable[[], None]


def is_missed(hearer: str, fact: Event) -> bool:
    """Whether the watchdog sees that this message was lost.

    Nobody waits for MyPage, and of what the courier did nobody can say when it is overdue.
    """
    return hearer != "mypage" and fact.type != "delivery.completed"


@coroutine
def pause() -> Iterator[None]:
    """Let others go first, or crash."""
    yield


class Ledger:
    """A provider like the sandbox; `takings` counts how often money was taken for an order."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}
        self.takings: dict[str, int] = {}
        self.fails = False

    async def charge(self, key: str, amount: int, method: str) -> Outcome:
        del amount
        await pause()
        if self.fails:
            raise ProviderUnavailableError
        if method == "card-declined":
            return Refused("card_declined")
        if key not in self.states:
            self.states[key] = "CHARGED"
            self.takings[key] = self.takings.get(key, 0) + 1
        state = self.states[key]
        await pause()
        return Charged() if state == "CHARGED" else Voided()

    async def give_back(self, key: str) -> None:
        await pause()
        if self.fails:
            raise ProviderUnavailableError
        known = self.states.get(key, "VOID")
        self.states[key] = "GIVEN_BACK" if known == "CHARGED" else known
        await pause()

    async def statements(self, keys: Sequence[str]) -> dict[str, Account]:
        await pause()
        return {key: Account(charges=self.takings[key]) for key in keys if key in self.takings}


class World:
    """See above. `moves` are all that can happen next."""

    def __init__(self) -> None:
        self.orders, self.payments = FakeOrders(), FakePayments()
        self.deliveries, self.pages = FakeDeliveries(), FakePages()
        self.stores: tuple[FakeStore[Any], ...] = (self.orders, self.payments, self.deliveries)
        for store in (*self.stores, self.pages):
            store.pause = pause
        self.ledger = Ledger()
        self.in_flight: list[tuple[str, Event]] = []
        self.tasks: list[Coroutine[Any, Any, object]] = []
        self.healed: list[tuple[str, str]] = []
        self._seconds = itertools.count()
        self._payer = Payments(self.payments, self.ledger, self.clock, PATIENCE, self._tell)
        self._due = Due(self.payments, self._payer, self.ledger, self.clock, PATIENCE, self._note)
        self._watchdog = Watchdog(self.orders, self.clock, self._ask_payment, self._tell, self._note)
        self._alone = Watchdog(self.orders, self.clock, self._ask_nobody, self._tell, self._note)
        self._hears: dict[str, Callable[[Event], Awaitable[object]]] = {
            "order": lambda fact: order.hear(fact, self.orders, self.clock),
            "payment": self._payer.hear_order_canceled,
            "delivery": lambda fact: delivery.hear(fact, self.deliveries, self.clock, self._tell),
            "mypage": lambda fact: mypage.hear(fact, self.pages, self._announce),
        }
        self._ids = (f"order-{number}" for number in itertools.count(1))

    def clock(self) -> datetime:
        """It goes on each time somebody looks."""
        return facts.after(next(self._seconds))

    def moves(self) -> list[Move]:
        """What can happen next: something begins, goes on, crashes, is told, or is heard."""
        moves: list[Move] = [self._provider_changes]
        begins = (self._watch, self._watch_alone, self._remind, self._take_up, self._refund)
        moves += [partial(self.begin, each) for each in begins]
        for key in METHODS:
            moves += [partial(self.begin, self.place, key), partial(self.begin, self._place_in_vain, key)]
        for known in self.orders.kept:
            moves += [partial(self.begin, self.cancel, known), partial(self.begin, self._complete, known)]
        for message in self.in_flight:
            moves += [partial(self.begin, self._hear, message)]
            if is_missed(*message):
                moves += [partial(self.in_flight.remove, message)]
        for task in self.tasks:
            moves += [partial(self.go_on, task)] * 6 + [partial(self.crash, task)]
        for store in self.stores:
            for fact in store.untold:
                moves += [partial(self.tell, store, fact)] * 3 + [
                    partial(self.tell, store, fact, marked=False)
                ]
        return moves

    def begin(self, task: Callable[..., Coroutine[Any, Any, object]], *arguments: object) -> None:
        self.tasks.append(task(*arguments))

    def go_on(self, task: Coroutine[Any, Any, object]) -> None:
        """Up to the next pause."""
        try:
            task.send(None)
        except (StopIteration, OutcomeUnknownError, ProviderUnavailableError):
            self.tasks.remove(task)

    def crash(self, task: Coroutine[Any, Any, object]) -> None:
        """Nobody ever hears of it again."""
        task.close()
        self.tasks.remove(task)

    def tell(self, store: FakeStore[Any], fact: Event, *, marked: bool = True) -> None:
        """Whoever should hear it, will; unmarked, it will be told again."""
        self._send(fact)
        if marked:
            store.untold.remove(fact)

    def go_on_without(self, hearer: str) -> None:
        """All is told and heard, save that whatever goes to one of them is lost."""
        for _ in self.stores:
            self.tell_all()
            self.in_flight = [message for message in self.in_flight if message[0] != hearer]
            for message in self.in_flight:
                self.begin(self._hear, message)
            self.run()

    def tell_all(self) -> None:
        """Everything that has not been told."""
        for store in self.stores:
            for fact in tuple(store.untold):
                self.tell(store, fact)

    def run(self) -> None:
        """Everything that has begun, to its end."""
        while self.tasks:
            self.go_on(self.tasks[0])

    def settle(self) -> None:
        """Let everything go on until nothing is left to do; the courier takes his time."""
        self.ledger.fails = False
        before = None
        for _ in range(MOST_ROUNDS):
            if before == (before := self._state()):
                return
            for begin in (self._watch, self._remind, self._take_up, self._refund):
                self.begin(begin)
            self.tell_all()
            self._seconds = itertools.count(next(self._seconds) + LONGEST_WAIT.seconds)
            for message in self.in_flight:
                self.begin(self._hear, message)
            self.run()
        raise AssertionError("it never settles")

    def close(self) -> None:
        """The end of the world."""
        while self.tasks:
            self.crash(self.tasks[0])

    def hand_over(self) -> None:
        """The courier brings what is under way."""
        for known in self.orders.kept:
            self.begin(self._complete, known)
        self.settle()

    def _state(self) -> object:
        versions = [{key: each.version for key, each in store.kept.items()} for store in self.stores]
        return versions, len(self.in_flight), dict(self.ledger.states)

    async def place(self, key: str) -> None:
        """The gateway's way: place, pay, and cancel where it was certainly not charged."""
        placed = await self._placed(key)
        if placed and not await self._pay(placed.order.order_id, METHODS[key]):
            await self._give_up(placed)

    async def _place_in_vain(self, key: str) -> None:
        """The circuit is open: payment is not even asked."""
        if placed := await self._placed(key):
            await self._give_up(placed)

    async def _placed(self, key: str) -> Placed | None:
        command = facts.place_order(idempotency_key=key, payment_method=METHODS[key])
        placed = await order.place(command, self.orders, facts.FRUITS, next(self._ids), self.clock)
        return placed if isinstance(placed, Placed) else None

    async def _pay(self, order_id: str, method: str) -> bool:
        payment, first = await self._payer._requested(order_id, facts.approve_payment(method=method))
        if payment.status is not PaymentStatus.REQUESTED:
            return True
        driven = await self._payer._drive(payment, first=first)
        return not (driven.provider_failed and driven.payment.status is PaymentStatus.CANCELED)

    async def _give_up(self, placed: Placed) -> None:
        reason, attempt = CancelReason.PAYMENT_UNAVAILABLE, placed.order.attempt
        command = CancelOrder(customer_id=facts.CUSTOMER, reason=reason, attempt=attempt)
        await order.cancel(placed.order.order_id, command, self.orders, self.clock)

    async def cancel(self, order_id: str) -> None:
        command = CancelOrder(customer_id=facts.CUSTOMER, reason=CancelReason.BY_CUSTOMER)
        await order.cancel(order_id, command, self.orders, self.clock)

    async def _complete(self, order_id: str) -> None:
        await delivery.complete(order_id, self.deliveries, self.clock)

    async def _hear(self, message: tuple[str, Event]) -> None:
        hearer, fact = message
        await self._hears[hearer](fact)
        if message in self.in_flight:  # somebody else may have been done with it first
            self.in_flight.remove(message)

    async def _watch(self) -> None:
        await self._watchdog.settle_unpaid(PATIENCE)

    async def _watch_alone(self) -> None:
        await self._alone.settle_unpaid(PATIENCE)

    async def _remind(self) -> None:
        await self._watchdog.remind(PATIENCE)

    async def _take_up(self) -> None:
        for payment in await self.payments.charges_due(self.clock(), 100):
            if ours := await self._due._taken_up(payment):
                await self._payer._drive(ours, first=False)

    async def _refund(self) -> None:
        for payment in await self.payments.refunds_due(self.clock(), 100):
            if ours := await self._due._taken_up(payment):
                await self._due.refund(ours)

    def _provider_changes(self) -> None:
        self.ledger.fails = not self.ledger.fails

    async def _ask_payment(self, order_ids: Sequence[str]) -> dict[str, tuple[Event, ...]]:
        payments = [await self._payer.find(order_id) for order_id in order_ids]
        return {payment.order_id: payment.facts for payment in payments if payment}

    async def _ask_nobody(self, _: Sequence[str]) -> dict[str, tuple[Event, ...]]:
        return {}

    async def _announce(self, _: object) -> None:
        await pause()

    async def _tell(self, fact: Event) -> None:
        await pause()
        self._send(fact)

    def _send(self, fact: Event) -> None:
        keys = HEARS.items()
        self.in_flight += [(who, fact) for who, key in keys if any(fnmatchcase(fact.type, k) for k in key)]

    def _note(self, wait: str, order_id: str) -> None:
        self.healed.append((wait, order_id))
