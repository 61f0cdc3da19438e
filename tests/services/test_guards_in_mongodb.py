"""Guards that MongoDB keeps, on the real one: with each and without, as the audit sees it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pymongo
import pytest
from prometheus_client import CollectorRegistry

from compose.ops.story import Story
from compose.ops.verdict import judge
from schema.events import Event
from schema.feed import OrderEntry, PaymentEntry
from schema.requests import SandboxLevers
from services.chassis import aggregates, mongo
from services.chassis.aggregates import change
from services.order import handlers
from services.order.store import ENTRY as ORDER_ENTRY
from services.order.store import MongoOrders
from services.payment import domain
from services.payment.domain import Charged, Payment
from services.payment.provider import SandboxProvider
from services.payment.store import ENTRY, MongoPayments
from tests import facts
from tests.compose.ops.entries import books, page, story
from tests.services.chassis.telling import Listener, outbox_of

GUARDED = pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "without the guard"])
LATER = facts.after(3600)


def found(told: Story) -> set[str]:
    """The rules that do not hold, an hour after."""
    return {finding.rule for finding in judge(told, LATER, timedelta(seconds=60)).findings}


def forget(patch: pytest.MonkeyPatch, collection: mongo.Collection, field: str) -> None:
    """Take a condition on this field away from every update of the collection."""
    bulk_write: Callable[..., Any] = collection.bulk_write

    def careless(writes: list[pymongo.UpdateOne], **options: Any) -> Any:
        for write in writes:
            write._filter = {name: value for name, value in write._filter.items() if name != field}
        return bulk_write(writes, **options)

    patch.setattr(collection, "bulk_write", careless)


async def payment_entry(collection: mongo.Collection, **others: Any) -> PaymentEntry:
    document = await collection.find_one({"_id": facts.ORDER}, ENTRY)
    assert document
    return PaymentEntry.model_validate({"account": books()} | document | others)


class Replica(MongoPayments):
    """One of two: the first time both load the same."""

    def __init__(self, collection: mongo.Collection, both: asyncio.Barrier) -> None:
        super().__init__(collection, outbox_of(collection))
        self._both: asyncio.Barrier | None = both

    async def load(self, order_id: str) -> Payment | None:
        known = await super().load(order_id)
        both, self._both = self._both, None
        if both:
            await both.wait()
        return known


@GUARDED
async def test_of_two_changes_at_once_neither_is_made_to_what_is_no_longer_so(
    *, guarded: bool, database: mongo.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The charge ends and the order is canceled at the same moment."""
    both = asyncio.Barrier(2)
    one, other = Replica(database["payments"], both), Replica(database["payments"], both)
    requested = domain.request(facts.ORDER, facts.approve_payment(), facts.NOON, timedelta(seconds=5))
    await one.add(requested)
    if not guarded:
        forget(monkeypatch, one.collection, "version")
        forget(monkeypatch, other.collection, "version")

    def charged(known: Payment | None) -> Payment | None:
        return known and domain.settle(known, Charged(), facts.after(1))

    def canceled(known: Payment | None) -> Payment | None:
        return domain.cancel(known, facts.ORDER, facts.after(6))

    await asyncio.gather(change(one, facts.ORDER, charged), change(other, facts.ORDER, canceled))
    payment = await payment_entry(database["payments"])
    told = (facts.placed(), facts.canceled(), *payment.facts)
    assert ("settled_once" in found(replace(story(told), payment=payment))) is not guarded


@GUARDED
async def test_a_charge_that_is_asked_for_again_is_made_once(
    *, guarded: bool, database: mongo.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends after the charge and before it could say so; the next one takes it up."""
    ledger, levers = database["ledger"], SandboxLevers(latency_ms_min=0, latency_ms_max=0)
    if not guarded:
        forget(monkeypatch, ledger, "state")
    provider = SandboxProvider(ledger, levers, CollectorRegistry())
    store = MongoPayments(database["payments"], outbox_of(database["payments"]))
    await store.add(domain.request(facts.ORDER, facts.approve_payment(), facts.NOON, timedelta()))
    await provider.charge(facts.ORDER, facts.AMOUNT, "card-ok")
    again = await provider.charge(facts.ORDER, facts.AMOUNT, "card-ok")
    await change(store, facts.ORDER, lambda known: known and domain.settle(known, again, facts.after(1)))
    account = (await provider.statements([facts.ORDER]))[facts.ORDER]
    payment = await payment_entry(database["payments"], account=account)
    told = replace(story((facts.placed(), *payment.facts, facts.started())), payment=payment)
    assert ("charged_once" in found(told)) is not guarded


@GUARDED
async def test_what_happened_is_told_whenever_the_process_ends(
    *, guarded: bool, database: mongo.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends between the write and the telling; the next one looks for what is untold."""
    if not guarded:
        monkeypatch.setattr(aggregates, "entries", lambda *_: [])
    orders = MongoOrders(database["orders"], outbox_of(database["orders"]))
    placed = await handlers.place(facts.place_order(), orders, facts.FRUITS, facts.ORDER, lambda: facts.NOON)
    assert isinstance(placed, handlers.Placed)
    listener = Listener()
    await outbox_of(database["orders"], listener).sweep(timedelta())
    heard: tuple[Event, ...] = tuple(fact for fact in placed.order.facts if fact.id in listener.heard)
    order = await _order_entry(database["orders"], facts.ORDER)
    told = Story(facts.ORDER, order=order, mypage=page(heard) if heard else None)
    assert ("no_fact_is_lost" in found(told)) is not guarded


@GUARDED
async def test_one_intention_sent_many_times_is_one_order(*, guarded: bool, database: mongo.Database) -> None:
    orders = MongoOrders(database["orders"], outbox_of(database["orders"]))
    if guarded:
        await orders.prepare()
    places = (
        handlers.place(facts.place_order(), orders, facts.FRUITS, f"order-{n}", lambda: facts.NOON)
        for n in range(3)
    )
    await asyncio.gather(*places)
    ids = sorted([document["_id"] async for document in database["orders"].find()])
    first, last = [await _order_entry(database["orders"], each) for each in (ids[0], ids[-1])]
    told = Story(first.order_id, order=first, rival=last if last != first else None)
    assert ("one_order_per_key" in found(told)) is not guarded


async def _order_entry(collection: mongo.Collection, order_id: str) -> OrderEntry:
    return OrderEntry.model_validate(await collection.find_one({"_id": order_id}, ORDER_ENTRY))
