"""Stores in memory. Each is held to the suite of the store it stands in for."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from schema.events import Event
from services.chassis.aggregates import Aggregate, Change, ConflictError
from services.delivery.domain import Delivery
from services.mypage.projection import Change as PageChange
from services.mypage.projection import Page
from services.order.domain import Key, Order
from services.payment.domain import DueTime, Payment, take_up

A = TypeVar("A", bound=Aggregate)


async def at_once() -> None:
    """How long a call takes."""


class FakeStore(Generic[A]):
    """Aggregates of one kind. `untold` are their own facts, in the order in which they were kept."""

    pause: Callable[[], Awaitable[None]] = staticmethod(at_once)

    def __init__(self, source: str) -> None:
        self.kept: dict[str, A] = {}
        self.untold: list[Event] = []
        self._source = source

    async def load(self, order_id: str) -> A | None:
        await self.pause()
        return self.kept.get(order_id)

    async def add(self, new: A) -> None:
        await self.pause()
        if new.order_id in self.kept or self.forbids(new):
            raise ConflictError(new.order_id)
        self._keep(new, new.facts)

    async def replace(self, old: A, new: A) -> None:
        await self.pause()
        known = self.kept.get(old.order_id)
        if known is None or known.version != old.version:
            raise ConflictError(old.order_id)
        self._keep(new, new.facts[len(old.facts) :])

    async def load_all(self, order_ids: Collection[str]) -> dict[str, A]:
        await self.pause()
        return {order_id: self.kept[order_id] for order_id in order_ids if order_id in self.kept}

    async def keep_all(self, changes: Sequence[Change[A]]) -> dict[str, Exception]:
        failed: dict[str, Exception] = {}
        for old, new, _ in changes:
            try:
                await (self.add(new) if old is None else self.replace(old, new))
            except ConflictError as error:
                failed[new.order_id] = error
        return failed

    def forbids(self, _: A) -> bool:
        """Whether there is another that excludes it."""
        return False

    def find_due(self, field: str, at: datetime, limit: int) -> list[A]:
        due = [each for each in self.kept.values() if (when := getattr(each, field)) and when <= at]
        return sorted(due, key=lambda each: getattr(each, field))[:limit]

    def _keep(self, new: A, facts: tuple[Event, ...]) -> None:
        self.kept[new.order_id] = new
        self.untold += [fact for fact in facts if fact.source == self._source]


class FakeOrders(FakeStore[Order]):
    def __init__(self) -> None:
        super().__init__("/services/order")

    def forbids(self, new: Order) -> bool:
        return (
            new.idempotency_key is not None and self._find(new.customer_id, new.idempotency_key) is not None
        )

    async def by_keys(self, keys: Collection[Key]) -> dict[Key, Order]:
        return {key: order for key in keys if (order := self._find(*key))}

    async def awaiting_payment_since(self, at: datetime, limit: int) -> list[Order]:
        return self.find_due("awaiting_payment_since", at, limit)

    async def awaiting_answer_since(self, at: datetime, limit: int) -> list[Order]:
        return self.find_due("awaiting_answer_since", at, limit)

    def _find(self, *key: str) -> Order | None:
        orders = self.kept.values()
        return next((each for each in orders if (each.customer_id, each.idempotency_key) == key), None)


class FakePayments(FakeStore[Payment]):
    def __init__(self) -> None:
        super().__init__("/services/payment")

    async def charges_due(self, at: datetime, limit: int) -> list[Payment]:
        return self.find_due("charge_due", at, limit)

    async def refunds_due(self, at: datetime, limit: int) -> list[Payment]:
        return self.find_due("refund_due", at, limit)

    async def put_off(self, due: DueTime, order_ids: Collection[str], until: datetime) -> None:
        for order_id in order_ids:
            if getattr(known := self.kept[order_id], due):
                self.kept[order_id] = take_up(known, until)


class FakeDeliveries(FakeStore[Delivery]):
    def __init__(self) -> None:
        super().__init__("/services/delivery")

    async def under_way_since(self, at: datetime, limit: int) -> list[Delivery]:
        return self.find_due("under_way_since", at, limit)


class FakePages:
    pause: Callable[[], Awaitable[None]] = staticmethod(at_once)

    def __init__(self) -> None:
        self.kept: dict[str, Page] = {}

    async def load_all(self, order_ids: Collection[str]) -> dict[str, Page]:
        await self.pause()
        return {order_id: self.kept[order_id] for order_id in order_ids if order_id in self.kept}

    async def keep_all(self, changes: Sequence[PageChange]) -> dict[str, Exception]:
        await self.pause()
        failed: dict[str, Exception] = {}
        for page, over in changes:
            known = self.kept.get(page.order_id)
            if (known.version if known else None) == (over.version if over else None):
                self.kept[page.order_id] = page
            else:
                failed[page.order_id] = ConflictError(page.order_id)
        return failed

    async def note_all(self, facts: Sequence[Event]) -> None:
        """It keeps no moments."""
